//! The part of JSON Schema that docs/openapi.yaml uses for responses. An unknown keyword is an error, so that nothing
//! stays unchecked. This is shorter than the list of crates that a validator from the registry needs.

use regex_lite::Regex;
use serde_json::{Map, Value};

/// Keywords without an effect on validity.
const ANNOTATIONS: [&str; 3] = ["description", "format", "example"];

/// The violations of `schema` by `value`. References lead into `document`. Empty if the value is valid.
pub fn problems(document: &Value, schema: &Value, value: &Value) -> Vec<String> {
    let Value::Object(keywords) = schema else {
        return if schema == &Value::Bool(true) { Vec::new() } else { vec![format!("nothing is valid here: {value}")] };
    };
    let check = |(keyword, wanted): (&String, &Value)| {
        if ANNOTATIONS.contains(&keyword.as_str()) {
            Vec::new()
        } else {
            Check { document, schema: keywords, value }.keyword(keyword, wanted)
        }
    };
    keywords.iter().flat_map(check).collect()
}

/// The target of a reference such as `#/components/schemas/Problem`. Any other node is returned unchanged.
pub fn resolved<'d>(document: &'d Value, node: &'d Value) -> &'d Value {
    match node["$ref"].as_str() {
        Some(reference) => {
            let found = document.pointer(reference.trim_start_matches('#'));
            resolved(document, found.unwrap_or_else(|| panic!("{reference} leads nowhere")))
        }
        None => node,
    }
}

struct Check<'a> {
    document: &'a Value,
    schema: &'a Map<String, Value>,
    value: &'a Value,
}

impl Check<'_> {
    fn keyword(&self, keyword: &str, wanted: &Value) -> Vec<String> {
        let value = self.value;
        match keyword {
            "$ref" => problems(self.document, self.target(wanted), value),
            "allOf" => list(wanted).iter().flat_map(|part| problems(self.document, part, value)).collect(),
            "oneOf" => self.one_of(list(wanted)),
            "properties" => self.properties(wanted),
            "additionalProperties" => self.additional(wanted),
            "propertyNames" => self.names(wanted),
            "items" => self.items(wanted),
            "required" => {
                let missing = list(wanted).iter().filter(|name| value.get(text(name)).is_none() && value.is_object());
                missing.map(|name| format!("{name} is missing in {value}")).collect()
            }
            _ => said(self.holds(keyword, wanted), || format!("{value} is not {keyword} {wanted}")),
        }
    }

    fn target<'d>(&'d self, reference: &'d Value) -> &'d Value {
        let found = self.document.pointer(text(reference).trim_start_matches('#'));
        found.unwrap_or_else(|| panic!("{reference} leads nowhere"))
    }

    fn one_of(&self, alternatives: &[Value]) -> Vec<String> {
        let found: Vec<_> = alternatives.iter().map(|one| problems(self.document, one, self.value)).collect();
        let valid = found.iter().filter(|problems| problems.is_empty()).count();
        said(valid == 1, || format!("{} is valid by {valid} of {}: {found:?}", self.value, alternatives.len()))
    }

    fn properties(&self, schemas: &Value) -> Vec<String> {
        let Value::Object(members) = self.value else { return Vec::new() };
        let known = members.iter().filter_map(|(name, member)| Some((schemas.get(name)?, member)));
        known.flat_map(|(schema, member)| problems(self.document, schema, member)).collect()
    }

    fn additional(&self, schema: &Value) -> Vec<String> {
        let Value::Object(members) = self.value else { return Vec::new() };
        let known = self.schema.get("properties").unwrap_or(&Value::Null);
        let others = members.iter().filter(|(name, _)| known.get(name).is_none());
        others
            .flat_map(|(name, member)| {
                problems(self.document, schema, member).into_iter().map(move |problem| format!("{name}: {problem}"))
            })
            .collect()
    }

    fn names(&self, schema: &Value) -> Vec<String> {
        let Value::Object(members) = self.value else { return Vec::new() };
        members.keys().flat_map(|name| problems(self.document, schema, &Value::from(name.as_str()))).collect()
    }

    fn items(&self, schema: &Value) -> Vec<String> {
        list(self.value).iter().flat_map(|item| problems(self.document, schema, item)).collect()
    }

    /// Checks keywords that concern only the value.
    fn holds(&self, keyword: &str, wanted: &Value) -> bool {
        let value = self.value;
        let characters = || value.as_str().map(|text| text.chars().count() as u64);
        let length = || value.as_array().map(|items| items.len() as u64);
        let limit = || wanted.as_u64().expect("a number");
        match keyword {
            "type" if wanted.is_array() => list(wanted).iter().any(|kind| is_of(value, text(kind))),
            "type" => is_of(value, text(wanted)),
            "const" => value == wanted,
            "enum" => list(wanted).contains(value),
            "pattern" => value.as_str().is_none_or(|it| Regex::new(text(wanted)).expect("a pattern").is_match(it)),
            "minimum" => value.as_u64().is_none_or(|number| number >= limit()),
            "maximum" => value.as_u64().is_none_or(|number| number <= limit()),
            "minLength" => characters().is_none_or(|count| count >= limit()),
            "maxLength" => characters().is_none_or(|count| count <= limit()),
            "minItems" => length().is_none_or(|count| count >= limit()),
            "maxItems" => length().is_none_or(|count| count <= limit()),
            _ => panic!("the keyword {keyword} is not known to this test"),
        }
    }
}

fn is_of(value: &Value, kind: &str) -> bool {
    match kind {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "integer" => value.is_i64() || value.is_u64(),
        "boolean" => value.is_boolean(),
        "null" => value.is_null(),
        _ => panic!("the type {kind} is not known to this test"),
    }
}

fn said(holds: bool, problem: impl FnOnce() -> String) -> Vec<String> {
    if holds { Vec::new() } else { vec![problem()] }
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

#[test]
fn violations_of_a_schema_are_found_and_valid_values_pass() {
    use serde_json::json;

    let document = json!({"s": {"type": "string", "pattern": "^[a-z]+$", "maxLength": 3}});
    let schema = json!({
        "type": "object", "required": ["a"], "additionalProperties": false,
        "properties": {"a": {"$ref": "#/s"}, "n": {"type": "integer", "minimum": 1}, "l": {"type": "array", "items": {"$ref": "#/s"}}}
    });
    let wrong = |value: Value| problems(&document, &schema, &value).len();
    assert_eq!(wrong(json!({"a": "abc", "n": 1, "l": ["x"]})), 0);
    for value in [json!([]), json!({}), json!({"a": "A"}), json!({"a": "abcd"}), json!({"a": "a", "n": 0})] {
        assert_ne!(wrong(value.clone()), 0, "{value}");
    }
    for value in [json!({"a": "a", "b": 1}), json!({"a": "a", "l": [1]}), json!({"a": "a", "n": "1"})] {
        assert_ne!(wrong(value.clone()), 0, "{value}");
    }
    let one = json!({"oneOf": [{"const": 1}, {"enum": [1, 2]}, {"allOf": [{"type": "string"}]}]});
    for (value, valid) in [(json!(2), true), (json!("x"), true), (json!(1), false), (json!(3), false)] {
        assert_eq!(problems(&document, &one, &value).is_empty(), valid, "{value}");
    }
}
