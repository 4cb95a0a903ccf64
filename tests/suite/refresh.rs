//! `POST /token` with a refresh token: rotation, the grace window, and the end of a family (RFC 6749 section 6, RFC
//! 9700 section 4.14.2).

use std::collections::HashSet;
use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use futures_util::StreamExt;
use futures_util::stream;
use local::{Data, Options};
use serde_json::{Value, json};

use super::login::claims;
use support::engine::Disturbed;
use support::faulty::Fault;
use support::service::options;
use support::{Answer, PASSWORD, Service};

/// The tokens of a sign-in or a refresh.
#[derive(Clone, Debug)]
pub struct Tokens {
    pub access: String,
    pub refresh: String,
}

impl Tokens {
    /// The tokens of a 200.
    pub fn of(answer: &Answer) -> Self {
        assert_eq!((answer.status, answer.header("cache-control")), (200, "no-store"), "{answer:?}");
        let body = answer.json();
        let text = |name: &str| body[name].as_str().unwrap_or_else(|| panic!("{name}: {body}")).to_owned();
        Self { access: text("access_token"), refresh: text("refresh_token") }
    }

    /// The session's id.
    pub fn sid(&self) -> String {
        claims(&self.access)["sid"].as_str().expect("a sid").to_owned()
    }

    /// The person's id.
    pub fn user(&self) -> String {
        claims(&self.access)["sub"].as_str().expect("a sub").to_owned()
    }
}

/// Signs in a person who exists.
pub async fn sign_in(service: &Service, username: &str) -> Tokens {
    Tokens::of(&service.sign_in(username, PASSWORD).await)
}

/// Registers a person and signs them in.
pub async fn sign_up(service: &Service, username: &str) -> Tokens {
    let answer = service.post("/register", json!({"username": username, "password": PASSWORD})).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    sign_in(service, username).await
}

/// `POST path` with this exact form body.
pub async fn form(service: &Service, path: &str, body: &str) -> Answer {
    let request = service.request("POST", path).header("content-type", "application/x-www-form-urlencoded");
    service.send(request.body(body.to_owned())).await
}

/// A refresh by the first-party client.
pub async fn refresh(service: &Service, token: &str) -> Answer {
    form(service, "/token", &format!("grant_type=refresh_token&client_id=first-party&refresh_token={token}")).await
}

/// The status and `error` of a response in the format of RFC 6749 section 5.2.
pub fn refusal(answer: &Answer) -> (u16, String) {
    assert_eq!((answer.header("content-type"), answer.header("cache-control")), ("application/json", "no-store"));
    let body = answer.json();
    assert!(body["error_description"].is_string(), "{answer:?}");
    (answer.status, body["error"].as_str().expect("an error").to_owned())
}

/// Asserts that a refresh token is useless.
pub async fn assert_refused(service: &Service, token: &str) {
    let answer = refresh(service, token).await;
    assert_eq!(refusal(&answer), (400, "invalid_grant".to_owned()));
}

/// Calls the table's own API directly.
pub async fn table(service: &Service, operation: &str, mut input: Value) -> Value {
    input["TableName"] = json!(service.stack.table_name());
    service.stack.dynamodb(operation, &input).await.expect("an answer")
}

