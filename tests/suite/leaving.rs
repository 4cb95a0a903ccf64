//! Deletion with a time of grace (`DeletionGraceDays`): everything ends at once, and until the time is over the person can keep
//! the account. Time passes here by moving the ends in the table, as nothing else says when the time is over.

use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};
use support::browser::{Browser, authorize};
use support::party::{Party, reply};
use support::{Answer, PASSWORD, Service};

use crate::account_page::{submit, visit};
use crate::deletion::{delete_me, traces};
use crate::mailed::{Letter, forgot, person};
use crate::refresh::{Tokens, assert_refused, sign_in, sign_up};

const WEEK: &[(&str, &str)] =
    &[("DeletionGraceDays", "7"), ("AuthorizerCacheSeconds", "0"), ("RevocationSeconds", "0")];
const MAIL: (&str, &str) = ("MailFrom", "service@id.example");
const ALICE: &str = "alice@people.example";
const OTHER: &str = "a foghorn on the south pier";

/// Asks for the deletion, and returns when the account is gone.
async fn leave(service: &Service, access: &str, password: &str) -> u64 {
    let answer = delete_me(service, access, json!({"password": password})).await;
    assert_eq!(answer.status, 202, "{answer:?}");
    answer.json()["effective_at"].as_u64().expect("a time")
}

/// Signs in and keeps the account.
async fn keep(service: &Service, username: &str, password: &str) -> Answer {
    service.post("/login", json!({"username": username, "password": password, "keep_account": true})).await
}

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).expect("a time").as_secs()
}

/// Moves everything that ends at `end` to a second ago.
async fn pass(service: &Service, end: u64) {
    let (table, end) = (service.stack.table_name(), end.to_string());
    let items = service.stack.dynamodb("Scan", &json!({"TableName": table})).await.expect("an answer");
    for item in items["Items"].as_array().expect("items") {
        if item["expires_at"]["N"].as_str() == Some(end.as_str()) {
            let update = json!({
                "TableName": table, "Key": {"pk": item["pk"], "sk": item["sk"]},
                "UpdateExpression": "SET expires_at = :past",
                "ExpressionAttributeValues": {":past": {"N": (now() - 1).to_string()}},
            });
            service.stack.dynamodb("UpdateItem", &update).await.expect("an answer");
        }
    }
}

async fn mailed_service() -> Service {
    Service::with_parameters(&[WEEK, &[MAIL]].concat()).await
}

