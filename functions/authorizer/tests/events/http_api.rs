//! HTTP API, payload 2.0.

use authorizer::Failure;
use jwt::{AccessClaims, Algorithm, SigningKey};
use oauth::Scopes;
use serde_json::{Value, json};

use crate::issuer::{Issuer, KEY, NOW, ask, ask_at};

/// `GET /things/7`, which matched the route `GET /things/{id}`.
pub(crate) fn event(authorization: &str) -> Value {
    json!({
        "version": "2.0",
        "type": "REQUEST",
        "routeArn": "arn:aws:execute-api:eu-west-1:123456789012:a1b2c3/$default/GET/things/7",
        "identitySource": [authorization, "GET /things/{id}"],
        "routeKey": "GET /things/{id}",
        "rawPath": "/things/7",
        "rawQueryString": "a=1&a=2",
        "cookies": ["session=x"],
        "headers": {
            "accept": "*/*",
            "authorization": authorization,
            "content-length": "0",
            "host": "a1b2c3.execute-api.eu-west-1.amazonaws.com",
            "user-agent": "curl/8.5.0",
            "x-amzn-trace-id": "Root=1-67a0b0c0-0123456789abcdef01234567",
            "x-forwarded-for": "192.0.2.7",
            "x-forwarded-port": "443",
            "x-forwarded-proto": "https"
        },
        "queryStringParameters": {"a": "1,2"},
        "pathParameters": {"id": "7"},
        "requestContext": {
            "accountId": "123456789012",
            "apiId": "a1b2c3",
            "domainName": "a1b2c3.execute-api.eu-west-1.amazonaws.com",
            "domainPrefix": "a1b2c3",
            "http": {"method": "GET", "path": "/things/7", "protocol": "HTTP/1.1", "sourceIp": "192.0.2.7", "userAgent": "curl/8.5.0"},
            "requestId": "JKJaXmPLvHcESHA=",
            "routeKey": "GET /things/{id}",
            "stage": "$default",
            "time": "10/Mar/2027:05:16:23 +0000",
            "timeEpoch": 1_800_000_000_000_u64
        }
    })
}

fn with(mut event: Value, pointer: &str, value: Value) -> Value {
    *event.pointer_mut(pointer).unwrap() = value;
    event
}

#[tokio::test]
async fn a_valid_token_is_allowed_with_a_flat_context() {
    let issuer = Issuer::start().await;
    let answer = ask(&issuer.authorizer(&[]), &event(&format!("Bearer {}", issuer.token()))).await.unwrap();
    assert_eq!(
        answer,
        json!({
            "isAuthorized": true,
            "context": {
                "sub": "0198c0de",
                "client_id": "first-party",
                "scope": "account",
                "exp": NOW + 840,
                "sid": "s1",
                "acr": "1",
                "auth_time": NOW - 60,
                "username": "alice",
                "roles": "admin auditor"
            }
        })
    );
}

#[tokio::test]
async fn absent_claims_are_absent_from_the_context() {
    let issuer = Issuer::start().await;
    let claims = AccessClaims {
        scope: Scopes::default(),
        sid: None,
        auth_time: None,
        acr: None,
        username: None,
        roles: Vec::new(),
        ..issuer.claims()
    };
    let token = KEY.sign(&claims).unwrap();
    let answer = ask(&issuer.authorizer(&[]), &event(&format!("Bearer {token}"))).await.unwrap();
    assert_eq!(answer["context"], json!({"sub": "0198c0de", "client_id": "first-party", "exp": NOW + 840}));
}

#[tokio::test]
async fn an_invalid_token_is_denied_and_none_of_its_claims_are_passed_on() {
    let issuer = Issuer::start().await;
    let authorizer = issuer.authorizer(&[]);
    let good = issuer.token();
    let (stranger, _) = SigningKey::generate(Algorithm::EdDSA).unwrap();
    let sign = |claims: &AccessClaims| KEY.sign(claims).unwrap();
    for authorization in [
        String::new(),
        good.clone(),
        format!("Basic {good}"),
        format!("DPoP {good}"),
        "Bearer ".to_owned(),
        format!("Bearer {good} "),
        format!("Bearer {good}x"),
        format!("Bearer {good},Bearer {good}"),
        format!("Bearer {good}, Bearer {good}"),
        format!("Bearer {good}, Basic eA=="),
        format!("Bearer {}", &good[..good.len() - 5]),
        format!("Bearer {}", stranger.sign(&issuer.claims()).unwrap()),
        format!("Bearer {}", sign(&AccessClaims { exp: NOW - 6, ..issuer.claims() })),
        format!("Bearer {}", sign(&AccessClaims { iss: "http://127.0.0.1".to_owned(), ..issuer.claims() })),
        format!("Bearer {}", sign(&AccessClaims { aud: jwt::Audience::one("https://x.example"), ..issuer.claims() })),
        "Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJhZG1pbiJ9.".to_owned(),
        format!("Bearer {}", "a".repeat(9000)),
    ] {
        let answer = ask(&authorizer, &event(&authorization)).await.unwrap();
        assert_eq!(answer, json!({"isAuthorized": false, "context": {"error": "invalid_token"}}), "{authorization}");
    }
}

