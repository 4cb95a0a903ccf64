//! docs/configuration.md: the parameters and outputs of template.yaml.

use std::fmt::Write;

use yaml_serde::Value;

use super::{cell, listed, members, plain, text};

const HEAD: &str = "# Configuration

Generated from template.yaml by `cargo run -p tools --bin docs`. Set a parameter with `local --param Name=value` on a laptop,
and in samconfig.toml (`parameter_overrides`) or with `./deploy --guided` for a stack. CloudFormation checks the values before it
creates anything. [apis.md](apis.md) explains how to declare APIs and scopes.

| parameter | default | takes | |
|---|---|---|---|
";

pub(super) fn page(template: &Value) -> String {
    let mut page = HEAD.to_owned();
    for (name, parameter) in members(&template["Parameters"]) {
        let default = plain(&parameter["Default"]);
        let default = if default.is_empty() { "empty".to_owned() } else { format!("`{default}`") };
        let takes = cell(&takes(parameter));
        let _ = writeln!(page, "| `{name}` | {default} | {takes} | {} |", cell(text(parameter, "Description")));
    }
    page.push_str("\n## Outputs\n\n| output | export | |\n|---|---|---|\n");
    for (name, output) in members(&template["Outputs"]) {
        let export = output.get("Export").map(|export| format!("`{}`", substitution(&export["Name"])));
        let condition = output.get("Condition").map(|condition| format!(" Only if `{}`.", plain(condition)));
        let (export, condition) = (export.unwrap_or_default(), condition.unwrap_or_default());
        let _ = writeln!(page, "| `{name}` | {export} | {}.{condition} |", cell(text(output, "Description")));
    }
    page
}

fn takes(parameter: &Value) -> String {
    if let Some(values) = parameter["AllowedValues"].as_sequence() {
        return listed(values);
    }
    let limit = |name: &str| parameter.get(name).map(plain);
    match (limit("MinValue"), limit("MaxValue")) {
        (Some(least), Some(most)) => format!("{least} to {most}"),
        (Some(least), None) => format!("{least} or more"),
        _ => text(parameter, "ConstraintDescription").to_owned(),
    }
}

/// The text of a `!Sub`.
fn substitution(value: &Value) -> String {
    match value {
        Value::Tagged(tagged) => plain(&tagged.value),
        other => plain(other),
    }
}
