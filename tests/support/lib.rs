//! Shared by all tests: a running service, people, browsers, and simulated faults.

#![expect(missing_docs, clippy::missing_panics_doc, reason = "only tests use this crate")]
#![expect(clippy::expect_used, clippy::panic, reason = "a test fails when its setup does")]

pub mod authenticator;
pub mod browser;
pub mod chromium;
pub mod command;
pub mod contract;
pub mod engine;
pub mod faulty;
pub mod forger;
pub mod harness;
mod mails;
pub mod outbox;
pub mod party;
pub mod schema;
pub mod service;

pub use service::{Answer, PASSWORD, Service};

/// Writes to standard error directly, because the output of a test is shown only when it fails.
pub fn say(line: &str) {
    use std::io::Write;
    let _ = writeln!(std::io::stderr(), "{line}");
}
