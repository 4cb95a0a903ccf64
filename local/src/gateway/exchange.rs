//! A request as API Gateway describes it to functions and authorizers: payload format 2.0.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::{SystemTime, UNIX_EPOCH};

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use hyper::http::request::Parts;
use percent_encoding::percent_decode_str;
use serde_json::{Map, Value as Json, json};
use time::OffsetDateTime;
use time::macros::format_description;

use super::router::Found;
use crate::ids;
use crate::template::IdentitySource;

/// What the gateway knows of itself.
#[derive(Debug)]
pub(super) struct Facts {
    pub(super) account: String,
    pub(super) api: String,
    /// Host and port that it answers on.
    pub(super) domain: String,
    pub(super) port: u16,
}

/// The stage: the only one that leaves paths, and so the issuer, alone.
const STAGE: &str = "$default";

/// One request.
#[derive(Debug)]
pub(super) struct Exchange<'a> {
    facts: &'a Facts,
    request_id: &'a str,
    method: String,
    /// Percent-decoded.
    path: String,
    /// As sent, without the question mark.
    query: String,
    /// Names in lower case, duplicates joined by commas, without `cookie`.
    headers: BTreeMap<String, String>,
    cookies: Vec<String>,
    parameters: BTreeMap<String, String>,
    body: Bytes,
    peer: SocketAddr,
    protocol: String,
    now: SystemTime,
}

impl<'a> Exchange<'a> {
    /// Describes a request that was received at `now`.
    pub(super) fn new(
        facts: &'a Facts,
        request_id: &'a str,
        (parts, body): (&Parts, Bytes),
        peer: SocketAddr,
        now: SystemTime,
    ) -> Self {
        let query = parts.uri.query().unwrap_or_default().to_owned();
        let mut exchange = Self {
            facts,
            request_id,
            method: parts.method.to_string(),
            path: decoded(parts.uri.path()).into_owned(),
            parameters: parameters(&query),
            query,
            headers: BTreeMap::new(),
            cookies: Vec::new(),
            body,
            peer,
            protocol: format!("{:?}", parts.version),
            now,
        };
        for (name, value) in &parts.headers {
            exchange.add(name.as_str(), &String::from_utf8_lossy(value.as_bytes()));
        }
        exchange.forwarded();
        exchange
    }

    fn add(&mut self, name: &str, value: &str) {
        if name == "cookie" {
            let cookies = value.split(';').map(str::trim).filter(|cookie| !cookie.is_empty());
            self.cookies.extend(cookies.map(str::to_owned));
            return;
        }
        let joined = match self.headers.get(name) {
            Some(earlier) => format!("{earlier},{value}"),
            None => value.to_owned(),
        };
        self.headers.insert(name.to_owned(), joined);
    }

    /// What the gateway adds, and what a client may not choose.
    fn forwarded(&mut self) {
        let peer = self.peer.ip().to_string();
        let chain = match self.headers.get("x-forwarded-for") {
            Some(earlier) => format!("{earlier}, {peer}"),
            None => peer,
        };
        self.headers.insert("x-forwarded-for".into(), chain);
        self.headers.insert("x-forwarded-port".into(), self.facts.port.to_string());
        self.headers.insert("x-forwarded-proto".into(), "http".into());
        let seconds = self.epoch().as_secs();
        self.headers.entry("x-amzn-trace-id".into()).or_insert_with(|| ids::trace(seconds));
    }

    fn epoch(&self) -> std::time::Duration {
        self.now.duration_since(UNIX_EPOCH).unwrap_or_default()
    }

    /// The method, in capitals.
    pub(super) fn method(&self) -> &str {
        &self.method
    }

    /// The decoded path.
    pub(super) fn path(&self) -> &str {
        &self.path
    }

    /// What an identity source holds; `None` if it is missing or empty.
    pub(super) fn identity(&self, source: &IdentitySource, route_key: &str) -> Option<String> {
        let value = match source {
            IdentitySource::Header(name) if name == "cookie" => self.cookies.join("; "),
            IdentitySource::Header(name) => self.headers.get(name)?.clone(),
            IdentitySource::Query(name) => self.parameters.get(name)?.clone(),
            IdentitySource::RouteKey => route_key.to_owned(),
            IdentitySource::Method => self.method.clone(),
            IdentitySource::Path => self.path.clone(),
            IdentitySource::SourceIp => self.peer.ip().to_string(),
        };
        (!value.is_empty()).then_some(value)
    }

