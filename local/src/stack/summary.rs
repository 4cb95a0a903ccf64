//! What a stack prints when it is up: its routes, and where its services answer.

use comfy_table::Table;
use comfy_table::presets::NOTHING;

use crate::template::{Api, Route, Stage};

/// A table of the routes of an API, in every stage.
pub(super) fn routes(api: Option<&Api>) -> String {
    let mut routes = Table::new();
    routes.load_style(NOTHING).set_header(["METHOD", "PATH", "FUNCTION", "AUTHORIZER"]);
    if let Some(api) = api {
        let lines = api.stages.iter().flat_map(|stage| api.routes.iter().map(|route| line(stage, route)));
        routes.add_rows(lines);
    }
    routes.trim_fmt()
}

/// Method, path, function and authorizer of a route in a stage.
fn line(stage: &Stage, route: &Route) -> [String; 4] {
    let (method, path) = route.key.split_once(' ').unwrap_or(("ANY", &route.key));
    let path = if stage.name == "$default" { path.to_owned() } else { format!("/{}{path}", stage.name) };
    [method.to_owned(), path, route.function.clone(), route.authorizer.clone().unwrap_or_default()]
}
