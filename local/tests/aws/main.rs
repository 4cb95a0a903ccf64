//! What `local` emulates of AWS, fact by fact, over real sockets and real processes.
//!
//! The functions here are all `tests/function/echo.rs`, which does what its event says; the service's own tests are in `suite`.

#![expect(clippy::expect_used, clippy::panic, reason = "what cannot be set up fails the test that needs it")]

mod authorizer;
mod command;
#[cfg(target_os = "linux")]
mod containers;
mod door;
mod dynamodb;
mod gateway;
mod iam;
mod interpreters;
mod jwt;
mod kms;
mod processes;
mod rest;
mod support;
