//! Software of others against the service: verifiers check our tokens, clients complete their flows, and the programs
//! of docs/verify.md run as printed.
//!
//! `install` in this folder installs the requirements once. Without them, a test is skipped with a message, or fails if
//! `CI` is `true`.

#![expect(clippy::expect_used, clippy::panic, reason = "a test fails when its setup does")]
#![expect(unreachable_pub, reason = "a test binary has no public API")]

mod browser;
mod clients;
mod mail;
mod program;
mod servers;
mod snippets;
mod stage;
mod verifiers;
