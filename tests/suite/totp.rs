//! Authenticator apps and recovery codes: how a person adds and removes them, and attacks on that.

use std::collections::BTreeSet;

use futures_util::future::join_all;
use serde_json::{Value, json};
use support::authenticator::Authenticator;
use support::{Answer, PASSWORD, Service};

use crate::deletion::{delete_me, traces};
use crate::mailed::{MAIL, person};
use crate::refresh::{Tokens, sign_in, sign_up, table};
use crate::step_up::age;

const WRONG: &str = "a foghorn on the south pier";
/// Every endpoint that changes factors.
const CHANGES: [(&str, &str); 5] = [
    ("POST", "/me/totp"),
    ("POST", "/me/totp/confirm"),
    ("POST", "/me/totp/keep"),
    ("DELETE", "/me/totp"),
    ("POST", "/me/recovery-codes"),
];

async fn call(service: &Service, (method, path): (&str, &str), access: &str, body: Value) -> Answer {
    service.send(service.request(method, path).bearer_auth(access).json(&body)).await
}

/// A new app, which is not confirmed.
async fn begin(service: &Service, access: &str) -> Authenticator {
    let begun = call(service, ("POST", "/me/totp"), access, json!({})).await;
    assert_eq!(begun.status, 200, "{begun:?}");
    Authenticator::with(begun.json()["secret"].as_str().expect("a secret"))
}

async fn confirm(service: &Service, access: &str, code: &str) -> Answer {
    call(service, ("POST", "/me/totp/confirm"), access, json!({"code": code})).await
}

/// A confirmed app, and the recovery codes.
pub async fn enrol(service: &Service, access: &str) -> (Authenticator, Vec<String>) {
    let app = begin(service, access).await;
    let confirmed = confirm(service, access, &app.code(0)).await;
    assert_eq!(confirmed.status, 200, "{confirmed:?}");
    (app, codes(&confirmed))
}

fn codes(answer: &Answer) -> Vec<String> {
    let codes = answer.json()["recovery_codes"].as_array().expect("codes").clone();
    codes.iter().map(|code| code.as_str().expect("a text").to_owned()).collect()
}

async fn remove(service: &Service, access: &str, body: Value) -> Answer {
    call(service, ("DELETE", "/me/totp"), access, body).await
}

async fn factors(service: &Service, access: &str) -> Value {
    let answer = service.get_as("/me/factors", access).await;
    assert_eq!((answer.status, answer.header("cache-control")), (200, "no-store"), "{answer:?}");
    answer.json()
}

/// Sets a number of the item of the person's app.
async fn set(service: &Service, tokens: &Tokens, name: &str, value: u64) {
    set_of(service, (tokens, "TOTP"), name, value).await;
}

/// Sets a number of the item of a factor.
async fn set_of(service: &Service, (tokens, factor): (&Tokens, &str), name: &str, value: u64) {
    let update = json!({
        "Key": {"pk": {"S": format!("FACTOR#{}", tokens.user())}, "sk": {"S": factor}},
        "UpdateExpression": "SET #name = :value", "ExpressionAttributeNames": {"#name": name},
        "ExpressionAttributeValues": {":value": {"N": value.to_string()}},
    });
    table(service, "UpdateItem", update).await;
}

