//! Where a connection leads: scheme, host and port of a URL.

use std::fmt;

use hyper::header::{HOST, HeaderValue};
use hyper::http::uri::PathAndQuery;
use hyper::{Request, Uri};
use tokio_rustls::rustls::pki_types::ServerName;

use crate::error::Error;

/// The far end of a connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Origin {
    secure: bool,
    host: String,
    port: u16,
}

impl Origin {
    /// The origin of a URL with the scheme `http` or `https`.
    pub(crate) fn of(uri: &Uri) -> Result<Self, Error> {
        let secure = match uri.scheme_str() {
            Some("https") => true,
            Some("http") => false,
            _ => return Err(Error::Url("not an http or https URL")),
        };
        let host = uri.host().filter(|host| !host.is_empty()).ok_or(Error::Url("a URL without a host"))?;
        // Not `Uri::port_u16`, which takes a number that is no port for none.
        let port = match port(uri, host) {
            "" if secure => 443,
            "" => 80,
            port => port
                .strip_prefix(':')
                .and_then(|port| port.parse().ok())
                .ok_or(Error::Url("a URL with a wrong port"))?,
        };
        Ok(Self { secure, host: host.to_owned(), port })
    }

    /// Takes the origin out of a request's URL and into its `Host` header, as HTTP/1.1 wants it (RFC 9112 section 3.2.1).
    pub(crate) fn split_off<B>(request: &mut Request<B>) -> Result<Self, Error> {
        let origin = Self::of(request.uri())?;
        let host = origin.header()?;
        let path = request.uri().path_and_query().cloned().unwrap_or_else(|| PathAndQuery::from_static("/"));
        request.headers_mut().entry(HOST).or_insert(host);
        *request.uri_mut() = Uri::from(path);
        Ok(origin)
    }

    /// The value of the `Host` header. The port shows unless it is the scheme's own: what is signed must be what is sent.
    pub(crate) fn header(&self) -> Result<HeaderValue, Error> {
        let value = match (self.secure, self.port) {
            (true, 443) | (false, 80) => HeaderValue::try_from(&self.host),
            (_, port) => HeaderValue::try_from(format!("{}:{port}", self.host)),
        };
        value.map_err(|_| Error::Url("a URL with a host that no header can carry"))
    }

    /// The same, with the host in lower case: hosts are equal then if their texts are.
    pub(crate) fn lowercase(self) -> Self {
        Self { host: self.host.to_ascii_lowercase(), ..self }
    }

    /// Whether the connection is encrypted.
    pub(crate) fn is_secure(&self) -> bool {
        self.secure
    }

    /// A name, or an address without brackets.
    pub(crate) fn host(&self) -> &str {
        self.host.trim_matches(['[', ']'])
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// Whom a certificate must name.
    pub(crate) fn server_name(&self) -> Result<ServerName<'static>, Error> {
        ServerName::try_from(self.host().to_owned()).map_err(|_| Error::Url("a URL without a valid host"))
    }
}

/// What follows the host.
fn port<'a>(uri: &'a Uri, host: &str) -> &'a str {
    let authority = uri.authority().map_or("", |authority| authority.as_str());
    let authority = authority.rsplit_once('@').map_or(authority, |(_, rest)| rest);
    authority.strip_prefix(host).unwrap_or(authority)
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = if self.secure { "https" } else { "http" };
        write!(f, "{scheme}://{}:{}", self.host, self.port)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_addressed_as_http_1_1_wants_it() {
        for (url, path, header, host, port) in [
            ("https://kms.eu-central-1.amazonaws.com/", "/", "kms.eu-central-1.amazonaws.com", "", 443),
            ("https://kms.example:443/a?b=c", "/a?b=c", "kms.example", "", 443),
            ("https://kms.example:8443", "/", "kms.example:8443", "kms.example", 8443),
            ("http://127.0.0.1:8000/", "/", "127.0.0.1:8000", "127.0.0.1", 8000),
            ("http://[::1]:8000/", "/", "[::1]:8000", "::1", 8000),
            ("http://localhost", "/", "localhost", "", 80),
        ] {
            let mut request = Request::get(url).body(()).unwrap();
            let origin = Origin::split_off(&mut request).unwrap();
            assert_eq!(
                (request.uri().to_string().as_str(), &request.headers()[HOST]),
                (path, &HeaderValue::from_static(header))
            );
            assert_eq!((origin.host(), origin.port()), (if host.is_empty() { header } else { host }, port));
            assert_eq!(origin.is_secure(), url.starts_with("https"), "{url}");
        }
    }

    #[test]
    fn what_is_no_web_address_goes_nowhere() {
        for url in ["/", "ftp://kms.example/", "kms.example:443", "https://kms.example:65536/", "https://kms.example:/"]
        {
            assert!(Origin::split_off(&mut Request::get(url).body(()).unwrap()).is_err(), "{url}");
        }
    }
}
