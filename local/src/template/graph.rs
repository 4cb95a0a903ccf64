//! Which resource names which: a cycle among them can never be deployed.

use std::collections::{BTreeMap, BTreeSet};

/// For every logical id, the logical ids that it refers to.
pub(super) type Graph = BTreeMap<String, BTreeSet<String>>;

/// A cycle, its first member repeated at the end; `None` if there is none.
pub(super) fn cycle(graph: &Graph) -> Option<Vec<String>> {
    let mut done = BTreeSet::new();
    graph.keys().find_map(|start| visit(graph, start, &mut Vec::new(), &mut done))
}

fn visit<'a>(
    graph: &'a Graph,
    id: &'a str,
    path: &mut Vec<&'a str>,
    done: &mut BTreeSet<&'a str>,
) -> Option<Vec<String>> {
    if let Some(start) = path.iter().position(|earlier| *earlier == id) {
        return Some(path[start..].iter().chain([&id]).map(|id| (*id).to_owned()).collect());
    }
    if !done.contains(id) {
        path.push(id);
        let found = graph.get(id).into_iter().flatten().find_map(|next| visit(graph, next, path, done));
        if found.is_some() {
            return found;
        }
        path.pop();
        done.insert(id);
    }
    None
}
