//! Where a connection leads: scheme, host and port of a request's URL.

use std::io;

use aws_smithy_runtime_api::client::result::ConnectorError;
use hyper::header::{HOST, HeaderValue};
use hyper::http::uri::PathAndQuery;
use hyper::{Request, Uri};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_rustls::rustls::pki_types::ServerName;

/// A connection's bytes, encrypted or not.
pub(crate) trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

/// The far end of a connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Origin {
    secure: bool,
    host: String,
    port: u16,
}

impl Origin {
    /// Takes the origin out of a request's URL and into its `Host` header, as HTTP/1.1 wants it (RFC 9112 section 3.2.1).
    pub(crate) fn split_off<B>(request: &mut Request<B>) -> Result<Self, ConnectorError> {
        let origin = Self::of(request.uri()).ok_or_else(|| ConnectorError::user("no http or https URL".into()))?;
        let host = HeaderValue::try_from(origin.header()).map_err(|error| ConnectorError::user(error.into()))?;
        let path = request.uri().path_and_query().cloned().unwrap_or_else(|| PathAndQuery::from_static("/"));
        request.headers_mut().entry(HOST).or_insert(host);
        *request.uri_mut() = Uri::from(path);
        Ok(origin)
    }

    fn of(uri: &Uri) -> Option<Self> {
        let secure = match uri.scheme_str()? {
            "https" => true,
            "http" => false,
            _ => return None,
        };
        let port = uri.port_u16().unwrap_or(if secure { 443 } else { 80 });
        Some(Self { secure, host: uri.host()?.to_owned(), port })
    }

    /// The value of the `Host` header. The port shows unless it is the scheme's own: what is signed must be what is sent.
    fn header(&self) -> String {
        match (self.secure, self.port) {
            (true, 443) | (false, 80) => self.host.clone(),
            (_, port) => format!("{}:{port}", self.host),
        }
    }

    /// A name, or an address without brackets.
    pub(crate) fn host(&self) -> &str {
        self.host.trim_matches(['[', ']'])
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// For whom a certificate must be, if the connection is to be encrypted.
    pub(crate) fn server_name(&self) -> io::Result<Option<ServerName<'static>>> {
        let name = self.secure.then(|| ServerName::try_from(self.host().to_owned())).transpose();
        name.map_err(|error| io::Error::new(io::ErrorKind::InvalidInput, error))
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
            assert_eq!(origin.server_name().unwrap().is_some(), url.starts_with("https"), "{url}");
        }
    }

    #[test]
    fn what_is_no_web_address_goes_nowhere() {
        for url in ["/", "ftp://kms.example/", "kms.example:443"] {
            assert!(Origin::split_off(&mut Request::get(url).body(()).unwrap()).is_err(), "{url}");
        }
    }
}
