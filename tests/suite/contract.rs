//! docs/openapi.yaml describes exactly the existing paths, methods and codes. The format of each response is checked
//! wherever a test receives one ([`support::contract`]).

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use regex_lite::Regex;
use serde_json::Value;

use support::Service;
use support::contract::document;
use support::schema::resolved;

/// The methods of path items.
const METHODS: [&str; 6] = ["get", "put", "post", "delete", "patch", "trace"];

#[tokio::test]
async fn every_route_is_documented_or_a_page_and_every_documented_path_is_a_route() {
    let service = Service::start().await;
    let (routes, documented) = (routes(), paths());
    let missing: Vec<_> = documented.difference(&routes).collect();
    assert!(missing.is_empty(), "documented, but not in template.yaml: {missing:?}");
    for path in routes.difference(&documented) {
        let answer = service.get(path).await;
        let is_page = answer.header("content-type").starts_with("text/html");
        assert!(is_page, "{path} is no page and not in docs/openapi.yaml: {answer:?}");
    }
}

#[tokio::test]
async fn each_path_supports_exactly_the_documented_methods() {
    let service = Service::start().await;
    let token = service.token_of("alice").await;
    for (path, item) in document()["paths"].as_object().expect("paths") {
        let documented: BTreeSet<_> =
            METHODS.iter().filter(|method| item.get(**method).is_some()).map(|method| method.to_uppercase()).collect();
        let path = Regex::new(r"\{\w+\}").expect("a pattern").replace_all(path, "x");
        let undocumented = if documented.contains("PATCH") { "PUT" } else { "PATCH" };
        for method in ["OPTIONS", undocumented] {
            let answer = service.send(service.request(method, &path).bearer_auth(&token)).await;
            let allowed = answer.header("allow").split(", ").map(str::to_owned);
            let allowed: BTreeSet<_> = allowed.filter(|method| method != "HEAD" && method != "OPTIONS").collect();
            assert_eq!(allowed, documented, "{path}");
            assert_eq!(answer.status, if method == undocumented { 405 } else { 204 }, "{path}");
        }
    }
}

#[test]
fn the_documented_table_of_error_codes_matches_the_code() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/oauth/src/error.rs");
    let source = std::fs::read_to_string(source).expect("the source");
    let row = Regex::new(r#"(?m)^    \w+ = (\d{3}) "(\w+)" ""#).expect("a pattern");
    let coded: BTreeMap<_, _> = row.captures_iter(&source).map(|row| (row[2].to_owned(), row[1].to_owned())).collect();
    assert!(coded.len() > 20, "the table was found");
    let table = document()["x-codes"].as_object().expect("codes");
    let documented: BTreeMap<_, _> =
        table.iter().map(|(word, row)| (word.clone(), row["status"].to_string())).collect();
    assert_eq!(documented, coded);
}

#[test]
fn documented_responses_use_the_status_of_each_error_code() {
    let table = document()["x-codes"].as_object().expect("codes");
    let mut given = BTreeSet::new();
    for (status, word) in codes_of_operations() {
        let row = table.get(&word).unwrap_or_else(|| panic!("{word} is not in x-codes"));
        assert_eq!(row["status"].to_string(), status, "{word}");
        assert_ne!(row["pages"], true, "{word} is told by an operation, not only on pages");
        given.insert(word);
    }
    for (word, row) in table {
        let elsewhere = row["pages"] == true || row["everywhere"] == true || word == "method_not_allowed";
        assert!(elsewhere || given.contains(word), "no operation is documented to give {word}");
    }
}

/// The status and code of every error that the document lists for an operation.
fn codes_of_operations() -> Vec<(String, String)> {
    let items = document()["paths"].as_object().expect("paths").values();
    let operations = items.flat_map(|item| METHODS.iter().filter_map(|method| item.get(*method)));
    let responses = operations.flat_map(|operation| operation["responses"].as_object().expect("responses"));
    responses
        .filter(|(status, _)| status.as_str() >= "400")
        .flat_map(|(status, response)| {
            words(resolved(document(), response)).into_iter().map(|word| (status.clone(), word))
        })
        .collect()
}

fn words(response: &Value) -> Vec<String> {
    let media = response["content"].as_object().into_iter().flat_map(|content| content.values());
    let schemas =
        media.flat_map(|media| media["schema"]["oneOf"].as_array().cloned().unwrap_or(vec![media["schema"].clone()]));
    schemas
        .flat_map(|schema| {
            let word = [&schema["properties"]["code"], &schema["properties"]["error"]]
                .into_iter()
                .find(|it| !it.is_null())
                .cloned();
            let word = word.unwrap_or_default();
            let several = word["enum"].as_array().cloned().unwrap_or_default();
            several.into_iter().chain(word.get("const").cloned())
        })
        .filter_map(|word| word.as_str().map(str::to_owned))
        .collect()
}

fn paths() -> BTreeSet<String> {
    document()["paths"].as_object().expect("paths").keys().cloned().collect()
}

/// The paths of the routes in template.yaml.
fn routes() -> BTreeSet<String> {
    let template = Path::new(env!("CARGO_MANIFEST_DIR")).join("../template.yaml");
    let template = std::fs::read_to_string(template).expect("template.yaml");
    let route = Regex::new(r"RouteKey: '?[A-Z]+ (/(?:[\w.{}/-]*[\w}])?)").expect("a pattern");
    route.captures_iter(&template).map(|route| route[1].to_owned()).collect()
}
