//! Checks every response that a test receives against docs/openapi.yaml.

use std::path::Path;
use std::sync::OnceLock;

use serde_json::Value;

use super::schema::{problems, resolved};
use super::service::Answer;

/// The document.
pub fn document() -> &'static Value {
    static DOCUMENT: OnceLock<Value> = OnceLock::new();
    DOCUMENT.get_or_init(|| {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/openapi.yaml");
        let text = std::fs::read_to_string(path).expect("docs/openapi.yaml");
        yaml_serde::from_str(&text).expect("YAML")
    })
}

/// Fails the test if the document does not allow this response to `method` on `path`. Pages are not checked.
pub fn check(method: &str, path: &str, answer: &Answer) {
    let Some(item) = item(path) else { return };
    if answer.header("content-type").starts_with("text/html") || answer.status == 421 {
        return; // any operation can answer 421
    }
    let (method, is_head) = if method == "HEAD" { ("GET", true) } else { (method, false) };
    let Some(operation) = item.get(method.to_lowercase()) else { return };
    let response = resolved(document(), &operation["responses"][answer.status.to_string()]);
    assert!(!response.is_null(), "{method} {path} is not documented to answer {}: {answer:?}", answer.status);
    let told = headers(response, answer).into_iter().chain(if is_head { Vec::new() } else { body(response, answer) });
    let told: Vec<_> = told.collect();
    assert!(told.is_empty(), "{method} {path} answers otherwise than documented: {told:?}\n{answer:?}");
}

/// The document's path item for a path, with or without parameters.
fn item(path: &str) -> Option<&'static Value> {
    let fits = |pattern: &str| {
        let same = |(known, given): (&str, &str)| known == given || (known.starts_with('{') && !given.is_empty());
        pattern.split('/').count() == path.split('/').count() && pattern.split('/').zip(path.split('/')).all(same)
    };
    let paths = document()["paths"].as_object().expect("paths");
    paths.get(path).or_else(|| paths.iter().find(|(pattern, _)| fits(pattern)).map(|(_, item)| item))
}

fn headers(response: &Value, answer: &Answer) -> Vec<String> {
    let Value::Object(headers) = &response["headers"] else { return Vec::new() };
    let wrong = |(name, header): (&String, &Value)| {
        let header = resolved(document(), header);
        match answer.headers.get(name.as_str()).map(|value| value.to_str().expect("ASCII")) {
            None if header["required"] == true => vec![format!("there is no {name}")],
            None => Vec::new(),
            Some(value) => problems(document(), &header["schema"], &typed(value, &header["schema"])),
        }
    };
    headers.iter().flat_map(wrong).collect()
}

fn typed(value: &str, schema: &Value) -> Value {
    if schema["type"] == "integer" {
        value.parse::<u64>().map_or_else(|_| Value::from(value), Value::from)
    } else {
        Value::from(value)
    }
}

fn body(response: &Value, answer: &Answer) -> Vec<String> {
    let Value::Object(content) = &response["content"] else {
        return if answer.text.is_empty() { Vec::new() } else { vec!["there is a body".to_owned()] };
    };
    let media_type = answer.header("content-type").split(';').next().unwrap_or_default();
    match content.get(media_type) {
        Some(media) => problems(document(), &media["schema"], &answer.json()),
        None => vec![format!("{media_type:?} is none of its media types")],
    }
}
