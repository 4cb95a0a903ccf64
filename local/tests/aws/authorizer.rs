//! Lambda authorizers of an HTTP API: who is asked, what is remembered, what is answered.

use std::time::Duration;

use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::support::Fixture;

/// The status and body of a GET with an Authorization header.
async fn get(fixture: &Fixture, path: &str, authorization: &str) -> (u16, Value) {
    let response = fixture.request("GET", path).header("authorization", authorization).send().await.expect("an answer");
    assert!(response.headers().contains_key("apigw-requestid"));
    (response.status().as_u16(), response.json().await.expect("json"))
}

/// An Authorization header that makes the authorizer answer this.
fn answering(answer: &Value) -> String {
    json!({"return": answer}).to_string()
}

/// How often the authorizer had been asked when it gave the context that the function saw.
async fn calls(fixture: &Fixture, path: &str, authorization: &str) -> u64 {
    let (status, seen) = get(fixture, path, authorization).await;
    assert_eq!(status, 200);
    seen["event"]["requestContext"]["authorizer"]["lambda"]["calls"].as_u64().expect("a count")
}

#[tokio::test]
async fn without_its_identity_a_request_is_refused_and_nobody_is_asked() {
    let fixture = Fixture::start().await;
    for request in [
        fixture.request("GET", "/split/a"),
        fixture.request("GET", "/split/a").header("authorization", ""),
        fixture.request("GET", "/query"),
        fixture.request("GET", "/query?key="),
        fixture.request("GET", "/query?Key=x"),
    ] {
        let response = request.send().await.expect("an answer");
        assert_eq!(response.status(), 401);
        assert_eq!(response.text().await.expect("a body"), r#"{"message":"Unauthorized"}"#);
    }
    assert_eq!(fixture.stack.instances("AskedFunction"), 0);
}

#[tokio::test]
async fn the_context_reaches_the_function_typed_and_the_authorizer_sees_no_body() {
    let fixture = Fixture::start().await;
    let request =
        fixture.request("GET", "/split/a?x=1").header("authorization", "t").header("cookie", "c=1").body("secret");
    let seen = fixture.seen(request).await;
    let context = &seen["event"]["requestContext"]["authorizer"]["lambda"];
    assert_eq!(context["number"], 7);
    let asked = &context["seen"];
    assert_eq!(asked["type"], "REQUEST");
    assert_eq!(asked["version"], "2.0");
    assert_eq!(asked["routeKey"], "GET /split/a");
    assert_eq!(asked["routeArn"], "arn:aws:execute-api:us-east-1:123456789012:api/$default/GET/split/a");
    assert_eq!(asked["identitySource"], json!(["t", "GET /split/a"]));
    assert_eq!(asked["queryStringParameters"], json!({"x": "1"}));
    assert_eq!(asked["cookies"], json!(["c=1"]));
    assert!(asked.get("body").is_none() && asked.get("isBase64Encoded").is_none());
}

#[tokio::test]
async fn a_refusal_is_a_403_and_an_answer_that_means_nothing_is_a_500() {
    let fixture = Fixture::start().await;
    let forbidden = (403, json!({"message": "Forbidden"}));
    let broken = (500, json!({"message": "Internal Server Error"}));
    assert_eq!(get(&fixture, "/split/a", &answering(&json!({"isAuthorized": false}))).await, forbidden);
    for answer in [json!({}), json!(null), json!("yes"), json!({"isAuthorized": "true"}), json!({"isAuthorized": 1})] {
        assert_eq!(get(&fixture, "/split/a", &answering(&answer)).await, broken, "{answer}");
    }
    let allowing = json!({"principalId": "p", "policyDocument": {"Statement": [
        {"Effect": "Allow", "Action": "execute-api:Invoke", "Resource": "*"},
    ]}});
    assert_eq!(get(&fixture, "/split/a", &answering(&allowing)).await, broken, "a policy where simple answers are set");
    assert_eq!(get(&fixture, "/policy/a", &answering(&json!({"isAuthorized": true}))).await, broken);
    for script in [json!({"fail": "Unauthorized"}), json!({"exit": 1}), json!({"sleep": 9_000})] {
        assert_eq!(get(&fixture, "/split/a", &script.to_string()).await, broken, "{script}");
    }
}

#[tokio::test]
async fn a_context_may_be_absent() {
    let fixture = Fixture::start().await;
    let (status, seen) = get(&fixture, "/split/a", &answering(&json!({"isAuthorized": true}))).await;
    assert_eq!((status, &seen["event"]["requestContext"]["authorizer"]), (200, &json!({"lambda": null})));
}

#[tokio::test]
async fn an_answer_is_remembered_for_its_identity() {
    let fixture = Fixture::start().await;
    assert_eq!(calls(&fixture, "/split/a", "first").await, 1);
    assert_eq!(calls(&fixture, "/split/a", "first").await, 1);
    assert_eq!(calls(&fixture, "/split/a", "second").await, 2);
    assert_eq!(calls(&fixture, "/split/b", "first").await, 3, "the route key is part of the identity");
}

#[tokio::test]
async fn refusals_are_remembered_and_failures_are_not() {
    let fixture = Fixture::start().await;
    let (no, broken) = (answering(&json!({"isAuthorized": false})), json!({"fail": "x"}).to_string());
    for (header, status) in [(&no, 403), (&no, 403), (&broken, 500), (&broken, 500)] {
        assert_eq!(get(&fixture, "/split/a", header).await.0, status);
    }
    assert_eq!(calls(&fixture, "/split/a", "t").await, 4, "one refusal, two failures, and this");
}

#[tokio::test]
async fn without_the_route_among_its_identity_one_routes_answer_is_anothers() {
    let fixture = Fixture::start().await;
    assert_eq!(calls(&fixture, "/shared/a", "t").await, 1);
    assert_eq!(calls(&fixture, "/shared/b", "t").await, 1);
}

#[tokio::test]
async fn a_remembered_policy_decides_anew_for_each_route() {
    let fixture = Fixture::start().await;
    let only_a = answering(&json!({"principalId": "p", "context": {"n": 1}, "policyDocument": {"Statement": [
        {"Effect": "Allow", "Action": "execute-api:Invoke", "Resource": "arn:aws:execute-api:*:*:*/$default/GET/policy/a"},
    ]}}));
    assert_eq!(get(&fixture, "/policy/a", &only_a).await.0, 200);
    assert_eq!(get(&fixture, "/policy/b", &only_a).await, (403, json!({"message": "Forbidden"})));
    assert_eq!(get(&fixture, "/policy/a", &only_a).await.0, 200);
}

#[tokio::test]
async fn a_ttl_of_zero_asks_every_time_and_any_other_ends() {
    let fixture = Fixture::start().await;
    for count in 1..=3 {
        assert_eq!(calls(&fixture, "/always", "t").await, count);
    }
    assert_eq!(calls(&fixture, "/query?key=k", "t").await, 4);
    assert_eq!(calls(&fixture, "/query?key=k", "other").await, 4, "the header is not part of this identity");
    tokio::time::sleep(Duration::from_millis(1100)).await;
    assert_eq!(calls(&fixture, "/query?key=k", "t").await, 5);
}

#[tokio::test]
async fn a_storm_of_different_identities_gets_each_its_own_answer() {
    let fixture = Fixture::start().await;
    let one = async |index: usize| {
        let allowed = index.is_multiple_of(2);
        let answer = json!({"isAuthorized": allowed, "context": {"index": index % 8}});
        let (status, seen) = get(&fixture, "/shared/a", &answering(&answer)).await;
        assert_eq!(status, if allowed { 200 } else { 403 });
        if allowed {
            assert_eq!(seen["event"]["requestContext"]["authorizer"]["lambda"]["index"], index % 8);
        }
    };
    join_all((0..64).map(one)).await;
}
