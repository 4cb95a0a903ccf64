//! `examples/http-api`: an export is imported, a stage variable asks for scopes, Rust and Python answer.

use serde_json::{Value, json};

use super::{HTTP, Setup, json as parsed};
use crate::support::Service;
use crate::support::forger::Forger;

fn token(forger: &Forger, scope: &str) -> String {
    let mut claims = forger.claims();
    claims["scope"] = json!(scope);
    forger.sign(&Forger::header(), &claims)
}

#[tokio::test(flavor = "multi_thread")]
async fn each_route_asks_for_its_scope_and_knows_who_comes() {
    let forger = Forger::start().await;
    let Some(example) = HTTP.start(&forger.url).await else { return };
    let (reads, writes) = (token(&forger, "prices:read"), token(&forger, "quotes:write"));

    let (status, _, body) = example.get("/prices", Some(&reads)).await;
    assert_eq!(
        (status, &parsed(&body)["for"], &parsed(&body)["prices"]["wick"]),
        (200, &json!("somebody"), &json!(40))
    );
    let (status, _, body) = example.get("/prices/lantern", Some(&reads)).await;
    assert_eq!((status, parsed(&body)), (200, json!({"item": "lantern", "cents": 4900})));
    assert_eq!(example.get("/prices/gold", Some(&reads)).await.0, 404);

    let order = json!({"lantern": 1, "wick": 3});
    let (status, _, body) = example.send("POST", "/quotes", (Some(&writes), Some(&order))).await;
    assert_eq!((status, parsed(&body)), (201, json!({"for": "somebody", "items": order, "cents": 5020})));

    for (method, path, token) in [
        ("GET", "/prices", &writes),
        ("GET", "/prices/lantern", &writes),
        ("POST", "/quotes", &reads),
        ("GET", "/prices", &token(&forger, "")),
        ("GET", "/prices", &token(&forger, "prices:read:all Prices:read")),
    ] {
        let (status, headers, body) = example.send(method, path, (Some(token), None)).await;
        assert_eq!((status, body.as_str()), (403, r#"{"message":"Forbidden"}"#), "{method} {path}");
        assert!(!headers.contains_key("www-authenticate"), "an HTTP API cannot say why");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_is_no_good_is_refused() {
    let forger = Forger::start().await;
    let Some(example) = HTTP.start(&forger.url).await else { return };
    let (status, _, body) = example.get("/prices", None).await;
    assert_eq!((status, body.as_str()), (401, r#"{"message":"Unauthorized"}"#));
    let with = |name: &str, value: Value| {
        let mut claims = forger.claims();
        claims["scope"] = json!("prices:read quotes:write");
        claims[name] = value;
        forger.sign(&Forger::header(), &claims)
    };
    for token in [
        with("exp", json!(1_700_000_000)),
        with("aud", json!("https://elsewhere.example")),
        with("iss", json!("https://elsewhere.example")),
        "a.b.c".to_owned(),
    ] {
        assert_eq!(example.get("/prices", Some(&token)).await.0, 403, "{token}");
    }
    assert_eq!(example.get("/prices", Some(&with("jti", json!("2")))).await.0, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_that_makes_no_sense_is_told_why() {
    let forger = Forger::start().await;
    let Some(example) = HTTP.start(&forger.url).await else { return };
    let token = token(&forger, "quotes:write");
    let deep = serde_json::from_str::<Value>(&format!("{}{}", "[".repeat(100), "]".repeat(100))).expect("JSON");
    for order in [
        json!({}),
        json!([]),
        json!(7),
        json!(null),
        json!({"gold": 1}),
        json!({"wick": 0}),
        json!({"wick": -1}),
        json!({"wick": 1.5}),
        json!({"wick": true}),
        json!({"wick": "1"}),
        json!({"wick": 1001}),
        deep,
    ] {
        let (status, _, body) = example.send("POST", "/quotes", (Some(&token), Some(&order))).await;
        assert_eq!((status, &parsed(&body)["error"]), (400, &json!("invalid_request")), "{order}");
    }
    let url = format!("{}/quotes", example.stack.url());
    for body in ["", "{", "[".repeat(100_000).as_str(), "{\"wick\": NaN}"] {
        let request = example.http.post(&url).bearer_auth(&token).body(body.to_owned());
        assert_eq!(request.send().await.expect("an answer").status(), 400, "{body:.20}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn around_the_authorizer_there_is_no_way() {
    let forger = Forger::start().await;
    let Some(example) = HTTP.start(&forger.url).await else { return };
    for function in ["PricesFunction", "QuotesFunction"] {
        for authorizer in [
            json!(null),
            json!({}),
            json!({"lambda": null}),
            json!({"lambda": {}}),
            json!({"jwt": {"claims": {"sub": "x"}}}),
        ] {
            let event =
                json!({"requestContext": {"authorizer": authorizer}, "isBase64Encoded": false, "body": "{\"wick\":1}"});
            let answer = example.stack.invoke(function, event).await.expect("an answer");
            assert_eq!(answer["statusCode"], 401, "{function}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_services_own_tokens_open_it() {
    let service = Service::start().await;
    let scopes = [("Scopes", "GET/prices=account,POST/quotes=quotes:write")];
    let Some(example) = (Setup { parameters: &scopes, ..HTTP }).start(service.stack.url()).await else { return };
    let token = service.token_of("alice").await;
    let (status, _, body) = example.get("/prices", Some(&token)).await;
    assert_eq!((status, &parsed(&body)["for"]), (200, &json!("alice")), "{body}");
    assert_eq!(example.send("POST", "/quotes", (Some(&token), Some(&json!({"wick": 1})))).await.0, 403);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stage_variable_that_cannot_be_read_opens_nothing() {
    let forger = Forger::start().await;
    let scopes = [("Scopes", "GET/prices=prices:read,")];
    let Some(example) = (Setup { parameters: &scopes, ..HTTP }).start(&forger.url).await else { return };
    let (status, _, body) = example.get("/prices", Some(&token(&forger, "prices:read"))).await;
    assert_eq!((status, body.as_str()), (500, r#"{"message":"Internal Server Error"}"#));
}

#[tokio::test(flavor = "multi_thread")]
async fn each_api_takes_the_tokens_that_are_for_it() {
    let forger = Forger::start().await;
    let token_for = |audience: &str| {
        let mut claims = forger.claims();
        (claims["aud"], claims["scope"]) = (json!(audience), json!("prices:read"));
        forger.sign(&Forger::header(), &claims)
    };
    let (ours, theirs) = ("https://prices.example", "https://billing.example");
    let service = [("OtherAudiences", "https://prices.example,https://billing.example")];
    let narrow = [("scopes: !Ref Scopes", "scopes: !Ref Scopes\n        audience: https://prices.example")];
    let (wide, narrow) = (Setup { service: &service, ..HTTP }, Setup { service: &service, changes: &narrow, ..HTTP });
    let (Some(wide), Some(narrow)) = (wide.start(&forger.url).await, narrow.start(&forger.url).await) else { return };
    let usual = forger.url.as_str();
    for (audience, anyone, narrowed) in [(ours, 200, 200), (theirs, 200, 403), (usual, 200, 403), ("x", 403, 403)] {
        let token = token_for(audience);
        assert_eq!(wide.get("/prices", Some(&token)).await.0, anyone, "{audience}");
        assert_eq!(narrow.get("/prices", Some(&token)).await.0, narrowed, "{audience}");
    }
}