#[tokio::test]
async fn the_scheme_and_the_header_name_are_case_insensitive() {
    let issuer = Issuer::start().await;
    let authorizer = issuer.authorizer(&[]);
    for scheme in ["Bearer", "bearer", "BEARER", "bEARER "] {
        let answer = ask(&authorizer, &event(&format!("{scheme} {}", issuer.token()))).await.unwrap();
        assert_eq!(answer["isAuthorized"], true, "{scheme}");
    }
    let headers = json!({"AUTHORIZATION": format!("Bearer {}", issuer.token())});
    assert_eq!(ask(&authorizer, &with(event(""), "/headers", headers)).await.unwrap()["isAuthorized"], true);
}

#[tokio::test]
async fn without_a_header_or_with_two_headers_there_is_no_token() {
    let issuer = Issuer::start().await;
    let authorizer = issuer.authorizer(&[]);
    let good = format!("Bearer {}", issuer.token());
    for headers in [json!(null), json!({}), json!({"authorization": good, "Authorization": good}), json!({"x": good})] {
        let answer = ask(&authorizer, &with(event(""), "/headers", headers.clone())).await.unwrap();
        assert_eq!(answer["isAuthorized"], false, "{headers}");
    }
    assert_eq!(issuer.asked(), 0, "without a token no keys are fetched");
}

#[tokio::test]
async fn one_of_the_configured_audiences_must_be_named() {
    let issuer = Issuer::start().await;
    let authorizer = issuer.authorizer(&[("AUDIENCE", "https://api.example, urn:other")]);
    for (aud, answer) in [("https://api.example", true), ("urn:other", true), (issuer.url.as_str(), false)] {
        let claims = AccessClaims { aud: jwt::Audience::one(aud), ..issuer.claims() };
        let event = event(&format!("Bearer {}", KEY.sign(&claims).unwrap()));
        assert_eq!(ask(&authorizer, &event).await.unwrap()["isAuthorized"], answer, "{aud}");
    }
}

#[tokio::test]
async fn the_leeway_is_what_is_configured() {
    let issuer = Issuer::start().await;
    let event = event(&format!("Bearer {}", issuer.token()));
    let exp = issuer.claims().exp;
    for (leeway, late) in [("0", 0), ("3", 3), ("5", 5)] {
        let authorizer = issuer.authorizer(&[("CLOCK_LEEWAY_SECONDS", leeway)]);
        assert_eq!(ask_at(&authorizer, &event, exp + late).await.unwrap()["isAuthorized"], false, "{leeway}");
        assert_eq!(ask_at(&authorizer, &event, exp + late - 1).await.unwrap()["isAuthorized"], true, "{leeway}");
    }
}

#[tokio::test]
async fn a_route_may_need_a_scope() {
    let issuer = Issuer::start().await;
    let rules = r#"{"GET /things/{id}": "things:read", "DELETE /things/{id}": "things:write"}"#;
    let authorizer = issuer.authorizer(&[("REQUIRED_SCOPES", rules)]);
    let asks = |scopes: &str| event(&format!("Bearer {}", issuer.token_for(scopes)));

    assert_eq!(ask(&authorizer, &asks("account things:read")).await.unwrap()["isAuthorized"], true);
    let refused = ask(&authorizer, &asks("account")).await.unwrap();
    assert_eq!((&refused["isAuthorized"], &refused["context"]["error"]), (&json!(false), &json!("insufficient_scope")));

    // The rule applies if any of the path, the route and the ARN matches.
    let prefixed = with(asks("account"), "/rawPath", json!("/mapping/things/7"));
    let renamed = with(with(asks("account"), "/routeKey", json!("ANY /{proxy+}")), "/rawPath", json!("/things/7/"));
    let staged =
        with(with(asks("account"), "/requestContext/stage", json!("prod")), "/rawPath", json!("/prod/things/7"));
    let fallback = with(asks("account"), "/routeKey", json!("$default"));
    for event in [prefixed, renamed, staged, fallback] {
        assert_eq!(ask(&authorizer, &event).await.unwrap()["isAuthorized"], false, "{event}");
    }
}

#[tokio::test]
async fn a_simple_response_needs_no_arn_in_the_event() {
    let issuer = Issuer::start().await;
    let mut event = event(&format!("Bearer {}", issuer.token()));
    event.as_object_mut().unwrap().remove("routeArn");
    assert_eq!(ask(&issuer.authorizer(&[]), &event).await.unwrap()["isAuthorized"], true);
    let failure = ask(&issuer.authorizer(&[("RESPONSE", "policy")]), &event).await.unwrap_err();
    assert!(matches!(failure, Failure::Event(_)));
}

#[tokio::test]
async fn an_unknown_event_is_a_failure() {
    let issuer = Issuer::start().await;
    let authorizer = issuer.authorizer(&[]);
    let good = event(&format!("Bearer {}", issuer.token()));
    for odd in [
        json!({}),
        json!({"version": "3.0", "type": "REQUEST"}),
        json!({"version": "2.0"}),
        json!({"type": "TOKEN"}),
        with(good.clone(), "/version", json!("2.1")),
        with(good.clone(), "/type", json!("TOKEN")),
        with(good.clone(), "/requestContext", json!(null)),
        with(good.clone(), "/requestContext/http", json!(null)),
        with(good.clone(), "/rawPath", json!(null)),
        with(good, "/routeArn", json!("nonsense")),
    ] {
        assert!(matches!(ask(&authorizer, &odd).await, Err(Failure::Event(_))), "{odd}");
    }
}
