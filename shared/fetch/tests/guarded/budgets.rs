//! How many requests strangers can cause.

use std::net::IpAddr;
use std::time::Duration;

use fetch::{Error, Terms};

use crate::server::{ASKING, NOW, Server, TERMS, ok, seen};

const MINUTE: Duration = Duration::from_mins(1);

fn other(number: u8) -> IpAddr {
    [192, 0, 2, number].into()
}

#[tokio::test]
async fn a_host_and_an_address_get_ten_requests_a_minute() {
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
    assert!(
        matches!(seen(&refused), Err(Error::Budget(_))),
        "the budget of the host is spent for everybody: {refused:?}"
    );
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
async fn when_the_budget_of_a_host_is_spent_its_last_document_serves() {
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
