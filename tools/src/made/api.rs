//! docs/api.md: the operations of docs/openapi.yaml, for people.

use std::fmt::Write;

use yaml_serde::Value;

use super::{cell, listed, members, plain, text};

/// Responses that every operation can have. The page explains them once.
const EVERYWHERE: [&str; 4] = ["413", "429", "500", "503"];

pub(super) fn page(document: &Value) -> String {
    let mut page = format!(
        "# The API\n\nGenerated from [openapi.yaml](openapi.yaml) (OpenAPI 3.1) by `cargo run -p tools --bin docs`. {}\n\n{}\n",
        text(&document["info"], "summary"),
        text(&document["info"], "description")
    );
    for tag in document["tags"].as_sequence().into_iter().flatten() {
        let name = text(tag, "name");
        let _ = write!(page, "\n## {name}\n\n{}\n", text(tag, "description"));
        for (path, item) in members(&document["paths"]) {
            for (method, operation) in members(item).into_iter().filter(|(method, _)| *method != "parameters") {
                if operation["tags"][0].as_str() == Some(name) {
                    Operation { document, item, told: operation }.write(&mut page, method, path);
                }
            }
        }
    }
    errors(&mut page, document);
    page
}

struct Operation<'d> {
    document: &'d Value,
    item: &'d Value,
    told: &'d Value,
}

impl Operation<'_> {
    fn write(&self, page: &mut String, method: &str, path: &str) {
        let (summary, description) = (text(self.told, "summary"), text(self.told, "description"));
        let _ = write!(page, "\n### `{} {path}`\n\n{summary}", method.to_uppercase());
        let _ = writeln!(page, "{}", if description.is_empty() { String::new() } else { format!(" {description}") });
        self.parameters(page);
        self.body(page);
        page.push_str("\n| status | |\n|---|---|\n");
        for (status, response) in members(&self.told["responses"]) {
            if !EVERYWHERE.contains(&status) {
                let _ = writeln!(page, "| {status} | {} |", cell(&self.answer(resolved(self.document, response))));
            }
        }
    }

    fn parameters(&self, page: &mut String) {
        let of = |value: &Value| value["parameters"].as_sequence().cloned().unwrap_or_default();
        for parameter in of(self.item).into_iter().chain(of(self.told)) {
            let parameter = resolved(self.document, &parameter);
            let (name, place) = (text(parameter, "name"), text(parameter, "in"));
            let _ = writeln!(page, "\n`{name}` ({place}): {}", text(parameter, "description"));
        }
        let named = |scheme: &Value| members(scheme).first().map(|(name, _)| format!("`{name}`"));
        let schemes = self.told["security"].as_sequence().into_iter().flatten();
        let schemes: Vec<_> = schemes.map(|scheme| named(scheme).unwrap_or("none".to_owned())).collect();
        if !schemes.is_empty() {
            let _ = writeln!(page, "\nAuthentication: {}.", schemes.join(" or "));
        }
    }

    fn body(&self, page: &mut String) {
        for (media_type, media) in members(&self.told["requestBody"]["content"]) {
            let schema = resolved(self.document, &media["schema"]);
            let alternatives = schema["oneOf"].as_sequence().cloned().unwrap_or_else(|| vec![schema.clone()]);
            let _ = writeln!(page, "\nTakes `{media_type}`:\n\n| member | | |\n|---|---|---|");
            for alternative in alternatives {
                table(page, self.document, resolved(self.document, &alternative));
            }
        }
    }

    fn answer(&self, response: &Value) -> String {
        let mut told = text(response, "description").to_owned();
        for (_, media) in members(&response["content"]) {
            let alternatives = media["schema"]["oneOf"].as_sequence().cloned();
            for schema in alternatives.unwrap_or_else(|| vec![media["schema"].clone()]) {
                let words = words(&schema);
                if !words.is_empty() {
                    let _ = write!(told, " {words}");
                } else if schema.get("$ref").is_some() && !text(&schema, "$ref").ends_with("GatewayMessage") {
                    let _ = write!(told, " {}", shape(self.document, resolved(self.document, &schema)));
                }
            }
        }
        told
    }
}

/// The codes of an error.
fn words(schema: &Value) -> String {
    let word = schema["properties"].get("code").or_else(|| schema["properties"].get("error"));
    match word {
        Some(word) => {
            let several = word["enum"].as_sequence().cloned().unwrap_or_default();
            listed(&word.get("const").cloned().into_iter().chain(several).collect::<Vec<_>>())
        }
        None => String::new(),
    }
}

