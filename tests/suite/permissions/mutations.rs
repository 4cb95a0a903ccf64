//! Templates that lack exactly one of the permissions in template.yaml.

use yaml_serde::Value;

use super::TEMPLATE;

/// Replaces the only action or key of a statement. No function uses it.
const NOBODYS: &str = "dynamodb:Scan";

/// Every template that lacks exactly one permission: what it lacks, and its text.
pub fn all() -> Vec<(String, String)> {
    let template: Value = yaml_serde::from_str(TEMPLATE).expect("YAML");
    let mut mutations = Vec::new();
    for (id, _) in template["Resources"].as_mapping().expect("resources") {
        let function = id.as_str().expect("a name");
        for index in 0..statements(&mut template.clone(), function).len() {
            for lost in 0.. {
                let mut mutated = template.clone();
                let Some(what) = lose(&mut statements(&mut mutated, function)[index], lost) else { break };
                let text = yaml_serde::to_string(&mutated).expect("YAML");
                mutations.push((format!("{what} of {function}"), text));
            }
        }
    }
    mutations
}

/// The statements of a function's policies.
pub fn statements<'a>(template: &'a mut Value, function: &str) -> &'a mut Vec<Value> {
    let policies = &mut template["Resources"][function]["Properties"]["Policies"];
    if !policies.is_sequence() {
        *policies = yaml_serde::from_str("[{Statement: []}]").expect("YAML");
    }
    let policies = policies.as_sequence_mut().expect("a list");
    assert_eq!(policies.len(), 1, "{function} has one policy");
    policies[0]["Statement"].as_sequence_mut().expect("a list")
}

/// Removes the action or leading key number `lost` from a statement. `None` if there is no such.
fn lose(statement: &mut Value, lost: usize) -> Option<String> {
    let sid = statement["Sid"].as_str().expect("a Sid").to_owned();
    let mut lists: Vec<&mut Value> = Vec::new();
    let statement = statement.as_mapping_mut().expect("a statement");
    for (name, value) in statement.iter_mut() {
        match name.as_str() {
            Some("Action") => lists.push(value),
            Some("Condition") => {
                let operators = value.as_mapping_mut().expect("operators").iter_mut();
                let keys = operators.flat_map(|(_, keys)| keys.as_mapping_mut().expect("keys").iter_mut());
                lists.extend(keys.map(|(_, values)| values).filter(|values| values.is_sequence()));
            }
            _ => {}
        }
    }
    let mut before = 0;
    for list in lists {
        let items = list.as_sequence().map_or(1, Vec::len);
        if lost < before + items {
            let what = match list.as_sequence_mut() {
                Some(values) if values.len() > 1 => values.remove(lost - before),
                _ => std::mem::replace(list, Value::String(NOBODYS.to_owned())),
            };
            return Some(format!("{} in {sid}", yaml_serde::to_string(&what).expect("YAML").trim()));
        }
        before += items;
    }
    None
}
