//! What is kept of what came, and for how long.

use std::time::Duration;

use fetch::{Error, Guarded, Terms};
use futures_util::future::join_all;

use crate::server::{ASKING, NOW, Server, TERMS, ok, seen};

const S: Duration = Duration::from_secs(1);

async fn at(client: &Guarded, server: &Server, seconds: u32) -> String {
    let document = client.document(&server.url("/doc"), &TERMS, ASKING, NOW + seconds * S).await;
    String::from_utf8(document.unwrap().body.to_vec()).unwrap()
}

#[tokio::test]
async fn a_document_is_fresh_as_long_as_it_says_but_within_the_bounds_of_the_use() {
    for (header, fresh) in [
        ("x: y", 60),
        ("cache-control: max-age=300", 300),
        ("cache-control: max-age=1", 60),
        ("cache-control: no-cache", 60),
        ("cache-control: max-age=31536000, immutable", 600),
    ] {
        let server = Server::start().await;
        server.says_text(ok(&[header], "1"));
        let client = server.client();
        for (second, asked) in [(0, 1), (fresh - 1, 1), (fresh, 2), (2 * fresh - 1, 2)] {
            assert_eq!(at(&client, &server, second).await, "1");
            assert_eq!(server.asked(), asked, "{header} after {second}");
        }
    }
}

#[tokio::test]
async fn a_document_that_must_not_be_kept_is_fetched_each_time() {
    let server = Server::start().await;
    server.says_text(ok(&["cache-control: no-store, max-age=300", "etag: \"1\""], "1"));
    let client = server.client();
    for asked in 1..4 {
        assert_eq!(at(&client, &server, 0).await, "1");
        assert_eq!(server.asked(), asked);
        assert!(!server.heard().contains("if-none-match"));
    }
}

#[tokio::test]
async fn a_document_with_an_etag_is_revalidated_with_it() {
    let server = Server::start().await;
    server.says_text(ok(&["etag: \"one\""], "1"));
    let client = server.client();
    assert_eq!(at(&client, &server, 0).await, "1");
    server.says_text("HTTP/1.1 304 Not Modified\r\ncache-control: max-age=200\r\n\r\n");
    assert_eq!(at(&client, &server, 60).await, "1");
    assert!(server.heard().contains("if-none-match: \"one\"\r\n"));
    assert_eq!((at(&client, &server, 259).await.as_str(), server.asked()), ("1", 2), "fresh again");
    server.says_text(ok(&["etag: \"two\""], "2"));
    assert_eq!(at(&client, &server, 260).await, "2");
    server.says_text(ok(&[], "3"));
    assert_eq!(at(&client, &server, 320).await, "3");
    assert!(server.heard().contains("if-none-match: \"two\"\r\n"));
    assert_eq!(at(&client, &server, 380).await, "3");
    assert!(!server.heard().contains("if-none-match"), "a document without a tag");
    server.says_text("HTTP/1.1 304 Not Modified\r\n\r\n");
    assert_eq!(at(&client, &server, 440).await, "3", "an answer to no question is a failure; the last one serves on");
}

#[tokio::test]
async fn while_a_host_fails_its_last_document_serves_for_an_hour() {
    let server = Server::start().await;
    server.says_text(ok(&[], "1"));
    let client = server.client();
    assert_eq!(at(&client, &server, 0).await, "1");
    server.says_text("HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\n\r\n");
    for (second, asked) in [(60, 2), (119, 2), (120, 3), (3599, 4)] {
        assert_eq!(at(&client, &server, second).await, "1");
        assert_eq!(server.asked(), asked, "after {second}");
    }
    let gone = client.document(&server.url("/doc"), &TERMS, ASKING, NOW + 3600 * S).await;
    assert!(matches!(seen(&gone), Err(Error::Status(503))), "{gone:?}");
}

#[tokio::test]
async fn a_failure_is_remembered_for_a_minute() {
    let server = Server::start().await;
    server.says_text("HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n");
    let client = server.client();
    for (second, asked) in [(0, 1), (59, 1), (60, 2)] {
        let failed = client.document(&server.url("/doc"), &TERMS, ASKING, NOW + second * S).await;
        assert!(matches!(seen(&failed), Err(Error::Status(404))), "{failed:?}");
        assert_eq!(server.asked(), asked, "after {second}");
    }
    server.says_text(ok(&[], "1"));
    assert_eq!(at(&client, &server, 120).await, "1");
}

#[tokio::test]
async fn a_use_does_not_see_documents_of_another_use() {
    let server = Server::start().await;
    server.says_text(ok(&[], &"y".repeat(5000)));
    let client = server.client();
    let small = Terms { most_bytes: 100, ..TERMS };
    let image = Terms { accept: "image/png", ..TERMS };
    assert!(client.document(&server.url("/"), &TERMS, ASKING, NOW).await.is_ok());
    let refused = client.document(&server.url("/"), &small, ASKING, NOW).await;
    assert!(matches!(seen(&refused), Err(Error::TooLarge(100))), "{refused:?}");
    assert!(client.document(&server.url("/"), &image, ASKING, NOW).await.is_ok());
    assert_eq!(server.asked(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn sixty_four_who_need_a_document_at_once_are_one_request() {
    let server = Server::start().await;
    server.says_text(ok(&[], "1"));
    let client = server.client();
    let url = server.url("/doc");
    // One of them has time to be first; the budget of a minute would not suffice for a request of each.
    assert!(client.document(&url, &TERMS, ASKING, NOW).await.is_ok());
    let documents = join_all((0..64).map(|_| client.document(&url, &TERMS, ASKING, NOW + 59 * S))).await;
    assert!(documents.iter().all(Result::is_ok));
    assert_eq!(server.asked(), 1);
}
