//! The partition that a `Query` reads, out of its `KeyConditionExpression`.
//!
//! The expression is `name = :value`, with `#placeholder` for the name if so written, alone or before `AND` and a
//! condition on the sort key, with parentheses anywhere.

use serde_json::Value as Json;

/// The value that `body` compares the partition key `name` with, `{"S": "…"}`; `None` if it compares it with none.
pub(super) fn partition<'a>(body: &'a Json, name: &str) -> Option<&'a Json> {
    let expression = body["KeyConditionExpression"].as_str()?;
    let tokens = tokens(expression);
    let is_name = |token: &str| {
        if token.starts_with('#') { body["ExpressionAttributeNames"][token] == name } else { token == name }
    };
    let compared = tokens.windows(3).find(|window| is_name(window[0]) && window[1] == "=")?[2];
    Some(&body["ExpressionAttributeValues"][compared]).filter(|value| compared.starts_with(':') && !value.is_null())
}

/// Words and signs, without parentheses: those cannot change what a conjunction compares its key with.
fn tokens(expression: &str) -> Vec<&str> {
    let mut tokens = Vec::new();
    let mut rest = expression;
    while let Some(first) = rest.chars().next() {
        let word = |character: char| character.is_alphanumeric() || "#:_-.".contains(character);
        let length =
            if word(first) { rest.find(|character| !word(character)).unwrap_or(rest.len()) } else { first.len_utf8() };
        let (token, after) = rest.split_at(length);
        if !token.trim().is_empty() && !matches!(token, "(" | ")") {
            tokens.push(token);
        }
        rest = after;
    }
    tokens
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn found(expression: &str) -> Option<String> {
        let body = json!({
            "KeyConditionExpression": expression,
            "ExpressionAttributeNames": {"#k": "pk", "#s": "sk"},
            "ExpressionAttributeValues": {":p": {"S": "SESSION#1"}, ":s": {"S": "x"}},
        });
        partition(&body, "pk").map(|value| value["S"].as_str().expect("a string").to_owned())
    }

    #[test]
    fn the_partition_is_found_in_every_form_of_the_expression() {
        for expression in [
            "pk = :p",
            "pk=:p",
            "#k = :p",
            "#k = :p AND #s = :s",
            "(#k = :p) and begins_with(#s, :s)",
            "#s BETWEEN :s AND :s AND pk = :p",
            "sk = :s AND (pk = :p)",
        ] {
            assert_eq!(found(expression).as_deref(), Some("SESSION#1"), "{expression}");
        }
    }

    #[test]
    fn what_names_no_partition_has_none() {
        for expression in ["", "sk = :p", "#s = :p", "pk = :unknown", "pk < :p", "#unknown = :p", "pk = pk"] {
            assert_eq!(found(expression), None, "{expression}");
        }
    }
}
