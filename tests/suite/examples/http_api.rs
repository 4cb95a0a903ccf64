//! `examples/http-api`: it imports an export, a stage variable requires scopes, and Rust and Python functions answer.

use serde_json::{Value, json};

use super::{HTTP, Setup, parsed};
use support::Service;
use support::forger::Forger;
use support::party::with_form;

fn token(forger: &Forger, scope: &str) -> String {
    let mut claims = forger.claims();
    claims["scope"] = json!(scope);
    forger.sign(&Forger::header(), &claims)
}

#[tokio::test(flavor = "multi_thread")]
async fn each_route_requires_its_scope_and_knows_the_caller() {
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
async fn an_invalid_token_is_refused() {
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
async fn a_malformed_order_is_refused_with_a_reason() {
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
async fn the_authorizer_cannot_be_bypassed() {
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
async fn a_malformed_stage_variable_allows_nothing() {
    let forger = Forger::start().await;
    let scopes = [("Scopes", "GET/prices=prices:read,")];
    let Some(example) = (Setup { parameters: &scopes, ..HTTP }).start(&forger.url).await else { return };
    let (status, _, body) = example.get("/prices", Some(&token(&forger, "prices:read"))).await;
    assert_eq!((status, body.as_str()), (500, r#"{"message":"Internal Server Error"}"#));
}

#[tokio::test(flavor = "multi_thread")]
async fn each_api_accepts_only_its_own_tokens() {
    let forger = Forger::start().await;
    let token_for = |audience: &str| {
        let mut claims = forger.claims();
        (claims["aud"], claims["scope"]) = (json!(audience), json!("prices:read"));
        forger.sign(&Forger::header(), &claims)
    };
    let (ours, theirs, usual) = ("https://prices.example", "https://billing.example", forger.url.as_str());
    let audience = [("Audience", ours)];
    let own = Setup { parameters: &audience, ..HTTP };
    let (Some(own), Some(other)) = (own.start(usual).await, HTTP.start(usual).await) else {
        return;
    };
    for (audience, taken, elsewhere) in [(ours, 200, 403), (theirs, 403, 403), (usual, 403, 200), ("x", 403, 403)] {
        let token = token_for(audience);
        assert_eq!(own.get("/prices", Some(&token)).await.0, taken, "{audience}");
        assert_eq!(other.get("/prices", Some(&token)).await.0, elsewhere, "{audience}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_with_its_own_token_can_call_what_it_is_registered_for() {
    let api = "https://prices.example";
    let service = Service::start().await;
    let scopes = json!({"prices:read": "See prices", "quotes:write": "Ask for quotes"});
    let declared = service.operator(json!({"action": "put_resource", "resource": api, "scopes": scopes})).await;
    assert_eq!(declared.expect("it is declared")["outcome"], "created");
    let setup = Setup { parameters: &[("Audience", api)], ..HTTP };
    let Some(example) = setup.start(service.stack.url()).await else { return };
    let metadata = json!({"client_name": "Till", "grant_types": ["client_credentials"], "scope": "prices:read"});
    let (id, secret) = service.client(metadata).await;
    let ask = async |scope: &str| {
        let fields = [("grant_type", "client_credentials"), ("scope", scope), ("resource", api)];
        let request = service.request("POST", "/token").basic_auth(&id, Some(&secret));
        service.send(with_form(request, &fields)).await
    };
    assert_eq!(ask("quotes:write").await.json()["error"], "invalid_scope", "not registered for that");
    let token = ask("prices:read").await.json()["access_token"].as_str().expect("a token").to_owned();
    assert_eq!(example.get("/prices", Some(&token)).await.0, 200);
    assert_eq!(example.send("POST", "/quotes", (Some(&token), Some(&json!({"wick": 1})))).await.0, 403);
    assert_eq!(service.get_as("/protected", &token).await.status, 403, "it is for another API");
}
