//! A TLS server that says what a test wants it to, and a guarded client that is allowed to reach it.

use std::io;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use fetch::{Document, Error, Guarded, PrivateOrigins, Roots, Terms};
use rcgen::{CertificateParams, KeyPair};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::aws_lc_rs;
use tokio_rustls::rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};

/// When the tests happen.
pub(crate) const NOW: Duration = Duration::from_hours(500_000);
/// Who asks.
pub(crate) const ASKING: IpAddr = IpAddr::V4(Ipv4Addr::new(198, 51, 100, 7));
/// Where the server is.
pub(crate) const LOOPBACK: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
/// What the server is called.
pub(crate) const NAME: &str = "app.example";

pub(crate) const TERMS: Terms = Terms {
    accept: "application/json",
    most_bytes: 5 << 10,
    ports: &[443],
    min_fresh: Duration::from_mins(1),
    max_fresh: Duration::from_mins(10),
};

/// A part of an answer.
#[derive(Clone)]
pub(crate) enum Part {
    Text(String),
    Wait(Duration),
    /// The same again and again, with a pause between, until the client has gone.
    Endless(&'static str, Duration),
}

pub(crate) struct Server {
    pub(crate) port: u16,
    pub(crate) roots: Roots,
    says: Arc<Mutex<Vec<Part>>>,
    heard: Arc<Mutex<Vec<String>>>,
    accepted: Arc<AtomicUsize>,
}

impl Server {
    /// A server with a certificate for [`NAME`].
    pub(crate) async fn start() -> Self {
        Self::named(NAME).await
    }

    /// A server with a certificate for `name`.
    pub(crate) async fn named(name: &str) -> Self {
        let (roots, acceptor) = certificate(name);
        let listener = TcpListener::bind((LOOPBACK, 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let server = Self { port, roots, says: Arc::default(), heard: Arc::default(), accepted: Arc::default() };
        let (says, heard, accepted) = (server.says.clone(), server.heard.clone(), server.accepted.clone());
        tokio::spawn(async move {
            loop {
                let (tcp, _) = listener.accept().await.unwrap();
                accepted.fetch_add(1, Ordering::SeqCst);
                let (acceptor, says, heard) = (acceptor.clone(), says.clone(), heard.clone());
                tokio::spawn(async move {
                    let Ok(tls) = acceptor.accept(tcp).await else { return };
                    let _ = converse(tls, &says, &heard).await;
                });
            }
        });
        server
    }

    /// Answers so from now on.
    pub(crate) fn says(&self, parts: impl Into<Vec<Part>>) {
        *self.says.lock().unwrap() = parts.into();
    }

    /// Answers with this text from now on.
    pub(crate) fn says_text(&self, text: impl Into<String>) {
        self.says([Part::Text(text.into())]);
    }

    /// How many requests it read.
    pub(crate) fn asked(&self) -> usize {
        self.heard.lock().unwrap().len()
    }

    /// The last request.
    pub(crate) fn heard(&self) -> String {
        self.heard.lock().unwrap().last().unwrap().clone()
    }

    /// How many connections there were, with or without TLS over them.
    pub(crate) fn accepted(&self) -> usize {
        self.accepted.load(Ordering::SeqCst)
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("https://{NAME}:{}{path}", self.port)
    }

    /// A client that may reach it.
    pub(crate) fn client(&self) -> Guarded {
        let private = PrivateOrigins::parse(&format!("{NAME}:{}", self.port)).unwrap();
        Guarded::resolving(self.roots.clone(), private, answering(&[LOOPBACK])).unwrap()
    }

    /// What a new client gets.
    pub(crate) async fn fetched(&self) -> Result<Document, Arc<Error>> {
        self.client().document(&self.url("/doc"), &TERMS, ASKING, NOW).await
    }
}

/// A name server that always answers with `addresses`.
pub(crate) fn answering(
    addresses: &[IpAddr],
) -> impl Fn(String) -> std::future::Ready<io::Result<Vec<IpAddr>>> + Send + Sync + 'static {
    let addresses = addresses.to_vec();
    move |_| std::future::ready(Ok(addresses.clone()))
}

/// What came, in a form to match on.
pub(crate) fn seen(document: &Result<Document, Arc<Error>>) -> Result<&[u8], &Error> {
    document.as_ref().map(|document| &document.body[..]).map_err(Arc::as_ref)
}

/// A good answer with these header lines.
pub(crate) fn ok(headers: &[&str], body: &str) -> String {
    let headers: String = headers.iter().flat_map(|line| [line, "\r\n"]).collect();
    format!("HTTP/1.1 200 OK\r\n{headers}content-length: {}\r\n\r\n{body}", body.len())
}

async fn converse(
    mut stream: impl AsyncRead + AsyncWrite + Unpin,
    says: &Mutex<Vec<Part>>,
    heard: &Mutex<Vec<String>>,
) -> io::Result<()> {
    let mut request = Vec::new();
    while !request.ends_with(b"\r\n\r\n") {
        request.push(stream.read_u8().await?);
    }
    heard.lock().unwrap().push(String::from_utf8(request).unwrap());
    let parts = says.lock().unwrap().clone();
    for part in parts {
        match part {
            Part::Text(text) => stream.write_all(text.as_bytes()).await?,
            Part::Wait(time) => tokio::time::sleep(time).await,
            Part::Endless(text, pause) => loop {
                stream.write_all(text.as_bytes()).await?;
                stream.flush().await?;
                tokio::time::sleep(pause).await;
            },
        }
        stream.flush().await?;
    }
    stream.shutdown().await
}

/// A certificate for `name`: roots that vouch for it, and a server's end of TLS.
fn certificate(name: &str) -> (Roots, TlsAcceptor) {
    let key = KeyPair::generate().unwrap();
    let certificate = CertificateParams::new([name.to_owned()]).unwrap().self_signed(&key).unwrap();
    let roots = Roots::none().with(certificate.der()).unwrap();
    let private = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()));
    let config = config.with_safe_default_protocol_versions().unwrap().with_no_client_auth();
    let config = config.with_single_cert(vec![certificate.der().clone()], private).unwrap();
    (roots, TlsAcceptor::from(Arc::new(config)))
}
