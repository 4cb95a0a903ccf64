//! Cross-origin requests: browser apps may call endpoints that read no cookie.

use serde_json::json;

use support::party::{Party, post_form, with_form};
use support::{Answer, PASSWORD, Service};

const APP: &str = "https://app.example";
/// Headers that libraries, tracing SDKs and MCP clients send in addition to those that an endpoint reads.
const HEADERS: &str = "authorization,baggage,content-type,mcp-protocol-version,request-id,sentry-trace,traceparent,\
                       tracestate,x-datadog-origin,x-datadog-trace-id,x-requested-with";

/// Paths that every origin may call, each with a method.
const OPEN: [(&str, &str); 11] = [
    ("/token", "POST"),
    ("/par", "POST"),
    ("/revoke", "POST"),
    ("/introspect", "POST"),
    ("/userinfo", "GET"),
    ("/clients", "POST"),
    ("/clients/x", "PUT"),
    ("/.well-known/jwks.json", "GET"),
    ("/.well-known/openid-configuration", "GET"),
    ("/.well-known/oauth-authorization-server", "GET"),
    ("/.well-known/oauth-protected-resource", "GET"),
];

async fn preflight(service: &Service, (path, method): (&str, &str), origin: &str, headers: &str) -> Answer {
    let preflight = service.request("OPTIONS", path).header("origin", origin);
    let preflight = preflight.header("access-control-request-method", method);
    service.send(preflight.header("access-control-request-headers", headers)).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_browser_app_of_any_origin_may_call_endpoints_without_cookies_with_any_headers() {
    let service = Service::start().await;
    for (path, method) in OPEN {
        let answer = preflight(&service, (path, method), APP, HEADERS).await;
        assert_eq!((answer.status, answer.header("access-control-allow-origin")), (204, "*"), "{path}: {answer:?}");
        assert!(answer.header("access-control-allow-methods").contains(method), "{path}: {answer:?}");
        assert_eq!(answer.header("access-control-allow-headers"), HEADERS, "{path}");
        assert_eq!(answer.header("access-control-allow-credentials"), "", "{path}");
    }
    for (path, _) in OPEN.iter().filter(|(path, _)| path.starts_with("/.well-known/")) {
        let answer = service.send(service.request("GET", path).header("origin", APP)).await;
        assert_eq!((answer.status, answer.header("access-control-allow-origin")), (200, "*"), "{path}: {answer:?}");
    }
    for nonsense in ["a\tb", "x y", "\"", &"x".repeat(2000)] {
        let answer = preflight(&service, ("/token", "POST"), APP, nonsense).await;
        assert_eq!(answer.header("access-control-allow-headers"), "authorization, content-type, if-none-match");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_browser_app_can_read_tokens_errors_and_retry_after() {
    let party = Party::with(json!({"token_endpoint_auth_method": "none"}), &[]).await;
    let code = party.code(&[("scope", "openid")]).await;
    let call = async |path: &str, fields: &[(&str, &str)]| {
        let request = party.service.request("POST", path).header("origin", APP).header("traceparent", "00-1-1-01");
        let named = [fields, &[("client_id", party.client_id.as_str())]].concat();
        let answer = party.service.send(with_form(request, &named)).await;
        assert_eq!(answer.header("access-control-allow-origin"), "*", "{path}: {answer:?}");
        for header in ["www-authenticate", "retry-after", "x-request-id"] {
            assert!(answer.header("access-control-expose-headers").contains(header), "{answer:?}");
        }
        answer
    };
    let fields = [
        ("grant_type", "authorization_code"),
        ("code", code.as_str()),
        ("code_verifier", support::browser::VERIFIER),
        ("redirect_uri", support::browser::CALLBACK),
    ];
    let tokens = call("/token", &fields).await;
    assert_eq!(tokens.status, 200, "{tokens:?}");
    assert_eq!(call("/token", &[("grant_type", "refresh_token"), ("refresh_token", "x")]).await.status, 400);
    assert_eq!(call("/par", &[]).await.status, 400);
    assert_eq!(call("/revoke", &[("token", "x")]).await.status, 200);
    assert_eq!(call("/introspect", &[("token", "x")]).await.status, 401);
    let userinfo = party.service.request("GET", "/userinfo").header("origin", APP);
    let refused = party.service.send(userinfo.bearer_auth("x")).await;
    assert_eq!((refused.status, refused.header("access-control-allow-origin")), (401, "*"), "{refused:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_preflight_of_an_allowed_origin_is_answered_without_a_token_by_the_json_api() {
    let service = Service::with_parameters(&[("AllowedOrigins", "https://app.example, https://other.example")]).await;
    for path in [("/register", "POST"), ("/login", "POST"), ("/me/password", "POST"), ("/protected", "GET")] {
        let answer = preflight(&service, path, APP, "authorization, traceparent").await;
        assert_eq!((answer.status, answer.header("access-control-allow-origin")), (204, APP), "{path:?}: {answer:?}");
        assert!(answer.header("access-control-allow-methods").contains(path.1), "{path:?}: {answer:?}");
        assert_eq!(answer.header("access-control-allow-headers"), "authorization, traceparent");
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
async fn the_json_api_gives_any_other_origin_nothing() {
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

#[tokio::test(flavor = "multi_thread")]
async fn scripts_of_other_origins_can_read_neither_pages_nor_authorize() {
    let service = Service::with_parameters(&[("AllowedOrigins", "*")]).await;
    for path in ["/authorize", "/sign-in", "/sign-up", "/consent", "/end_session"] {
        let answer = preflight(&service, (path, "GET"), APP, "authorization").await;
        assert_eq!(answer.header("access-control-allow-origin"), "", "{path}: {answer:?}");
        let page = service.send(service.request("GET", path).header("origin", APP)).await;
        assert_eq!(page.header("access-control-allow-origin"), "", "{path}");
    }
    let posted = post_form(&service, "/authorize", &[("client_id", "x")]).await;
    assert_eq!(posted.header("access-control-allow-origin"), "");
}
