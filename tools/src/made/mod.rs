//! The generated pages.

mod api;
mod configuration;

use std::path::{Path, PathBuf};

use yaml_serde::Value;

/// The path and the text of each page.
pub fn pages() -> [(PathBuf, String); 2] {
    [
        (file("docs/api.md"), api::page(&read("docs/openapi.yaml"))),
        (file("docs/configuration.md"), configuration::page(&read("template.yaml"))),
    ]
}

fn file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the root").join(name)
}

fn read(name: &str) -> Value {
    let text = std::fs::read_to_string(file(name)).expect("a file of the repository");
    yaml_serde::from_str(&text).expect("YAML")
}

/// The names and values of a mapping, in their order.
fn members(value: &Value) -> Vec<(&str, &Value)> {
    let members = value.as_mapping().into_iter().flatten();
    members.filter_map(|(name, value)| Some((name.as_str()?, value))).collect()
}

fn text<'v>(value: &'v Value, name: &str) -> &'v str {
    value.get(name).and_then(Value::as_str).unwrap_or_default().trim_end()
}

/// A scalar as in JSON.
fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        Value::Bool(flag) => flag.to_string(),
        Value::Null => "null".to_owned(),
        other => serde_json::to_string(other).unwrap_or_default(),
    }
}

fn listed(values: &[Value]) -> String {
    values.iter().map(|value| format!("`{}`", plain(value))).collect::<Vec<_>>().join(", ")
}

/// Text in a cell of a table.
fn cell(text: &str) -> String {
    text.replace('\n', " ").replace('|', "\\|")
}