fn assert_wrong(answer: &Answer) {
    assert_eq!((answer.status, answer.code().as_str()), (400, "invalid_code"), "{answer:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_app_is_added_with_ten_recovery_codes_listed_without_secrets_and_removed_by_mail_and_in_the_history() {
    let service = &Service::with_parameters(MAIL).await;
    person(service, "alice", "alice@people.example").await;
    let access = sign_in(service, "alice").await.access;
    let begun = call(service, ("POST", "/me/totp"), &access, json!({})).await.json();
    let (secret, uri) = (begun["secret"].as_str().expect("a secret"), begun["otpauth_uri"].as_str().expect("a URI"));
    assert!(uri.starts_with("otpauth://totp/") && uri.contains(":alice?") && uri.contains(secret), "{uri}");
    assert!(begun["qr_svg"].as_str().expect("an image").starts_with("<svg "));
    assert_eq!(factors(service, &access).await["totp"], Value::Null, "it is not confirmed");
    let app = Authenticator::with(secret);
    let recovery = codes(&confirm(service, &access, &app.code(0)).await);
    assert_eq!(recovery.iter().collect::<BTreeSet<_>>().len(), 10, "{recovery:?}");

    let listed = factors(service, &access).await;
    assert_eq!(listed["recovery_codes"]["left"], 10);
    assert!(listed["totp"]["added_at"].is_u64() && listed["password"]["changed_at"].is_u64(), "{listed}");
    let stored = traces(service, &[secret, &recovery[0], &recovery[0].replace('-', "")]).await;
    let shown = [listed.to_string(), service.get_as("/me/export", &access).await.text];
    assert!(stored.is_empty() && shown.iter().all(|text| !text.contains(secret)), "{stored:?} {shown:?}");
    assert_eq!(service.get_as("/me/export", &access).await.json()["totp"], listed["totp"]);

    let renewed = codes(&call(service, ("POST", "/me/recovery-codes"), &access, json!({"code": recovery[0]})).await);
    assert_eq!(remove(service, &access, json!({"code": renewed[0]})).await.status, 204);
    let left = factors(service, &access).await;
    assert_eq!((&left["totp"], &left["recovery_codes"]), (&Value::Null, &Value::Null));
    for words in ["was added to your account", "has new recovery codes", "was removed from your account"] {
        service.mail_with("alice@people.example", words, 1).await;
    }
    let events = service.get_as("/me/events", &access).await.text;
    for action in ["factor_added", "recovery_codes_replaced", "factor_removed"] {
        assert!(events.contains(&format!("\"{action}\"")), "{action} in {events}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_change_needs_a_token_and_the_password_or_an_authentication_of_the_last_ten_minutes() {
    let service = &Service::start().await;
    let tokens = sign_up(service, "alice").await;
    enrol(service, &tokens.access).await;
    age(service, &tokens, 602).await;
    for change in CHANGES {
        let none = service.send(service.request(change.0, change.1).json(&json!({"code": "000000"}))).await;
        assert_eq!((none.status, none.code().as_str()), (401, "missing_token"), "{change:?}: {none:?}");
        if change.1 == "/me/totp/keep" {
            continue; // it only keeps what is there
        }
        let stale = if change.1 == "/me/totp" { json!({}) } else { json!({"code": "000000"}) };
        let answer = call(service, change, &tokens.access, stale.clone()).await;
        assert_eq!(answer.code(), "insufficient_user_authentication", "{change:?}: {answer:?}");
        let wrong = [stale, json!({"password": WRONG})].iter().fold(json!({}), |mut all, some| {
            all.as_object_mut().expect("an object").extend(some.as_object().expect("an object").clone());
            all
        });
        assert_eq!(call(service, change, &tokens.access, wrong).await.code(), "invalid_credentials", "{change:?}");
    }
    assert_eq!(service.send(service.request("GET", "/me/factors")).await.status, 401);
    assert_eq!(call(service, ("PUT", "/me/totp"), &tokens.access, json!({})).await.status, 405);
    let again = json!({"password": PASSWORD});
    assert_eq!(call(service, ("POST", "/me/totp"), &tokens.access, again).await.code(), "factor_exists");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_of_a_replaced_app_of_somebody_elses_app_or_of_another_time_confirms_nothing() {
    let service = &Service::start().await;
    let (alice, bob) = (sign_up(service, "alice").await, sign_up(service, "bob-2").await);
    assert_wrong(&confirm(service, &alice.access, "000000").await);
    let (old, other) = (begin(service, &alice.access).await, begin(service, &bob.access).await);
    let new = begin(service, &alice.access).await;
    for wrong in [old.code(0), other.code(0), new.code(-3), new.code(3)] {
        assert_wrong(&confirm(service, &alice.access, &wrong).await);
    }
    assert_eq!(confirm(service, &alice.access, &new.code(0)).await.status, 200);
    assert_wrong(&confirm(service, &alice.access, &new.code(1)).await);
    let again = call(service, ("POST", "/me/totp"), &alice.access, json!({})).await;
    assert_eq!((again.status, again.code().as_str()), (409, "factor_exists"), "{again:?}");
    assert_eq!(factors(service, &bob.access).await["totp"], Value::Null);
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_codes_count_over_all_endpoints_and_then_the_right_one_is_refused() {
    let service = &Service::start().await;
    let access = sign_up(service, "alice").await.access;
    let (_, recovery) = enrol(service, &access).await;
    for number in 0..5 {
        let wrong = json!({"code": if number % 2 == 0 { "000000" } else { "0000-0000-0000-0000" }});
        let change = if number < 3 { ("DELETE", "/me/totp") } else { ("POST", "/me/recovery-codes") };
        assert_wrong(&call(service, change, &access, wrong).await);
    }
    let refused = remove(service, &access, json!({"code": recovery[0]})).await;
    assert_eq!((refused.status, refused.code().as_str()), (429, "too_many_requests"), "{refused:?}");
    assert!(refused.header("retry-after").parse::<u64>().expect("seconds") > 60);
    assert_eq!(factors(service, &access).await["recovery_codes"]["left"], 10);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_50_parallel_confirmations_one_succeeds_and_of_50_parallel_removals_too() {
    let service = &Service::start().await;
    let tokens = sign_up(service, "alice").await;
    let app = begin(service, &tokens.access).await;
    let code = app.code(0);
    let confirmed = join_all((0..50).map(|_| confirm(service, &tokens.access, &code))).await;
    let confirmed: Vec<_> = confirmed.iter().filter(|answer| answer.status == 200).collect();
    assert_eq!(confirmed.len(), 1);
    assert_eq!(codes(confirmed[0]).len(), 10);
    set(service, &tokens, "last_step", 0).await;
    let code = json!({"code": app.code(0)});
    let removed = join_all((0..50).map(|_| remove(service, &tokens.access, code.clone()))).await;
    assert_eq!(removed.iter().filter(|answer| answer.status == 204).count(), 1);
    assert_eq!(factors(service, &tokens.access).await["totp"], Value::Null);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thief_of_a_session_and_the_password_removes_an_app_only_after_a_day_in_which_it_can_be_kept() {
    let service = &Service::with_parameters(MAIL).await;
    person(service, "alice", "alice@people.example").await;
    let (tokens, owner) = (sign_in(service, "alice").await, sign_in(service, "alice").await);
    let (app, _) = enrol(service, &owner.access).await;
    let none = call(service, ("POST", "/me/totp/keep"), &owner.access, json!({})).await;
    assert_eq!(none.status, 404, "nothing is about to be removed");
    let no_codes = call(service, ("POST", "/me/recovery-codes"), &tokens.access, json!({"password": PASSWORD})).await;
    assert_eq!((no_codes.status, no_codes.problems()), (400, vec!["code: missing".to_owned()]), "{no_codes:?}");
    let body = json!({"password": PASSWORD});
    let leaving = remove(service, &tokens.access, body.clone()).await;
    assert_eq!(leaving.status, 202, "{leaving:?}");
    let end = leaving.json()["effective_at"].as_u64().expect("an instant");
    assert_eq!(
        remove(service, &tokens.access, body.clone()).await.json()["effective_at"],
        end,
        "not later, not sooner"
    );
    assert_eq!(factors(service, &owner.access).await["totp"]["leaves_at"], end);
    service.mail_with("alice@people.example", "will be removed on", 1).await;
    assert_eq!(call(service, ("POST", "/me/totp/keep"), &owner.access, json!({})).await.status, 204);
    assert_eq!(factors(service, &owner.access).await["totp"]["leaves_at"], Value::Null);

    assert_eq!(remove(service, &tokens.access, body).await.status, 202);
    set(service, &owner, "last_step", 0).await;
    assert_eq!(remove(service, &owner.access, json!({"code": app.code(0)})).await.status, 204, "with a code, at once");
    let events = service.get_as("/me/events", &owner.access).await.text;
    assert!(events.contains("\"factor_leaving\"") && events.contains("\"factor_kept\""), "{events}");
}

#[tokio::test(flavor = "multi_thread")]
async fn signing_in_with_an_app_that_is_about_to_be_removed_keeps_it_and_a_recovery_code_does_not() {
    let service = &Service::start().await;
    let tokens = sign_up(service, "alice").await;
    let (app, codes) = enrol(service, &tokens.access).await;
    assert_eq!(remove(service, &tokens.access, json!({})).await.status, 202);
    for (method, code, stays) in [("recovery_code", &codes[0], false), ("totp", &app.code(1), true)] {
        let token = service.sign_in("alice", PASSWORD).await.json()["mfa_token"].clone();
        let body = json!({"mfa_token": token, "method": method, "code": code});
        assert_eq!(service.post("/login/mfa", body).await.status, 200, "{method}");
        let left = factors(service, &tokens.access).await;
        assert_eq!(left["totp"]["leaves_at"].is_null(), stays, "{method}: {left}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn after_the_day_the_app_is_gone_and_another_one_can_be_added() {
    let service = &Service::start().await;
    let tokens = sign_up(service, "alice").await;
    let (app, _) = enrol(service, &tokens.access).await;
    assert_eq!(remove(service, &tokens.access, json!({})).await.status, 202);
    for factor in ["TOTP", "RECOVERY"] {
        set_of(service, (&tokens, factor), "expires_at", 1).await;
    }
    assert_eq!(factors(service, &tokens.access).await["totp"], Value::Null);
    assert_eq!(call(service, ("POST", "/me/totp/keep"), &tokens.access, json!({})).await.status, 404);
    assert_eq!(remove(service, &tokens.access, json!({"code": app.code(1)})).await.status, 404);
    enrol(service, &tokens.access).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_works_once_and_new_recovery_codes_end_the_old_ones() {
    let service = &Service::start().await;
    let tokens = sign_up(service, "alice").await;
    let renew =
        async |code: &str| call(service, ("POST", "/me/recovery-codes"), &tokens.access, json!({"code": code})).await;
    assert_eq!(renew("000000").await.code(), "no_second_factor");
    let (app, old) = enrol(service, &tokens.access).await;
    assert_wrong(&renew(&app.code(0)).await); // it confirmed the app
    set(service, &tokens, "last_step", 0).await;
    let code = app.code(0);
    let new = codes(&renew(&code).await);
    assert!(new.iter().all(|code| !old.contains(code)));
    assert_wrong(&renew(&code).await);
    assert_wrong(&renew(&old[0]).await);
    let typed = new[0].to_lowercase().replace('-', " ");
    assert_eq!(renew(&typed).await.status, 200);
    assert_wrong(&remove(service, &tokens.access, json!({"code": new[1]})).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deletion_removes_the_factors_and_nothing_of_them_is_left() {
    let service = &Service::start().await;
    let tokens = sign_up(service, "alice").await;
    enrol(service, &tokens.access).await;
    let factors = format!("FACTOR#{}", tokens.user());
    assert_eq!(traces(service, &[&factors]).await.len(), 3);
    assert_eq!(delete_me(service, &tokens.access, json!({"password": PASSWORD})).await.status, 204);
    assert!(traces(service, &[&factors]).await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_that_is_about_to_end_takes_its_factors_along_and_keeps_them_when_it_is_kept() {
    let service = &Service::with_parameters(&[("DeletionGraceDays", "7")]).await;
    let tokens = sign_up(service, "alice").await;
    enrol(service, &tokens.access).await;
    let leaving = delete_me(service, &tokens.access, json!({"password": PASSWORD})).await;
    let end = leaving.json()["effective_at"].as_u64().expect("an instant");
    let factors = format!("FACTOR#{}", tokens.user());
    let ends = traces(service, &[&factors]).await;
    assert!(ends.len() == 3 && ends.iter().all(|(_, at)| *at == Some(end)), "{ends:?}");
    service.operator(json!({"action": "enable", "username": "alice"})).await.expect("an operator's order");
    let kept = traces(service, &[&factors]).await;
    assert!(kept.len() == 3 && kept.iter().all(|(_, at)| at.is_none()), "{kept:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_removes_the_factors_of_a_person_and_a_help_desk_not_those_of_a_person_with_roles() {
    let service = &Service::with_parameters(MAIL).await;
    person(service, "alice", "alice@people.example").await;
    let access = sign_in(service, "alice").await.access;
    enrol(service, &access).await;
    let reset = json!({"action": "reset_factors", "username": "alice"});
    service.operator(json!({"action": "set_roles", "username": "alice", "roles": ["admin"]})).await.expect("an order");
    let refused = service.stack.invoke("OperatorFunction:support", reset.clone()).await;
    assert!(refused.is_err_and(|why| why.to_string().contains("alias admin")));
    assert!(service.stack.invoke("OperatorFunction:read", reset.clone()).await.is_err());
    for _ in 0..2 {
        let report = service.operator(reset.clone()).await.expect("an operator's order");
        assert_eq!(report["username"], "alice");
    }
    let left = factors(service, &access).await;
    assert_eq!((&left["totp"], &left["recovery_codes"]), (&Value::Null, &Value::Null));
    service.mail_with("alice@people.example", "was removed from your account", 1).await;
    let events = service.get_as("/me/events", &access).await.text;
    assert!(events.contains("\"reset_factors\""), "{events}");
    enrol(service, &access).await;
}
