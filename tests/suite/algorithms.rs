//! Changing the signing algorithm of a running service refuses nobody.

use std::net::TcpListener;
use std::time::{Duration, Instant};

use local::{Options, Stack};
use serde_json::{Value, json};

use super::rotation::{header, refresh, rotate, sign_in};
use support::Service;
use support::service::options;

#[tokio::test(flavor = "multi_thread")]
async fn rsa_tokens_stay_valid_after_a_change_to_an_elliptic_curve() {
    change("RS256", "ES256", 20_000).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn elliptic_curve_tokens_stay_valid_after_a_change_to_an_edwards_curve() {
    change("ES256", "EdDSA", 26_000).await;
}

/// Deploys the service with one algorithm, then with another over the same table, and uses it all the time.
async fn change(old: &str, new: &str, ports: u16) {
    let settings = options();
    let engine = Stack::start(settings.clone()).await.expect("the engine starts");
    let settings = Options { port: Some(free(ports)), ..settings.over(&engine) };
    let before = deploy(settings.clone(), old).await;
    before.token_of("alice").await;
    let (first, mut session) = sign_in(&before).await;
    rotate(&before, json!({})).await;
    before.stack.stop().await;

    let service = deploy(settings, new).await;
    assert_eq!(algorithms(&[&first, &sign_in(&service).await.0]), [old, old], "nothing has rotated yet");
    // The schedule publishes a key of the new algorithm, which would sign after two hours. The operator's order lets it
    // sign now.
    rotate(&service, json!({})).await;
    rotate(&service, json!({"action": "rotate"})).await;
    let late = Instant::now() + Duration::from_mins(3);
    loop {
        let (refreshed, next) = refresh(&service, &session).await;
        let (fresh, _) = sign_in(&service).await;
        for token in [&first, &refreshed, &fresh] {
            accepts(&service, token).await;
        }
        if algorithms(&[&refreshed, &fresh]) == [new, new] {
            break;
        }
        assert!(Instant::now() < late, "no token of the new kind: {:?}", algorithms(&[&refreshed, &fresh]));
        session = next;
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    let keys = service.get("/.well-known/jwks.json").await.json();
    let published: Vec<_> = keys["keys"].as_array().expect("keys").iter().map(|key| &key["alg"]).collect();
    assert!(published.contains(&&json!(old)) && published.contains(&&json!(new)), "{keys}");
}

/// The service with the table, key and address of `settings`, so that the issuer stays the same.
async fn deploy(settings: Options, algorithm: &str) -> Service {
    // A short grace: the test refreshes more often than a client may within a long one.
    let parameters = [("SigningAlgorithm", algorithm), ("AuthorizerCacheSeconds", "0"), ("RefreshGraceSeconds", "1")];
    let parameters = parameters.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
    Service::with_options(Options { parameters, ..settings }).await
}

/// A free port from `ports` on. It is below the ephemeral range, so that it stays free.
fn free(ports: u16) -> u16 {
    let first = ports + u16::try_from(std::process::id() % 5_000).expect("it fits");
    (first..first + 1_000).find(|port| TcpListener::bind(("127.0.0.1", *port)).is_ok()).expect("a free port")
}

async fn accepts(service: &Service, token: &str) {
    for path in ["/protected", "/me"] {
        let answer = service.get_as(path, token).await;
        assert_eq!(answer.status, 200, "{path} refused a good token, {}: {answer:?}", header(token));
    }
}

fn algorithms(tokens: &[&String]) -> Vec<Value> {
    tokens.iter().map(|token| header(token)["alg"].clone()).collect()
}
