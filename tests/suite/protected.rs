//! `GET /protected`, behind the gateway's authorizer.

use serde_json::json;

use support::Service;

#[tokio::test(flavor = "multi_thread")]
async fn a_valid_token_is_accepted_and_the_protected_function_knows_the_caller() {
    let service = Service::start().await;
    let token = service.token_of("alice").await;
    let answer = service.get_as("/protected", &token).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let user = &answer.json()["user"];
    assert_eq!(
        (&user["username"], &user["client_id"], &user["scope"]),
        (&json!("alice"), &json!("first-party"), &json!("account"))
    );
    assert!(user["sub"].is_string() && user["exp"].is_number());
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_token_the_gateway_refuses() {
    let service = Service::start().await;
    let answer = service.get("/protected").await;
    assert_eq!((answer.status, answer.text.as_str()), (401, r#"{"message":"Unauthorized"}"#));
    assert!(!answer.header("apigw-requestid").is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn other_schemes_than_bearer_are_refused() {
    let service = Service::start().await;
    let token = service.token_of("alice").await;
    let values = [
        "Basic YWxpY2U6eA==".to_owned(),
        "Bearer".into(),
        "Bearer ".into(),
        token.clone(),
        format!("Bearer {token},Bearer {token}"),
    ];
    for value in values {
        let answer = service.send(service.request("GET", "/protected").header("authorization", &value)).await;
        assert!(
            matches!(
                (answer.status, answer.text.as_str()),
                (403, r#"{"message":"Forbidden"}"#) | (401, r#"{"message":"Unauthorized"}"#)
            ),
            "{value}: {answer:?}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_function_refuses_requests_without_an_authorizer_context() {
    let service = Service::start().await;
    for authorizer in [
        json!(null),
        json!({}),
        json!({"lambda": null}),
        json!({"lambda": {}}),
        json!({"jwt": {"claims": {"sub": "x"}}}),
    ] {
        let event = json!({
            "version": "2.0", "routeKey": "ANY /protected", "rawPath": "/protected", "rawQueryString": "", "headers": {},
            "isBase64Encoded": false,
            "requestContext": {"authorizer": authorizer, "timeEpoch": 0, "requestId": "r", "stage": "$default",
                "http": {"method": "GET", "path": "/protected", "protocol": "HTTP/1.1", "sourceIp": "192.0.2.1", "userAgent": "t"}}
        });
        let answer = service.stack.invoke("ProtectedFunction", event).await.expect("an answer");
        assert_eq!(answer["statusCode"], json!(401), "{answer}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_expired_token_is_refused() {
    let service = Service::with_parameters(&[("AccessTokenSeconds", "1"), ("AuthorizerCacheSeconds", "0")]).await;
    let token = service.token_of("alice").await;
    assert_eq!(service.get_as("/protected", &token).await.status, 200);
    tokio::time::sleep(std::time::Duration::from_secs(7)).await; // one second of life, five of leeway
    assert_eq!(service.get_as("/protected", &token).await.status, 403);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_method_and_an_unknown_path_are_distinguished() {
    let service = Service::start().await;
    let token = service.token_of("alice").await;
    let post = service.request("POST", "/protected").header("authorization", format!("Bearer {token}"));
    let answer = service.send(post).await;
    assert_eq!((answer.status, answer.header("allow")), (405, "GET, HEAD, OPTIONS"));
    let answer = service.send(service.request("DELETE", "/login")).await;
    assert_eq!(
        (answer.status, answer.code().as_str(), answer.header("allow")),
        (405, "method_not_allowed", "POST, OPTIONS")
    );
    let answer = service.get("/nowhere").await;
    assert_eq!((answer.status, answer.text.as_str()), (404, r#"{"message":"Not Found"}"#));
}
