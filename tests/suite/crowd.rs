//! One person cannot stop everybody: what somebody does with one account grows nothing that others pay for.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use futures_util::future::join_all;
use serde_json::{Value, json};

use super::refresh::{Tokens, assert_refused, form, refresh, sign_in, sign_up};
use support::engine::Disturbed;
use support::faulty::Fault;
use support::party::Party;
use support::{Answer, PASSWORD, Service};

/// Nothing is cached.
const FRESH: [(&str, &str); 2] = [("RevocationSeconds", "0"), ("AuthorizerCacheSeconds", "0")];

async fn opens(service: &Service, tokens: &Tokens) -> bool {
    let answer = service.get_as("/protected", &tokens.access).await;
    assert!(matches!(answer.status, 200 | 403), "{answer:?}");
    answer.status == 200
}

async fn sign_out_everywhere(service: &Service, by: &Tokens) -> Answer {
    service.send(service.request("DELETE", "/me/sessions").bearer_auth(&by.access)).await
}

/// The published list, after the second for which it is cached.
async fn published(service: &Service) -> Value {
    tokio::time::sleep(Duration::from_millis(1100)).await;
    service.get("/revocations").await.json()
}

fn count(list: &Value, member: &str) -> usize {
    let entries = &list[member];
    entries.as_array().map(Vec::len).or_else(|| entries.as_object().map(serde_json::Map::len)).expect(member)
}

