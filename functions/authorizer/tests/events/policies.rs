//! Policies in the gateway's cache: a policy that was made for one event is correct for every other event.

use serde_json::{Value, json};

use crate::http_api;
use crate::issuer::{Issuer, ask};

const STAGE: &str = "arn:aws:execute-api:eu-west-1:123456789012:a1b2c3/prod/";

const RULES: &str = r#"{
    "*": "api",
    "GET /things/{id}": "things:read",
    "ANY /things/{id}/parts": "parts",
    "POST /things": "things:write",
    "GET /": "root"
}"#;

const TARGETS: [&str; 11] = [
    "GET/",
    "GET/things",
    "POST/things",
    "GET/things/7",
    "PUT/things/7",
    "GET/things/7/parts",
    "DELETE/things/7/parts",
    "GET/other/parts",
    "GET/things/7/parts/1",
    "POST/things/",
    "DELETE/things/7/parts/",
];

const SCOPES: [&str; 8] = [
    "",
    "api",
    "api root",
    "api things:read",
    "api parts",
    "api things:read parts",
    "api things:write root",
    "root things:read things:write parts",
];

/// Evaluates a policy as IAM does: a matching denial wins, otherwise a matching permission is needed.
pub(crate) fn allows(answer: &Value, arn: &str) -> bool {
    let statements = answer["policyDocument"]["Statement"].as_array().unwrap();
    let says = |effect: &str| {
        statements.iter().any(|statement| {
            statement["Effect"] == effect
                && statement["Action"] == json!(["execute-api:Invoke"])
                && statement["Resource"]
                    .as_array()
                    .unwrap()
                    .iter()
                    .any(|resource| like(resource.as_str().unwrap(), arn))
        })
    };
    says("Allow") && !says("Deny")
}

/// An independent, simpler implementation of IAM's wildcards.
fn like(pattern: &str, text: &str) -> bool {
    match pattern.chars().next() {
        None => text.is_empty(),
        Some('*') => (0..=text.len()).any(|skip| text.is_char_boundary(skip) && like(&pattern[1..], &text[skip..])),
        Some(first) => text.starts_with(first) && like(&pattern[first.len_utf8()..], &text[first.len_utf8()..]),
    }
}

#[tokio::test]
async fn a_cached_policy_decides_as_a_fresh_one_would() {
    let issuer = Issuer::start().await;
    let authorizer = issuer.authorizer(&[("REQUIRED_SCOPES", RULES)]);
    for scopes in SCOPES {
        let authorization = format!("Bearer {}", issuer.token_for(scopes));
        let mut answers = Vec::new();
        for target in TARGETS {
            let arn = format!("{STAGE}{target}");
            let event = json!({"type": "TOKEN", "authorizationToken": authorization, "methodArn": arn});
            answers.push((arn, ask(&authorizer, &event).await.unwrap()));
        }
        for (arn, fresh) in &answers {
            for (made_for, cached) in &answers {
                assert_eq!(allows(cached, arn), allows(fresh, arn), "{scopes:?}: made for {made_for}, used for {arn}");
            }
        }
    }
}

#[tokio::test]
async fn a_policy_allows_the_targets_for_which_the_scopes_are_sufficient() {
    let issuer = Issuer::start().await;
    let authorizer = issuer.authorizer(&[("REQUIRED_SCOPES", RULES)]);
    for (scopes, allowed) in [
        ("", vec![]),
        ("root things:read things:write parts", vec![]),
        ("api", vec!["GET/things", "PUT/things/7", "GET/other/parts"]),
        (
            "api things:read",
            vec!["GET/things", "GET/things/7", "PUT/things/7", "GET/other/parts", "GET/things/7/parts/1"],
        ),
        (
            "api parts",
            vec!["GET/things", "PUT/things/7", "DELETE/things/7/parts", "GET/other/parts", "DELETE/things/7/parts/"],
        ),
    ] {
        let authorization = format!("Bearer {}", issuer.token_for(scopes));
        let event =
            json!({"type": "TOKEN", "authorizationToken": authorization, "methodArn": format!("{STAGE}GET/things/7")});
        let answer = ask(&authorizer, &event).await.unwrap();
        let answered: Vec<_> =
            TARGETS.into_iter().filter(|target| allows(&answer, &format!("{STAGE}{target}"))).collect();
        assert_eq!(answered, allowed, "{scopes:?}");
        assert_eq!(answer["context"]["error"], json!("insufficient_scope"), "every one of these denies something");
        assert!(!allows(&answer, "arn:aws:execute-api:eu-west-1:123456789012:a1b2c3/test/GET/things"), "another stage");
        assert!(!allows(&answer, "arn:aws:execute-api:eu-west-1:123456789012:zzzzzz/prod/GET/things"), "another API");
    }
}

#[tokio::test]
async fn an_http_api_can_use_policies_too() {
    let issuer = Issuer::start().await;
    let settings = [("RESPONSE", "policy"), ("REQUIRED_SCOPES", r#"{"GET /things/{id}": "things:read"}"#)];
    let authorizer = issuer.authorizer(&settings);
    let arn = "arn:aws:execute-api:eu-west-1:123456789012:a1b2c3/$default/GET/things/7";
    for (scopes, answer) in [("things:read", true), ("account", false)] {
        let event = http_api::event(&format!("Bearer {}", issuer.token_for(scopes)));
        assert_eq!(allows(&ask(&authorizer, &event).await.unwrap(), arn), answer, "{scopes}");
    }
    let refused = ask(&authorizer, &http_api::event("Bearer a.b.c")).await.unwrap();
    assert!(!allows(&refused, arn));
    assert_eq!(refused["principalId"], "unauthenticated");
}

#[tokio::test]
async fn the_policy_denies_its_own_request_however_the_path_is_spelled() {
    let issuer = Issuer::start().await;
    let authorizer = issuer.authorizer(&[("REQUIRED_SCOPES", r#"{"GET /things": "things:read"}"#)]);
    let authorization = format!("Bearer {}", issuer.token());
    for target in ["GET/things/", "GET/%74hings", "GET/things%2F"] {
        let arn = format!("{STAGE}{target}");
        let event = json!({"type": "TOKEN", "authorizationToken": authorization, "methodArn": arn});
        let answer = ask(&authorizer, &event).await.unwrap();
        for other in [target, "GET/things", "GET/t%68ings", "GET/%74hings/"] {
            assert!(!allows(&answer, &format!("{STAGE}{other}")), "{target}, then {other}");
        }
    }
}
