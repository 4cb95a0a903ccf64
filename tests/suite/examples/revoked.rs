//! The tokens of an ended session are refused within the documented bound, in every shape of event, with the cache
//! enabled.

use std::time::{Duration, Instant};

use serde_json::json;

use super::{Example, HTTP, REST, Setup};
use support::{PASSWORD, Service};

/// In seconds: the gateway's cache, the age of the authorizer's list, and the cache of `GET /revocations`, plus a
/// second for a busy machine.
const BOUND: u64 = 2 + 2 + 1 + 1;

const PARAMETERS: [(&str, &str); 1] = [("RevocationSeconds", "2")];
const SCOPES: [(&str, &str); 1] = [("Scopes", "account")];
const CACHE: (&str, &str) = ("ReauthorizeEvery: 60", "ReauthorizeEvery: 2");

/// An API, a path to request there, and the status of a refusal.
struct Guarded {
    name: &'static str,
    example: Example,
    path: &'static str,
    refused: u16,
}

async fn guarded() -> Option<(Service, Vec<Guarded>)> {
    let service = Service::with_parameters(&PARAMETERS).await;
    let v1 = [
        CACHE,
        ("AuthorizerPayloadFormatVersion: '2.0'", "AuthorizerPayloadFormatVersion: '1.0'"),
        ("EnableSimpleResponses: true", "EnableSimpleResponses: false"),
    ];
    let token = [
        CACHE,
        ("FunctionPayloadType: REQUEST", "FunctionPayloadType: TOKEN"),
        ("Headers: [Authorization]", "Header: Authorization"),
        ("Context: [httpMethod, path]", ""),
    ];
    let mut all = Vec::new();
    for (name, base, changes, path, refused) in [
        ("HTTP API, payload 2.0", HTTP, &[CACHE][..], "/prices", 403),
        ("HTTP API, payload 1.0", HTTP, &v1[..], "/prices", 403),
        ("REST API, REQUEST", REST, &[CACHE][..], "/prod/units/mile", 401),
        ("REST API, TOKEN", REST, &token[..], "/prod/units/mile", 401),
    ] {
        let setup = Setup { changes, parameters: &SCOPES, service: &PARAMETERS, ..base };
        let example = setup.start(service.stack.url()).await?;
        all.push(Guarded { name, example, path, refused });
    }
    Some((service, all))
}

/// The response to a WebSocket connection.
async fn connects(example: &Example, token: &str) -> bool {
    let event = json!({
        "type": "REQUEST",
        "methodArn": "arn:aws:execute-api:us-east-1:123456789012:ws/prod/$connect",
        "headers": {"Authorization": format!("Bearer {token}")},
        "multiValueHeaders": {"Authorization": [format!("Bearer {token}")]},
        "stageVariables": {"scopes": "account"},
        "requestContext": {"routeKey": "$connect", "eventType": "CONNECT", "stage": "prod", "apiId": "ws"},
    });
    match example.stack.invoke("gatewright.AuthorizerFunction", event).await {
        Ok(answer) => {
            assert_eq!(answer["policyDocument"]["Statement"][0]["Effect"], "Allow", "{answer}");
            true
        }
        Err(failure) => {
            assert_eq!(failure.payload()["errorMessage"], "Unauthorized");
            false
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_ended_session_is_refused_within_the_bound_in_every_shape_of_event() {
    let Some((service, all)) = guarded().await else { return };
    let ends = service.token_of("alice").await;
    let session = service.sign_in("alice", PASSWORD).await.json();
    let stays = session["access_token"].as_str().expect("a token").to_owned();
    for Guarded { name, example, path, .. } in &all {
        for token in [&ends, &stays] {
            assert_eq!(example.get(path, Some(token)).await.0, 200, "{name}");
        }
        assert!(connects(example, &ends).await);
    }
    let form = service.request("POST", "/revoke").header("content-type", "application/x-www-form-urlencoded");
    let revoked = service.send(form.body(format!("client_id=first-party&token={ends}"))).await;
    assert_eq!(revoked.status, 200, "{revoked:?}");
    let begin = Instant::now();
    for Guarded { name, example, path, refused } in &all {
        loop {
            let (status, connected) = (example.get(path, Some(&ends)).await.0, connects(example, &ends).await);
            if status == *refused && !connected {
                break;
            }
            assert!(matches!(status, 200) || status == *refused, "{name}: {status}");
            assert!(begin.elapsed() < Duration::from_secs(BOUND), "{name}: still let through");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
    for Guarded { name, example, path, refused } in &all {
        for _ in 0..3 {
            assert_eq!(example.get(path, Some(&ends)).await.0, *refused, "{name}: it stays refused");
        }
        assert_eq!(example.get(path, Some(&stays)).await.0, 200, "{name}: the other session goes on");
    }
}
