//! The hosted pages in a real browser: headless Chromium uses a small app on a phone, on a desktop, and without
//! scripts. axe checks every page in both colour schemes.
//!
//! `install` in this folder installs the requirements once. Without them, a test is skipped with a message, or fails if
//! `CI` is `true`.

#![expect(clippy::expect_used, reason = "a test fails when its setup does")]

use std::io::Write;

use serde_json::{Value, json};
use support::harness::{self, Prepared};
use support::outbox::{self, FROM};

/// The languages of mails.
const LANGUAGES: [&str; 7] = ["en", "de", "fr", "es", "pt", "ja", "ar"];

/// Pages that axe must check, each at both widths.
const PAGES: [&str; 32] = [
    "account",
    "account deleted",
    "account in Arabic",
    "account: deletion",
    "account: deletion in Arabic",
    "account: name",
    "account: password",
    "account: password in Arabic",
    "choose",
    "consent",
    "consent for an unverified app",
    "consent in Arabic",
    "error",
    "error of an app",
    "home",
    "home in Arabic",
    "sign-in",
    "sign-in after too many attempts",
    "sign-in in Arabic",
    "sign-in under way",
    "sign-in with a wrong password",
    "sign-in with a wrong password in Arabic",
    "sign-in with an address",
    "sign-in with the password shown",
    "sign-out",
    "sign-out in Arabic",
    "sign-up",
    "sign-up with Caps Lock on",
    "sign-up with wrong fields",
    "sign-up with wrong fields in Arabic",
    "signed-out",
    "signed-out in Arabic",
];

/// The same, of a service that sends mails and lets people keep accounts that they deleted.
const MAIL_PAGES: [&str; 20] = [
    "account about to be deleted",
    "account whose mails come back",
    "account with a change of address",
    "account with a change of address in Arabic",
    "account: address",
    "account: address in Arabic",
    "account: address with a wrong password",
    "account: deletion with a time to return",
    "account: wrong address",
    "address confirmed",
    "address kept",
    "code for a password",
    "code of a registration",
    "forgotten password",
    "keep the address",
    "mails come back",
    "password reset",
    "sign-in to an account about to be deleted",
    "sign-up with an address",
    "wrong code",
];

#[tokio::test(flavor = "multi_thread")]
async fn people_complete_every_flow_on_a_phone() {
    run("phone", 26, &PAGES).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn people_complete_every_flow_on_a_desktop() {
    run("desktop", 26, &PAGES).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn people_complete_every_flow_without_scripts() {
    run("without scripts", 19, &[]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn people_use_mails_and_the_pages_around_them_on_a_phone() {
    run_with_mail("phone with mail", &MAIL_PAGES).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn people_use_mails_and_the_pages_around_them_on_a_desktop() {
    run_with_mail("desktop with mail", &MAIL_PAGES).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn people_use_mails_and_the_pages_around_them_without_scripts() {
    run_with_mail("mail without scripts", &[]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_browser_app_of_the_examples_signs_in_refreshes_and_signs_out() {
    if installed() {
        assert_eq!(harness::drive("example.mjs", json!({})).await, json!({"done": true}));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_sign_up_page_does_the_work_that_the_service_asks_for() {
    if installed() {
        let job = json!({"parameters": {"RegistrationWork": "14"}});
        assert_eq!(harness::drive("work.mjs", job).await, json!({"done": true}));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_mail_in_every_language_fits_a_phone_and_can_be_read_in_light_and_in_dark() {
    if !installed() {
        return;
    }
    let mails: Vec<Value> = LANGUAGES.iter().flat_map(|language| outbox::every_kind(language)).collect();
    let (count, kinds) = (mails.len(), kinds_of_mails());
    assert_eq!(count, LANGUAGES.len() * kinds, "a kind of mail has no example");
    let prepared = Prepared { mails, ..Prepared::default() };
    let job = json!({"count": count, "parameters": {"MailFrom": FROM}});
    let report = harness::drive_on(prepared, "mails.mjs", job).await;
    assert_eq!(report["seen"].as_array().map(Vec::len), Some(count), "{report}");
}

/// How many kinds of mails there are.
fn kinds_of_mails() -> usize {
    let source = include_str!("../../shared/oauth/src/mail.rs");
    let (_, kinds) = source.split_once("pub enum Message {").expect("the kinds");
    let (kinds, _) = kinds.split_once("\n}\n").expect("their end");
    kinds.lines().filter(|line| line.starts_with("    ") && line.trim_start().starts_with(char::is_uppercase)).count()
}

/// Whether the requirements are installed. In CI they must be.
fn installed() -> bool {
    let Some(missing) = harness::missing() else { return true };
    let missing = format!("{missing}: not installed. Run tests/browser/install.");
    assert!(std::env::var("CI").as_deref() != Ok("true"), "{missing}");
    let _ = writeln!(std::io::stderr(), "SKIPPED {missing}");
    false
}

/// A service that sends mails. Those to one address have come back.
fn with_mail() -> Prepared {
    let bounce = serde_json::from_str(include_str!("../../events/bounce.json")).expect("JSON");
    Prepared { events: vec![("MailerFunction", bounce)], mails: Vec::new() }
}

async fn run(name: &str, scenarios: usize, pages: &[&str]) {
    run_on(Prepared::default(), json!({"run": name}), scenarios, pages).await;
}

async fn run_with_mail(name: &str, pages: &[&str]) {
    let parameters = json!({"MailFrom": FROM, "DeletionGraceDays": "7"});
    run_on(with_mail(), json!({"run": name, "parameters": parameters}), 6, pages).await;
}

async fn run_on(prepared: Prepared, job: Value, scenarios: usize, pages: &[&str]) {
    if !installed() {
        return;
    }
    let name = job["run"].clone();
    let report = harness::drive_on(prepared, "run.mjs", job).await;
    let verdicts = report["verdicts"].as_object().expect("verdicts");
    let wrong: Vec<_> = verdicts.iter().filter(|(_, verdict)| *verdict != "ok").collect();
    let told = |verdict: &Value| verdict.as_str().unwrap_or_default().to_owned();
    let told: Vec<_> = wrong.iter().map(|(scenario, verdict)| format!("{scenario}: {}", told(verdict))).collect();
    assert!(wrong.is_empty(), "{name}:\n{}", told.join("\n\n"));
    assert_eq!(verdicts.len(), scenarios, "{verdicts:?}");
    let mut looked: Vec<_> =
        report["looks"].as_array().expect("pages").iter().filter_map(|name| name.as_str()).collect();
    looked.sort_unstable();
    assert_eq!(looked, pages);
}
