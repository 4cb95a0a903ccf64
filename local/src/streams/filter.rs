//! Filters of event source mappings: patterns of JSON, of which one must fit.

use serde_json::Value as Json;

/// Whether a record passes. Without patterns, every record does.
pub(super) fn fits(patterns: &[Json], record: &Json) -> bool {
    patterns.is_empty() || patterns.iter().any(|pattern| matches(pattern, record))
}

/// An object wants each of its members; a list wants one of its choices.
fn matches(pattern: &Json, value: &Json) -> bool {
    match pattern {
        Json::Object(members) => members.iter().all(|(name, pattern)| matches(pattern, &value[name.as_str()])),
        Json::Array(choices) => choices.iter().any(|choice| is_chosen(choice, value)),
        _ => false,
    }
}

fn is_chosen(choice: &Json, value: &Json) -> bool {
    match choice["prefix"].as_str() {
        Some(prefix) => value.as_str().is_some_and(|text| text.starts_with(prefix)),
        None => choice == value,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_record_passes_if_one_pattern_fits_in_all_its_members() {
        let new = |pk: &str| json!({"eventName": "INSERT", "dynamodb": {"Keys": {"pk": {"S": pk}}}});
        let mails = json!({"eventName": ["INSERT"], "dynamodb": {"Keys": {"pk": {"S": [{"prefix": "MAIL#"}]}}}});
        assert!(
            fits(std::slice::from_ref(&mails), &new("MAIL#1")) && !fits(std::slice::from_ref(&mails), &new("USER#1"))
        );
        assert!(!fits(
            std::slice::from_ref(&mails),
            &json!({"eventName": "REMOVE", "dynamodb": {"Keys": {"pk": {"S": "MAIL#1"}}}})
        ));
        assert!(fits(&[json!({"eventName": ["REMOVE"]}), mails], &new("MAIL#1")) && fits(&[], &new("USER#1")));
    }
}
