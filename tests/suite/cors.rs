//! Cross-origin requests.

use serde_json::json;

use support::{PASSWORD, Service};

const APP: &str = "https://app.example";

#[tokio::test(flavor = "multi_thread")]
async fn a_preflight_of_an_allowed_origin_is_answered_without_a_token_on_every_path() {
    let service = Service::with_parameters(&[("AllowedOrigins", "https://app.example, https://other.example")]).await;
    let paths = [
        ("/register", "POST"),
        ("/login", "POST"),
        ("/clients", "POST"),
        ("/clients/x", "PUT"),
        ("/protected", "GET"),
        ("/.well-known/jwks.json", "GET"),
        ("/.well-known/oauth-authorization-server", "GET"),
    ];
    for (path, method) in paths {
        let preflight = service.request("OPTIONS", path).header("origin", APP);
        let preflight = preflight.header("access-control-request-method", method);
        let answer = service.send(preflight.header("access-control-request-headers", "authorization")).await;
        assert_eq!((answer.status, answer.header("access-control-allow-origin")), (204, APP), "{path}: {answer:?}");
        assert!(answer.header("access-control-allow-methods").contains(method), "{path}: {answer:?}");
        assert!(answer.header("access-control-allow-headers").contains("authorization"));
        assert_eq!(answer.header("vary"), "origin");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_allowed_origin_can_read_answers_and_errors() {
    let service = Service::with_parameters(&[("AllowedOrigins", APP)]).await;
    for (password, status) in [(PASSWORD, 201), ("x", 400)] {
        let request = service.request("POST", "/register").header("origin", APP);
        let answer = service.send(request.json(&json!({"username": "alice", "password": password}))).await;
        assert_eq!((answer.status, answer.header("access-control-allow-origin")), (status, APP));
        assert!(answer.header("access-control-expose-headers").contains("retry-after"));
        assert_eq!(answer.header("access-control-allow-credentials"), "");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn any_other_origin_gets_nothing() {
    let service = Service::with_parameters(&[("AllowedOrigins", APP)]).await;
    for origin in
        ["https://app.example.evil", "http://app.example", "https://APP.example", "null", "https://app.example:8443"]
    {
        let answer = service.send(service.request("OPTIONS", "/login").header("origin", origin)).await;
        assert_eq!(answer.header("access-control-allow-origin"), "", "{origin}");
        assert_eq!(answer.header("vary"), "origin");
    }
    let closed = Service::start().await;
    let answer = closed.send(closed.request("OPTIONS", "/login").header("origin", APP)).await;
    assert_eq!(answer.header("access-control-allow-origin"), "");
}
