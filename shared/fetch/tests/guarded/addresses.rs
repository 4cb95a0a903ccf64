//! Hostile names: those that resolve to addresses that are not public.

use std::io;
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use fetch::{Error, Guarded, PrivateOrigins, Roots, Terms};

use crate::server::{ASKING, LOOPBACK, NAME, NOW, Server, TERMS, answering, ok, seen};

/// In a part of the address space that was never allocated, so nobody answers there.
const NOWHERE: &str = "2d00::1";

fn addresses(texts: &[&str]) -> Vec<IpAddr> {
    texts.iter().map(|text| text.parse().unwrap()).collect()
}

/// A client for which nothing is private.
fn strict<F>(server: &Server, resolve: impl Fn(String) -> F + Send + Sync + 'static) -> Guarded
where
    F: Future<Output = io::Result<Vec<IpAddr>>> + Send + 'static,
{
    Guarded::resolving(server.roots.clone(), PrivateOrigins::default(), resolve).unwrap()
}

/// Terms under which the server's port would be fine.
fn terms(server: &Server) -> Terms {
    Terms { ports: Box::leak(Box::new([server.port])), ..TERMS }
}

#[tokio::test]
async fn a_host_with_any_address_that_is_not_public_is_not_connected_to() {
    let server = Server::start().await;
    server.says_text(ok(&[], "secret"));
    let mut many = vec![NOWHERE; 1000];
    many.push("10.0.0.1");
    for answer in [
        vec!["127.0.0.1"],
        vec!["10.1.2.3"],
        vec!["169.254.169.254"],
        vec!["fd00:ec2::254"],
        vec!["::1"],
        vec!["::ffff:127.0.0.1"],
        vec!["64:ff9b::7f00:1"],
        vec!["64:ff9b:1::1"],
        vec!["2002:7f00:1::"],
        vec!["2001::1"],
        vec![NOWHERE, "127.0.0.1"],
        vec!["127.0.0.1", NOWHERE],
        many,
    ] {
        let client = strict(&server, answering(&addresses(&answer)));
        let refused = client.document(&server.url("/doc"), &terms(&server), ASKING, NOW).await;
        assert!(matches!(seen(&refused), Err(Error::NotPublic(_))), "{answer:?}: {refused:?}");
    }
    assert_eq!(server.accepted(), 0);
}

#[tokio::test]
async fn addresses_in_urls_are_checked_without_a_lookup() {
    let server = Server::start().await;
    let client = strict(&server, |host| async move { panic!("{host} was looked up") });
    for host in ["127.0.0.1", "0.0.0.0", "169.254.169.254", "[::1]", "[::]", "[::ffff:127.0.0.1]", "[fd00:ec2::254]"] {
        let refused = client.document(&format!("https://{host}:{}/", server.port), &terms(&server), ASKING, NOW).await;
        assert!(matches!(seen(&refused), Err(Error::NotPublic(_))), "{host}: {refused:?}");
    }
    assert_eq!(server.accepted(), 0);
}

#[tokio::test]
async fn names_and_numbers_that_the_machine_resolves_itself_are_checked_too() {
    let server = Server::named("localhost").await;
    let client = Guarded::new(server.roots.clone(), PrivateOrigins::default()).unwrap();
    for host in ["localhost", "LOCALHOST", "127.1", "2130706433", "0x7f000001", "017700000001"] {
        let refused = client.document(&format!("https://{host}:{}/", server.port), &terms(&server), ASKING, NOW).await;
        assert!(matches!(seen(&refused), Err(Error::NotPublic(_) | Error::Url(_))), "{host}: {refused:?}");
    }
    assert_eq!(server.accepted(), 0);
}

#[tokio::test]
async fn a_name_that_resolves_differently_a_moment_later_leads_nowhere_else() {
    let server = Server::start().await;
    server.says_text(ok(&[], "secret"));
    let asked = Arc::new(AtomicUsize::new(0));
    let count = asked.clone();
    let client = strict(&server, move |_| {
        let first = count.fetch_add(1, Ordering::SeqCst) == 0;
        std::future::ready(Ok(if first { addresses(&[NOWHERE]) } else { vec![LOOPBACK] }))
    });
    let first = client.document(&server.url("/1"), &terms(&server), ASKING, NOW).await;
    assert!(matches!(seen(&first), Err(Error::Connect(_) | Error::Timeout(_))), "{first:?}");
    assert_eq!((asked.load(Ordering::SeqCst), server.accepted()), (1, 0));
    let second = client.document(&server.url("/2"), &terms(&server), ASKING, NOW).await;
    assert!(matches!(seen(&second), Err(Error::NotPublic(_))), "{second:?}");
    assert_eq!(server.accepted(), 0);
}

#[tokio::test]
async fn a_host_of_many_addresses_is_reached_at_one_of_the_first() {
    let server = Server::start().await;
    server.says_text(ok(&[], "hello"));
    let private = || PrivateOrigins::parse(&format!("{NAME}:{}", server.port)).unwrap();
    let client =
        |addresses: &[IpAddr]| Guarded::resolving(server.roots.clone(), private(), answering(addresses)).unwrap();
    let near = client(&addresses(&["127.0.0.2", "127.0.0.3", "127.0.0.4", "127.0.0.1"]));
    assert_eq!(near.document(&server.url("/"), &TERMS, ASKING, NOW).await.unwrap().body, "hello");
    let mut far = addresses(&["127.0.0.2"; 1000]);
    far.push(LOOPBACK);
    let refused = client(&far).document(&server.url("/"), &TERMS, ASKING, NOW).await;
    assert!(matches!(seen(&refused), Err(Error::Connect(_))), "{refused:?}");
    let none = client(&[]).document(&server.url("/"), &TERMS, ASKING, NOW).await;
    assert!(matches!(seen(&none), Err(Error::Connect(_))), "{none:?}");
}

#[tokio::test]
#[expect(clippy::disallowed_methods, reason = "a test that measures time")]
async fn a_name_server_that_does_not_answer_is_given_up() {
    let server = Server::start().await;
    let client = strict(&server, |_| std::future::pending());
    let begin = std::time::Instant::now();
    let given_up = client.document("https://app.example/", &TERMS, ASKING, NOW).await;
    assert!(matches!(seen(&given_up), Err(Error::Timeout(_))), "{given_up:?}");
    assert!(begin.elapsed() < Duration::from_millis(1900), "{:?}", begin.elapsed());
}

#[tokio::test]
async fn a_private_host_is_reached_only_where_it_was_named() {
    let server = Server::named("localhost").await;
    server.says_text(ok(&[], "hello"));
    let url = format!("https://localhost:{}/", server.port);
    for (private, reached) in [
        (format!("localhost:{}", server.port), true),
        (format!("https://LOCALHOST:{}", server.port), true),
        (format!("http://localhost:{}", server.port), false),
        ("localhost".to_owned(), false),
        (String::new(), false),
    ] {
        let client = Guarded::new(server.roots.clone(), PrivateOrigins::parse(&private).unwrap()).unwrap();
        let document = client.document(&url, &terms(&server), ASKING, NOW).await;
        assert_eq!(document.is_ok(), reached, "{private}: {document:?}");
    }
    assert!(Guarded::new(Roots::web(), PrivateOrigins::default()).is_ok());
}
