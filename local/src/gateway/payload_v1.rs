//! Payload format 1.0: how a REST API describes a request to functions and authorizers, and how an HTTP API does to an
//! authorizer that asks for it. Our own API uses 2.0; other teams' APIs put our authorizer behind this one too, and the
//! tests of the examples hold what it answers against what each kind of cache remembers.
//!
//! Everything is there twice, with the last value and with all of them, and what is empty is `null`. The names of headers
//! are written as clients write them over HTTP/1.1, `User-Agent`: what was really sent is lost before it gets here.

use std::collections::BTreeMap;

use serde_json::{Map, Value as Json, json};

use super::exchange::{Exchange, Identified, Question};
use super::router::Found;

/// The event for the function behind a method; `authorizer` is the context that the authorizer gave.
pub(super) fn event(exchange: &Exchange<'_>, found: &Found<'_>, authorizer: Option<&Json>) -> Json {
    let mut event = common(exchange, found);
    if let Some(authorizer) = authorizer {
        event["requestContext"]["authorizer"] = authorizer.clone();
    }
    let body = (!exchange.body.is_empty()).then(|| String::from_utf8_lossy(&exchange.body));
    event.insert("body".into(), json!(body));
    event.insert("isBase64Encoded".into(), false.into());
    Json::Object(event)
}

/// The event for an authorizer of type `TOKEN`: the header's value and the ARN, nothing else.
pub(super) fn token_event(Identified { question, identity }: &Identified<'_>) -> Json {
    json!({"type": "TOKEN", "authorizationToken": identity.first(), "methodArn": question.arn})
}

/// The event for an authorizer of type `REQUEST`: the same as for the function without the body, and the ARN.
pub(super) fn request_event(Question { exchange, found, arn }: &Question<'_>) -> Json {
    let mut event = common(exchange, found);
    event.insert("type".into(), "REQUEST".into());
    event.insert("methodArn".into(), (*arn).into());
    Json::Object(event)
}

/// What an HTTP API makes of it: it names the version and the identity.
pub(super) fn http_event(Identified { question, identity }: &Identified<'_>) -> Json {
    let mut event = request_event(question);
    let identity = identity.join(",");
    event["version"] = "1.0".into();
    event["identitySource"] = identity.clone().into();
    event["authorizationToken"] = identity.into();
    event
}

fn common(exchange: &Exchange<'_>, found: &Found<'_>) -> Map<String, Json> {
    let headers = || exchange.headers.iter().map(|(name, value)| (capitalised(name), value.clone()));
    let pairs = [
        ("headers", "multiValueHeaders", every(headers())),
        ("queryStringParameters", "multiValueQueryStringParameters", every(exchange.parameters())),
    ];
    let mut event = Map::new();
    for (single, multiple, values) in pairs {
        let last: BTreeMap<&String, Option<&String>> = values.iter().map(|(name, all)| (name, all.last())).collect();
        event.insert(single.into(), or_null(json!(last)));
        event.insert(multiple.into(), or_null(json!(values)));
    }
    event.insert("resource".into(), found.resource().into());
    event.insert("path".into(), exchange.raw_path.into());
    event.insert("httpMethod".into(), exchange.method.clone().into());
    event.insert("pathParameters".into(), or_null(json!(found.parameters)));
    event.insert("stageVariables".into(), or_null(json!(exchange.stage.variables)));
    event.insert("requestContext".into(), context(exchange, found));
    event
}

fn every(pairs: impl Iterator<Item = (String, String)>) -> BTreeMap<String, Vec<String>> {
    let mut every: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (name, value) in pairs {
        every.entry(name).or_default().push(value);
    }
    every
}

fn or_null(members: Json) -> Json {
    if members.as_object().is_some_and(Map::is_empty) { Json::Null } else { members }
}

fn context(exchange: &Exchange<'_>, found: &Found<'_>) -> Json {
    let (domain, stage) = (&exchange.facts.domain, &exchange.stage.name);
    json!({
        "accountId": exchange.facts.account,
        "apiId": exchange.facts.api,
        "domainName": domain,
        "domainPrefix": domain.split('.').next(),
        "extendedRequestId": exchange.request_id,
        "httpMethod": exchange.method,
        "identity": {
            "accessKey": null,
            "accountId": null,
            "caller": null,
            "cognitoIdentityId": null,
            "sourceIp": exchange.peer.ip().to_string(),
            "user": null,
            "userAgent": exchange.header("user-agent"),
            "userArn": null,
        },
        "path": format!("/{stage}{}", exchange.raw_path),
        "protocol": exchange.protocol,
        "requestId": exchange.request_id,
        "requestTime": exchange.time(),
        "requestTimeEpoch": exchange.milliseconds(),
        "resourceId": "local",
        "resourcePath": found.resource(),
        "stage": stage,
    })
}

/// `user-agent` → `User-Agent`
fn capitalised(name: &str) -> String {
    let words =
        name.split('-').map(|word| word[..1.min(word.len())].to_uppercase() + word.get(1..).unwrap_or_default());
    words.collect::<Vec<_>>().join("-")
}
