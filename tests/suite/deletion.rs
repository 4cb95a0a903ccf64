//! Deleting a person: `DELETE /me` and the order `delete_user`. Nothing that outlives an hour or two remains, and nobody
//! else can do it.

use futures_util::future::join_all;
use serde_json::{Value, json};

use super::refresh::{Tokens, assert_refused, refresh, sign_in, sign_up};
use super::step_up::age;
use support::browser::authorize;
use support::engine::Disturbed;
use support::faulty::Fault;
use support::party::{Party, reply};
use support::{Answer, PASSWORD, Service};

/// `DELETE /me` with a Bearer token.
pub async fn delete_me(service: &Service, token: &str, body: Value) -> Answer {
    service.send(service.request("DELETE", "/me").bearer_auth(token).json(&body)).await
}

async fn with_password(service: &Service, token: &str) -> Answer {
    delete_me(service, token, json!({"password": PASSWORD})).await
}

/// The partition keys of the items that contain one of `words`, and the latest second at which they expire, if all of
/// them do.
pub async fn traces(service: &Service, words: &[&str]) -> Vec<(String, Option<u64>)> {
    let scan = json!({"TableName": service.stack.table_name()});
    let table = service.stack.dynamodb("Scan", &scan).await.expect("an answer");
    let items = table["Items"].as_array().expect("items").iter();
    let named = items.filter(|item| words.iter().any(|word| item.to_string().contains(word)));
    let end = |item: &Value| item["expires_at"]["N"].as_str().and_then(|text| text.parse().ok());
    named.map(|item| (item["pk"]["S"].as_str().expect("a key").to_owned(), end(item))).collect()
}

/// Asserts that only revocations, what expires within two hours and the event of the deletion contain one of `words`.
async fn assert_gone(service: &Service, words: &[&str]) {
    const SHORT: &[&str] = &["REVOKED#", "CODE#", "REQUEST#", "LIMIT#"];
    let soon = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).expect("a time").as_secs() + 2 * 3600;
    let mut left = traces(service, words).await;
    let events = left.extract_if(.., |(pk, _)| pk.starts_with("AUDIT#")).count();
    assert_eq!(events, 1, "the deletion itself");
    for (pk, end) in &left {
        let short = SHORT.iter().any(|kind| pk.starts_with(kind)) && end.is_some_and(|end| end < soon);
        assert!(short, "{pk} is left, until {end:?}");
    }
    assert!(left.iter().any(|(pk, _)| pk.starts_with("REVOKED#PEOPLE#")), "its tokens are revoked: {left:?}");
}

