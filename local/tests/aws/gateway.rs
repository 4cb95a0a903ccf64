//! The HTTP API: events, answers, errors and limits of payload format 2.0.

use reqwest::Response;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::support::Fixture;

/// The status and the body of an answer that the gateway gives by itself, which carries its request id as every other.
async fn own(response: Response) -> (u16, String) {
    assert!(response.headers().contains_key("apigw-requestid"));
    assert_eq!(response.headers()["content-type"], "application/json");
    (response.status().as_u16(), response.text().await.expect("a body"))
}

fn error(status: u16, message: &str) -> (u16, String) {
    (status, format!(r#"{{"message":"{message}"}}"#))
}

#[tokio::test]
async fn an_event_describes_the_request() {
    let fixture = Fixture::start().await;
    let request = fixture.request("GET", "/files/a%20b/c?x=1&y=%26&x=2&flag&z=a+b");
    let seen = fixture.seen(request.header("X-Name", "one").header("X-Name", "two").header("user-agent", "me")).await;
    let event = &seen["event"];
    assert_eq!(event["version"], "2.0");
    assert_eq!(event["routeKey"], "ANY /files/{path+}");
    assert_eq!(event["rawPath"], "/files/a b/c");
    assert_eq!(event["pathParameters"], json!({"path": "a b/c"}));
    assert_eq!(event["rawQueryString"], "x=1&y=%26&x=2&flag&z=a+b");
    assert_eq!(event["queryStringParameters"], json!({"x": "1,2", "y": "&", "flag": "", "z": "a b"}));
    assert_eq!(event["headers"]["x-name"], "one,two");
    assert_eq!(event["isBase64Encoded"], false);
    assert!(event.get("body").is_none() && event.get("cookies").is_none());
    let context = &event["requestContext"];
    assert_eq!(context["http"]["method"], "GET");
    assert_eq!(context["http"]["path"], "/files/a b/c");
    assert_eq!(context["http"]["sourceIp"], "127.0.0.1");
    assert_eq!(context["http"]["userAgent"], "me");
    assert_eq!(context["http"]["protocol"], "HTTP/1.1");
    assert_eq!(context["stage"], "$default");
    assert_eq!(context["routeKey"], event["routeKey"]);
    assert!(context["timeEpoch"].as_u64().expect("a time") > 1_700_000_000_000);
    assert!(context["time"].as_str().expect("a time").ends_with(" +0000"));
    assert!(context.get("authorizer").is_none());
}

#[tokio::test]
async fn the_request_id_of_the_event_is_the_one_that_the_client_sees() {
    let fixture = Fixture::start().await;
    let response = fixture.request("GET", "/echo").send().await.expect("an answer");
    let shown = response.headers()["apigw-requestid"].to_str().expect("text").to_owned();
    let seen: Value = response.json().await.expect("json");
    assert_eq!(seen["event"]["requestContext"]["requestId"], shown.as_str());
    assert_eq!(shown.len(), 16);
}

#[tokio::test]
async fn cookies_are_a_list_of_their_own() {
    let fixture = Fixture::start().await;
    let request = fixture.request("GET", "/echo").header("cookie", "a=1; b=2").header("cookie", "c=3");
    let event = &fixture.seen(request).await["event"];
    assert_eq!(event["cookies"], json!(["a=1", "b=2", "c=3"]));
    assert!(event["headers"].get("cookie").is_none());
}

#[tokio::test]
async fn a_client_cannot_choose_its_address() {
    let fixture = Fixture::start().await;
    let request =
        fixture.request("GET", "/echo").header("x-forwarded-for", "6.6.6.6").header("x-forwarded-proto", "https");
    let event = &fixture.seen(request).await["event"];
    assert_eq!(event["requestContext"]["http"]["sourceIp"], "127.0.0.1");
    assert_eq!(event["headers"]["x-forwarded-for"], "6.6.6.6, 127.0.0.1");
    assert_eq!(event["headers"]["x-forwarded-proto"], "http");
}

#[tokio::test]
async fn only_a_few_types_travel_as_text() {
    let fixture = Fixture::start().await;
    for (content_type, body, is_base64) in [
        (Some("application/json; charset=utf-8"), "{}", false),
        (Some("TEXT/plain"), "ä", false),
        (Some("application/xml"), "<a/>", false),
        (Some("application/javascript"), "1", false),
        (Some("application/x-www-form-urlencoded"), "a=b", true),
        (Some("application/problem+json"), "{}", true),
        (Some("multipart/form-data; boundary=x"), "--x--", true),
        (None, "a=b", true),
    ] {
        let mut request = fixture.request("POST", "/echo").body(body);
        if let Some(content_type) = content_type {
            request = request.header("content-type", content_type);
        }
        let event = &fixture.seen(request).await["event"];
        assert_eq!(event["isBase64Encoded"], is_base64, "{content_type:?}");
        if !is_base64 {
            assert_eq!(event["body"], body);
        }
    }
    let request = fixture.request("POST", "/echo").header("content-type", "application/x-www-form-urlencoded");
    assert_eq!(fixture.seen(request.body("a=b")).await["event"]["body"], "YT1i");
}

#[tokio::test]
async fn bytes_that_are_no_text_survive_under_a_text_type() {
    let fixture = Fixture::start().await;
    let request = fixture.request("POST", "/echo").header("content-type", "application/json").body(vec![0xff, 0xfe]);
    let event = &fixture.seen(request).await["event"];
    assert_eq!((&event["isBase64Encoded"], &event["body"]), (&json!(true), &json!("//4=")));
}

#[tokio::test]
async fn routes_are_chosen_as_the_gateway_does() {
    let fixture = Fixture::start().await;
    for (method, path, key) in [
        ("GET", "/echo", "ANY /echo"),
        ("DELETE", "/echo?x=/echo/exact", "ANY /echo"),
        ("GET", "/echo/exact", "GET /echo/exact"),
        ("GET", "/echo/%65xact", "GET /echo/exact"),
        ("GET", "/echo/other", "GET /echo/{id}"),
        ("GET", "/files/a/b", "ANY /files/{path+}"),
        ("PUT", "/only-put", "PUT /only-put"),
    ] {
        assert_eq!(fixture.seen(fixture.request(method, path)).await["event"]["routeKey"], key, "{method} {path}");
    }
    for (method, path) in
        [("GET", "/"), ("GET", "/echo/"), ("GET", "//echo"), ("POST", "/echo/1"), ("GET", "/only-put")]
    {
        let response = fixture.request(method, path).send().await.expect("an answer");
        assert_eq!(own(response).await, error(404, "Not Found"), "{method} {path}");
    }
}

#[tokio::test]
async fn an_answer_becomes_the_response_that_it_describes() {
    let fixture = Fixture::start().await;
    let script = json!({"return": {
        "statusCode": 418,
        "headers": {"X-One": "1", "x-number": 2, "content-type": "image/gif", "content-length": "99"},
        "cookies": ["a=1; Path=/", "b=2"],
        "body": "R0lG",
        "isBase64Encoded": true,
    }});
    let response = fixture.scripted("/echo", &script).await;
    assert_eq!(response.status(), 418);
    assert_eq!(response.headers()["x-one"], "1");
    assert_eq!(response.headers()["x-number"], "2");
    assert_eq!(response.headers()["content-type"], "image/gif");
    let cookies: Vec<_> = response.headers().get_all("set-cookie").iter().collect();
    assert_eq!(cookies, ["a=1; Path=/", "b=2"]);
    assert!(response.headers().contains_key("apigw-requestid"));
    assert_eq!(response.text().await.expect("a body"), "GIF");
}

#[tokio::test]
async fn a_payload_without_a_status_is_the_body_of_a_200() {
    let fixture = Fixture::start().await;
    for (payload, body) in [
        (json!({"a": [1]}), r#"{"a":[1]}"#),
        (json!("text"), "text"),
        (json!([1, 2]), "[1,2]"),
        (json!({"headers": {"x-one": "1"}}), r#"{"headers":{"x-one":"1"}}"#),
    ] {
        let response = fixture.scripted("/echo", &json!({"return": payload})).await;
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["content-type"], "application/json");
        assert_eq!(response.text().await.expect("a body"), body);
    }
}

#[tokio::test]
async fn an_answer_that_means_nothing_is_a_500() {
    let fixture = Fixture::start().await;
    for payload in [
        json!({"statusCode": "fine"}),
        json!({"statusCode": 99}),
        json!({"statusCode": 1000}),
        json!({"statusCode": 200, "body": {"a": 1}}),
        json!({"statusCode": 200, "body": "no base64!", "isBase64Encoded": true}),
        json!({"statusCode": 200, "headers": ["a"]}),
        json!({"statusCode": 200, "headers": {"a": "line\nbreak"}}),
        json!({"statusCode": 200, "headers": {"not a name": "x"}}),
        json!({"statusCode": 200, "cookies": "a=1"}),
    ] {
        let response = fixture.scripted("/echo", &json!({"return": payload})).await;
        assert_eq!(own(response).await, error(500, "Internal Server Error"), "{payload}");
    }
}

#[tokio::test]
async fn a_function_that_fails_or_crashes_is_a_500_and_the_next_request_is_answered() {
    let fixture = Fixture::start().await;
    for script in [json!({"fail": "a secret reason"}), json!({"exit": 1})] {
        let response = fixture.scripted("/echo", &script).await;
        assert_eq!(own(response).await, error(500, "Internal Server Error"), "{script}");
        fixture.seen(fixture.request("GET", "/echo")).await;
    }
    for path in ["/exits", "/fails"] {
        let response = fixture.request("GET", path).send().await.expect("an answer");
        assert_eq!(own(response).await, error(500, "Internal Server Error"), "{path}");
    }
}

#[tokio::test]
async fn a_function_that_exceeds_its_own_timeout_is_a_500() {
    let fixture = Fixture::start().await;
    let response = fixture.scripted("/echo", &json!({"sleep": 10_000})).await;
    assert_eq!(own(response).await, error(500, "Internal Server Error"));
}

#[tokio::test]
async fn an_integration_that_exceeds_its_timeout_is_a_503_and_the_function_goes_on() {
    let fixture = Fixture::start().await;
    let response = fixture.scripted("/impatient", &json!({"sleep": 1500, "print": "begun"})).await;
    assert_eq!(own(response).await, error(503, "Service Unavailable"));
    let seen = fixture.seen(fixture.request("GET", "/slow")).await;
    assert_eq!(seen["calls"], 1, "the first process is still at it, so a second one answers");
    assert_eq!(fixture.stack.instances("SlowFunction"), 2);
}

#[tokio::test]
async fn limits_are_the_gateways() {
    let fixture = Fixture::start().await;
    let post =
        |size: usize| fixture.request("POST", "/echo").header("content-type", "text/plain").body("x".repeat(size));
    let accepted = post(6 * 1024 * 1024 - 4096).header("x-script", json!({"return": "ok"}).to_string());
    assert_eq!(accepted.send().await.expect("an answer").status(), 200);
    for size in [6 * 1024 * 1024, 10 * 1024 * 1024 + 1] {
        let response = post(size).send().await.expect("an answer");
        assert_eq!(own(response).await, error(413, "Request Entity Too Large"), "{size}");
    }
    let headers = |size: usize| fixture.request("GET", "/echo").header("x-long", "x".repeat(size));
    assert_eq!(headers(9_900).send().await.expect("an answer").status(), 200);
    let response = headers(10_240).send().await.expect("an answer");
    assert_eq!(own(response).await, error(431, "Request Header Fields Too Large"));
    let response = fixture.request("GET", &format!("/echo?{}", "x".repeat(10_240))).send().await.expect("an answer");
    assert_eq!(response.status(), 431);
}

#[tokio::test]
async fn an_answer_over_6_mib_is_a_500() {
    let fixture = Fixture::start().await;
    let body = "x".repeat(5 * 1024 * 1024);
    let request = fixture.request("POST", "/echo").header("content-type", "text/plain");
    let script = json!({"return": {"statusCode": 200, "body": "ok"}});
    let small = request.try_clone().expect("a copy").header("x-script", script.to_string()).body(body.clone());
    assert_eq!(small.send().await.expect("an answer").status(), 200);
    // Echoed inside JSON inside JSON, a quote becomes four bytes: 2 MiB become 8.
    let response = request.body("\"".repeat(2 * 1024 * 1024)).send().await.expect("an answer");
    assert_eq!(own(response).await, error(500, "Internal Server Error"));
}

#[tokio::test]
async fn a_body_without_a_length_is_limited_too() {
    let fixture = Fixture::start().await;
    let address = fixture.stack.url().trim_start_matches("http://").to_owned();
    let mut stream = TcpStream::connect(address).await.expect("a connection");
    let head = b"POST /echo HTTP/1.1\r\nhost: x\r\ncontent-type: text/plain\r\ntransfer-encoding: chunked\r\n\r\n";
    stream.write_all(head).await.expect("sent");
    let mut chunk = b"100000\r\n".to_vec();
    chunk.extend(vec![b'x'; 0x10_0000]);
    chunk.extend(b"\r\n");
    for _ in 0..11 {
        if stream.write_all(&chunk).await.is_err() {
            break; // answered before it was all sent
        }
    }
    let mut answer = vec![0; 12];
    stream.read_exact(&mut answer).await.expect("an answer");
    assert_eq!(answer, b"HTTP/1.1 413");
}

#[tokio::test]
async fn a_method_that_the_gateway_does_not_know_reaches_no_function() {
    let fixture = Fixture::start().await;
    for method in ["TRACE", "PROPFIND"] {
        let response = fixture.request(method, "/echo").send().await.expect("an answer");
        assert_eq!(own(response).await, error(404, "Not Found"), "{method}");
    }
}

#[tokio::test]
async fn an_answer_to_head_has_no_body() {
    let fixture = Fixture::start().await;
    let response = fixture.request("HEAD", "/echo").send().await.expect("an answer");
    assert_eq!(response.status(), 200);
    assert_eq!(response.bytes().await.expect("a body").len(), 0);
}