async fn status(service: &Service, username: &str) -> Value {
    service.operator(json!({"action": "show_user", "username": username})).await.expect("a report")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deletion_with_grace_ends_everything_at_once_and_keeps_name_and_account_until_the_time_is_over() {
    let party = Party::with(json!({"token_endpoint_auth_method": "client_secret_post"}), WEEK).await;
    let service = &party.service;
    let mut browser = party.browser();
    let code = party.ask(&mut browser, &[("scope", "openid")]).await["code"].clone();
    let tokens = party.tokens("openid offline_access").await;
    let (own, other) = (sign_in(service, "alice").await, sign_in(service, "alice").await);
    let end = leave(service, &own.access, PASSWORD).await;
    assert!(end.abs_diff(now() + 7 * 86_400) < 60, "{end}");

    for refresh in [&own.refresh, &other.refresh] {
        assert_refused(service, refresh).await;
    }
    for access in [&own.access, &other.access] {
        assert_eq!(service.get_as("/me", access).await.code(), "invalid_token");
        assert_eq!(service.get_as("/protected", access).await.status, 403);
    }
    assert_eq!(party.redeem(&code).await.json()["error"], "invalid_grant");
    assert_eq!(party.refresh(tokens["refresh_token"].as_str().expect("it")).await.json()["error"], "invalid_grant");
    let silent = browser.get(&authorize(&party.client_id, &[("scope", "openid"), ("prompt", "none")])).await;
    assert_eq!(reply(&silent)["error"], "login_required");
    assert_eq!(service.sign_in("alice", OTHER).await.code(), "invalid_credentials", "a stranger learns nothing");
    let pending = service.sign_in("alice", PASSWORD).await;
    assert_eq!((pending.status, pending.code().as_str()), (403, "deletion_pending"), "{pending:?}");
    let taken = json!({"username": "alice", "password": OTHER});
    assert_eq!(service.post("/register", taken.clone()).await.status, 409, "the name stays taken");
    let report = status(service, "alice").await;
    assert_eq!((&report["status"], &report["ends_at"]), (&json!("pending_deletion"), &json!(end)));

    pass(service, end).await;
    assert_eq!(service.sign_in("alice", PASSWORD).await.code(), "invalid_credentials");
    assert_eq!(keep(service, "alice", PASSWORD).await.code(), "invalid_credentials", "too late");
    assert!(service.operator(json!({"action": "enable", "username": "alice"})).await.is_err());
    let again = sign_up(service, "alice").await;
    assert_ne!(again.user(), own.user(), "somebody else");
    assert_eq!(keep(service, "alice", PASSWORD).await.status, 200, "the new person's own sign-in");
    assert_eq!(status(service, "alice").await["id"], json!(again.user()));
    let mut left = traces(service, &[&own.user()]).await;
    let lasting =
        |(pk, end): &mut (String, Option<u64>)| pk.starts_with("AUDIT#") && end.is_some_and(|end| end > now());
    assert_eq!(left.extract_if(.., lasting).count(), 1, "the deletion itself, which says nothing but that");
    for (pk, expires_at) in left {
        assert!(expires_at.is_some_and(|at| at <= now() + 2 * 3600), "{pk} stays until {expires_at:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_person_signs_in_within_the_grace_and_keeps_the_account_with_its_name_and_address() {
    let service = &mailed_service().await;
    person(service, "alice", ALICE).await;
    let before = sign_in(service, "alice").await;
    leave(service, &before.access, PASSWORD).await;
    let told = Letter::to(service, ALICE, 2).await.text;
    assert!(told.starts_with("Your account will be deleted") && told.contains("UTC"), "{told}");
    assert!(told.contains("/account") && told.contains("/password/forgot"), "{told}");
    for wrong in [json!("true"), json!(null)] {
        let body = json!({"username": "alice", "password": PASSWORD, "keep_account": wrong});
        assert_eq!(service.post("/login", body).await.problems(), ["keep_account: wrong_type"]);
    }
    assert_eq!(keep(service, ALICE, OTHER).await.code(), "invalid_credentials");
    let kept = keep(service, ALICE, PASSWORD).await;
    assert_eq!(kept.status, 200, "{kept:?}");
    let me = service.get_as("/me", &Tokens::of(&kept).access).await.json();
    assert_eq!((&me["id"], &me["username"], &me["email"]), (&json!(before.user()), &json!("alice"), &json!(ALICE)));
    assert!(Letter::to(service, ALICE, 3).await.text.starts_with("Your account stays"), "she is told");
    assert_refused(service, &before.refresh).await;
    assert_eq!(service.sign_in("alice", PASSWORD).await.status, 200, "as usual from now on");
    let kinds = ["USER#", "FACTOR#", "NAME#", "EMAIL#"];
    let left = traces(service, &[&before.user()]).await;
    let ending: Vec<_> =
        left.iter().filter(|(pk, end)| kinds.iter().any(|kind| pk.starts_with(kind)) && end.is_some()).collect();
    assert!(ending.is_empty(), "nothing of it ends any more: {ending:?}");
}

/// A thief knows the password: takes the account over as far as that goes, and then deletes it to hide the traces.
#[tokio::test(flavor = "multi_thread")]
async fn a_thief_who_changes_the_password_and_deletes_the_account_does_not_keep_its_owner_from_returning() {
    let service = &mailed_service().await;
    person(service, "alice", ALICE).await;
    let thief = sign_in(service, "alice").await.access;
    let ask = json!({"email": "thief@evil.example", "password": PASSWORD});
    let asked = service.send(service.request("POST", "/me/email").bearer_auth(&thief).json(&ask)).await;
    let code = Letter::to(service, "thief@evil.example", 1).await.code();
    let proof = json!({"handle": asked.json()["handle"], "code": code});
    assert_eq!(service.post("/email/verify", proof).await.status, 204);
    let tokens = sign_in(service, "alice").await;
    assert_eq!(crate::account::change_password(service, &tokens.access, PASSWORD, OTHER).await.status, 204);
    let end = leave(service, &tokens.access, OTHER).await;

    assert_eq!(keep(service, "alice", PASSWORD).await.code(), "invalid_credentials", "the thief has changed it");
    let taken = json!({"username": "alice", "password": OTHER});
    assert_eq!(service.post("/register", taken).await.status, 409, "the thief does not take the name either");
    let handle = forgot(service, "alice").await;
    let code = Letter::with(service, ALICE, "/password/reset?token=", 1).await.code();
    let reset = json!({"handle": handle, "code": code, "password": PASSWORD});
    assert_eq!(service.post("/password/reset", reset).await.status, 204);
    assert_eq!(service.sign_in("alice", PASSWORD).await.code(), "deletion_pending", "a reset alone keeps nothing");
    assert_eq!(keep(service, "alice", OTHER).await.code(), "invalid_credentials", "the thief is out");
    let owner = Tokens::of(&keep(service, "alice", PASSWORD).await);
    let events = service.get_as("/me/events", &owner.access).await.json();
    for action in ["address_changing", "password_changed", "account_leaving", "password_reset", "account_kept"] {
        assert!(events.to_string().contains(&format!("\"{action}\"")), "she sees what happened: {action} in {events}");
    }
    pass(service, end).await;
    let me = service.get_as("/me", &owner.access).await.json();
    assert_eq!((&me["email"], &me["next_email"]), (&json!(ALICE), &Value::Null), "it is hers, with her address");
    assert_eq!(service.sign_in("thief@evil.example", PASSWORD).await.status, 401);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_event_of_a_leaving_person_says_where_they_were_longer_than_the_account_lasts() {
    let service = &mailed_service().await;
    person(service, "alice", ALICE).await;
    let tokens = sign_in(service, "alice").await;
    let end = leave(service, &tokens.access, PASSWORD).await;
    forgot(service, "alice").await;
    let letter = Letter::with(service, ALICE, "/password/reset?token=", 1).await;
    let reset = json!({"token": letter.token(), "password": OTHER});
    assert_eq!(service.post("/password/reset", reset).await.status, 204);
    service.operator(json!({"action": "reset_password", "username": "alice"})).await.expect("a report");
    let history = service.operator(json!({"action": "list_events", "username": "alice"})).await.expect("a list");
    let mut events = history["events"].as_array().expect("a list").clone();
    let actions: Vec<_> = events.iter().map(|event| event["action"].as_str().expect("a word")).collect();
    assert_eq!(actions, ["order", "password_reset", "account_leaving", "sign_in", "address_proven"]);
    let leaving = events.remove(2);
    assert_eq!(leaving["effective_at"], json!(end), "it says when: {leaving}");
    assert!(leaving.get("address").is_none() && leaving.get("user_agent").is_none(), "{leaving}");
    for event in events {
        assert!(event["expires_at"].as_u64().is_some_and(|at| at <= end), "{event}");
    }
    pass(service, end).await;
    let left = service.operator(json!({"action": "list_events", "id": tokens.user()})).await.expect("a list");
    assert_eq!(left["events"].as_array().map(Vec::len), Some(1), "{left}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_pages_say_until_when_and_offer_to_keep_the_account_at_sign_in() {
    let service = &Service::with_parameters(WEEK).await;
    sign_up(service, "alice").await;
    let mut browser = visit(service, "alice").await;
    let mut other = visit(service, "alice").await;
    let page = browser.get("/account/delete").await;
    assert!(page.text.contains("you can sign in and keep it") && !page.text.contains("cannot be undone"), "{page:?}");
    let token = page.token();
    for _ in 0..2 {
        let done = browser.post("/account/delete", &[("csrf", &token), ("password", PASSWORD)]).await;
        assert!([200, 303].contains(&done.status), "a second click is no error: {done:?}");
    }
    assert_eq!(other.get("/account").await.status, 303, "signed out");

    let mut browser = Browser::new(service);
    let page = browser.get("/authorize?to=account").await;
    let id = page.header("location").strip_prefix("/sign-in?request=").expect("the sign-in page").to_owned();
    let wrong = browser.fill("/sign-in", &id, &[("username", "alice"), ("password", OTHER)]).await;
    assert!(wrong.status == 401 && !wrong.text.contains("id=\"leaving\""), "{wrong:?}");
    let asked = browser.fill("/sign-in", &id, &[("username", "alice"), ("password", PASSWORD)]).await;
    assert!(asked.status == 403 && asked.text.contains("id=\"leaving\""), "{asked:?}");
    assert!(asked.element("submit").contains("name=\"keep\"") && !asked.text.contains(PASSWORD), "{asked:?}");
    assert!(!browser.cookies.contains_key("gatewright-session"), "nobody is signed in yet");
    let fields = [("username", "alice"), ("password", PASSWORD), ("keep", "account")];
    let kept = browser.fill("/sign-in", &id, &fields).await;
    assert_eq!(kept.status, 303, "{kept:?}");
    browser.get(kept.header("location")).await;
    assert_eq!(browser.get("/account").await.status, 200);
    assert_eq!(submit(&mut browser, "/account/name", &[("name", "Alice")]).await.status, 303);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_keeps_the_account_or_ends_it_at_once() {
    let service = &Service::with_parameters(WEEK).await;
    for name in ["alice", "paypaI", "mallory1"] {
        let tokens = sign_up(service, name).await;
        leave(service, &tokens.access, PASSWORD).await;
        let enabled = service.operator(json!({"action": "enable", "username": name})).await.expect("a report");
        assert_eq!((&enabled["status"], &enabled["ends_at"]), (&json!("active"), &Value::Null));
        let tokens = sign_in(service, name).await;
        let end = leave(service, &tokens.access, PASSWORD).await;
        service.operator(json!({"action": "disable", "username": name})).await.expect("a report");
        assert_eq!(keep(service, name, PASSWORD).await.code(), "invalid_credentials", "not against the operator");
        let enabled = service.operator(json!({"action": "enable", "username": name})).await.expect("a report");
        assert_eq!((&enabled["status"], &enabled["ends_at"]), (&json!("active"), &Value::Null), "with its end gone");
        pass(service, end).await;
        let tokens = sign_in(service, name).await;
        leave(service, &tokens.access, PASSWORD).await;
        service.operator(json!({"action": "delete_user", "username": name})).await.expect("a report");
        assert_ne!(sign_up(service, name).await.user(), tokens.user(), "the name is free at once");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_guesses_at_a_leaving_account_is_slowed_down_like_any_other() {
    let service = &Service::with_parameters(WEEK).await;
    let tokens = sign_up(service, "alice").await;
    leave(service, &tokens.access, PASSWORD).await;
    let mut refused = 0;
    for _ in 0..12 {
        refused += usize::from(keep(service, "alice", OTHER).await.status == 429);
    }
    assert_eq!(refused, 2, "ten at once");
}
