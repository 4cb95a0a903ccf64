//! The connections to AWS: HTTP/1.1 over TLS, with the web's root certificates as they were when this was compiled.
//!
//! The SDK's own client would read every certificate file of the machine at each cold start, carries HTTP/2 and proxies
//! that neither DynamoDB nor KMS is reached through, and opens a second connection where a call follows close on
//! another. Everything is set up when a function opens, while Lambda still gives it a whole processor; only connecting
//! waits for the first call.

use std::fmt;
use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use aws_smithy_runtime_api::client::connection::{CaptureSmithyConnection, ConnectionMetadata};
use aws_smithy_runtime_api::client::http::{
    HttpConnector, HttpConnectorFuture, SharedHttpClient, SharedHttpConnector, http_client_fn,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::retry::ErrorKind;
use hyper::Request;
use hyper::client::conn::http1::{self, SendRequest};
use hyper_util::rt::TokioIo;
use oauth::Error;
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout};
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::crypto::CryptoProvider;
use tokio_rustls::rustls::crypto::aws_lc_rs::{self, cipher_suite, kx_group};
use tokio_rustls::rustls::{self, ClientConfig, RootCertStore};

use crate::origin::{Origin, Stream};

/// A connection that was idle for longer is not used again: something on the way may have forgotten it without a word.
const IDLE: Duration = Duration::from_mins(1);

/// Calls AWS for the SDK.
#[derive(Clone)]
struct Https(Arc<Connections>);

/// What is open, and how to open more.
struct Connections {
    tls: TlsConnector,
    /// For opening one: name lookup, connection, handshake.
    patience: Duration,
    kept: Mutex<Vec<Connection>>,
}

struct Connection {
    origin: Origin,
    sender: SendRequest<SdkBody>,
    used: Instant,
    /// The SDK had trouble over it and wants another.
    spoilt: Arc<AtomicBool>,
}

/// A client for the SDK that believes servers for which `roots` vouch, and waits `patience` for a connection.
pub(crate) fn client(roots: RootCertStore, patience: Duration) -> Result<SharedHttpClient, Error> {
    let tls = tls(roots).map_err(|error| Error::fault("TLS").because(error))?;
    let connections = Connections { tls: TlsConnector::from(Arc::new(tls)), patience, kept: Mutex::default() };
    let connector = SharedHttpConnector::new(Https(Arc::new(connections)));
    Ok(http_client_fn(move |_, _| connector.clone()))
}

/// The web's root certificates; those of Amazon Trust Services are among them.
pub(crate) fn web_roots() -> RootCertStore {
    RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() }
}

fn tls(roots: RootCertStore) -> Result<ClientConfig, rustls::Error> {
    let provider = CryptoProvider {
        cipher_suites: vec![
            cipher_suite::TLS13_AES_256_GCM_SHA384,
            cipher_suite::TLS13_AES_128_GCM_SHA256,
            cipher_suite::TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
            cipher_suite::TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
            cipher_suite::TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
            cipher_suite::TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
        ],
        // What is recorded today must stay closed to a quantum computer, as with the SDK's own client.
        kx_groups: vec![kx_group::X25519MLKEM768, kx_group::X25519, kx_group::SECP256R1, kx_group::SECP384R1],
        ..aws_lc_rs::default_provider()
    };
    let config = ClientConfig::builder_with_provider(Arc::new(provider)).with_safe_default_protocol_versions()?;
    Ok(config.with_root_certificates(roots).with_no_client_auth())
}

impl HttpConnector for Https {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let connections = self.0.clone();
        HttpConnectorFuture::new(async move { connections.call(request).await })
    }
}

