//! Hostile servers.

use std::time::Duration;

use fetch::Error;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpListener;

use crate::server::{ASKING, LOOPBACK, NAME, NOW, Part, Server, TERMS, answering, ok, seen};

const NO_TIME: Duration = Duration::ZERO;
const MANY: &str = "a: b\r\nc: d\r\ne: f\r\ng: h\r\ni: j\r\nk: l\r\nm: n\r\no: p\r\nq: r\r\ns: t\r\nu: v\r\nw: x\r\n";
const BODY: &str = include_str!("hostile.rs");
const CHUNKS: &str = "40\r\nyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy\r\n";
const A_MOMENT: Duration = Duration::from_millis(50);

/// What comes of it when the server says this.
async fn failure(parts: impl Into<Vec<Part>>) -> String {
    let server = Server::start().await;
    server.says(parts);
    #[expect(clippy::disallowed_methods, reason = "a test that measures time")]
    let begin = std::time::Instant::now();
    let error = server.fetched().await.unwrap_err();
    assert!(begin.elapsed() < Duration::from_millis(2800), "{:?}", begin.elapsed());
    format!("{error:?}").split(['(', ' ']).next().unwrap().to_owned()
}

async fn failure_of_text(text: impl Into<String>) -> String {
    failure([Part::Text(text.into())]).await
}

#[tokio::test]
async fn an_honest_server_gets_one_plain_request() {
    let server = Server::start().await;
    server.says_text(ok(&["Content-Type: application/json"], "{}"));
    let document = server.client().document(&server.url("/a/b?c=d"), &TERMS, ASKING, NOW).await.unwrap();
    assert_eq!((&document.body[..], document.content_type.as_deref()), (&b"{}"[..], Some("application/json")));
    let request = server.heard().to_ascii_lowercase();
    let lines: Vec<_> = request.trim_end().split("\r\n").collect();
    let host = format!("host: {NAME}:{}", server.port);
    let expected =
        ["get /a/b?c=d http/1.1", &host, "accept: application/json", "user-agent: gatewright", "connection: close"];
    assert_eq!(lines, expected, "no encoding that we would take, no cookie, nothing of ours");
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let elsewhere = Server::start().await;
    elsewhere.says_text(ok(&[], "secret"));
    for status in
        ["301 Moved Permanently", "302 Found", "303 See Other", "307 Temporary Redirect", "308 Permanent Redirect"]
    {
        let location = elsewhere.url("/");
        let text = format!("HTTP/1.1 {status}\r\nlocation: {location}\r\ncontent-length: 2\r\n\r\n{{}}");
        assert_eq!(failure_of_text(text).await, "Status", "{status}");
    }
    assert_eq!(elsewhere.accepted(), 0);
}

