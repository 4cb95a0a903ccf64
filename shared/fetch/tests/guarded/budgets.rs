//! How often strangers can make us ask others.

use std::net::IpAddr;
use std::time::Duration;

use fetch::{Error, Terms};

use crate::server::{ASKING, NOW, Server, TERMS, ok, seen};

const MINUTE: Duration = Duration::from_mins(1);

fn other(number: u8) -> IpAddr {
    [192, 0, 2, number].into()
}

#[tokio::test]
async fn nobody_makes_us_ask_more_than_ten_times_a_minute() {
    let server = Server::start().await;
    server.says_text(ok(&[], "1"));
    let client = server.client();
    for number in 0..20 {
        let document = client.document(&server.url(&format!("/{number}")), &TERMS, ASKING, NOW).await;
        assert_eq!(document.is_ok(), number < 10, "{document:?}");
        assert!(number < 10 || matches!(seen(&document), Err(Error::Budget(_))));
    }
    assert_eq!(server.asked(), 10);
    assert!(client.document(&server.url("/0"), &TERMS, ASKING, NOW).await.is_ok(), "what is kept costs nothing");
    let refused = client.document(&server.url("/20"), &TERMS, other(1), NOW).await;
    assert!(matches!(seen(&refused), Err(Error::Budget(_))), "the host has had enough, whoever asks: {refused:?}");
    assert!(client.document(&server.url("/20"), &TERMS, ASKING, NOW + MINUTE).await.is_ok(), "the next minute");
}

#[tokio::test]
async fn a_refusal_for_one_is_no_failure_for_others() {
    let server = Server::start().await;
    server.says_text(ok(&[], "1"));
    let client = server.client();
    for number in 0..10 {
        let _ = client.document(&format!("https://{number}.app.example/"), &TERMS, ASKING, NOW).await;
    }
    let refused = client.document(&server.url("/doc"), &TERMS, ASKING, NOW).await;
    assert!(matches!(seen(&refused), Err(Error::Budget(_))), "{refused:?}");
    assert!(client.document(&server.url("/doc"), &TERMS, other(1), NOW).await.is_ok());
}

#[tokio::test]
async fn a_host_that_has_had_enough_is_known_by_its_last_document() {
    let server = Server::start().await;
    server.says_text(ok(&[], "1"));
    let client = server.client();
    let once = Terms { min_fresh: Duration::ZERO, max_fresh: Duration::ZERO, ..TERMS };
    for number in 0..15 {
        let document = client.document(&server.url("/doc"), &once, other(number), NOW).await;
        assert_eq!(document.unwrap().body, "1", "{number}");
    }
    assert_eq!(server.asked(), 10);
}
