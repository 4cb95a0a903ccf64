//! The hosted pages in a real browser: headless Chromium is the user of a small app, on a phone, on a desktop, and with
//! scripts switched off. axe looks at every page, in both colour schemes.
//!
//! `install` beside this file installs what it needs, once. What is missing is skipped with a message that says so,
//! except where `CI` is `true`: there it is a failure.

#![expect(clippy::expect_used, reason = "a test fails when its setup does")]

use std::io::Write;

use serde_json::{Value, json};
use support::harness;

/// Pages that axe must have looked at, each at both widths.
const PAGES: [&str; 11] = [
    "consent",
    "consent for an unverified app",
    "error",
    "error of an app",
    "sign-in",
    "sign-in with a wrong password",
    "sign-in with the password shown",
    "sign-out",
    "sign-up",
    "sign-up with wrong fields",
    "signed-out",
];

#[tokio::test(flavor = "multi_thread")]
async fn people_complete_every_flow_on_a_phone() {
    run("phone", 17, &PAGES).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn people_complete_every_flow_on_a_desktop() {
    run("desktop", 17, &PAGES).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn people_complete_every_flow_without_scripts() {
    run("without scripts", 12, &[]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_browser_app_of_the_examples_signs_in_refreshes_and_signs_out() {
    if installed() {
        assert_eq!(harness::drive("example.mjs", json!({})).await, json!({"done": true}));
    }
}

/// Whether what drives the browser is there; in CI it must be.
fn installed() -> bool {
    let Some(missing) = harness::missing() else { return true };
    let missing = format!("{missing}: not installed; tests/browser/install does it");
    assert!(std::env::var("CI").as_deref() != Ok("true"), "{missing}");
    let _ = writeln!(std::io::stderr(), "SKIPPED {missing}");
    false
}

async fn run(name: &str, scenarios: usize, pages: &[&str]) {
    if !installed() {
        return;
    }
    let report = harness::drive("run.mjs", json!({"run": name})).await;
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