impl Connections {
    async fn call(&self, request: HttpRequest) -> Result<HttpResponse, ConnectorError> {
        let mut request = request.try_into_http1x().map_err(|error| ConnectorError::user(error.into()))?;
        let origin = Origin::split_off(&mut request)?;
        // One that the server ended meanwhile gives the request back unsent.
        while let Some(mut connection) = self.kept(&origin) {
            connection.show(&request);
            match connection.sender.try_send_request(request).await {
                Ok(response) => return self.answer(connection, response),
                Err(mut error) => match error.take_message() {
                    Some(unsent) => request = unsent,
                    None => return Err(failure(error.into_error())),
                },
            }
        }
        let mut connection = self.open(origin).await?;
        connection.show(&request);
        let response = connection.sender.send_request(request).await.map_err(failure)?;
        self.answer(connection, response)
    }

    /// A connection to `origin` that can take a request at once. Those that never will again are let go.
    fn kept(&self, origin: &Origin) -> Option<Connection> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.retain(Connection::is_good);
        let position = kept.iter().rposition(|kept| kept.origin == *origin && kept.sender.is_ready())?;
        Some(kept.remove(position))
    }

    /// The answer, whose body may still be on its way; the connection is ready for another request after it.
    fn answer(
        &self,
        mut connection: Connection,
        response: hyper::Response<hyper::body::Incoming>,
    ) -> Result<HttpResponse, ConnectorError> {
        connection.used = now();
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).push(connection);
        let response = response.map(SdkBody::from_body_1_x);
        HttpResponse::try_from(response).map_err(|error| ConnectorError::other(error.into(), None))
    }

    async fn open(&self, origin: Origin) -> Result<Connection, ConnectorError> {
        let opened = timeout(self.patience, self.connect(&origin)).await;
        let stream = opened
            .map_err(|late| ConnectorError::timeout(late.into()))?
            .map_err(|error| ConnectorError::io(error.into()))?;
        let (sender, driver) = http1::handshake(TokioIo::new(stream)).await.map_err(failure)?;
        tokio::spawn(async move {
            if let Err(error) = driver.await {
                tracing::debug!(%error, "a connection to AWS ended");
            }
        });
        Ok(Connection { origin, sender, used: now(), spoilt: Arc::default() })
    }

    async fn connect(&self, origin: &Origin) -> io::Result<Box<dyn Stream>> {
        let tcp = TcpStream::connect((origin.host(), origin.port())).await?;
        tcp.set_nodelay(true)?;
        Ok(match origin.server_name()? {
            Some(name) => Box::new(self.tls.connect(name, tcp).await?),
            None => Box::new(tcp),
        })
    }
}

impl Connection {
    fn is_good(&self) -> bool {
        !self.sender.is_closed() && !self.spoilt.load(Ordering::Relaxed) && now().duration_since(self.used) < IDLE
    }

    /// Lets the SDK say that it wants no more of this connection.
    fn show(&self, request: &Request<SdkBody>) {
        if let Some(capture) = request.extensions().get::<CaptureSmithyConnection>() {
            let spoilt = self.spoilt.clone();
            let spoil = move || spoilt.store(true, Ordering::Relaxed);
            let connection = ConnectionMetadata::builder().proxied(false).poison_fn(spoil).build();
            capture.set_connection_retriever(move || Some(connection.clone()));
        }
    }
}

/// What went wrong, in the SDK's words: they decide whether it tries again.
fn failure(error: hyper::Error) -> ConnectorError {
    if error.is_user() {
        ConnectorError::user(error.into())
    } else if error.is_incomplete_message() {
        ConnectorError::other(error.into(), Some(ErrorKind::TransientError))
    } else {
        ConnectorError::io(error.into())
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "how long a connection was idle is a matter of the wire, not of a request"
)]
fn now() -> Instant {
    Instant::now()
}

impl fmt::Debug for Https {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Https")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_authorities_that_vouch_for_aws_are_among_the_webs() {
        let roots = web_roots();
        let known = |name: &str| roots.roots.iter().any(|root| String::from_utf8_lossy(&root.subject).contains(name));
        for name in ["Amazon Root CA 1", "Amazon Root CA 2", "Amazon Root CA 3", "Amazon Root CA 4"] {
            assert!(known(name), "{name}");
        }
        assert!(known("Starfield Services Root Certificate Authority - G2"));
    }
}
