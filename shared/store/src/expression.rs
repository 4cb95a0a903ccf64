//! The names and values of the expressions of DynamoDB.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;

use crate::item::Item;

/// The condition, or `None` if it is empty.
pub(crate) fn given(condition: &str) -> Option<String> {
    (!condition.is_empty()).then(|| condition.to_owned())
}

/// The attribute names in two expressions.
pub(crate) fn names_in(
    expression: &str,
    condition: &str,
    given: &[(&'static str, String)],
) -> Option<HashMap<String, String>> {
    let mut names: HashMap<String, String> =
        given.iter().map(|(placeholder, name)| ((*placeholder).to_owned(), name.clone())).collect();
    for part in [expression, condition].iter().flat_map(|text| text.split('#').skip(1)) {
        let end = part.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(part.len());
        names.entry(format!("#{}", &part[..end])).or_insert_with(|| part[..end].to_owned());
    }
    (!names.is_empty()).then_some(names)
}

/// The values of placeholders.
pub(crate) fn values(values: Vec<(&'static str, AttributeValue)>) -> Option<Item> {
    (!values.is_empty())
        .then(|| values.into_iter().map(|(placeholder, value)| (placeholder.to_owned(), value)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_placeholder_stands_for_the_attribute_of_its_name_by_default() {
        let given = [("#end", "expires_at".to_owned())];
        let names = names_in("SET #a = :a, #b_c = #b_c + :one", "#stage.#at = :x AND #end > :now", &given).unwrap();
        let expected = [("#a", "a"), ("#b_c", "b_c"), ("#stage", "stage"), ("#at", "at"), ("#end", "expires_at")];
        assert_eq!(names, expected.map(|(placeholder, name)| (placeholder.to_owned(), name.to_owned())).into());
        assert_eq!(names_in("", "attribute_exists(pk)", &[]), None);
    }
}
