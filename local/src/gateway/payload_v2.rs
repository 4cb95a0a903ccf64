//! Payload format 2.0: how an HTTP API describes a request to functions and authorizers.

use std::collections::BTreeMap;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Map, Value as Json, json};

use super::exchange::{Exchange, Identified, Question};
use super::router::Found;

/// The event for the function behind a route; `authorizer` is what the authorizer gave, under the name of its kind.
pub(super) fn event(exchange: &Exchange<'_>, found: &Found<'_>, authorizer: Option<&Json>) -> Json {
    let mut event = common(exchange, found);
    event.insert("isBase64Encoded".into(), false.into());
    if let Some(authorizer) = authorizer {
        event["requestContext"]["authorizer"] = authorizer.clone();
    }
    if !exchange.body.is_empty() {
        let text = is_text(exchange).then(|| std::str::from_utf8(&exchange.body).ok()).flatten();
        event.insert("isBase64Encoded".into(), text.is_none().into());
        let body = text.map_or_else(|| BASE64_STANDARD.encode(&exchange.body), str::to_owned);
        event.insert("body".into(), body.into());
    }
    Json::Object(event)
}

/// The event for an authorizer: the same without the body, and what it is asked about.
pub(super) fn authorizer_event(Identified { question, identity }: &Identified<'_>) -> Json {
    let Question { exchange, found, arn } = *question;
    let mut event = common(exchange, found);
    event.insert("type".into(), "REQUEST".into());
    event.insert("routeArn".into(), (*arn).into());
    event.insert("identitySource".into(), (*identity).into());
    Json::Object(event)
}

fn common(exchange: &Exchange<'_>, found: &Found<'_>) -> Map<String, Json> {
    let mut event = Map::new();
    event.insert("version".into(), "2.0".into());
    event.insert("routeKey".into(), found.route.key.clone().into());
    event.insert("rawPath".into(), path(exchange).into());
    event.insert("rawQueryString".into(), exchange.query.clone().into());
    event.insert("headers".into(), json!(headers(exchange)));
    event.insert("requestContext".into(), context(exchange, &found.route.key));
    let (cookies, parameters) = (cookies(exchange), joined(exchange.parameters()));
    let filled = [
        ("cookies", json!(cookies), cookies.is_empty()),
        ("queryStringParameters", json!(parameters), parameters.is_empty()),
        ("pathParameters", json!(found.parameters), found.parameters.is_empty()),
        ("stageVariables", json!(exchange.stage.variables), exchange.stage.variables.is_empty()),
    ];
    for (name, value, is_empty) in filled {
        if !is_empty {
            event.insert(name.into(), value);
        }
    }
    event
}

/// The decoded path, with the name of the stage unless that is `$default`.
fn path(exchange: &Exchange<'_>) -> String {
    match exchange.stage.name.as_str() {
        "$default" => exchange.path().into_owned(),
        stage => format!("/{stage}{}", exchange.path()),
    }
}

/// Names in lower case, duplicates joined by commas, without `cookie`.
fn headers(exchange: &Exchange<'_>) -> BTreeMap<String, String> {
    joined(exchange.headers.iter().filter(|(name, _)| name != "cookie").cloned())
}

fn cookies(exchange: &Exchange<'_>) -> Vec<String> {
    let values = exchange.headers.iter().filter(|(name, _)| name == "cookie").flat_map(|(_, value)| value.split(';'));
    values.map(str::trim).filter(|cookie| !cookie.is_empty()).map(str::to_owned).collect()
}

fn joined(pairs: impl Iterator<Item = (String, String)>) -> BTreeMap<String, String> {
    let mut joined: BTreeMap<String, String> = BTreeMap::new();
    for (name, value) in pairs {
        joined.entry(name).and_modify(|values| *values = format!("{values},{value}")).or_insert(value);
    }
    joined
}

fn context(exchange: &Exchange<'_>, route_key: &str) -> Json {
    let domain = &exchange.facts.domain;
    json!({
        "accountId": exchange.facts.account,
        "apiId": exchange.facts.api,
        "domainName": domain,
        "domainPrefix": domain.split('.').next(),
        "http": {
            "method": exchange.method,
            "path": path(exchange),
            "protocol": exchange.protocol,
            "sourceIp": exchange.peer.ip().to_string(),
            "userAgent": exchange.header("user-agent").unwrap_or_default(),
        },
        "requestId": exchange.request_id,
        "routeKey": route_key,
        "stage": exchange.stage.name,
        "time": exchange.time(),
        "timeEpoch": exchange.milliseconds(),
    })
}

/// The gateway's own rule, whatever a body holds: everything but a few types, forms included, travels in base64.
fn is_text(exchange: &Exchange<'_>) -> bool {
    let content_type = exchange.header("content-type").unwrap_or_default();
    let essence = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    essence.starts_with("text/")
        || matches!(essence.as_str(), "application/json" | "application/xml" | "application/javascript")
}