/// The token with some of its 96 bytes changed.
fn altered(token: &str, alter: impl FnOnce(&mut [u8])) -> String {
    let mut bytes = URL_SAFE_NO_PAD.decode(&token[4..]).expect("base64url");
    alter(&mut bytes);
    format!("gwr_{}", URL_SAFE_NO_PAD.encode(bytes))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refresh_issues_a_new_token_of_the_same_session_and_scope() {
    let service = Service::start().await;
    let first = sign_up(&service, "alice").await;
    let answer = refresh(&service, &first.refresh).await;
    let second = Tokens::of(&answer);
    assert_eq!((&answer.json()["scope"], &answer.json()["token_type"]), (&json!("account"), &json!("Bearer")));
    assert_ne!(second.refresh, first.refresh);
    let (old, new) = (claims(&first.access), claims(&second.access));
    for same in ["iss", "sub", "aud", "client_id", "scope", "sid", "auth_time", "acr", "username"] {
        assert_eq!(old[same], new[same], "{same}");
    }
    assert_ne!(old["jti"], new["jti"]);
    assert_eq!(service.get_as("/protected", &second.access).await.status, 200);
    Tokens::of(&refresh(&service, &second.refresh).await);
    assert_ne!(sign_in(&service, "alice").await.sid(), first.sid(), "every sign-in is a session of its own");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_narrower_scope_affects_only_the_access_token_and_a_wider_one_uses_nothing_up() {
    let service = Service::start().await;
    let tokens = sign_up(&service, "alice").await;
    let key = json!({"pk": {"S": format!("SESSION#{}", tokens.user())}, "sk": {"S": tokens.sid()}});
    let wider = json!({
        "Key": key, "UpdateExpression": "SET #scope = :scope", "ExpressionAttributeNames": {"#scope": "scope"},
        "ExpressionAttributeValues": {":scope": {"S": "account books"}}
    });
    table(&service, "UpdateItem", wider).await;
    let ask = async |token: &str, scope: &str| {
        let body = format!("grant_type=refresh_token&client_id=first-party&refresh_token={token}&scope={scope}");
        form(&service, "/token", &body).await
    };
    for scope in ["account+books+more", "more", "Account", "a%22b", "%C3%A9"] {
        let answer = ask(&tokens.refresh, scope).await;
        assert_eq!(refusal(&answer), (400, "invalid_scope".to_owned()), "{scope}");
    }
    let narrow = ask(&tokens.refresh, "books").await;
    let tokens = Tokens::of(&narrow);
    assert_eq!((&narrow.json()["scope"], &claims(&tokens.access)["scope"]), (&json!("books"), &json!("books")));
    let me = service.get_as("/me", &tokens.access).await;
    assert_eq!((me.status, me.code().as_str()), (403, "insufficient_scope"));
    assert!(me.header("www-authenticate").contains(r#"scope="account""#), "{me:?}");
    let whole = ask(&tokens.refresh, "").await;
    assert_eq!(whole.json()["scope"], json!("account books"), "the session kept what it was granted");
}

/// Refreshes one token `size` times, `at_once` of them concurrently.
async fn crowd(service: &Service, token: &str, size: usize, at_once: usize) -> Vec<Answer> {
    stream::iter(0..size).map(|_| refresh(service, token)).buffer_unordered(at_once).collect().await
}

#[tokio::test(flavor = "multi_thread")]
async fn concurrent_refreshes_of_one_token_all_get_the_same_successor() {
    // A thousand refreshes take longer than the default window on a busy machine.
    let service = Service::with_parameters(&[("RefreshGraceSeconds", "300")]).await;
    let first = sign_up(&service, "alice").await;
    let mut token = first.refresh.clone();
    for size in [64, 1000] {
        let answers: Vec<_> = crowd(&service, &token, size, 64).await.iter().map(Tokens::of).collect();
        assert_eq!(answers.len(), size);
        assert!(answers.iter().all(|tokens| tokens.sid() == first.sid()));
        let successors: HashSet<_> = answers.into_iter().map(|tokens| tokens.refresh).collect();
        assert_eq!(successors.len(), 1);
        token = successors.into_iter().next().expect("one");
        assert!(service.stack.instances("TokenFunction") >= 8);
    }
    Tokens::of(&refresh(&service, &token).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_grace_window_exactly_one_of_64_concurrent_refreshes_succeeds() {
    let service = Service::with_parameters(&[("RefreshGraceSeconds", "0")]).await;
    let tokens = sign_up(&service, "alice").await;
    let answers = crowd(&service, &tokens.refresh, 64, 64).await;
    assert!(service.stack.instances("TokenFunction") >= 8);
    let (good, bad): (Vec<_>, Vec<_>) = answers.iter().partition(|answer| answer.status == 200);
    assert_eq!(good.len(), 1, "{bad:?}");
    assert!(bad.iter().all(|answer| refusal(answer) == (400, "invalid_grant".to_owned())));
    // Somebody had a copy, and nobody knows who was first.
    assert_refused(&service, &Tokens::of(good[0]).refresh).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_was_replaced_twice_leads_to_the_current_one_within_its_window() {
    let service = Service::start().await;
    let first = sign_up(&service, "alice").await;
    let second = Tokens::of(&refresh(&service, &first.refresh).await);
    let third = Tokens::of(&refresh(&service, &second.refresh).await);
    for earlier in [&first, &second] {
        assert_eq!(Tokens::of(&refresh(&service, &earlier.refresh).await).refresh, third.refresh);
    }
    assert_eq!(service.get_as("/me", &third.access).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_processes_that_refresh_in_turns_lose_nothing() {
    let service = Service::with_parameters(&[("RefreshGraceSeconds", "2")]).await;
    let first = sign_up(&service, "alice").await.refresh;
    let mut processes = [first.clone(), first];
    let (begun, mut turns, mut waited) = (Instant::now(), 0, 0);
    while begun.elapsed() < Duration::from_mins(1) {
        // Each process uses the token that it received last, which the other one has replaced since.
        let answer = refresh(&service, &processes[turns % 2]).await;
        if answer.status == 429 {
            let seconds: u64 = answer.header("retry-after").parse().expect("seconds");
            tokio::time::sleep(Duration::from_secs(seconds)).await;
            waited += 1;
            continue;
        }
        processes[turns % 2] = Tokens::of(&answer).refresh;
        turns += 1;
        tokio::time::sleep(Duration::from_millis(150)).await;
    }
    assert!(turns > 60 && waited < turns / 6, "{turns} turns, {waited} of them late");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_rotates_too_often_has_to_wait_and_keeps_its_session() {
    let service = Service::with_parameters(&[("RefreshGraceSeconds", "5")]).await;
    let mut token = sign_up(&service, "alice").await.refresh;
    let refused = loop {
        let answer = refresh(&service, &token).await;
        if answer.status != 200 {
            break answer;
        }
        token = Tokens::of(&answer).refresh;
    };
    assert_eq!(refused.status, 429, "{refused:?}");
    let seconds: u64 = refused.header("retry-after").parse().expect("seconds");
    assert!((1..=5).contains(&seconds));
    tokio::time::sleep(Duration::from_secs(seconds)).await;
    Tokens::of(&refresh(&service, &token).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replay_outside_the_window_ends_the_family_and_its_access_tokens_but_no_other_session() {
    let service = Service::with_parameters(&[("RefreshGraceSeconds", "3")]).await;
    let first = sign_up(&service, "alice").await;
    let other = sign_in(&service, "alice").await;
    let second = Tokens::of(&refresh(&service, &first.refresh).await);
    assert_eq!(Tokens::of(&refresh(&service, &first.refresh).await).refresh, second.refresh);
    tokio::time::sleep(Duration::from_millis(3100)).await;
    assert_eq!(service.get_as("/me", &second.access).await.status, 200);
    assert_refused(&service, &first.refresh).await;
    assert_refused(&service, &second.refresh).await;
    for access in [&first.access, &second.access] {
        assert_eq!(service.get_as("/me", access).await.code(), "invalid_token");
    }
    assert_eq!(service.get_as("/me", &other.access).await.status, 200);
    Tokens::of(&refresh(&service, &other.refresh).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_ends_after_its_idle_time_unless_it_is_used() {
    let service = Service::with_parameters(&[("RefreshIdleSeconds", "5")]).await;
    let idle = sign_up(&service, "alice").await;
    let mut used = sign_in(&service, "alice").await;
    for _ in 0..4 {
        tokio::time::sleep(Duration::from_millis(1500)).await;
        used = Tokens::of(&refresh(&service, &used.refresh).await);
    }
    assert_refused(&service, &idle.refresh).await;
    assert_eq!(service.get_as("/me", &idle.access).await.code(), "invalid_token");
    assert_eq!(service.get_as("/me", &used.access).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_ends_after_its_maximum_lifetime_even_if_it_is_used() {
    let service = Service::with_parameters(&[("RefreshMaxSeconds", "2")]).await;
    let mut tokens = sign_up(&service, "alice").await;
    let began = Instant::now();
    let last = loop {
        let answer = refresh(&service, &tokens.refresh).await;
        if answer.status != 200 {
            break answer;
        }
        tokens = Tokens::of(&answer);
        assert!(began.elapsed() < Duration::from_secs(20), "it lives on");
        tokio::time::sleep(Duration::from_millis(200)).await;
    };
    assert_eq!(refusal(&last), (400, "invalid_grant".to_owned()));
    assert_eq!(service.get_as("/me", &tokens.access).await.code(), "invalid_token");
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_restart_the_current_token_works_and_an_old_one_is_refused() {
    let data = tempfile::tempdir().expect("a folder");
    let grace = vec![("RefreshGraceSeconds".to_owned(), "0".to_owned())];
    let kept = Options { data: Data::Folder(data.path().to_owned()), parameters: grace, ..options() };
    let service = Service::with_options(kept.clone()).await;
    let first = sign_up(&service, "alice").await;
    let second = Tokens::of(&refresh(&service, &first.refresh).await);
    let third = Tokens::of(&refresh(&service, &second.refresh).await);
    service.stack.stop().await;

    let service = Service::with_options(kept).await;
    let fourth = Tokens::of(&refresh(&service, &third.refresh).await);
    assert_eq!(fourth.sid(), first.sid());
    assert_refused(&service, &first.refresh).await;
    assert_refused(&service, &fourth.refresh).await;
    service.stack.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_retry_after_a_lost_reply_gets_the_same_successor() {
    let disturbed = Disturbed::start().await;
    let service = &disturbed.service;
    let mut token = sign_up(service, "alice").await.refresh;
    // A lost reply from the table: the retry recognises its own write.
    for _ in 0..5 {
        disturbed.store.plan(Some("UpdateItem"), Fault::LostReply, 1);
        let successor = Tokens::of(&refresh(service, &token).await).refresh;
        assert_eq!(Tokens::of(&refresh(service, &token).await).refresh, successor);
        token = successor;
    }
    // If all replies are lost, the client gets an error and tries again with the same token.
    disturbed.store.plan(Some("UpdateItem"), Fault::LostReply, usize::MAX);
    assert_eq!(refusal(&refresh(service, &token).await), (503, "temporarily_unavailable".to_owned()));
    disturbed.store.heal();
    let successor = Tokens::of(&refresh(service, &token).await).refresh;
    assert_eq!(Tokens::of(&refresh(service, &token).await).refresh, successor);
    Tokens::of(&refresh(service, &successor).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fault_of_the_store_is_a_503_and_uses_no_token_up() {
    let disturbed = Disturbed::start().await;
    let service = &disturbed.service;
    let mut token = sign_up(service, "alice").await.refresh;
    let faults = [
        Fault::Error(400, "ThrottlingException"),
        Fault::Error(400, "TransactionConflictException"),
        Fault::Error(400, "AccessDeniedException"),
        Fault::Error(400, "ResourceNotFoundException"),
        Fault::Error(500, "InternalServerError"),
        Fault::Silence(Duration::from_secs(10)),
    ];
    for fault in faults {
        for operation in [Some("UpdateItem"), None] {
            disturbed.store.plan(operation, fault.clone(), usize::MAX);
            let answer = refresh(service, &token).await;
            assert_eq!(refusal(&answer), (503, "temporarily_unavailable".to_owned()), "{fault:?}");
            assert!(!answer.header("retry-after").is_empty());
            disturbed.store.heal();
        }
        token = Tokens::of(&refresh(service, &token).await).refresh;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refresh_is_one_round_trip_and_two_with_a_scope_or_soon_after_another() {
    let disturbed = Disturbed::start().await;
    let service = &disturbed.service;
    let warm = sign_up(service, "bob").await.refresh;
    refresh(service, &warm).await;
    let token = sign_up(service, "alice").await.refresh;
    let seen = || {
        let mut seen = disturbed.store.take_seen();
        seen.sort(); // the profile is read beside the write
        seen
    };
    seen();
    let token = Tokens::of(&refresh(service, &token).await).refresh;
    assert_eq!(seen(), ["GetItem", "UpdateItem"]);
    let token = Tokens::of(&refresh(service, &token).await).refresh;
    assert_eq!(seen(), ["GetItem", "UpdateItem", "UpdateItem"]);
    let body = format!("grant_type=refresh_token&client_id=first-party&refresh_token={token}&scope=account");
    let token = Tokens::of(&form(service, "/token", &body).await).refresh;
    assert_eq!(seen(), ["GetItem", "GetItem", "UpdateItem"]);
    let made_up = altered(&token, |bytes| bytes[32] ^= 1);
    assert_refused(service, &made_up).await;
    assert_eq!(seen(), ["GetItem", "UpdateItem"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_forged_token_with_real_ids_is_refused_and_the_session_continues() {
    let service = Service::start().await;
    let alice = sign_up(&service, "alice").await;
    let bob = sign_up(&service, "bob-2").await;
    let token = alice.refresh.as_str();
    let other = URL_SAFE_NO_PAD.decode(&bob.refresh[4..]).expect("base64url");
    let made_up = [
        altered(token, |bytes| bytes[32..].fill(0)),
        altered(token, |bytes| bytes[32] ^= 1),
        altered(token, |bytes| bytes[32..64].copy_from_slice(&other[32..64])),
        altered(token, |bytes| bytes[..16].copy_from_slice(&other[..16])),
        altered(token, |bytes| bytes[16..32].copy_from_slice(&other[16..32])),
        altered(token, |bytes| bytes[..32].copy_from_slice(&other[..32])),
        altered(token, |bytes| bytes[32..].rotate_left(32)),
        token[4..].to_owned(),
        format!("{token}%3D"),
        format!("{token}AAAA"),
        "gwr_".to_owned(),
        "x".repeat(60_000),
    ];
    for made_up in made_up {
        assert_refused(&service, &made_up).await;
    }
    Tokens::of(&refresh(&service, &alice.refresh).await);
    Tokens::of(&refresh(&service, &bob.refresh).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_of_the_family_that_was_never_issued_ends_it() {
    let service = Service::start().await;
    let tokens = sign_up(&service, "alice").await;
    // Only a holder of an earlier token knows the family secret, so this counts as a replay.
    assert_refused(&service, &altered(&tokens.refresh, |bytes| bytes[95] ^= 1)).await;
    assert_refused(&service, &tokens.refresh).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn invalid_requests_get_the_errors_of_rfc_6749_and_use_no_token_up() {
    let service = Service::start().await;
    let token = sign_up(&service, "alice").await.refresh;
    let good = format!("grant_type=refresh_token&client_id=first-party&refresh_token={token}");
    let bodies = [
        (String::new(), "invalid_client"),
        (format!("grant_type=refresh_token&refresh_token={token}"), "invalid_client"),
        (good.replace("first-party", "somebody-else"), "invalid_client"),
        (good.replace("first-party", ""), "invalid_client"),
        (format!("{good}&client_secret=guess"), "invalid_client"),
        (format!("client_id=first-party&refresh_token={token}"), "invalid_request"),
        (good.replace("=refresh_token", "="), "invalid_request"),
        ("grant_type=refresh_token&client_id=first-party".to_owned(), "invalid_request"),
        ("grant_type=refresh_token&client_id=first-party&refresh_token=".to_owned(), "invalid_request"),
        (format!("{good}&client_id=first-party"), "invalid_request"),
        (format!("{good}&refresh_token={token}"), "invalid_request"),
        (format!("{good}&grant%5Ftype=refresh_token"), "invalid_request"),
        (format!("{good}&scope=account&scope=account"), "invalid_request"),
        (format!("{good}&x=%ff"), "invalid_request"),
        (good.replace("=refresh_token", "=password"), "unsupported_grant_type"),
        (good.replace("=refresh_token", "=Refresh_Token"), "unsupported_grant_type"),
    ];
    for (body, error) in bodies {
        let answer = form(&service, "/token", &body).await;
        let status = if error == "invalid_client" { 401 } else { 400 };
        assert_eq!(refusal(&answer), (status, error.to_owned()), "{body}");
        assert_eq!(answer.header("www-authenticate").is_empty(), status == 400, "{answer:?}");
    }
    for (header, value, body, error) in [
        ("authorization", "Basic Zmlyc3QtcGFydHk6eA==", good.clone(), (401, "invalid_client")),
        ("authorization", "Bearer x", good.clone(), (401, "invalid_client")),
        ("content-type", "text/plain", good.clone(), (400, "invalid_request")),
        ("content-type", "multipart/form-data; boundary=x", good.clone(), (400, "invalid_request")),
        (
            "content-type",
            "application/json",
            json!({"grant_type": "refresh_token"}).to_string(),
            (400, "invalid_request"),
        ),
    ] {
        let mut request = service.request("POST", "/token").header(header, value);
        if header != "content-type" {
            request = request.header("content-type", "application/x-www-form-urlencoded");
        }
        let answer = service.send(request.body(body)).await;
        assert_eq!(refusal(&answer), (error.0, error.1.to_owned()), "{header}: {value}");
    }
    let get = service.get(&format!("/token?{good}")).await;
    assert_eq!((get.status, get.header("allow")), (405, "POST, OPTIONS"));
    Tokens::of(&form(&service, "/token", &format!("{good}&unknown=1&scope=&client_secret=")).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn forms_are_read_as_text_and_from_base64() {
    let service = Service::start().await;
    let mut token = sign_up(&service, "alice").await.refresh;
    let event: Value = serde_json::from_str(include_str!("../../events/token.json")).expect("JSON");
    assert_eq!(event["isBase64Encoded"], json!(true), "as the gateway sends forms");
    let answer = service.stack.invoke("TokenFunction", event.clone()).await.expect("an answer");
    assert_eq!(answer["statusCode"], json!(400), "{answer}");
    for base64 in [true, false] {
        let form = format!("grant_type=refresh_token&client_id=first-party&refresh_token={token}");
        let mut event = event.clone();
        event["body"] = json!(if base64 { STANDARD.encode(&form) } else { form });
        event["isBase64Encoded"] = json!(base64);
        let answer = service.stack.invoke("TokenFunction", event).await.expect("an answer");
        assert_eq!(answer["statusCode"], json!(200), "{answer}");
        let body: Value = serde_json::from_str(answer["body"].as_str().expect("a body")).expect("JSON");
        body["refresh_token"].as_str().expect("a token").clone_into(&mut token);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_kind_of_secret_is_accepted_as_another() {
    let service = Service::start().await;
    let tokens = sign_up(&service, "alice").await;
    for secret in [tokens.access.as_str(), PASSWORD, &tokens.sid(), &tokens.user()] {
        assert_refused(&service, secret).await;
    }
    for secret in [tokens.refresh.as_str(), &tokens.refresh[4..], PASSWORD, &tokens.sid()] {
        for path in ["/me", "/me/sessions"] {
            assert_eq!(service.get_as(path, secret).await.code(), "invalid_token", "{path}");
        }
        assert_eq!(service.get_as("/protected", secret).await.status, 403);
    }
    for secret in [&tokens.refresh, &tokens.access] {
        assert_eq!(service.sign_in("alice", secret).await.code(), "invalid_credentials");
    }
    Tokens::of(&refresh(&service, &tokens.refresh).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn neither_logs_nor_the_table_contain_any_part_of_a_refresh_token() {
    let service = Service::start().await;
    let first = sign_up(&service, "alice").await;
    let second = Tokens::of(&refresh(&service, &first.refresh).await);
    assert_refused(&service, &altered(&first.refresh, |bytes| bytes[40] ^= 1)).await;
    let dump = table(&service, "Scan", json!({})).await.to_string();
    let logs = service.stop().await;
    assert!(dump.contains("SESSION#") && logs.contains("invalid_grant"));
    for token in [&first.refresh, &second.refresh] {
        let bytes = URL_SAFE_NO_PAD.decode(&token[4..]).expect("base64url");
        for secret in [&bytes[32..64], &bytes[64..]] {
            let texts = [STANDARD.encode(secret), URL_SAFE_NO_PAD.encode(secret)];
            for text in texts.iter().map(String::as_str).chain([token.as_str(), &token[60..]]) {
                assert!(!dump.contains(text) && !logs.contains(text), "{text}");
            }
        }
    }
}
