//! What the owner of an API requires in its stage variables: for that API alone, in addition to the authorizer's
//! settings.

use authorizer::Failure;
use jwt::{AccessClaims, Audience};
use oauth::Scopes;
use serde_json::{Value, json};

use crate::http_api;
use crate::issuer::{Issuer, KEY, ask};
use crate::policies::allows;
use crate::rest_and_websocket::{STAGE, http_v1, request, token, websocket};

/// Every shape that carries stage variables, for a request to `GET /things/7` or `$connect`.
const SHAPES: [fn(&str) -> Value; 4] = [http_api::event, http_v1, request, websocket];

fn with(shape: fn(&str) -> Value, bearer: &str, variables: &Value) -> Value {
    let mut event = shape(&format!("Bearer {bearer}"));
    event["stageVariables"] = variables.clone();
    event
}

/// Whether an answer allows its own request.
fn opens(event: &Value, answer: &Value) -> bool {
    match answer.get("isAuthorized") {
        Some(allowed) => allowed == true,
        None => allows(answer, event["methodArn"].as_str().unwrap()),
    }
}

#[tokio::test]
async fn each_api_requires_the_scopes_of_its_own_stage_variables() {
    let issuer = Issuer::start().await;
    let authorizer = issuer.authorizer(&[]);
    for shape in SHAPES {
        for (variables, scopes, opened) in [
            (json!(null), "", true),
            (json!({}), "", true),
            (json!({"colour": "blue"}), "", true),
            (json!({"scopes": "api"}), "account", false),
            (json!({"scopes": "api"}), "account api", true),
            (json!({"scopes": "POST/things=things:write"}), "", true),
            (json!({"scopes": "api", "scopes_more": "other"}), "api", false),
            (json!({"scopes": "api", "scopes_more": "other"}), "api other", true),
        ] {
            let event = with(shape, &issuer.token_for(scopes), &variables);
            let answer = ask(&authorizer, &event).await.unwrap();
            assert_eq!(opens(&event, &answer), opened, "{variables} {scopes:?}: {event}");
            assert_eq!(
                answer["context"]["error"] == "insufficient_scope",
                !opened || variables["scopes"] == "POST/things=things:write" && answer.get("isAuthorized").is_none(),
                "{answer}"
            );
        }
    }
}

#[tokio::test]
async fn a_route_requires_its_scopes_by_its_path_and_by_its_declaration() {
    let issuer = Issuer::start().await;
    let authorizer = issuer.authorizer(&[]);
    for shape in [http_api::event, http_v1, request] {
        for (rule, scopes, opened) in [
            ("GET/things/:id=things:read", "", false),
            ("GET/things/:id=things:read", "things:read", true),
            ("GET/things/7=things:read", "", false),
            ("ANY/things/:id=things:read&things:list", "things:read", false),
            ("PUT/things/:id=things:write,GET/things/:id=things:read", "things:read", true),
        ] {
            let event = with(shape, &issuer.token_for(scopes), &json!({"scopes": rule}));
            let answer = ask(&authorizer, &event).await.unwrap();
            assert_eq!(opens(&event, &answer), opened, "{rule} {scopes:?}: {event}");
        }
    }
}

#[tokio::test]
async fn a_policy_with_stage_variables_is_correct_for_the_whole_stage() {
    let issuer = Issuer::start().await;
    let authorizer = issuer.authorizer(&[]);
    let variables = json!({"scopes": "GET/things/:id=things:read,POST/things=things:write"});
    for shape in [http_v1, request] {
        let answer = ask(&authorizer, &with(shape, &issuer.token_for("things:read"), &variables)).await.unwrap();
        for (target, opened) in
            [("GET/things/7", true), ("POST/things", false), ("POST/things/", false), ("GET/other", true)]
        {
            assert_eq!(allows(&answer, &format!("{STAGE}{target}")), opened, "{target}");
        }
    }
}

