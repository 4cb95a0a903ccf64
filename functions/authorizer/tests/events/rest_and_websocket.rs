//! REST API (`TOKEN`, `REQUEST`), HTTP API with payload 1.0 and WebSocket: all shapes that are answered with a policy.

use authorizer::{Authorizer, Failure};
use lambda_runtime::Diagnostic;
use serde_json::{Value, json};

use crate::issuer::{Issuer, ask};

pub(crate) const STAGE: &str = "arn:aws:execute-api:eu-west-1:123456789012:a1b2c3/prod/";

pub(crate) fn token(authorization: &str) -> Value {
    json!({"type": "TOKEN", "authorizationToken": authorization, "methodArn": format!("{STAGE}GET/things/7")})
}

pub(crate) fn request(authorization: &str) -> Value {
    json!({
        "type": "REQUEST",
        "methodArn": format!("{STAGE}GET/things/7"),
        "resource": "/things/{id}",
        "path": "/things/7",
        "httpMethod": "GET",
        "headers": {"Accept": "*/*", "Authorization": authorization, "CloudFront-Viewer-Country": "DE", "User-Agent": "curl/8.5.0"},
        "multiValueHeaders": {
            "Accept": ["*/*"],
            "Authorization": [authorization],
            "CloudFront-Viewer-Country": ["DE"],
            "User-Agent": ["curl/8.5.0"]
        },
        "queryStringParameters": {},
        "multiValueQueryStringParameters": {},
        "pathParameters": {"id": "7"},
        "stageVariables": {},
        "requestContext": {
            "resourceId": "05c7jb",
            "resourcePath": "/things/{id}",
            "httpMethod": "GET",
            "path": "/prod/things/7",
            "accountId": "123456789012",
            "protocol": "HTTP/1.1",
            "stage": "prod",
            "requestTimeEpoch": 1_800_000_000_000_u64,
            "requestId": "b2e5d7b0-6d7e-4f7e-9d1b-0123456789ab",
            "identity": {"sourceIp": "192.0.2.7", "userAgent": "curl/8.5.0", "cognitoIdentityId": null},
            "apiId": "a1b2c3"
        }
    })
}

pub(crate) fn http_v1(authorization: &str) -> Value {
    let mut event = request(authorization);
    event["version"] = json!("1.0");
    event["identitySource"] = json!(authorization);
    event["authorizationToken"] = json!(authorization);
    event
}

pub(crate) fn websocket(authorization: &str) -> Value {
    json!({
        "type": "REQUEST",
        "methodArn": format!("{STAGE}$connect"),
        "headers": {"Authorization": authorization, "Host": "a1b2c3.execute-api.eu-west-1.amazonaws.com", "Sec-WebSocket-Version": "13"},
        "multiValueHeaders": {"Authorization": [authorization], "Sec-WebSocket-Version": ["13"]},
        "queryStringParameters": null,
        "stageVariables": null,
        "requestContext": {
            "routeKey": "$connect",
            "eventType": "CONNECT",
            "extendedRequestId": "JKJaXmPLvHcESHA=",
            "messageDirection": "IN",
            "stage": "prod",
            "connectedAt": 1_800_000_000_000_u64,
            "requestTimeEpoch": 1_800_000_000_000_u64,
            "identity": {"sourceIp": "192.0.2.7"},
            "connectionId": "JKJaXd4oPHcCIbw=",
            "apiId": "a1b2c3"
        }
    })
}

const SHAPES: [fn(&str) -> Value; 4] = [token, request, http_v1, websocket];

async fn refuses(authorizer: &Authorizer, event: &Value) {
    match ask(authorizer, event).await {
        Err(Failure::Unauthorized) => assert!(event.get("version").is_none(), "{event}"),
        Ok(answer) => {
            assert_eq!(event["version"], "1.0");
            assert_eq!(answer["policyDocument"]["Statement"], statement("Deny", &["*"]), "{event}");
            assert_eq!(answer["context"], json!({"error": "invalid_token"}));
        }
        Err(failure) => unreachable!("{failure}: {event}"),
    }
}

fn statement(effect: &str, targets: &[&str]) -> Value {
    let resources: Vec<_> = targets.iter().map(|target| format!("{STAGE}{target}")).collect();
    json!([{"Effect": effect, "Action": ["execute-api:Invoke"], "Resource": resources}])
}

