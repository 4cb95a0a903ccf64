//! The form for the e-mail address on the hosted account page, and attacks on it.

use serde_json::{Value, json};
use support::browser::Browser;
use support::{Answer, PASSWORD, Service};

use crate::account_page::{submit, visit};
use crate::mailed::{Letter, MAIL, person};
use crate::refresh::{sign_in, sign_up};

const OLD: &str = "alice@people.example";
const NEW: &str = "alice@new.example";
const WRONG: &str = "a foghorn on the south pier";

/// The fields of the form.
fn asking<'a>(email: &'a str, password: &'a str) -> [(&'a str, &'a str); 2] {
    [("email", email), ("password", password)]
}

/// Asks for another address, and returns the page that asks for the code.
async fn ask(browser: &mut Browser<'_>, email: &str) -> String {
    let asked = submit(browser, "/account/email", &asking(email, PASSWORD)).await;
    assert_eq!(asked.status, 303, "{asked:?}");
    let page = asked.header("location").to_owned();
    assert!(page.starts_with("/email/verify?secret="), "{page}");
    page
}

/// Types a code into the page that asks for it.
async fn enter(browser: &mut Browser<'_>, page: &str, code: &str) -> Answer {
    let token = browser.get(page).await.token();
    browser.post(page, &[("csrf", &token), ("code", code)]).await
}

/// Begins a change of address that is proven and has not taken effect.
async fn change(service: &Service, browser: &mut Browser<'_>, email: &str) {
    let page = ask(browser, email).await;
    let done = enter(browser, &page, &Letter::to(service, email, 1).await.code()).await;
    assert!(done.status == 200 && done.text.contains("id=\"account\""), "{done:?}");
}

