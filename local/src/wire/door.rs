//! Who may call a server here at all, before anybody asks for a signature.
//!
//! A page of any site can make a browser send requests to this machine. A browser marks them: with `Origin`, with
//! `Sec-Fetch-Site`, and, where the site's own name leads to this machine (DNS rebinding), with a foreign `Host`.

use std::net::IpAddr;

use hyper::header::{HOST, HeaderMap, ORIGIN};
use hyper::http::uri::Authority;
use hyper::{StatusCode, header::HeaderValue};

use super::{Reply, reply};

/// The door before a server.
#[derive(Debug, Clone)]
pub(crate) enum Door {
    /// Everybody passes: the gateway is an API for browsers, too.
    Everybody,
    /// A person's browser on this machine, at an address of this machine, sent there by no other site.
    People,
    /// Programs on this machine, and in containers that know it by this name, if there is one.
    Programs {
        /// The containers' name or address for this machine.
        containers: Option<String>,
    },
}

impl Door {
    /// Programs on this machine.
    pub(crate) fn programs() -> Self {
        Self::Programs { containers: None }
    }

    /// A person's browser on this machine.
    pub(crate) fn people() -> Self {
        Self::People
    }

    /// What the sender of a request hears that may not pass: nothing that a page of another origin could read.
    pub(crate) fn refusal(&self, headers: &HeaderMap) -> Option<Reply> {
        let (containers, is_of_a_page) = match self {
            Self::Everybody => return None,
            Self::People => (None, is_of_another_site(headers)),
            Self::Programs { containers } => {
                (containers.as_deref(), headers.contains_key(ORIGIN) || headers.contains_key("sec-fetch-site"))
            }
        };
        if is_of_a_page {
            return Some(refusal("This server answers programs on this machine, not web pages."));
        }
        if headers.get(HOST).and_then(host).is_some_and(|host| is_here(&host, containers)) {
            return None;
        }
        Some(refusal("This server answers to the address of this machine, not to a name that leads to it."))
    }
}

/// Whether a page of another origin made the request, or led a person to it.
fn is_of_another_site(headers: &HeaderMap) -> bool {
    let site = headers.get("sec-fetch-site");
    headers.contains_key(ORIGIN) || site.is_some_and(|site| site != "none" && site != "same-origin")
}

/// The host of a `Host` header, without its port and in lower case.
fn host(value: &HeaderValue) -> Option<String> {
    let authority: Authority = value.to_str().ok()?.parse().ok()?;
    Some(authority.host().to_ascii_lowercase())
}

fn is_here(host: &str, containers: Option<&str>) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost"
        || address.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
        || containers.is_some_and(|known| known.eq_ignore_ascii_case(address))
}

fn refusal(text: &'static str) -> Reply {
    reply(StatusCode::FORBIDDEN, "text/plain", text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn passes(door: &Door, headers: &[(&'static str, &str)]) -> bool {
        let mut all = HeaderMap::new();
        for (name, value) in headers {
            all.insert(*name, value.parse().expect("a value"));
        }
        door.refusal(&all).is_none()
    }

    #[test]
    fn programs_pass_and_what_a_browser_marks_does_not() {
        let door = Door::Programs { containers: Some("Docker.internal".into()) };
        for host in ["127.0.0.1:8000", "localhost", "LOCALHOST:1", "[::1]:8000", "127.0.0.2", "docker.internal:8000"] {
            assert!(passes(&door, &[("host", host)]), "{host}");
            assert!(!passes(&door, &[("host", host), ("origin", "http://127.0.0.1:8000")]), "{host}");
            assert!(!passes(&door, &[("host", host), ("origin", "null")]), "{host}");
            assert!(!passes(&door, &[("host", host), ("sec-fetch-site", "none")]), "{host}");
        }
        let names = ["evil.example:8000", "127.0.0.1.evil.example", "localhost.evil.example", "10.0.0.1", ""];
        for host in names {
            assert!(!passes(&door, &[("host", host)]), "{host}");
        }
        assert!(!passes(&door, &[]), "every HTTP/1.1 request has one");
        assert!(!passes(&Door::programs(), &[("host", "docker.internal")]));
    }

    #[test]
    fn the_gateway_is_open() {
        assert!(passes(&Door::Everybody, &[("host", "evil.example"), ("origin", "https://evil.example")]));
    }
}
