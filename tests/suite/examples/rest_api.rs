//! `examples/rest-api`: it reads an SSM parameter, clients get the reason for a refusal, and Rust and Node.js functions
//! answer.

use serde_json::{Value, json};

use super::{REST, Setup, parsed};
use support::Service;
use support::forger::Forger;

const INVALID: &str = r#"Bearer error="invalid_token""#;

/// The challenge for a token that lacks these scopes.
fn insufficient(scopes: &str) -> String {
    format!(r#"Bearer error="insufficient_scope", scope="{scopes}""#)
}

fn token(forger: &Forger, scope: &str) -> String {
    let mut claims = forger.claims();
    claims["scope"] = json!(scope);
    forger.sign(&Forger::header(), &claims)
}

#[tokio::test(flavor = "multi_thread")]
async fn each_route_requires_its_scopes_and_knows_the_caller() {
    let forger = Forger::start().await;
    let Some(example) = REST.start(&forger.url).await else { return };
    let (reads, both) = (token(&forger, "units:read"), token(&forger, "units:read conversions:write"));
    let (status, _, body) = example.get("/prod/units/mile", Some(&reads)).await;
    assert_eq!((status, parsed(&body)), (200, json!({"unit": "mile", "metres": 1609.344, "for": "somebody"})));
    assert_eq!(example.get("/prod/units/ell", Some(&reads)).await.0, 404);
    let asked = json!({"length": 3, "from": "mile", "to": "foot"});
    let (status, _, body) = example.send("POST", "/prod/conversions", (Some(&both), Some(&asked))).await;
    assert_eq!((status, &parsed(&body)["for"], &parsed(&body)["unit"]), (200, &json!("somebody"), &json!("foot")));
    assert!((parsed(&body)["length"].as_f64().expect("a number") - 15840.0).abs() < 1e-6, "{body}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_scope_is_a_403_that_says_so() {
    let forger = Forger::start().await;
    let Some(example) = REST.start(&forger.url).await else { return };
    for (method, path, scope) in [
        ("GET", "/prod/units/mile", "conversions:write"),
        ("POST", "/prod/conversions", "units:read"),
        ("POST", "/prod/conversions", "conversions:write"),
        ("POST", "/prod/conversions/", "units:read"),
        ("POST", "/prod/%63onversions", "units:read"),
    ] {
        for _ in 0..2 {
            let (status, headers, body) = example.send(method, path, (Some(&token(&forger, scope)), None)).await;
            assert_eq!(status, 403, "{method} {path} {body}");
            let needed = if method == "GET" { "units:read" } else { "conversions:write units:read" };
            assert_eq!(headers["www-authenticate"].to_str().expect("text"), insufficient(needed));
            assert_eq!(headers["x-amzn-errortype"], "AccessDeniedException");
            assert_eq!(parsed(&body)["error"], "insufficient_scope");
            assert_eq!(parsed(&body)["request_id"], headers["x-amzn-requestid"].to_str().expect("text"));
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invalid_token_is_a_401_that_says_so() {
    let forger = Forger::start().await;
    let Some(example) = REST.start(&forger.url).await else { return };
    let with = |name: &str, value: Value| {
        let mut claims = forger.claims();
        claims[name] = value;
        forger.sign(&Forger::header(), &claims)
    };
    let tokens = [
        None,
        Some("a.b.c".to_owned()),
        Some(with("aud", json!("https://elsewhere.example"))),
        Some(with("iss", json!("https://elsewhere.example"))),
        Some(with("exp", json!(1_700_000_000))),
    ];
    for token in tokens {
        let (status, headers, body) = example.get("/prod/units/mile", token.as_deref()).await;
        assert_eq!((status, &parsed(&body)["error"]), (401, &json!("invalid_token")), "{token:?}");
        assert_eq!(headers["www-authenticate"], INVALID);
        assert_eq!(headers["x-amzn-errortype"], "UnauthorizedException");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_valid_token_is_accepted_until_it_expires() {
    let parameters = [("AccessTokenSeconds", "3")];
    let service = Service::with_parameters(&parameters).await;
    let scopes = [("Scopes", "GET/units/:unit=account,POST/conversions=conversions:write")];
    let changes = [("ReauthorizeEvery: 60", "ReauthorizeEvery: 1")];
    let setup = Setup { changes: &changes, parameters: &scopes, service: &parameters, ..REST };
    let Some(example) = setup.start(service.stack.url()).await else { return };
    let token = service.token_of("alice").await;
    let (status, _, body) = example.get("/prod/units/mile", Some(&token)).await;
    assert_eq!((status, &parsed(&body)["for"]), (200, &json!("alice")), "{body}");
    let (status, headers, _) = example.send("POST", "/prod/conversions", (Some(&token), None)).await;
    assert_eq!((status, headers["www-authenticate"].as_bytes()), (403, insufficient("conversions:write").as_bytes()));
    tokio::time::sleep(std::time::Duration::from_secs(10)).await; // three of life, five of leeway, one of cache
    let (status, headers, _) = example.get("/prod/units/mile", Some(&token)).await;
    assert_eq!((status, headers["www-authenticate"].as_bytes()), (401, INVALID.as_bytes()));
}

#[tokio::test(flavor = "multi_thread")]
async fn malformed_requests_are_refused_with_a_reason() {
    let forger = Forger::start().await;
    let Some(example) = REST.start(&forger.url).await else { return };
    let token = token(&forger, "units:read conversions:write");
    for asked in [
        json!(null),
        json!(7),
        json!([]),
        json!("mile"),
        json!({}),
        json!({"length": "1", "from": "mile", "to": "foot"}),
        json!({"length": 1, "from": "ell", "to": "foot"}),
        json!({"length": 1, "from": "mile", "to": "toString"}),
        json!({"length": 1, "from": "constructor", "to": "foot"}),
        json!({"length": 1e308, "from": "mile", "to": "foot"}),
    ] {
        let (status, _, body) = example.send("POST", "/prod/conversions", (Some(&token), Some(&asked))).await;
        assert_eq!((status, &parsed(&body)["error"]), (400, &json!("invalid_request")), "{asked}");
    }
    let request = example.http.post(format!("{}/prod/conversions", example.stack.url())).bearer_auth(&token).body("{");
    assert_eq!(request.send().await.expect("an answer").status(), 400);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_authorizer_cannot_be_bypassed() {
    let forger = Forger::start().await;
    let Some(example) = REST.start(&forger.url).await else { return };
    for function in ["UnitsFunction", "ConversionsFunction"] {
        for authorizer in [json!(null), json!({}), json!({"principalId": "x"}), json!({"lambda": {"sub": "x"}})] {
            let event = json!({"requestContext": {"authorizer": authorizer}, "body": "{}"});
            let answer = example.stack.invoke(function, event).await.expect("an answer");
            assert_eq!(answer["statusCode"], 401, "{function}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unreachable_issuer_is_a_500_and_not_a_401() {
    let forger = Forger::start().await;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let nobody = format!("http://{}", listener.local_addr().expect("an address"));
    drop(listener);
    let Some(example) = REST.start(&nobody).await else { return };
    let (status, headers, _) = example.get("/prod/units/mile", Some(&token(&forger, "units:read"))).await;
    assert_eq!(status, 500, "neither a 401 nor a 403");
    assert!(!headers.contains_key("www-authenticate"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_weak_or_old_authentication_is_a_403_that_says_what_is_needed() {
    let forger = Forger::start().await;
    let parameters = [("Acr", "POST/conversions=2"), ("MaxAge", "86400,POST/conversions=300")];
    let setup = Setup { parameters: &parameters, ..REST };
    let Some(example) = setup.start(&forger.url).await else { return };
    let token = |acr: &str, age: u64| {
        let mut claims = forger.claims();
        claims["scope"] = json!("units:read conversions:write");
        claims["acr"] = json!(acr);
        claims["auth_time"] = json!(claims["iat"].as_u64().expect("a time") - age);
        forger.sign(&Forger::header(), &claims)
    };
    let asked = json!({"length": 3, "from": "mile", "to": "foot"});
    assert_eq!(example.get("/prod/units/mile", Some(&token("1", 3600))).await.0, 200);
    assert_eq!(example.send("POST", "/prod/conversions", (Some(&token("2", 60)), Some(&asked))).await.0, 200);
    for (acr, age, needed) in [
        ("1", 60, r#"acr_values="2""#),
        ("2", 3600, r#"max_age="300""#),
        ("1", 3600, r#"acr_values="2", max_age="300""#),
    ] {
        let bad = token(acr, age);
        let (status, headers, body) = example.send("POST", "/prod/conversions", (Some(&bad), Some(&asked))).await;
        assert_eq!((status, &parsed(&body)["error"]), (403, &json!("insufficient_user_authentication")), "{body}");
        let challenge = format!(r#"Bearer error="insufficient_user_authentication", {needed}"#);
        assert_eq!(headers["www-authenticate"].to_str().expect("text"), challenge);
    }
}
