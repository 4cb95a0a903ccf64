//! Opening a connection: TCP, then TLS where the origin is an https one.

use std::io;
use std::sync::Arc;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::crypto::CryptoProvider;
use tokio_rustls::rustls::crypto::aws_lc_rs::{self, cipher_suite, kx_group};
use tokio_rustls::rustls::{self, ClientConfig};

use crate::error::Error;
use crate::origin::Origin;
use crate::roots::Roots;

/// A connection's bytes, encrypted or not.
pub(crate) trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

/// Opens connections to servers whose certificates come from trusted roots.
#[derive(Clone)]
pub(crate) struct Connector(TlsConnector);

impl Connector {
    pub(crate) fn new(roots: Roots) -> Result<Self, Error> {
        let config = config(roots).map_err(|error| Error::Tls(error.into()))?;
        Ok(Self(TlsConnector::from(Arc::new(config))))
    }

    /// A connection to whatever address the host has.
    pub(crate) async fn open(&self, origin: &Origin) -> io::Result<Box<dyn Stream>> {
        let tcp = TcpStream::connect((origin.host(), origin.port())).await?;
        self.over(origin, tcp).await
    }

    /// The connection over `tcp`, which leads to the host.
    pub(crate) async fn over(&self, origin: &Origin, tcp: TcpStream) -> io::Result<Box<dyn Stream>> {
        tcp.set_nodelay(true)?;
        if !origin.is_secure() {
            return Ok(Box::new(tcp));
        }
        let name = origin.server_name().map_err(|error| io::Error::new(io::ErrorKind::InvalidInput, error))?;
        Ok(Box::new(self.0.connect(name, tcp).await?))
    }
}

fn config(roots: Roots) -> Result<ClientConfig, rustls::Error> {
    let provider = CryptoProvider {
        cipher_suites: vec![
            cipher_suite::TLS13_AES_256_GCM_SHA384,
            cipher_suite::TLS13_AES_128_GCM_SHA256,
            cipher_suite::TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
            cipher_suite::TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
            cipher_suite::TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
            cipher_suite::TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
        ],
        // What is recorded today must stay closed to a quantum computer, as with the AWS SDK's own client.
        kx_groups: vec![kx_group::X25519MLKEM768, kx_group::X25519, kx_group::SECP256R1, kx_group::SECP384R1],
        ..aws_lc_rs::default_provider()
    };
    let config = ClientConfig::builder_with_provider(Arc::new(provider)).with_safe_default_protocol_versions()?;
    Ok(config.with_root_certificates(roots.0).with_no_client_auth())
}