async fn me(service: &Service, access: &str) -> Value {
    service.get_as("/me", access).await.json()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_is_changed_on_the_page_which_shows_the_change_and_stops_it() {
    let service = &Service::with_parameters(MAIL).await;
    person(service, "alice", OLD).await;
    let access = sign_in(service, "alice").await.access;
    let mut browser = visit(service, "alice").await;
    let wrong = submit(&mut browser, "/account/email", &asking(NEW, WRONG)).await;
    assert!(wrong.status == 401 && wrong.text.contains("This is not your current password."), "{wrong:?}");
    assert!(wrong.value_of("email") == NEW && !wrong.text.contains(WRONG), "{wrong:?}");
    let malformed = submit(&mut browser, "/account/email", &asking("alice", PASSWORD)).await;
    assert!(malformed.status == 400 && malformed.element("email").contains("aria-invalid"), "{malformed:?}");
    let empty = submit(&mut browser, "/account/email", &[]).await;
    assert!(empty.status == 400 && empty.text.contains("Enter an e-mail address."), "{empty:?}");

    change(service, &mut browser, NEW).await;
    let page = browser.get("/account").await;
    assert!(page.text.contains(&format!("<bdi id=\"email\">{OLD}</bdi>")), "{page:?}");
    assert!(page.text.contains(&format!("<bdi id=\"next-email\">{NEW}</bdi>")), "{page:?}");
    let effective =
        regex_lite::Regex::new("Takes effect on [0-9]{1,2} [A-Z][a-z]+ 20[0-9]{2} at [0-9]{2}:[0-9]{2} UTC");
    assert!(effective.expect("a pattern").is_match(&page.text), "{page:?}");
    assert_eq!(me(service, &access).await["next_email"]["email"], NEW);
    for _ in 0..2 {
        let kept = submit(&mut browser, "/account", &[("keep", "email")]).await;
        assert_eq!((kept.status, kept.header("location")), (303, "/account"), "{kept:?}");
    }
    assert_eq!(
        (&me(service, &access).await["email"], &me(service, &access).await["next_email"]),
        (&json!(OLD), &Value::Null)
    );
    assert!(!browser.get("/account").await.text.contains("id=\"next-email\""));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_first_address_counts_as_soon_as_its_code_was_entered_and_signs_in() {
    let service = &Service::with_parameters(MAIL).await;
    let tokens = sign_up(service, "alice").await;
    let mut browser = visit(service, "alice").await;
    change(service, &mut browser, NEW).await;
    let profile = me(service, &tokens.access).await;
    assert_eq!((&profile["email"], &profile["email_verified"]), (&json!(NEW), &json!(true)));
    assert_eq!(service.sign_in(NEW, PASSWORD).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn any_signed_in_visit_of_the_person_stops_a_change_and_no_visit_of_somebody_else() {
    let service = &Service::with_parameters(MAIL).await;
    person(service, "alice", OLD).await;
    sign_up(service, "bob").await;
    let access = sign_in(service, "alice").await.access;
    let mut thief = visit(service, "alice").await;
    change(service, &mut thief, "thief@evil.example").await;
    let mut stranger = visit(service, "bob").await;
    submit(&mut stranger, "/account", &[("keep", "email")]).await;
    let token = browser_token(&mut thief).await;
    let foreign = stranger.post("/account", &[("csrf", &token), ("keep", "email")]).await;
    assert!((400..500).contains(&foreign.status), "{foreign:?}");
    assert_eq!(me(service, &access).await["next_email"]["email"], "thief@evil.example");
    let mut owner = visit(service, "alice").await;
    assert!(owner.get("/account").await.text.contains("thief@evil.example"), "she sees it");
    submit(&mut owner, "/account", &[("keep", "email")]).await;
    assert_eq!(me(service, &access).await["next_email"], Value::Null);
    assert_eq!(service.sign_in("thief@evil.example", PASSWORD).await.status, 401);
}

async fn browser_token(browser: &mut Browser<'_>) -> String {
    browser.get("/account").await.token()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thief_of_an_open_browser_changes_no_address_without_the_password() {
    let service = &Service::with_parameters(MAIL).await;
    person(service, "alice", OLD).await;
    let access = sign_in(service, "alice").await.access;
    let mut browser = visit(service, "alice").await;
    for attempt in 0..7 {
        let answer = submit(&mut browser, "/account/email", &asking("thief@evil.example", WRONG)).await;
        assert_eq!(answer.status, if attempt < 5 { 401 } else { 429 }, "{attempt}: {answer:?}");
    }
    let csrf = browser.get("/account/email").await.token();
    let fields = [("csrf", csrf.as_str()), ("email", "thief@evil.example"), ("password", PASSWORD)];
    for headers in [[("origin", "https://evil.example")], [("sec-fetch-site", "cross-site")]] {
        let answer = browser.post_with("/account/email", &fields, &headers).await;
        assert_eq!(answer.status, 403, "{answer:?}");
    }
    assert_eq!(service.mails("thief@evil.example").await.len(), 0);
    assert_eq!(me(service, &access).await["email"], OLD);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_code_counts_only_in_the_browser_that_asked_and_the_answer_hides_whether_the_address_has_an_owner() {
    let service = &Service::with_parameters(MAIL).await;
    person(service, "alice", OLD).await;
    person(service, "bob", "bob@people.example").await;
    let mut browser = visit(service, "alice").await;
    let page = ask(&mut browser, NEW).await;
    let code = Letter::to(service, NEW, 1).await.code();
    let mut elsewhere = visit(service, "bob").await;
    assert_eq!(enter(&mut elsewhere, &page, &code).await.status, 400);
    let known = ask(&mut browser, "bob@people.example").await;
    assert_eq!(known.len(), page.len());
    assert_eq!(browser.get(&known).await.status, 200, "the same page");
    assert!(!Letter::to(service, "bob@people.example", 2).await.text.contains("token="), "he has an account already");
    assert_eq!(enter(&mut browser, &page, &code).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_mail_the_page_offers_no_other_address() {
    let service = &Service::start().await;
    sign_up(service, "alice").await;
    let mut browser = visit(service, "alice").await;
    assert!(!browser.get("/account").await.text.contains("/account/email"));
    let page = browser.get("/account/email").await;
    assert!(page.status == 403 && page.text.contains("This service sends no e-mail."), "{page:?}");
}
