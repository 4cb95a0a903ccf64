//! A request and where it arrived, before either kind of API describes it to a function.

use std::borrow::Cow;
use std::net::SocketAddr;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use hyper::http::request::Parts;
use time::OffsetDateTime;
use time::macros::format_description;

use super::router::{Found, decoded};
use crate::template::{IdentitySource, Stage};
use crate::wire::ids;

/// What the gateway knows of itself.
#[derive(Debug)]
pub(super) struct Facts {
    pub(super) account: String,
    pub(super) api: String,
    /// Host and port that it answers on.
    pub(super) domain: String,
    pub(super) port: u16,
}

/// One request.
#[derive(Debug)]
pub(super) struct Exchange<'a> {
    pub(super) facts: &'a Facts,
    pub(super) stage: &'a Stage,
    pub(super) request_id: &'a str,
    /// In capitals.
    pub(super) method: String,
    /// As sent, without the stage.
    pub(super) raw_path: &'a str,
    /// As sent, without the question mark.
    pub(super) query: String,
    /// Names in lower case, in the order in which they came.
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: Bytes,
    pub(super) peer: SocketAddr,
    pub(super) protocol: String,
    pub(super) now: SystemTime,
}

/// Where a request arrived.
#[derive(Clone, Copy)]
pub(super) struct Arrival<'a> {
    pub(super) facts: &'a Facts,
    pub(super) stage: &'a Stage,
    pub(super) request_id: &'a str,
    /// What the stage leaves of the path.
    pub(super) raw_path: &'a str,
    pub(super) peer: SocketAddr,
    pub(super) now: SystemTime,
}

/// What an authorizer is asked: a request, the route it takes, and the ARN that names both.
#[derive(Clone, Copy)]
pub(super) struct Question<'a> {
    pub(super) exchange: &'a Exchange<'a>,
    pub(super) found: &'a Found<'a>,
    pub(super) arn: &'a str,
}

/// A question, and the values of the authorizer's identity sources in it.
pub(super) struct Identified<'a> {
    pub(super) question: &'a Question<'a>,
    pub(super) identity: &'a [String],
}

impl<'a> Exchange<'a> {
    /// A request that has been read.
    pub(super) fn new(arrival: Arrival<'a>, parts: &Parts, body: Bytes) -> Self {
        let Arrival { facts, stage, request_id, raw_path, peer, now } = arrival;
        let headers = parts.headers.iter();
        let headers = headers
            .map(|(name, value)| (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned()));
        let mut exchange = Self {
            facts,
            stage,
            request_id,
            method: parts.method.to_string(),
            raw_path,
            query: parts.uri.query().unwrap_or_default().to_owned(),
            headers: headers.collect(),
            body,
            peer,
            protocol: format!("{:?}", parts.version),
            now,
        };
        exchange.forwarded();
        exchange
    }

    /// What the gateway adds, and what a client may not choose.
    fn forwarded(&mut self) {
        let peer = self.peer.ip().to_string();
        let chain = match self.header("x-forwarded-for") {
            Some(earlier) => format!("{earlier}, {peer}"),
            None => peer,
        };
        let trace = self.header("x-amzn-trace-id").unwrap_or_else(|| ids::trace(self.epoch().as_secs()));
        let own = [
            ("x-forwarded-for", chain),
            ("x-forwarded-port", self.facts.port.to_string()),
            ("x-forwarded-proto", "http".to_owned()),
            ("x-amzn-trace-id", trace),
        ];
        self.headers.retain(|(name, _)| own.iter().all(|(own, _)| own != name));
        self.headers.extend(own.map(|(name, value)| (name.to_owned(), value)));
    }

    /// When the request came, since the epoch.
    pub(super) fn epoch(&self) -> Duration {
        self.now.duration_since(UNIX_EPOCH).unwrap_or_default()
    }

    /// The same in milliseconds, as events have it.
    pub(super) fn milliseconds(&self) -> u64 {
        u64::try_from(self.epoch().as_millis()).unwrap_or(u64::MAX)
    }

    /// The same as logs have it: `24/Nov/2026:09:30:00 +0000`.
    pub(super) fn time(&self) -> String {
        let format = format_description!("[day]/[month repr:short]/[year]:[hour]:[minute]:[second] +0000");
        OffsetDateTime::from(self.now).format(format).unwrap_or_default()
    }

    /// A header by its name in lower case; several values are joined by commas, cookies by semicolons.
    pub(super) fn header(&self, name: &str) -> Option<String> {
        let values: Vec<&str> =
            self.headers.iter().filter(|(own, _)| own == name).map(|(_, value)| value.as_str()).collect();
        (!values.is_empty()).then(|| values.join(if name == "cookie" { "; " } else { "," }))
    }

    /// The decoded path, without the stage.
    pub(super) fn path(&self) -> Cow<'_, str> {
        decoded(self.raw_path)
    }

    /// The decoded parameters of the query, in the order in which they came.
    pub(super) fn parameters(&self) -> impl Iterator<Item = (String, String)> {
        let decode = |text: &str| decoded(&text.replace('+', " ")).into_owned();
        self.query.split('&').filter(|pair| !pair.is_empty()).map(move |pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (decode(name), decode(value))
        })
    }

    /// What an identity source holds; `None` if it is missing or empty.
    pub(super) fn identity(&self, source: &IdentitySource, found: &Found<'_>) -> Option<String> {
        let value = match source {
            IdentitySource::Header(name) => self.header(name)?,
            IdentitySource::Query(name) => {
                let values = self.parameters().filter(|(own, _)| own == name).map(|(_, value)| value);
                values.collect::<Vec<_>>().join(",")
            }
            IdentitySource::StageVariable(name) => self.stage.variables.get(name)?.clone(),
            IdentitySource::RouteKey => found.route.key.clone(),
            IdentitySource::ResourcePath => found.resource().to_owned(),
            IdentitySource::Method => self.method.clone(),
            IdentitySource::Path => self.path().into_owned(),
            IdentitySource::RawPath => self.raw_path.to_owned(),
            IdentitySource::Stage => self.stage.name.clone(),
            IdentitySource::SourceIp => self.peer.ip().to_string(),
        };
        (!value.is_empty()).then_some(value)
    }

    /// The request as a policy names it: `api/stage/METHOD/path`.
    pub(super) fn resource(&self, path: &str) -> String {
        format!("{}/{}/{}{path}", self.facts.api, self.stage.name, self.method)
    }
}
