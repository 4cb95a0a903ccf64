//! Invalid input of all kinds is answered with a clear 4xx that names the problem, and the service continues.

use serde_json::json;

use support::party::post_form;
use support::{PASSWORD, Service};

async fn post(service: &Service, content_type: &str, body: impl Into<Vec<u8>>) -> (u16, String, Vec<String>) {
    let request = service.request("POST", "/register").header("content-type", content_type).body(body.into());
    let answer = service.send(request).await;
    (answer.status, answer.code(), answer.problems())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_is_not_a_json_object_is_refused_with_a_reason() {
    let service = Service::start().await;
    let deep = format!("{{\"username\":{}", "[".repeat(60_000));
    let bodies: Vec<(Vec<u8>, &str)> = vec![
        (b"".to_vec(), "body: missing"),
        (b"[]".to_vec(), "body: wrong_type"),
        (b"null".to_vec(), "body: wrong_type"),
        (b"{\"username\": \"a\"".to_vec(), "body: malformed_json"),
        (b"{\"username\": \"\\ud800\"}".to_vec(), "body: malformed_json"),
        (b"{'username': 'a'}".to_vec(), "body: malformed_json"),
        (deep.into_bytes(), "body: malformed_json"),
        (vec![0; 1000], "body: malformed_json"),
    ];
    for (body, problem) in bodies {
        let shown = String::from_utf8_lossy(&body[..body.len().min(30)]).into_owned();
        let expected = (400, "invalid_request".to_owned(), vec![problem.to_owned()]);
        assert_eq!(post(&service, "application/json", body).await, expected, "{shown}");
    }
    service.token_of("alice").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn other_media_types_are_refused() {
    let service = Service::start().await;
    let form = "username=alice&password=a+lantern+on+the+north+pier";
    for content_type in
        ["application/x-www-form-urlencoded", "text/plain", "application/xml", "", "multipart/form-data; boundary=x"]
    {
        let (status, code, _) = post(&service, content_type, form).await;
        assert_eq!((status, code.as_str()), (415, "unsupported_media_type"), "{content_type}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn sizes_are_checked_first() {
    let service = Service::start().await;
    let body = |length: usize| json!({"username": "alice", "password": "x".repeat(length)}).to_string();
    let (status, code, _) = post(&service, "application/json", body(64 * 1024)).await;
    assert_eq!((status, code.as_str()), (413, "payload_too_large"));
    let (status, _, problems) = post(&service, "application/json", body(60 * 1024)).await;
    assert_eq!((status, problems), (400, vec!["password: too_long".to_owned()]));
    let many: serde_json::Map<_, _> = (0..65).map(|number| (number.to_string(), json!(1))).collect();
    let (status, _, problems) = post(&service, "application/json", json!(many).to_string()).await;
    assert_eq!((status, problems), (400, vec!["body: too_many".to_owned()]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repeated_member_is_refused() {
    let service = Service::start().await;
    let body = format!(r#"{{"username":"alice","username":"bob","password":"{PASSWORD}"}}"#);
    let (status, _, problems) = post(&service, "application/json", body).await;
    assert_eq!((status, problems), (400, vec!["username: repeated".to_owned()]));
}

#[tokio::test(flavor = "multi_thread")]
async fn misleading_usernames_are_refused() {
    let service = Service::start().await;
    let long = "a".repeat(65);
    let huge = "a".repeat(50_000);
    for username in
        ["", "ab", "a b c", "   ", "al\u{0}ice", "al\u{200b}ice", "ali\u{202e}ce", "a\nb", "al@ice", &long, &huge]
    {
        let answer = service.post("/register", json!({"username": username, "password": PASSWORD})).await;
        assert_eq!(answer.status, 400, "{username:?}");
        assert!(answer.problems().iter().all(|problem| problem.starts_with("username: ")), "{username:?}: {answer:?}");
        assert!(!answer.problems().is_empty());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn values_of_every_wrong_type_are_named() {
    let service = Service::start().await;
    for value in [json!(null), json!(1), json!(true), json!([]), json!({}), json!(["a"])] {
        let answer = service.post("/login", json!({"username": value, "password": value})).await;
        assert_eq!(answer.problems(), ["password: wrong_type", "username: wrong_type"], "{value}");
    }
}

/// Ids that cannot exist: with any characters, and longer than DynamoDB's keys (2048 and 1024 bytes).
fn strange_ids() -> Vec<String> {
    let texts = ["0", "\0", "\u{e9}", "\u{10ffff}", "a/b", "#", " "].map(str::to_owned);
    let long = [1024, 1025, 2048, 2049, 6000].map(|length| "a".repeat(length));
    let wide = [513, 1025].map(|length| "\u{e9}".repeat(length));
    texts.into_iter().chain(long).chain(wide).collect()
}

fn percent_encoded(text: &str) -> String {
    percent_encoding::percent_encode(text.as_bytes(), percent_encoding::NON_ALPHANUMERIC).to_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_impossible_id_in_a_path_is_an_unknown_one() {
    let service = Service::start().await;
    let token = service.token_of("alice").await;
    for id in strange_ids().iter().filter(|id| id.len() <= 2049 && !id.contains('/')) {
        let id = percent_encoded(id);
        for (method, path, expected) in [
            ("DELETE", format!("/me/sessions/{id}"), 404),
            ("DELETE", format!("/me/consents/{id}"), 404),
            ("GET", format!("/clients/{id}"), 401),
            ("PUT", format!("/clients/{id}"), 401),
            ("DELETE", format!("/clients/{id}"), 401),
        ] {
            let request = service.request(method, &path).bearer_auth(&token).body("{}");
            let answer = service.send(request.header("content-type", "application/json")).await;
            assert_eq!(answer.status, expected, "{method} {path:.80}: {} bytes: {answer:?}", id.len());
        }
    }
    for path in ["/me/sessions/", "/me/consents/", "/clients/"] {
        let answer = service.send(service.request("DELETE", path).bearer_auth(&token)).await;
        assert_eq!(answer.status, 404, "{path}: {answer:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_impossible_id_in_a_form_is_an_unknown_one() {
    let service = Service::start().await;
    let (client_id, client_secret) = service
        .client(json!({"redirect_uris": ["https://a.example/", "https://b.example/"], "token_endpoint_auth_method": "client_secret_post"}))
        .await;
    let own = [("client_id", client_id.as_str()), ("client_secret", &client_secret)];
    for id in strange_ids() {
        let id = id.as_str();
        for (path, form, expected) in [
            ("/token", vec![("grant_type", "refresh_token"), ("client_id", id), ("refresh_token", id)], 401),
            ("/token", vec![("grant_type", "refresh_token"), ("refresh_token", id), own[0], own[1]], 400),
            (
                "/token",
                vec![("grant_type", "authorization_code"), ("code", id), ("code_verifier", id), own[0], own[1]],
                400,
            ),
            ("/par", vec![("client_id", id), ("client_secret", id)], 401),
            ("/revoke", vec![("token", id), own[0], own[1]], 200),
            ("/introspect", vec![("token", id), own[0], own[1]], 200),
            ("/authorize", vec![("client_id", id), ("request_uri", id)], 400),
            ("/authorize", vec![("client_id", own[0].1), ("request_uri", id), ("login_hint", id)], 400),
            ("/end_session", vec![("client_id", id)], 200),
        ] {
            let answer = post_form(&service, path, &form).await;
            assert_eq!(answer.status, expected, "{path}, {} bytes of {id:.9?}: {answer:?}", id.len());
        }
        let answer = service.post("/login", json!({"username": id, "password": PASSWORD})).await;
        assert_eq!(answer.status, 401, "{} bytes of {id:.9?}: {answer:?}", id.len());
    }
}