/// The test walks the table, so a new kind of item about a person fails here until it is deleted with them.
#[tokio::test(flavor = "multi_thread")]
async fn after_a_deletion_the_table_has_nothing_of_the_person_but_revocations_and_what_expires_soon() {
    let party = Party::start().await;
    let service = &party.service;
    let name = json!({"name": "Alice of the Lighthouse"});
    let first = sign_in(service, "alice").await;
    let patch = service.request("PATCH", "/me").bearer_auth(&first.access).json(&name);
    assert_eq!(service.send(patch).await.status, 200);
    for _ in 0..2 {
        let mut browser = party.browser();
        let code = party.ask(&mut browser, &[("scope", "openid profile offline_access")]).await["code"].clone();
        assert_eq!(party.redeem(&code).await.status, 200);
    }
    let before = traces(service, &[&first.user()]).await;
    for kind in ["USER#", "NAME#", "FACTOR#", "SESSION#", "BROWSER#", "CONSENT#", "AUDIT#"] {
        assert!(before.iter().any(|(pk, _)| pk.starts_with(kind)), "{kind} in {before:?}");
    }
    assert_eq!(with_password(service, &first.access).await.status, 204);
    assert_gone(service, &[&first.user(), "Alice of the Lighthouse", "\"alice\"", "#alice"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deletion_ends_every_session_code_and_browser_of_the_person() {
    let party = Party::start().await;
    let service = &party.service;
    let mut browser = party.browser();
    let code = party.ask(&mut browser, &[("scope", "openid")]).await["code"].clone();
    let tokens = party.tokens("openid offline_access").await;
    let (own, other) = (sign_in(service, "alice").await, sign_in(service, "alice").await);
    assert_eq!(with_password(service, &own.access).await.status, 204);
    for refresh in [&own.refresh, &other.refresh] {
        assert_refused(service, refresh).await;
    }
    for access in [&own.access, &other.access] {
        assert_eq!(service.get_as("/me", access).await.code(), "invalid_token");
    }
    assert_eq!(party.redeem(&code).await.json()["error"], "invalid_grant");
    assert_eq!(party.refresh(tokens["refresh_token"].as_str().expect("it")).await.json()["error"], "invalid_grant");
    assert_eq!(service.get_as("/userinfo", tokens["access_token"].as_str().expect("it")).await.status, 401);
    let silent = browser.get(&authorize(&party.client_id, &[("scope", "openid"), ("prompt", "none")])).await;
    assert_eq!(reply(&silent)["error"], "login_required");
    assert_eq!(service.sign_in("alice", PASSWORD).await.code(), "invalid_credentials");
    assert_eq!(with_password(service, &own.access).await.code(), "invalid_token", "a second deletion");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_username_is_free_again_and_whoever_takes_it_is_somebody_else() {
    let service = Service::start().await;
    // Names with one key, with two, and with another key in earlier releases.
    for name in ["alice", "paypaI", "mallory1"] {
        let first = sign_up(&service, name).await;
        assert_eq!(with_password(&service, &first.access).await.status, 204, "{name}");
        let second = sign_up(&service, name).await;
        assert_ne!(first.user(), second.user(), "{name}");
        assert_eq!(service.get_as("/me", &first.access).await.code(), "invalid_token", "{name}");
        assert_eq!(service.get_as("/me", &second.access).await.json()["id"], json!(second.user()));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thief_of_an_old_access_token_cannot_delete_the_person() {
    let service = Service::start().await;
    let tokens = sign_up(&service, "alice").await;
    age(&service, &tokens, 602).await;
    for body in [json!({"password": null}), json!({"password": PASSWORD, "id": "somebody"})] {
        assert_eq!(delete_me(&service, &tokens.access, body.clone()).await.status, 400, "{body}");
    }
    let without = delete_me(&service, &tokens.access, json!({})).await;
    assert_eq!((without.status, without.code().as_str()), (401, "insufficient_user_authentication"));
    let bare = service.send(service.request("DELETE", "/me").bearer_auth(&tokens.access)).await;
    assert!([400, 415].contains(&bare.status), "{bare:?}");
    let guesses =
        join_all((0..20).map(|_| delete_me(&service, &tokens.access, json!({"password": "wrong wrong"})))).await;
    let count = |status| guesses.iter().filter(|answer| answer.status == status).count();
    assert_eq!((count(401), count(429)), (5, 15), "{guesses:?}");
    assert_eq!(with_password(&service, &tokens.access).await.status, 429);
    assert_eq!(service.get_as("/me", &tokens.access).await.status, 200, "nothing has changed");
    Tokens::of(&refresh(&service, &tokens.refresh).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_without_the_scope_account_deletes_nobody() {
    let party = Party::start().await;
    let tokens = party.tokens("openid").await;
    let answer = with_password(&party.service, tokens["access_token"].as_str().expect("it")).await;
    assert_eq!((answer.status, answer.code().as_str()), (403, "insufficient_scope"));
    assert_eq!(party.service.sign_in("alice", PASSWORD).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_concurrent_deletions_one_succeeds_and_nothing_remains() {
    let service = Service::start().await;
    let tokens = sign_up(&service, "alice").await;
    let answers = join_all((0..4).map(|_| with_password(&service, &tokens.access))).await;
    let done = answers.iter().filter(|answer| answer.status == 204).count();
    assert_eq!(done, 1, "{answers:?}");
    assert!(answers.iter().all(|answer| [204, 401].contains(&answer.status)), "{answers:?}");
    assert_gone(&service, &[&tokens.user()]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sign_ins_that_race_a_deletion_leave_nothing_behind() {
    let service = Service::start().await;
    let tokens = sign_up(&service, "alice").await;
    let racing = join_all((0..8).map(|_| service.sign_in("alice", PASSWORD)));
    let (deleted, racing) = tokio::join!(with_password(&service, &tokens.access), racing);
    assert_eq!(deleted.status, 204);
    assert!(racing.iter().all(|answer| [200, 401].contains(&answer.status)), "{racing:?}");
    for session in racing.iter().filter(|answer| answer.status == 200) {
        assert_refused(&service, &Tokens::of(session).refresh).await;
    }
    assert_gone(&service, &[&tokens.user()]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deletion_that_a_fault_interrupts_can_be_asked_for_again() {
    let disturbed = Disturbed::start().await;
    let service = &disturbed.service;
    let (mine, other) = (sign_up(service, "alice").await, sign_in(service, "alice").await);
    assert_eq!(service.get_as("/me", &mine.access).await.status, 200);
    disturbed.store.plan(Some("Query"), Fault::Error(500, "InternalServerError"), usize::MAX);
    let cut = with_password(service, &mine.access).await;
    assert_eq!(cut.status, 503, "{cut:?}");
    disturbed.store.heal();
    assert_refused(service, &other.refresh).await;
    assert_eq!(with_password(service, &mine.access).await.status, 204);
    assert_gone(service, &[&mine.user()]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_deletes_a_person_and_only_with_the_alias_admin() {
    let service = Service::start().await;
    let alice = sign_up(&service, "alice").await;
    let bob = sign_up(&service, "bob").await;
    let order = json!({"action": "delete_user", "username": "alice"});
    let help_desk = service.stack.invoke("OperatorFunction:support", order.clone()).await;
    assert!(help_desk.is_err(), "{help_desk:?}");
    let report = service.operator(order.clone()).await.expect("it is done");
    assert_eq!((&report["id"], &report["username"]), (&json!(alice.user()), &json!("alice")), "as they were");
    assert!(service.operator(order).await.is_err(), "there is nobody any more");
    assert_refused(&service, &alice.refresh).await;
    assert_gone(&service, &[&alice.user()]).await;
    Tokens::of(&refresh(&service, &bob.refresh).await);
    sign_up(&service, "alice").await;
}
