//! Keys over HTTPS, from a server with a test certificate.

use std::sync::Arc;

use authorizer::Failure;
use fetch::Roots;
use jwt::RevocationList;
use rcgen::{CertificateParams, KeyPair};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::aws_lc_rs;
use tokio_rustls::rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};

use crate::http_api::event;
use crate::issuer::{KEY, Reply, ask, authorizer, claims, serve};

/// An HTTPS server with a certificate for `name`: its port, and roots that vouch for it.
async fn server(name: &str) -> (u16, Roots) {
    let key = KeyPair::generate().unwrap();
    let certificate = CertificateParams::new([name.to_owned()]).unwrap().self_signed(&key).unwrap();
    let roots = Roots::none().with(certificate.der()).unwrap();
    let private = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()));
    let config = config.with_safe_default_protocol_versions().unwrap().with_no_client_auth();
    let config = config.with_single_cert(vec![certificate.der().clone()], private).unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        loop {
            let (tcp, _) = listener.accept().await.unwrap();
            if let Ok(stream) = acceptor.accept(tcp).await {
                serve(stream, |path| match path {
                    "/revocations" => Reply::revocations(&RevocationList::default()),
                    _ => Reply::keys(&[&KEY]),
                })
                .await;
            }
        }
    });
    (port, roots)
}

#[tokio::test]
async fn keys_are_fetched_over_https() {
    let (port, roots) = server("localhost").await;
    let url = format!("https://localhost:{port}");
    let event = event(&format!("Bearer {}", KEY.sign(&claims(&url)).unwrap()));
    assert_eq!(ask(&authorizer(&url, &[], roots), &event).await.unwrap()["isAuthorized"], true);
}

#[tokio::test]
async fn a_server_with_an_untrusted_certificate_is_refused() {
    let (port, _) = server("localhost").await;
    let url = format!("https://localhost:{port}");
    let event = event(&format!("Bearer {}", KEY.sign(&claims(&url)).unwrap()));
    assert!(matches!(ask(&authorizer(&url, &[], Roots::web()), &event).await, Err(Failure::Keys(_))));
}

#[tokio::test]
async fn a_server_with_a_certificate_for_another_name_is_refused() {
    let (port, roots) = server("id.example").await;
    let url = format!("https://localhost:{port}");
    let event = event(&format!("Bearer {}", KEY.sign(&claims(&url)).unwrap()));
    assert!(matches!(ask(&authorizer(&url, &[], roots), &event).await, Err(Failure::Keys(_))));
}
