//! Documents of one origin that the configuration names, such as the issuer: over https, or over http from this machine.
//!
//! The host is trusted, so its addresses are not checked. Size and time are bounded all the same.

use std::fmt;
use std::net::Ipv4Addr;
use std::time::Duration;

use hyper::body::Bytes;
use hyper::http::uri::PathAndQuery;
use hyper::{Response, StatusCode, Uri};

use crate::body::{self, Incoming};
use crate::cache_control::CacheControl;
use crate::connector::Connector;
use crate::error::Error;
use crate::exchange::{exchange, request};
use crate::origin::Origin;
use crate::roots::Roots;

/// Where documents are: an origin.
#[derive(Clone)]
pub struct Source {
    origin: Origin,
    connector: Connector,
}

/// Which document, and the limits for fetching it.
#[derive(Clone, Copy, Debug)]
pub struct Wanted<'a> {
    /// Below the origin.
    pub path: &'a str,
    /// The value of the `Accept` header.
    pub accept: &'static str,
    /// Most bytes of the body.
    pub most_bytes: usize,
    /// For everything: name lookup, connection, handshake, answer.
    pub timeout: Duration,
}

/// A document.
#[derive(Debug)]
pub struct Answer {
    /// Its bytes.
    pub body: Bytes,
    /// How long it is good, if the server says so. What must not be kept is good for no time.
    pub max_age: Option<Duration>,
}

impl Source {
    /// An origin is `https`, or `http` if it is this machine, and nothing else: no path, query, or slash at the end.
    pub fn new(origin: &str, roots: Roots) -> Result<Self, Error> {
        let not_an_origin = Error::Url("must be an origin without path, query and slash at the end");
        if origin.contains(['?', '#', '@']) || origin.ends_with('/') {
            return Err(not_an_origin);
        }
        let uri: Uri = format!("{origin}/").parse().map_err(|_| Error::Url("is not a URL"))?;
        if uri.path() != "/" {
            return Err(not_an_origin);
        }
        let origin = Origin::of(&uri)?;
        if !origin.is_secure() && !is_loopback(origin.host()) {
            return Err(Error::Url("must be https (http for this machine only)"));
        }
        if origin.is_secure() {
            origin.server_name()?;
        }
        Ok(Self { origin, connector: Connector::new(roots)? })
    }

    /// Fetches a document. Any status but 200 is an error.
    pub async fn document(&self, wanted: &Wanted<'_>) -> Result<Answer, Error> {
        let answer = tokio::time::timeout(wanted.timeout, self.get(wanted)).await;
        answer.unwrap_or(Err(Error::Timeout(wanted.timeout)))
    }

    async fn get(&self, wanted: &Wanted<'_>) -> Result<Answer, Error> {
        let path = PathAndQuery::try_from(wanted.path).map_err(|_| Error::Url("has no such path"))?;
        let request = request(&self.origin, path, wanted.accept)?;
        let stream = self.connector.open(&self.origin).await.map_err(Error::Connect)?;
        exchange(stream, request, async |response| read(response, wanted.most_bytes).await).await
    }
}

async fn read(response: Response<Incoming>, most_bytes: usize) -> Result<Answer, Error> {
    if response.status() != StatusCode::OK {
        return Err(Error::Status(response.status().as_u16()));
    }
    let max_age = CacheControl::of(response.headers()).max_age;
    Ok(Answer { body: body::read(response, most_bytes).await?, max_age })
}

fn is_loopback(host: &str) -> bool {
    host == "localhost" || host == "::1" || host.parse::<Ipv4Addr>().is_ok_and(|address| address.is_loopback())
}

impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Source({})", self.origin)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_come_from_an_origin_over_https_or_from_this_machine() {
        for origin in [
            "https://id.example",
            "https://id.example:8443",
            "http://127.0.0.1:3000",
            "http://127.1.2.3",
            "http://localhost:3000",
            "http://[::1]:3000",
            "https://10.0.0.1",
        ] {
            assert!(Source::new(origin, Roots::none()).is_ok(), "{origin}");
        }
        for origin in [
            "",
            "id.example",
            "ftp://id.example",
            "http://id.example",
            "http://10.0.0.1",
            "http://127.0.0.1.evil.example",
            "http://localhost.evil.example",
            "http://127.0.0.1@evil.example",
            "https://id.example/",
            "https://id.example/tenant",
            "https://id.example?x",
            "https://id.example#x",
            "https://",
            "https://user@id.example",
            "HTTP://evil.example",
            "https://id .example",
            "http://0.0.0.0:3000",
            "http://2130706433",
        ] {
            assert!(Source::new(origin, Roots::none()).is_err(), "{origin}");
        }
    }
}
