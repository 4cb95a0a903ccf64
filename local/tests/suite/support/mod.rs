//! What every test uses: a running service, people, and the means to disturb them.

pub mod browser;
pub mod contract;
pub mod engine;
pub mod faulty;
pub mod forger;
pub mod party;
pub mod schema;
pub mod service;

pub use service::{Answer, PASSWORD, Service};

/// Straight to standard error: what a test prints is shown only when it fails.
pub fn say(line: &str) {
    use std::io::Write;
    let _ = writeln!(std::io::stderr(), "{line}");
}
