//! `/me` and below: the profile, the sessions, and a new password. Errors follow RFC 6750.

use std::time::Duration;

use futures_util::future::join_all;
use serde_json::{Value, json};

use super::refresh::{Tokens, assert_refused, refresh, sign_in, sign_up};
use support::browser::{Browser, CALLBACK};
use support::engine::Disturbed;
use support::faulty::Fault;
use support::{Answer, PASSWORD, Service};

const NEW_PASSWORD: &str = "a foghorn on the south pier";

/// `method path` with a Bearer token.
async fn call(service: &Service, method: &str, path: &str, token: &str) -> Answer {
    service.send(service.request(method, path).header("authorization", format!("Bearer {token}"))).await
}

/// `POST /me/password`.
pub async fn change_password(service: &Service, token: &str, current: &str, new: &str) -> Answer {
    let request = service.request("POST", "/me/password").header("authorization", format!("Bearer {token}"));
    service.send(request.json(&json!({"current_password": current, "password": new}))).await
}

async fn sessions(service: &Service, token: &str) -> Vec<Value> {
    let answer = service.get_as("/me/sessions", token).await;
    assert_eq!((answer.status, answer.header("cache-control")), (200, "no-store"), "{answer:?}");
    answer.json()["sessions"].as_array().expect("a list").clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn me_is_the_person_of_the_token() {
    let service = Service::start().await;
    let tokens = sign_up(&service, "Alice").await;
    let answer = service.get_as("/me", &tokens.access).await;
    assert_eq!((answer.status, answer.header("cache-control")), (200, "no-store"), "{answer:?}");
    let profile = answer.json();
    assert_eq!((&profile["id"], &profile["username"]), (&json!(tokens.user()), &json!("Alice")));
    assert!(profile["created_at"].is_u64() && profile["roles"] == json!([]), "{profile}");
    assert!(!answer.text.contains("argon2"), "{profile}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_challenge_names_an_error_only_if_the_request_had_a_token() {
    let service = Service::start().await;
    let token = sign_up(&service, "alice").await.access;
    for (method, path) in [
        ("GET", "/me"),
        ("PATCH", "/me"),
        ("DELETE", "/me"),
        ("GET", "/me/events"),
        ("GET", "/me/export"),
        ("GET", "/me/sessions"),
        ("DELETE", "/me/sessions"),
        ("DELETE", "/me/sessions/x"),
        ("POST", "/me/password"),
    ] {
        let none = service.send(service.request(method, path)).await;
        assert_eq!((none.status, none.header("www-authenticate")), (401, r#"Bearer realm="gatewright""#), "{none:?}");
        let basic = service.send(service.request(method, path).header("authorization", "Basic YTpi")).await;
        assert!(basic.status == 401 && !basic.header("www-authenticate").contains("error"), "{basic:?}");
        for bad in ["x", "", &token[..token.len() - 4], &format!("{token}, Bearer {token}")] {
            let answer = call(&service, method, path, bad).await;
            assert_eq!(answer.status, 401, "{method} {path} {bad}");
            let challenge = answer.header("www-authenticate");
            assert!(bad.is_empty() || challenge.contains(r#"error="invalid_token""#), "{bad}: {challenge}");
        }
        let query = service.send(service.request(method, &format!("{path}?access_token={token}"))).await;
        assert_eq!(query.status, 401, "a token in a query is none");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_error_for_an_expired_token_says_so() {
    let service = Service::with_parameters(&[("AccessTokenSeconds", "1")]).await;
    let tokens = sign_up(&service, "alice").await;
    assert_eq!(service.get_as("/me", &tokens.access).await.status, 200);
    tokio::time::sleep(Duration::from_secs(7)).await; // one second of life, five of leeway
    let answer = service.get_as("/me", &tokens.access).await;
    assert_eq!((answer.status, answer.code().as_str()), (401, "invalid_token"));
    let challenge = answer.header("www-authenticate");
    assert!(challenge.contains(r#"error="invalid_token""#) && challenge.contains("expired"), "{challenge}");
    let fresh = Tokens::of(&refresh(&service, &tokens.refresh).await);
    assert_eq!(service.get_as("/me", &fresh.access).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn sessions_are_listed_and_the_current_one_is_marked() {
    let service = Service::start().await;
    let first = sign_up(&service, "alice").await;
    let login = service.request("POST", "/login").header("user-agent", "Lighthouse/1.0");
    let login = login.json(&json!({"username": "alice", "password": PASSWORD}));
    let second = Tokens::of(&service.send(login).await);
    sign_up(&service, "bob-2").await;
    let listed = sessions(&service, &second.access).await;
    let ids: Vec<_> = listed.iter().map(|session| session["id"].clone()).collect();
    assert_eq!(ids, [json!(first.sid()), json!(second.sid())], "oldest first, and nobody else's");
    let current: Vec<_> = listed.iter().map(|session| session["current"].clone()).collect();
    assert_eq!(current, [json!(false), json!(true)]);
    assert_eq!(listed[1]["user_agent"], json!("Lighthouse/1.0"));
    for session in listed {
        let mut names: Vec<_> = session.as_object().expect("an object").keys().cloned().collect();
        names.retain(|name| name != "user_agent");
        assert_eq!(
            names,
            ["client_id", "created_at", "current", "expires_at", "id", "last_used_at", "scope"],
            "no secret is shown"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn only_its_owner_can_end_a_session() {
    let service = Service::start().await;
    let alice = sign_up(&service, "alice").await;
    let lost = sign_in(&service, "alice").await;
    let bob = sign_up(&service, "bob-2").await;
    let end = async |by: &Tokens, id: &str| call(&service, "DELETE", &format!("/me/sessions/{id}"), &by.access).await;
    assert_eq!(end(&bob, &alice.sid()).await.code(), "not_found");
    assert_eq!(end(&alice, "00000000-0000-7000-8000-000000000000").await.code(), "not_found");
    assert_eq!(end(&alice, "%20").await.code(), "not_found");
    let alice = Tokens::of(&refresh(&service, &alice.refresh).await);

    assert_eq!(end(&alice, &lost.sid()).await.status, 204);
    assert_refused(&service, &lost.refresh).await;
    assert_eq!(service.get_as("/me", &lost.access).await.code(), "invalid_token");
    assert_eq!(end(&alice, &lost.sid()).await.code(), "not_found");

    assert_eq!(end(&alice, &alice.sid()).await.status, 204, "signing out");
    assert_refused(&service, &alice.refresh).await;
    assert_eq!(service.get_as("/me", &alice.access).await.code(), "invalid_token");
    Tokens::of(&refresh(&service, &bob.refresh).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn all_other_sessions_can_be_ended_at_once() {
    let service = Service::start().await;
    let bob = sign_up(&service, "bob-2").await;
    let kept = sign_up(&service, "alice").await;
    let others = join_all((0..5).map(|_| sign_in(&service, "alice"))).await;
    assert_eq!(call(&service, "DELETE", "/me/sessions", &kept.access).await.status, 204);
    for other in others {
        assert_refused(&service, &other.refresh).await;
        assert_eq!(service.get_as("/me", &other.access).await.code(), "invalid_token");
    }
    assert_eq!(sessions(&service, &kept.access).await.len(), 1);
    Tokens::of(&refresh(&service, &kept.refresh).await);
    Tokens::of(&refresh(&service, &bob.refresh).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_password_replaces_the_old_one_and_ends_every_other_session() {
    let service = Service::start().await;
    let tokens = sign_up(&service, "alice").await;
    let other = sign_in(&service, "alice").await;
    assert_eq!(change_password(&service, &tokens.access, PASSWORD, NEW_PASSWORD).await.status, 204);
    assert_refused(&service, &other.refresh).await;
    assert_eq!(service.get_as("/me", &other.access).await.code(), "invalid_token");
    assert_eq!(service.get_as("/me", &tokens.access).await.status, 200);
    Tokens::of(&refresh(&service, &tokens.refresh).await);
    assert_eq!(service.sign_in("alice", PASSWORD).await.code(), "invalid_credentials");
    assert_eq!(service.sign_in("alice", NEW_PASSWORD).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_that_is_weak_or_not_the_current_one_changes_nothing() {
    let service = Service::start().await;
    let tokens = sign_up(&service, "alice").await;
    let other = sign_in(&service, "alice").await;
    let wrong = change_password(&service, &tokens.access, "not the right one at all", NEW_PASSWORD).await;
    assert_eq!((wrong.status, wrong.code().as_str()), (401, "invalid_credentials"));
    let weak = change_password(&service, &tokens.access, PASSWORD, "xq7 vw").await;
    assert_eq!((weak.status, weak.problems()), (400, vec!["password: too_short".to_owned()]));
    let request = service.request("POST", "/me/password").header("authorization", format!("Bearer {}", tokens.access));
    let smuggled = json!({"current_password": PASSWORD, "password": NEW_PASSWORD, "sub": "somebody"});
    let smuggled = service.send(request.json(&smuggled)).await;
    assert_eq!((smuggled.status, smuggled.problems().len()), (400, 1), "{smuggled:?}");
    Tokens::of(&refresh(&service, &other.refresh).await);
    assert_eq!(service.sign_in("alice", PASSWORD).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stolen_token_does_not_help_to_guess_the_password() {
    let service = Service::start().await;
    let tokens = sign_up(&service, "alice").await;
    let guesses = (0..20).map(|_| change_password(&service, &tokens.access, "wrong wrong wrong", NEW_PASSWORD));
    let guesses = join_all(guesses).await;
    let count = |status| guesses.iter().filter(|answer| answer.status == status).count();
    assert_eq!((count(401), count(429)), (5, 15), "{guesses:?}");
    let right = change_password(&service, &tokens.access, PASSWORD, NEW_PASSWORD).await;
    assert_eq!((right.status, right.header("retry-after").is_empty()), (429, false), "{right:?}");
    assert_eq!(service.sign_in("alice", PASSWORD).await.status, 200, "signing in has limits of its own");
}

#[tokio::test(flavor = "multi_thread")]
async fn guesses_of_strangers_do_not_keep_a_person_from_changing_the_password() {
    let service = Service::start().await;
    let tokens = sign_up(&service, "alice").await;
    while service.sign_in("alice", "wrong wrong wrong").await.status == 401 {}
    assert_eq!(service.sign_in("alice", PASSWORD).await.status, 429);
    assert_eq!(change_password(&service, &tokens.access, PASSWORD, NEW_PASSWORD).await.status, 204);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_concurrent_password_changes_one_succeeds() {
    let service = Service::start().await;
    let tokens = sign_up(&service, "alice").await;
    let new: Vec<_> = (0..4).map(|number| format!("{NEW_PASSWORD} {number}")).collect();
    let changes = new.iter().map(|new| change_password(&service, &tokens.access, PASSWORD, new));
    let answers = join_all(changes).await;
    let mut good = new.iter().zip(&answers).filter(|(_, answer)| answer.status == 204);
    let (winner, _) = good.next().expect("one succeeds");
    assert!(good.next().is_none() && answers.iter().all(|answer| [204, 401].contains(&answer.status)), "{answers:?}");
    assert_eq!(service.sign_in("alice", winner).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_method_below_me_is_answered_with_the_supported_ones() {
    let service = Service::start().await;
    for (method, path, allow) in [
        ("POST", "/me", "GET"),
        ("GET", "/me/password", "POST"),
        ("POST", "/me/sessions", "DELETE"),
        ("GET", "/me/sessions/x", "DELETE"),
    ] {
        let answer = service.send(service.request(method, path)).await;
        assert!(answer.status == 405 && answer.header("allow").contains(allow), "{answer:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_change_interrupted_by_a_fault_is_completed_by_the_next_attempt() {
    let disturbed = Disturbed::start().await;
    let service = &disturbed.service;
    let (mine, other) = (sign_up(service, "alice").await, sign_in(service, "alice").await);
    let new = "another lantern, further north";
    // With the revocations known, the next query is for the sessions to end: after the password's own transaction.
    assert_eq!(service.get_as("/me", &mine.access).await.status, 200);
    disturbed.store.plan(Some("Query"), Fault::Error(500, "InternalServerError"), usize::MAX);
    let cut = change_password(service, &mine.access, PASSWORD, new).await;
    assert_eq!(cut.status, 503, "{cut:?}");
    disturbed.store.heal();
    assert_eq!(change_password(service, &mine.access, PASSWORD, new).await.status, 204);
    assert_eq!(refresh(service, &other.refresh).await.status, 400);
    assert_eq!(refresh(service, &mine.refresh).await.status, 200);
    assert_eq!(service.sign_in("alice", new).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_display_name_is_set_and_removed_and_nothing_else_can_be() {
    let service = Service::start().await;
    let tokens = sign_up(&service, "alice").await;
    let patch = async |body: Value| {
        let request = service.request("PATCH", "/me").header("authorization", format!("Bearer {}", tokens.access));
        service.send(request.json(&body)).await
    };
    assert_eq!(patch(json!({"name": "Alice L."})).await.json()["name"], "Alice L.");
    assert_eq!(patch(json!({})).await.json()["name"], "Alice L.", "an absent member stays");
    assert_eq!(service.get_as("/me", &tokens.access).await.json()["name"], "Alice L.");
    assert_eq!(patch(json!({"name": null})).await.json()["name"], Value::Null);
    assert_eq!(service.get_as("/me", &tokens.access).await.json()["name"], Value::Null);
    for (body, problem) in [
        (json!({"name": "a\nb"}), "name: invalid_characters"),
        (json!({"name": 7}), "name: wrong_type"),
        (json!({"roles": "admin"}), "roles: unknown"),
        (json!({"email_verified": "true"}), "email_verified: unknown"),
    ] {
        assert_eq!(patch(body.clone()).await.problems(), [problem], "{body}");
    }
}

/// The test walks the table, so a new kind of item about a person fails here until it is exported.
#[tokio::test(flavor = "multi_thread")]
async fn the_export_has_everything_that_the_table_has_about_a_person_except_secrets() {
    const SECRET: &[&str] = &["family", "hash", "chain", "nonce", "writer"];
    const FOR_MINUTES: &[&str] = &["LIMIT#", "CODE#", "REQUEST#", "REVOKED#"];
    let service = Service::start().await;
    let tokens = sign_up(&service, "Alice1").await;
    let name = json!({"name": "Alice of the Lighthouse"});
    let request = service.request("PATCH", "/me").header("authorization", format!("Bearer {}", tokens.access));
    assert_eq!(service.send(request.json(&name)).await.status, 200);
    sign_in(&service, "alice1").await;
    sign_up(&service, "bob").await;
    let client = json!({"redirect_uris": [CALLBACK], "token_endpoint_auth_method": "none", "scope": "openid"});
    let (client, _) = service.client(client).await;
    let mut browser = Browser::new(&service);
    let id = browser.begin(&client, "openid").await;
    let alice = [("username", "alice1"), ("password", PASSWORD)];
    assert_eq!(browser.fill("/sign-in", &id, &alice).await.status, 303);

    // The download is an event, too, which the next one contains.
    let scan = json!({"TableName": service.stack.table_name()});
    let table = service.stack.dynamodb("Scan", &scan).await.expect("an answer");
    let answer = service.get_as("/me/export", &tokens.access).await;
    assert_eq!((answer.status, answer.header("cache-control")), (200, "no-store"), "{answer:?}");
    assert!(answer.header("content-disposition").starts_with("attachment; filename="));
    assert!(!answer.text.contains("argon2") && !answer.text.contains("bob"), "{}", answer.text);
    assert_eq!(answer.json()["sessions"].as_array().map(Vec::len), Some(2));
    let mut kinds = Vec::new();
    for item in table["Items"].as_array().expect("items") {
        let pk = item["pk"]["S"].as_str().expect("a key");
        if !item.to_string().contains(&tokens.user()) || FOR_MINUTES.iter().any(|kind| pk.starts_with(kind)) {
            continue;
        }
        kinds.push(pk.split('#').next().expect("a kind").to_owned());
        for (member, value) in item.as_object().expect("an item") {
            let Some(text) = value["S"].as_str() else { continue };
            let is_key = ["pk", "sk"].contains(&member.as_str()) || (pk.starts_with("NAME#") && member == "name");
            assert!(is_key || SECRET.contains(&member.as_str()) || answer.text.contains(text), "{pk} {member}: {text}");
        }
    }
    kinds.sort();
    kinds.dedup();
    assert_eq!(kinds, ["AUDIT", "BROWSER", "DEVICE-OF", "FACTOR", "NAME", "SESSION", "USER"]);
}