#[tokio::test]
async fn only_a_whole_answer_with_the_status_200_counts() {
    for status in [
        "201 Created",
        "203 Non-Authoritative",
        "204 No Content",
        "206 Partial Content",
        "304 Not Modified",
        "404 Not Found",
        "500 Oh",
    ] {
        assert_eq!(
            failure_of_text(format!("HTTP/1.1 {status}\r\ncontent-length: 0\r\n\r\n")).await,
            "Status",
            "{status}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_server_is_given_up_after_two_seconds() {
    let slow_head = [Part::Text("HTTP/1.1 200 OK\r\n".into()), Part::Endless("x: y\r\n", A_MOMENT)];
    let slow_letters = [Part::Text("HTTP/1.1 200 OK\r\nx: ".into()), Part::Endless("y", A_MOMENT)];
    let slow_body =
        [Part::Text("HTTP/1.1 200 OK\r\ncontent-length: 4000\r\n\r\n".into()), Part::Endless("y", A_MOMENT)];
    let silence = [Part::Wait(Duration::from_mins(1))];
    let half =
        [Part::Text("HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\n{}".into()), Part::Wait(Duration::from_mins(1))];
    let interim = [Part::Endless("HTTP/1.1 100 Continue\r\n\r\n", A_MOMENT)];
    let failures = tokio::join!(
        failure(slow_head),
        failure(slow_letters),
        failure(slow_body),
        failure(silence),
        failure(half),
        failure(interim)
    );
    let timeout = || "Timeout".to_owned();
    assert_eq!(failures, (timeout(), timeout(), timeout(), timeout(), timeout(), timeout()));
}

#[tokio::test]
async fn a_body_that_is_too_large_is_not_read_to_its_end() {
    let declared = "HTTP/1.1 200 OK\r\ncontent-length: 99999999999\r\n\r\n";
    assert_eq!(failure([Part::Text(declared.into()), Part::Wait(Duration::from_mins(1))]).await, "TooLarge");
    let unending = [Part::Text("HTTP/1.1 200 OK\r\n\r\n".into()), Part::Endless(BODY, NO_TIME)];
    assert_eq!(failure(unending).await, "TooLarge");
    let chunked = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";
    assert_eq!(failure([Part::Text(chunked.into()), Part::Endless(CHUNKS, NO_TIME)]).await, "TooLarge");
    let one_chunk = format!("{chunked}ffffffffff\r\n");
    assert_eq!(failure([Part::Text(one_chunk), Part::Endless(BODY, NO_TIME)]).await, "TooLarge");

    let server = Server::start().await;
    server.says_text(ok(&[], &"y".repeat(TERMS.most_bytes)));
    assert_eq!(server.fetched().await.unwrap().body.len(), TERMS.most_bytes, "as much as the use allows");
    assert_eq!(failure_of_text(ok(&[], &"y".repeat(TERMS.most_bytes + 1))).await, "TooLarge");
    let generous = fetch::Terms { most_bytes: usize::MAX, ..TERMS };
    server.says_text(ok(&[], &"y".repeat((64 << 10) + 1)));
    let refused = server.client().document(&server.url("/"), &generous, ASKING, NOW).await;
    assert!(matches!(seen(&refused), Err(Error::TooLarge(_))), "no use allows more than 64 KB: {refused:?}");
}

#[tokio::test]
async fn a_wrong_content_length_gives_no_more_than_was_declared() {
    assert_eq!(failure_of_text("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n{}").await, "Body");
    assert_eq!(failure_of_text("HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 3\r\n\r\n{}").await, "Http");
    assert_eq!(failure_of_text("HTTP/1.1 200 OK\r\ncontent-length: -2\r\n\r\n{}").await, "Http");
    assert_eq!(failure_of_text("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4\r\n{}").await, "Body");
    let server = Server::start().await;
    server
        .says_text("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\nsecond");
    assert_eq!(server.fetched().await.unwrap().body, "{}", "what follows is not read");
}

#[tokio::test]
async fn oversized_headers_are_refused() {
    let line = "x".repeat(20 << 10);
    assert_eq!(failure_of_text(format!("HTTP/1.1 200 OK\r\n{line}: y\r\n\r\n")).await, "Http");
    assert_eq!(failure_of_text(format!("HTTP/1.1 200 OK\r\nx: {line}\r\n\r\n")).await, "Http");
    assert_eq!(failure_of_text(format!("HTTP/1.1 200 OK\r\n{}\r\n", "x: y\r\n".repeat(100))).await, "Http");
    let unending = [Part::Text("HTTP/1.1 200 OK\r\n".into()), Part::Endless(MANY, NO_TIME)];
    assert_eq!(failure(unending).await, "Http");
}

#[tokio::test]
async fn an_answer_that_is_not_http_is_refused() {
    for text in [
        "",
        "SSH-2.0-OpenSSH_9.6\r\n",
        "{}",
        "HTTP/2 200\r\n\r\n",
        "HTTP/1.1 20 OK\r\n\r\n",
        "HTTP/1.1 200 OK\r\nx y\r\n\r\n",
    ] {
        assert_eq!(failure_of_text(text).await, "Http", "{text}");
    }
    let upgraded = "HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n";
    assert_ne!(failure_of_text(upgraded).await, "Timeout");
}

#[tokio::test]
async fn a_compressed_body_is_refused() {
    let bomb = "\u{1f}\u{8b}".repeat(100);
    for encoding in ["gzip", "br", "deflate", "zstd", "identity, gzip"] {
        assert_eq!(failure_of_text(ok(&[&format!("content-encoding: {encoding}")], &bomb)).await, "Encoded");
    }
    let server = Server::start().await;
    server.says_text(ok(&["Content-Encoding: Identity"], "{}"));
    assert_eq!(server.fetched().await.unwrap().body, "{}");
}

#[tokio::test]
async fn a_server_without_a_certificate_for_its_name_gets_no_request() {
    let other = Server::named("other.example").await;
    assert!(matches!(seen(&other.fetched().await), Err(Error::Connect(_))), "another name");
    let server = Server::start().await;
    let private = fetch::PrivateOrigins::parse(&format!("{NAME}:{}", server.port)).unwrap();
    let web = fetch::Guarded::resolving(fetch::Roots::web(), private, answering(&[LOOPBACK])).unwrap();
    let refused = web.document(&server.url("/"), &TERMS, ASKING, NOW).await;
    assert!(matches!(seen(&refused), Err(Error::Connect(_))), "nobody vouches for it: {refused:?}");
    assert_eq!((other.asked(), server.asked()), (0, 0));
}

#[tokio::test]
#[expect(clippy::disallowed_methods, reason = "a test that measures time")]
async fn a_server_that_does_not_speak_tls_is_given_up_after_a_second() {
    let listener = TcpListener::bind((LOOPBACK, 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let private = fetch::PrivateOrigins::parse(&format!("{NAME}:{port}")).unwrap();
    let client = fetch::Guarded::resolving(fetch::Roots::web(), private, answering(&[LOOPBACK])).unwrap();
    let begin = std::time::Instant::now();
    let silent = client.document(&format!("https://{NAME}:{port}/1"), &TERMS, ASKING, NOW).await;
    assert!(matches!(seen(&silent), Err(Error::Timeout(_))), "{silent:?}");
    assert!(begin.elapsed() < Duration::from_millis(1900), "{:?}", begin.elapsed());
    drop(listener.accept().await.unwrap());
    let plain = tokio::spawn(async move {
        let (mut tcp, _) = listener.accept().await.unwrap();
        tcp.write_all(ok(&[], "{}").as_bytes()).await.unwrap();
        tcp.shutdown().await.unwrap();
    });
    let refused = client.document(&format!("https://{NAME}:{port}/2"), &TERMS, ASKING, NOW).await;
    assert!(matches!(seen(&refused), Err(Error::Connect(_))), "{refused:?}");
    plain.await.unwrap();
}