    /// The event for the function behind a route; `authorizer` is the context that the authorizer gave.
    pub(super) fn event(&self, found: &Found<'_>, authorizer: Option<&Json>) -> Json {
        let mut event = self.common(found);
        event.insert("isBase64Encoded".into(), false.into());
        if let Some(context) = authorizer {
            event["requestContext"]["authorizer"] = json!({"lambda": context});
        }
        if !self.body.is_empty() {
            let text = self.is_text().then(|| std::str::from_utf8(&self.body).ok()).flatten();
            event.insert("isBase64Encoded".into(), text.is_none().into());
            let body = text.map_or_else(|| BASE64_STANDARD.encode(&self.body), str::to_owned);
            event.insert("body".into(), body.into());
        }
        Json::Object(event)
    }

    /// The event for an authorizer: the same without the body, and what it is asked about.
    pub(super) fn authorizer_event(&self, found: &Found<'_>, identity: &[String], route_arn: &str) -> Json {
        let mut event = self.common(found);
        event.insert("type".into(), "REQUEST".into());
        event.insert("routeArn".into(), route_arn.into());
        event.insert("identitySource".into(), identity.into());
        Json::Object(event)
    }

    fn common(&self, found: &Found<'_>) -> Map<String, Json> {
        let mut event = Map::new();
        event.insert("version".into(), "2.0".into());
        event.insert("routeKey".into(), found.route.key.clone().into());
        event.insert("rawPath".into(), self.path.clone().into());
        event.insert("rawQueryString".into(), self.query.clone().into());
        event.insert("headers".into(), json!(self.headers));
        event.insert("requestContext".into(), self.context(&found.route.key));
        let filled = [
            ("cookies", json!(self.cookies), self.cookies.is_empty()),
            ("queryStringParameters", json!(self.parameters), self.parameters.is_empty()),
            ("pathParameters", json!(found.parameters), found.parameters.is_empty()),
        ];
        for (name, value, is_empty) in filled {
            if !is_empty {
                event.insert(name.into(), value);
            }
        }
        event
    }

    fn context(&self, route_key: &str) -> Json {
        let format = format_description!("[day]/[month repr:short]/[year]:[hour]:[minute]:[second] +0000");
        let domain = &self.facts.domain;
        json!({
            "accountId": self.facts.account,
            "apiId": self.facts.api,
            "domainName": domain,
            "domainPrefix": domain.split('.').next(),
            "http": {
                "method": self.method,
                "path": self.path,
                "protocol": self.protocol,
                "sourceIp": self.peer.ip().to_string(),
                "userAgent": self.headers.get("user-agent").map_or("", String::as_str),
            },
            "requestId": self.request_id,
            "routeKey": route_key,
            "stage": STAGE,
            "time": OffsetDateTime::from(self.now).format(format).unwrap_or_default(),
            "timeEpoch": u64::try_from(self.epoch().as_millis()).unwrap_or(u64::MAX),
        })
    }

    /// The gateway's own rule, whatever a body holds: everything but a few types, forms included, travels in base64.
    fn is_text(&self) -> bool {
        let content_type = self.headers.get("content-type").map_or("", String::as_str);
        let essence = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        essence.starts_with("text/")
            || matches!(essence.as_str(), "application/json" | "application/xml" | "application/javascript")
    }
}

/// Decoded query parameters; the values of one name are joined by commas.
fn parameters(query: &str) -> BTreeMap<String, String> {
    let mut parameters: BTreeMap<String, String> = BTreeMap::new();
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let value = decoded(&value.replace('+', " ")).into_owned();
        let joined = parameters.entry(decoded(&name.replace('+', " ")).into_owned());
        joined.and_modify(|values| *values = format!("{values},{value}")).or_insert(value);
    }
    parameters
}

fn decoded(text: &str) -> Cow<'_, str> {
    percent_decode_str(text).decode_utf8_lossy()
}