/// Waits if the minute is about to end, so that all attempts of a test fall into one.
async fn within_a_minute() {
    let second = SystemTime::now().duration_since(UNIX_EPOCH).expect("a time").as_secs() % 60;
    if second > 40 {
        tokio::time::sleep(Duration::from_secs(60 - second)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn hundreds_of_sign_ins_and_a_sign_out_everywhere_leave_a_small_list_and_stop_nobody() {
    let parameters = [FRESH.as_slice(), &[("SessionsPerPerson", "80"), ("SignInsPerMinute", "1000")]].concat();
    let service = Service::with_parameters(&parameters).await;
    let bob = sign_up(&service, "bob-2").await;
    let stays = sign_up(&service, "alice").await;
    let mut all = Vec::new();
    for _ in 0..32 {
        all.extend(join_all((0..4).map(|_| sign_in(&service, "alice"))).await);
        assert!(opens(&service, &bob).await, "other people's calls are answered");
    }
    let list = published(&service).await;
    let too_many = 1 + all.len() - 80;
    assert!((too_many - 4..=too_many).contains(&count(&list, "sessions")), "{}", count(&list, "sessions"));
    // Signing out everywhere adds one entry, whatever the number of sessions.
    let keeper = all.pop().expect("a session");
    assert!(!opens(&service, &stays).await, "it was unused longest");
    assert_eq!(sign_out_everywhere(&service, &keeper).await.status, 204);
    let after = published(&service).await;
    assert_eq!(count(&after, "sessions"), count(&list, "sessions"));
    assert_eq!((count(&after, "users"), count(&after, "people")), (1, 1));
    for ended in all.iter().rev().take(8).chain(&all[..8]) {
        assert!(!opens(&service, ended).await);
        assert_refused(&service, &ended.refresh).await;
    }
    let keeper = Tokens::of(&refresh(&service, &keeper.refresh).await);
    assert!(opens(&service, &keeper).await && opens(&service, &bob).await);
    // Again and again, it remains one entry.
    for _ in 0..3 {
        assert_eq!(sign_out_everywhere(&service, &keeper).await.status, 204);
    }
    assert_eq!(published(&service).await["people"].as_object().map(serde_json::Map::len), Some(1));
    let later = sign_in(&service, "alice").await;
    assert!(opens(&service, &later).await && opens(&service, &keeper).await && opens(&service, &bob).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn right_sign_ins_of_an_account_are_limited_for_each_minute_on_pages_too() {
    within_a_minute().await;
    let party = Party::with(json!({"token_endpoint_auth_method": "client_secret_post"}), &[("SignInsPerMinute", "5")]);
    let party = &party.await;
    for _ in 0..3 {
        sign_in(&party.service, "alice").await;
    }
    let walled = party.service.sign_in("alice", PASSWORD).await;
    assert_eq!((walled.status, walled.code().as_str()), (429, "too_many_requests"));
    assert!((1..=60).contains(&walled.header("retry-after").parse().expect("seconds")), "{walled:?}");
    let mut browser = party.browser();
    let id = browser.begin_with(&party.client_id, &[("scope", "openid")]).await;
    let page = browser.fill("/sign-in", &id, &[("username", "alice"), ("password", PASSWORD)]).await;
    assert_eq!(page.status, 429, "{page:?}");
    sign_up(&party.service, "bob-2").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sessions_that_an_app_begins_without_a_sign_in_are_limited_for_each_minute() {
    within_a_minute().await;
    let party = Party::with(json!({"token_endpoint_auth_method": "client_secret_post"}), &[("SignInsPerMinute", "5")]);
    let party = &party.await;
    let mut browser = party.browser();
    for _ in 0..3 {
        let code = party.ask(&mut browser, &[("scope", "openid")]).await["code"].clone();
        assert_eq!(party.redeem(&code).await.status, 200);
    }
    let code = party.ask(&mut browser, &[("scope", "openid")]).await["code"].clone();
    let walled = party.redeem(&code).await;
    assert_eq!(walled.status, 429, "{walled:?}");
    assert!((1..=60).contains(&walled.header("retry-after").parse().expect("seconds")), "{walled:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_that_becomes_a_session_too_many_ends_the_one_unused_longest() {
    let parameters = [FRESH.as_slice(), &[("SessionsPerPerson", "2")]].concat();
    let party = &Party::with(json!({"token_endpoint_auth_method": "client_secret_post"}), &parameters).await;
    let (first, second) = (sign_in(&party.service, "alice").await, sign_in(&party.service, "alice").await);
    let first = Tokens::of(&refresh(&party.service, &first.refresh).await);
    party.tokens("openid").await;
    assert_refused(&party.service, &second.refresh).await;
    assert!(!opens(&party.service, &second).await && opens(&party.service, &first).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sign_out_that_stops_halfway_leaves_nobody_signed_in() {
    let disturbed = Disturbed::with_parameters(&[("RevocationSeconds", "300")]).await;
    let service = &disturbed.service;
    let (mine, other) = (sign_up(service, "alice").await, sign_in(service, "alice").await);
    for tokens in [&mine, &other] {
        assert_eq!(service.get_as("/me", &tokens.access).await.status, 200, "the list of revocations is known");
    }
    // After the write that signs out, the sessions cannot be listed for removal.
    disturbed.store.plan(Some("Query"), Fault::Error(500, "InternalServerError"), usize::MAX);
    assert_eq!(sign_out_everywhere(service, &mine).await.status, 503);
    disturbed.store.heal();
    assert_eq!(service.get_as("/me", &other.access).await.code(), "invalid_token", "although its list is old");
    assert_eq!(sign_out_everywhere(service, &other).await.code(), "invalid_token");
    assert_refused(service, &other.refresh).await;
    assert_eq!(service.get_as("/me", &mine.access).await.status, 200);
    let listed = service.get_as("/me/sessions", &mine.access).await.json();
    assert_eq!(listed["sessions"].as_array().map(Vec::len), Some(1), "{listed}");
    Tokens::of(&refresh(service, &mine.refresh).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_ends_all_sessions_of_a_person_is_one_entry() {
    let service = Service::with_parameters(&FRESH).await;
    for (number, action) in ["sign_out", "reset_password", "disable"].into_iter().enumerate() {
        let username = format!("person-{number}");
        let mut sessions = vec![sign_up(&service, &username).await];
        sessions.push(sign_in(&service, &username).await);
        service.operator(json!({"action": action, "username": username})).await.expect("an order");
        let list = published(&service).await;
        assert_eq!((count(&list, "sessions"), count(&list, "people")), (0, number + 1), "{action}");
        for ended in &sessions {
            assert!(!opens(&service, ended).await, "{action}");
            assert_refused(&service, &ended.refresh).await;
        }
    }
    let stays = sign_up(&service, "person-3").await;
    let ended = sign_in(&service, "person-3").await;
    let changed = super::account::change_password(&service, &stays.access, PASSWORD, "a foghorn on the south pier");
    assert_eq!(changed.await.status, 204);
    assert_eq!(count(&published(&service).await, "people"), 4);
    assert!(opens(&service, &stays).await && !opens(&service, &ended).await);
    let revoked = form(&service, "/revoke", &format!("client_id=first-party&token={}", stays.refresh)).await;
    assert_eq!(revoked.status, 200);
    let list = published(&service).await;
    assert_eq!((count(&list, "sessions"), count(&list, "people")), (1, 4), "the session that stayed can be revoked");
    assert!(!opens(&service, &stays).await);
}