/// The members of a response. Optional ones have a question mark.
fn shape(document: &Value, schema: &Value) -> String {
    let of = |schema: &Value| {
        let needed = required(schema);
        let name = |(name, member): (&str, &Value)| {
            let list = if inner(document, member).is_some() { "[]" } else { "" };
            let optional = if needed.contains(&name.to_owned()) { "" } else { "?" };
            format!("`{name}{list}{optional}`")
        };
        members(&schema["properties"]).into_iter().map(name).collect::<Vec<_>>().join(" ")
    };
    let nested = members(&schema["properties"]).into_iter().filter_map(|(name, member)| {
        let inner = inner(document, member)?;
        (!of(inner).is_empty()).then(|| format!("; each of `{name}`: {}", of(inner)))
    });
    let alternatives = schema["oneOf"].as_sequence().into_iter().flatten().map(of);
    let own = of(schema);
    let own = if own.is_empty() { alternatives.collect::<Vec<_>>().join(", or ") } else { own };
    own + &nested.collect::<String>()
}

/// The schema of an array's elements.
fn inner<'d>(document: &'d Value, member: &'d Value) -> Option<&'d Value> {
    let member = resolved(document, member);
    member.get("items").map(|items| resolved(document, items))
}

/// A row for each member of a request.
fn table(page: &mut String, document: &Value, schema: &Value) {
    let needed = required(schema);
    for part in schema["allOf"].as_sequence().into_iter().flatten() {
        let part = resolved(document, part);
        if members(&schema["properties"]).iter().all(|(name, _)| *name != "grant_type")
            || !page.contains("`client_assertion`")
        {
            table(page, document, part);
        }
    }
    for (name, member) in members(&schema["properties"]) {
        let target = resolved(document, member);
        let note = [text(member, "description"), text(target, "description")].into_iter().find(|text| !text.is_empty());
        let need = if needed.contains(&name.to_owned()) { "required" } else { "" };
        let about = [kind(target), note.unwrap_or_default().to_owned()].into_iter().filter(|text| !text.is_empty());
        let _ = writeln!(page, "| `{name}` | {need} | {} |", cell(&about.collect::<Vec<_>>().join(". ")));
    }
}

fn required(schema: &Value) -> Vec<String> {
    schema["required"].as_sequence().into_iter().flatten().map(plain).collect()
}

/// A short description of the allowed values.
fn kind(schema: &Value) -> String {
    if let Some(value) = schema.get("const") {
        return listed(std::slice::from_ref(value));
    }
    if let Some(values) = schema["enum"].as_sequence() {
        return listed(&values.iter().filter(|value| !value.is_null()).cloned().collect::<Vec<_>>());
    }
    let name = schema["type"].as_str().or_else(|| schema["type"][0].as_str()).unwrap_or_default();
    let limit = |name: &str| schema.get(name).map(plain);
    let unit = if name == "array" { "items" } else { "characters" };
    match (limit("minLength"), limit("maxLength").or_else(|| limit("maxItems"))) {
        (Some(least), Some(most)) => format!("{name}, {least} to {most} {unit}"),
        (None, Some(most)) => format!("{name}, at most {most} {unit}"),
        _ => name.to_owned(),
    }
}

fn errors(page: &mut String, document: &Value) {
    page.push_str(
        "\n## Errors\n\nThe JSON API and `/userinfo` answer `application/problem+json` with `code`, and with `errors` if single \
         members are wrong. `/token`, `/par`, `/revoke`, `/introspect` and `/clients` answer with `error` and \
         `error_description`. The words are stable, and each word has one sentence. The gateway's own answers are \
         `{\"message\":\"…\"}`. Every operation can answer 413, 429, 500 and 503.\n\n\
         | status | word | what to do |\n|---|---|---|\n",
    );
    for (word, row) in members(&document["x-codes"]) {
        let place = if row.get("pages").is_some() { " (on pages, or by redirect)" } else { "" };
        let _ = writeln!(page, "| {} | `{word}` | {}{place} |", plain(&row["status"]), text(row, "do"));
    }
}

/// The target of a reference. Any other node is returned unchanged.
fn resolved<'d>(document: &'d Value, node: &'d Value) -> &'d Value {
    match node.get("$ref").and_then(Value::as_str) {
        Some(reference) => reference.trim_start_matches("#/").split('/').fold(document, |node, name| &node[name]),
        None => node,
    }
}