#[tokio::test]
async fn a_valid_token_yields_a_policy_for_the_whole_stage() {
    let issuer = Issuer::start().await;
    let authorizer = issuer.authorizer(&[]);
    for shape in SHAPES {
        let answer = ask(&authorizer, &shape(&format!("Bearer {}", issuer.token()))).await.unwrap();
        assert_eq!(
            answer,
            json!({
                "principalId": "0198c0de",
                "policyDocument": {"Version": "2012-10-17", "Statement": statement("Allow", &["*"])},
                "context": {
                    "sub": "0198c0de",
                    "client_id": "first-party",
                    "scope": "account",
                    "exp": issuer.claims().exp,
                    "sid": "s1",
                    "acr": "1",
                    "auth_time": issuer.claims().auth_time,
                    "username": "alice",
                    "roles": "admin auditor"
                }
            })
        );
    }
    assert_eq!(issuer.asked(), 1);
}

#[tokio::test]
async fn an_invalid_token_is_a_401_where_the_api_supports_it_and_a_denial_elsewhere() {
    let issuer = Issuer::start().await;
    let authorizer = issuer.authorizer(&[]);
    for shape in SHAPES {
        refuses(&authorizer, &shape("")).await;
        refuses(&authorizer, &shape("Bearer")).await;
        refuses(&authorizer, &shape("Bearer a.b.c")).await;
        refuses(&authorizer, &shape(&format!("Bearer {}x", issuer.token()))).await;
        refuses(&authorizer, &shape(&format!("Bearer {0},Bearer {0}", issuer.token()))).await;
    }
}

#[tokio::test]
async fn two_authorization_headers_yield_no_token() {
    let issuer = Issuer::start().await;
    let authorizer = issuer.authorizer(&[]);
    let good = format!("Bearer {}", issuer.token());
    for shape in [request, http_v1, websocket] {
        let mut twice = shape(&good);
        twice["multiValueHeaders"]["Authorization"] = json!([good, good]);
        refuses(&authorizer, &twice).await;
        let mut cases = shape(&good);
        cases["multiValueHeaders"]["authorization"] = json!(["Basic eA=="]);
        refuses(&authorizer, &cases).await;
        let mut none = shape(&good);
        none["headers"] = json!(null);
        none["multiValueHeaders"] = json!(null);
        refuses(&authorizer, &none).await;
    }
}

#[tokio::test]
async fn single_value_headers_are_sufficient() {
    let issuer = Issuer::start().await;
    let authorizer = issuer.authorizer(&[]);
    for shape in [request, http_v1, websocket] {
        let mut event = shape(&format!("Bearer {}", issuer.token()));
        event.as_object_mut().unwrap().remove("multiValueHeaders");
        assert!(ask(&authorizer, &event).await.is_ok());
    }
}

#[tokio::test]
async fn a_websocket_is_recognised_by_its_event_type() {
    let issuer = Issuer::start().await;
    let authorizer = issuer.authorizer(&[("REQUIRED_SCOPES", r#"{"$connect": "live"}"#)]);
    let mut event = websocket(&format!("Bearer {}", issuer.token_for("live")));
    event["version"] = json!("$LATEST");
    assert_eq!(ask(&authorizer, &event).await.unwrap()["policyDocument"]["Statement"], statement("Allow", &["*"]));
    let lacking = ask(&authorizer, &websocket(&format!("Bearer {}", issuer.token()))).await.unwrap();
    assert_eq!(lacking["context"]["error"], "insufficient_scope");
}

#[tokio::test]
async fn the_message_of_a_401_is_exact() {
    let diagnostic = Diagnostic::from(Failure::Unauthorized);
    assert_eq!(diagnostic.error_message, "Unauthorized");
}

#[tokio::test]
async fn the_typed_events_of_aws_lambda_events_read_these_events_too() {
    use aws_lambda_events::apigw;
    let good = "Bearer a.b.c";
    assert!(serde_json::from_value::<apigw::ApiGatewayCustomAuthorizerRequest>(token(good)).is_ok());
    assert!(serde_json::from_value::<apigw::ApiGatewayCustomAuthorizerRequestTypeRequest>(request(good)).is_ok());
    assert!(serde_json::from_value::<apigw::ApiGatewayV2CustomAuthorizerV1Request>(http_v1(good)).is_ok());
    assert!(
        serde_json::from_value::<apigw::ApiGatewayV2CustomAuthorizerV2Request>(crate::http_api::event(good)).is_ok()
    );
}