#[tokio::test]
async fn stage_variables_never_require_less_than_the_settings() {
    let issuer = Issuer::start().await;
    let authorizer =
        issuer.authorizer(&[("REQUIRED_SCOPES", r#"{"GET /things/{id}": "things:read", "$connect": "live"}"#)]);
    for shape in SHAPES {
        for (scopes, opened) in [("other", false), ("things:read live", false), ("other things:read live", true)] {
            let event = with(shape, &issuer.token_for(scopes), &json!({"scopes": "other"}));
            assert_eq!(opens(&event, &ask(&authorizer, &event).await.unwrap()), opened, "{scopes}: {event}");
        }
    }
}

/// A token whose person has authenticated with this level, 60 seconds ago.
fn token_at(issuer: &Issuer, acr: Option<&str>) -> String {
    let acr = acr.map(str::to_owned);
    let auth_time = issuer.claims().auth_time.filter(|_| acr.is_some());
    KEY.sign(&AccessClaims { acr, auth_time, ..issuer.claims() }).unwrap()
}

#[tokio::test]
async fn a_route_requires_a_level_and_a_recent_authentication_and_says_which() {
    let issuer = Issuer::start().await;
    let authorizer = issuer.authorizer(&[]);
    for shape in SHAPES {
        for (variables, acr, needed) in [
            (json!({"acr": "1", "max_age": "60"}), Some("1"), None),
            (json!({"acr": "2"}), Some("phr"), None),
            (json!({"acr": "POST/things=phr", "max_age": "POST/things=0"}), Some("1"), None),
            (json!({"acr": "2"}), Some("1"), Some(r#"acr_values="2""#)),
            (json!({"max_age": "59"}), Some("2"), Some(r#"max_age="59""#)),
            (json!({"acr": "phr", "max_age": "30"}), Some("2"), Some(r#"acr_values="phr", max_age="30""#)),
            (json!({"acr": "1", "acr_more": "2"}), Some("1"), Some(r#"acr_values="2""#)),
            (json!({"acr": "1"}), Some("0"), Some(r#"acr_values="1""#)),
            (json!({"acr": "1"}), None, Some(r#"acr_values="1""#)),
            (json!({"max_age": "3600"}), None, Some(r#"max_age="3600""#)),
        ] {
            let event = with(shape, &token_at(&issuer, acr), &variables);
            let answer = ask(&authorizer, &event).await.unwrap();
            assert_eq!(opens(&event, &answer), needed.is_none(), "{variables} {acr:?}: {event}");
            if let Some(needed) = needed {
                let challenge = format!(r#"Bearer error="insufficient_user_authentication", {needed}"#);
                assert_eq!(answer["context"]["error"], "insufficient_user_authentication", "{answer}");
                assert_eq!(answer["context"]["challenge"], challenge, "{answer}");
            }
        }
    }
}

#[tokio::test]
async fn a_level_is_required_by_the_path_and_by_the_declaration_of_a_route() {
    let issuer = Issuer::start().await;
    let authorizer = issuer.authorizer(&[]);
    for shape in [http_api::event, http_v1, request] {
        for rule in ["GET/things/:id=2", "GET/things/7=2", "1,ANY/things/:id=2", "PUT/things/:id=phr,GET/things/:id=2"]
        {
            for (acr, opened) in [("1", false), ("2", true)] {
                let event = with(shape, &token_at(&issuer, Some(acr)), &json!({"acr": rule}));
                let answer = ask(&authorizer, &event).await.unwrap();
                assert_eq!(opens(&event, &answer), opened, "{rule} {acr}: {event}");
            }
        }
    }
}

#[tokio::test]
async fn a_missing_scope_is_reported_before_a_weak_authentication() {
    let issuer = Issuer::start().await;
    let authorizer = issuer.authorizer(&[]);
    for shape in SHAPES {
        let event = with(shape, &issuer.token_for("account"), &json!({"acr": "2", "scopes": "api&other"}));
        let answer = ask(&authorizer, &event).await.unwrap();
        let challenge = r#"Bearer error="insufficient_scope", scope="api other""#;
        assert_eq!((opens(&event, &answer), &answer["context"]["challenge"]), (false, &json!(challenge)));
    }
}

#[tokio::test]
async fn a_policy_denies_the_routes_whose_level_the_token_does_not_have() {
    let issuer = Issuer::start().await;
    let authorizer = issuer.authorizer(&[]);
    let variables = json!({"acr": "1,POST/things=2", "max_age": "PUT/things=10"});
    for shape in [http_v1, request] {
        let answer = ask(&authorizer, &with(shape, &issuer.token(), &variables)).await.unwrap();
        for (target, opened) in
            [("GET/things/7", true), ("POST/things", false), ("POST/things/", false), ("PUT/things", false)]
        {
            assert_eq!(allows(&answer, &format!("{STAGE}{target}")), opened, "{target}");
        }
    }
}

#[tokio::test]
async fn malformed_stage_variables_allow_nothing() {
    let issuer = Issuer::start().await;
    let authorizer = issuer.authorizer(&[]);
    for shape in SHAPES {
        for scopes in ["", "GET/things", "GET/things/:id=", "api,", "a b"] {
            let answer = ask(&authorizer, &with(shape, &issuer.token(), &json!({"scopes": scopes}))).await;
            assert!(matches!(answer, Err(Failure::Stage("scopes"))), "{scopes:?}: {answer:?}");
        }
        for (name, value) in
            [("acr", ""), ("acr", "3"), ("acr_2", "GET/things=2&1"), ("max_age", "-1"), ("max_age", "5m")]
        {
            let answer = ask(&authorizer, &with(shape, &issuer.token(), &json!({name: value}))).await;
            assert!(
                matches!(answer, Err(Failure::Stage(kind)) if name.starts_with(kind)),
                "{name} {value}: {answer:?}"
            );
        }
    }
}

#[tokio::test]
async fn an_api_that_declares_its_resource_accepts_only_tokens_for_it() {
    let issuer = Issuer::start().await;
    let authorizer = issuer.authorizer(&[("AUDIENCE", "https://a.example,https://b.example")]);
    let token_for = |audiences: &[&str]| {
        let aud: Audience = audiences.iter().map(|name| (*name).to_owned()).collect();
        KEY.sign(&AccessClaims { aud, scope: Scopes::default(), ..issuer.claims() }).unwrap()
    };
    for shape in SHAPES {
        for (audience, audiences, opened) in [
            ("https://a.example", vec!["https://a.example"], true),
            ("https://a.example", vec!["https://b.example"], false),
            ("https://a.example", vec!["https://b.example", "https://a.example"], true),
            ("https://a.example/", vec!["https://a.example"], false),
            ("https://r.example", vec!["https://r.example"], true),
            ("https://r.example", vec!["https://s.example"], false),
            ("https://r.example", vec!["https://a.example"], false),
            ("", vec!["https://a.example"], true),
            ("", vec!["https://b.example"], true),
            ("", vec!["https://r.example"], false),
            ("", vec!["https://r.example", "https://a.example"], true),
        ] {
            let variables = if audience.is_empty() { json!({}) } else { json!({"audience": audience}) };
            let event = with(shape, &token_for(&audiences), &variables);
            let answer = ask(&authorizer, &event).await;
            let opens = answer.as_ref().is_ok_and(|answer| opens(&event, answer));
            assert_eq!(opens, opened, "{audience} {audiences:?}: {answer:?}");
            assert!(
                opens
                    || matches!(&answer, Err(Failure::Unauthorized))
                    || answer.unwrap()["context"]["error"] == "invalid_token"
            );
        }
    }
}

#[tokio::test]
async fn stage_variables_in_a_token_event_only_restrict() {
    let issuer = Issuer::start().await;
    let authorizer = issuer.authorizer(&[]);
    let event = with(token, &issuer.token_for("account"), &json!({"scopes": "api"}));
    let answer = ask(&authorizer, &event).await.unwrap();
    assert!(!opens(&event, &answer), "they only restrict");
    let event = with(token, &issuer.token(), &json!({"acr": "2"}));
    assert!(!opens(&event, &ask(&authorizer, &event).await.unwrap()), "they only restrict");
}
