//! One GET for a document of the issuer's: HTTPS with the web's root certificates, or plain HTTP to this very machine.
//!
//! A connection is opened for each document and closed after it: a few are needed a minute at most, and a frozen Lambda
//! keeps no connection alive. No redirect is followed; size and time are bounded.

use std::fmt;
use std::io;
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::Duration;

use http_body_util::{BodyExt, Empty, Limited};
use hyper::body::Bytes;
use hyper::client::conn::http1;
use hyper::header::{ACCEPT, CACHE_CONTROL, CONNECTION, HOST, USER_AGENT};
use hyper::rt::{Read, Write};
use hyper::{Request, Response, StatusCode, Uri};
use hyper_util::rt::TokioIo;
use oauth::Error;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::pki_types::ServerName;
use tokio_rustls::rustls::{ClientConfig, RootCertStore, crypto::aws_lc_rs};

/// Where an issuer's documents are: its origin.
#[derive(Clone)]
pub(crate) struct Source {
    origin: Uri,
    host: String,
    port: u16,
    tls: Option<(TlsConnector, ServerName<'static>)>,
}

/// A document that an issuer publishes.
#[derive(Debug)]
pub(crate) struct Document<T> {
    /// Below the origin.
    pub(crate) path: &'static str,
    pub(crate) most_bytes: usize,
    /// For everything: name lookup, connection, handshake, answer.
    pub(crate) timeout: Duration,
    pub(crate) read: fn(&[u8]) -> Result<T, Unreadable>,
}

/// Why a text is not the document that was asked for.
pub(crate) type Unreadable = Box<dyn std::error::Error + Send + Sync>;

/// A document, and for how many seconds the issuer says that it is good (RFC 9111 section 5.2.2.1), if it says so.
#[derive(Debug)]
pub(crate) struct Fetched<T> {
    pub(crate) value: T,
    pub(crate) max_age: Option<u64>,
}

/// Why there is no document. For the log.
#[derive(Debug)]
pub(crate) enum FetchError {
    Timeout(Duration),
    Connect(io::Error),
    Http(hyper::Error),
    Status(StatusCode),
    Body(Unreadable),
    Content(Unreadable),
}

impl Source {
    /// The issuer is an origin: `https`, or `http` if it is this machine.
    pub(crate) fn new(issuer: &str, roots: RootCertStore) -> Result<Self, Error> {
        let wrong = |what: &str| Error::fault(format!("ISSUER {what}: {issuer:?}"));
        if issuer.contains(['?', '#', '@']) || issuer.ends_with('/') {
            return Err(wrong("must be an origin without path, query and slash at the end"));
        }
        let origin: Uri = format!("{issuer}/").parse().map_err(|_| wrong("is not a URL"))?;
        let host = origin.host().ok_or_else(|| wrong("has no host"))?.trim_matches(['[', ']']).to_owned();
        if origin.path() != "/" {
            return Err(wrong("must be an origin without path, query and slash at the end"));
        }
        let tls = match origin.scheme_str() {
            Some("https") => {
                let name = ServerName::try_from(host.clone()).map_err(|_| wrong("has no valid host"))?;
                Some((connector(roots).map_err(|error| wrong("needs TLS").because(error))?, name))
            }
            Some("http") if is_loopback(&host) => None,
            _ => return Err(wrong("must be https (http for this machine only)")),
        };
        let port = origin.port_u16().unwrap_or(if tls.is_some() { 443 } else { 80 });
        Ok(Self { origin, host, port, tls })
    }

    /// Fetches and reads a document.
    pub(crate) async fn fetch<T>(&self, document: &Document<T>) -> Result<Fetched<T>, FetchError> {
        let timeout = document.timeout;
        tokio::time::timeout(timeout, self.get(document)).await.unwrap_or(Err(FetchError::Timeout(timeout)))
    }

    async fn get<T>(&self, document: &Document<T>) -> Result<Fetched<T>, FetchError> {
        let tcp = TcpStream::connect((self.host.as_str(), self.port)).await.map_err(FetchError::Connect)?;
        match &self.tls {
            None => self.exchange(TokioIo::new(tcp), document).await,
            Some((connector, name)) => {
                let tls = connector.connect(name.clone(), tcp).await.map_err(FetchError::Connect)?;
                self.exchange(TokioIo::new(tls), document).await
            }
        }
    }

