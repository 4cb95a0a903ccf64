//! The table over HTTPS: an engine behind a TLS server with a test certificate.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use fetch::Roots;
use oauth::Code;
use rcgen::{CertificateParams, KeyPair};
use store::{Aws, Created, Table, Users};
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::aws_lc_rs;
use tokio_rustls::rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};

use crate::engine::{Engine, START, environment, new_user};

/// A TLS server that forwards everything to an engine.
struct Front {
    port: u16,
    roots: Roots,
    handshakes: Arc<AtomicUsize>,
    connections: Arc<Mutex<Vec<JoinHandle<()>>>>,
    table: String,
}

impl Front {
    /// Starts in front of `engine`, with a certificate for `name`.
    async fn before(engine: &Engine, name: &str) -> Self {
        let (roots, acceptor) = certificate(name);
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let front =
            Self { port, roots, handshakes: Arc::default(), connections: Arc::default(), table: engine.name.clone() };
        let (handshakes, connections) = (front.handshakes.clone(), front.connections.clone());
        let engine = engine.url.trim_start_matches("http://").to_owned();
        tokio::spawn(async move {
            loop {
                let (tcp, _) = listener.accept().await.expect("a connection");
                let (acceptor, engine, handshakes) = (acceptor.clone(), engine.clone(), handshakes.clone());
                let connection = tokio::spawn(async move {
                    let Ok(mut tls) = acceptor.accept(tcp).await else { return };
                    handshakes.fetch_add(1, Ordering::SeqCst);
                    let mut upstream = TcpStream::connect(engine).await.expect("the engine");
                    let _ = copy_bidirectional(&mut tls, &mut upstream).await;
                });
                connections.lock().expect("no panic").push(connection);
            }
        });
        front
    }

    /// The users, for a client that trusts `roots`.
    fn users(&self, roots: Roots) -> Users {
        let environment = environment(&format!("https://localhost:{}", self.port));
        let aws = Aws::trusting(roots, &environment).expect("the variables are there");
        Users::new(&Table::new(&aws, &self.table))
    }

    /// Closes every connection, as servers do with idle ones.
    async fn hang_up(&self) {
        let connections: Vec<_> = self.connections.lock().expect("no panic").drain(..).collect();
        for connection in connections {
            connection.abort();
            assert!(connection.await.is_err_and(|error| error.is_cancelled()));
        }
    }

    fn handshakes(&self) -> usize {
        self.handshakes.load(Ordering::SeqCst)
    }
}

/// A certificate for `name`: roots that trust it, and the server side of TLS.
fn certificate(name: &str) -> (Roots, TlsAcceptor) {
    let key = KeyPair::generate().expect("a key");
    let certificate = CertificateParams::new([name.to_owned()]).expect("a name").self_signed(&key).expect("signed");
    let roots = Roots::none().with(certificate.der()).expect("a root");
    let private = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()));
    let config = config.with_safe_default_protocol_versions().expect("TLS").with_no_client_auth();
    let config = config.with_single_cert(vec![certificate.der().clone()], private).expect("a pair");
    (roots, TlsAcceptor::from(Arc::new(config)))
}

#[tokio::test]
async fn calls_share_one_https_connection_and_reconnect_after_it_was_closed() {
    let engine = Engine::start().await;
    let front = Front::before(&engine, "localhost").await;
    let users = front.users(front.roots.clone());
    for username in ["alice", "bob", "carol"] {
        let created = users.create(&new_user(username), START).await.expect("no fault");
        assert!(matches!(created, Created::User(_)), "{username}");
    }
    assert_eq!(front.handshakes(), 1);
    front.hang_up().await;
    let created = users.create(&new_user("alice"), START).await.expect("no fault");
    assert!(matches!(created, Created::UsernameTaken));
    assert_eq!(front.handshakes(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_with_an_untrusted_certificate_receives_nothing() {
    let engine = Engine::start().await;
    let front = Front::before(&engine, "localhost").await;
    let environment = environment(&format!("https://localhost:{}", front.port));
    let aws = Aws::open(&environment).expect("the variables are there");
    let users = Users::new(&Table::new(&aws, &engine.name));
    let error = users.create(&new_user("alice"), START).await.expect_err("no certificate of the web's");
    assert_eq!(error.code(), Code::TemporarilyUnavailable);
    assert_eq!((front.handshakes(), engine.items().await), (0, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_with_a_certificate_for_another_name_receives_nothing() {
    let engine = Engine::start().await;
    let front = Front::before(&engine, "dynamodb.example").await;
    let error = front.users(front.roots.clone()).create(&new_user("alice"), START).await.expect_err("another name");
    assert_eq!(error.code(), Code::TemporarilyUnavailable);
    assert_eq!((front.handshakes(), engine.items().await), (0, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_never_completes_the_handshake_times_out() {
    let mute = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = mute.local_addr().expect("an address").port();
    let (roots, _) = certificate("localhost");
    let aws = Aws::trusting(roots, &environment(&format!("https://localhost:{port}"))).expect("the variables");
    let users = Users::new(&Table::new(&aws, "table"));
    let error = users.create(&new_user("alice"), START).await.expect_err("nobody answers");
    assert_eq!(error.code(), Code::TemporarilyUnavailable);
}
