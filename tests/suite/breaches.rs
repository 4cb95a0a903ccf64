//! Passwords from known breaches, with a stand-in for the index that answers, is slow, or fails.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::json;
use support::{PASSWORD, Service};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use super::account::change_password;

/// In upper case, the SHA-1 hash of `PASSWORD`.
const HASH: &str = "D7B5370B042B331A8BF7BBE27CA5A289E8959A21";

/// How the index behaves.
#[derive(Clone, Copy)]
enum Behaviour {
    Lists(&'static str),
    Hangs,
    Fails,
}

/// Starts an index. Returns its address, and what it is asked for.
async fn index(behaviour: Behaviour) -> (SocketAddr, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let (address, asked) = (listener.local_addr().expect("an address"), Arc::new(Mutex::new(Vec::new())));
    let seen = Arc::clone(&asked);
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut request = vec![0; 4096];
            let length = stream.read(&mut request).await.unwrap_or_default();
            let request = String::from_utf8_lossy(&request[..length]).into_owned();
            seen.lock().expect("a list").push(request.lines().next().unwrap_or_default().to_owned());
            let answer = match behaviour {
                Behaviour::Lists(rest) => format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{rest}", rest.len()),
                Behaviour::Fails => "HTTP/1.1 503 Unavailable\r\ncontent-length: 0\r\n\r\n".to_owned(),
                Behaviour::Hangs => {
                    tokio::spawn(async move {
                        tokio::time::sleep(Duration::from_mins(1)).await;
                        drop(stream);
                    });
                    continue;
                }
            };
            let _ = stream.write_all(answer.as_bytes()).await;
        }
    });
    (address, asked)
}

async fn service(behaviour: Behaviour) -> (Service, Arc<Mutex<Vec<String>>>) {
    let (address, asked) = index(behaviour).await;
    (Service::with_parameters(&[("BreachedPasswords", &format!("http://{address}"))]).await, asked)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_from_a_breach_is_refused_and_the_index_learns_five_digits() {
    let (service, asked) = service(Behaviour::Lists(
        "00000000000000000000000000000000001:3\r\n70B042B331A8BF7BBE27CA5A289E8959A21:12\r\n",
    ))
    .await;
    let answer = service.post("/register", json!({"username": "alice", "password": PASSWORD})).await;
    assert_eq!(answer.problems(), ["password: breached"], "{answer:?}");
    assert_eq!(*asked.lock().expect("a list"), [format!("GET /range/{} HTTP/1.1", &HASH[..5])]);
    assert_eq!(service.sign_in("alice", PASSWORD).await.status, 401, "nobody was created");

    let other = "another lantern on the south pier";
    assert_eq!(service.post("/register", json!({"username": "alice", "password": other})).await.status, 201);
    let tokens = service.sign_in("alice", other).await.json();
    let access = tokens["access_token"].as_str().expect("a token");
    let answer = change_password(&service, access, other, PASSWORD).await;
    assert_eq!(answer.problems(), ["password: breached"], "{answer:?}");
    assert_eq!(service.sign_in("alice", other).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn padding_of_the_index_is_no_breach() {
    let (service, _) = service(Behaviour::Lists("70B042B331A8BF7BBE27CA5A289E8959A21:0\r\n")).await;
    assert_eq!(service.post("/register", json!({"username": "alice", "password": PASSWORD})).await.status, 201);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_index_that_hangs_or_fails_keeps_nobody_from_registering() {
    for behaviour in [Behaviour::Hangs, Behaviour::Fails] {
        let (service, asked) = service(behaviour).await;
        assert_eq!(service.post("/register", json!({"username": "alice", "password": PASSWORD})).await.status, 201);
        assert_eq!(asked.lock().expect("a list").len(), 1);
    }
}