    async fn exchange<T>(
        &self,
        io: impl Read + Write + Unpin,
        document: &Document<T>,
    ) -> Result<Fetched<T>, FetchError> {
        let (mut sender, connection) = http1::handshake(io).await.map_err(FetchError::Http)?;
        let answer = async move {
            let response = sender.send_request(self.request(document.path)?).await.map_err(FetchError::Http)?;
            read(response, document).await
            // `sender` ends here, and with it the connection.
        };
        tokio::join!(answer, connection).0
    }

    fn request(&self, path: &str) -> Result<Request<Empty<Bytes>>, FetchError> {
        let host = self.origin.authority().map_or("", |authority| authority.as_str());
        let request = Request::get(path).header(HOST, host).header(ACCEPT, "application/json");
        let request = request.header(USER_AGENT, "gatewright-authorizer").header(CONNECTION, "close");
        request.body(Empty::new()).map_err(|error| FetchError::Body(error.into()))
    }
}

async fn read<T>(response: Response<hyper::body::Incoming>, document: &Document<T>) -> Result<Fetched<T>, FetchError> {
    if response.status() != StatusCode::OK {
        return Err(FetchError::Status(response.status()));
    }
    let max_age = response.headers().get(CACHE_CONTROL).and_then(|value| max_age(value.to_str().ok()?));
    let body = Limited::new(response.into_body(), document.most_bytes).collect().await.map_err(FetchError::Body)?;
    let value = (document.read)(&body.to_bytes()).map_err(FetchError::Content)?;
    Ok(Fetched { value, max_age })
}

/// The `max-age` of a `Cache-Control` header. What must not be stored is good for zero seconds.
fn max_age(cache_control: &str) -> Option<u64> {
    let directives: Vec<String> = cache_control.split(',').map(|word| word.trim().to_ascii_lowercase()).collect();
    if directives.iter().any(|word| word == "no-store" || word == "no-cache") {
        return Some(0);
    }
    directives.iter().find_map(|word| word.strip_prefix("max-age=")?.trim_matches('"').parse().ok())
}

fn connector(roots: RootCertStore) -> Result<TlsConnector, tokio_rustls::rustls::Error> {
    let provider = Arc::new(aws_lc_rs::default_provider());
    let config = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
    Ok(TlsConnector::from(Arc::new(config.with_root_certificates(roots).with_no_client_auth())))
}

fn is_loopback(host: &str) -> bool {
    host == "localhost" || host == "::1" || host.parse::<Ipv4Addr>().is_ok_and(|address| address.is_loopback())
}

impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Source({})", self.origin)
    }
}

impl fmt::Display for FetchError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Timeout(time) => write!(f, "no answer within {} ms", time.as_millis()),
            Self::Connect(error) => write!(f, "no connection: {error}"),
            Self::Http(error) => write!(f, "no HTTP: {error}"),
            Self::Status(status) => write!(f, "status {status}"),
            Self::Body(error) => write!(f, "broken or too large: {error}"),
            Self::Content(error) => error.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_come_from_an_origin_over_https_or_from_this_machine() {
        for issuer in [
            "https://id.example",
            "https://id.example:8443",
            "http://127.0.0.1:3000",
            "http://127.1.2.3",
            "http://localhost:3000",
            "http://[::1]:3000",
            "https://10.0.0.1",
        ] {
            assert!(Source::new(issuer, RootCertStore::empty()).is_ok(), "{issuer}");
        }
        for issuer in [
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
            assert!(Source::new(issuer, RootCertStore::empty()).is_err(), "{issuer}");
        }
    }

    #[test]
    fn max_age_is_read_as_issuers_write_it() {
        for (header, seconds) in [
            ("max-age=300", Some(300)),
            ("public, Max-Age=300, must-revalidate", Some(300)),
            ("max-age=\"300\"", Some(300)),
            ("no-store", Some(0)),
            ("max-age=300, no-cache", Some(0)),
            ("max-age=-1", None),
            ("max-age=", None),
            ("s-maxage=300", None),
            ("", None),
        ] {
            assert_eq!(max_age(header), seconds, "{header}");
        }
    }
}
