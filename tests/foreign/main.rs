//! What others wrote judges us: verifiers our tokens, clients our flows, and the programs of docs/verify.md, run as they
//! stand there.
//!
//! `install` beside this file installs them, once. What is missing is skipped with a message that says so, except where
//! `CI` is `true`: there it is a failure.

#![expect(clippy::expect_used, clippy::panic, reason = "a test fails when its setup does")]
#![expect(unreachable_pub, reason = "a test binary has no outside")]

mod browser;
mod clients;
mod program;
mod snippets;
mod stage;
mod verifiers;
