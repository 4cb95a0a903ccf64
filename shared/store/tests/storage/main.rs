//! The guarantees of the table, tested over the wire against a real engine: uniqueness, single use, exact counts,
//! expiry.

#![expect(clippy::expect_used, clippy::panic, reason = "a test fails when its setup does")]

mod addresses;
mod audit;
mod browsers;
mod clients;
mod codes;
mod engine;
mod factors;
mod https;
mod kms;
mod limits;
mod names;
mod once;
mod outbox;
mod resources;
mod revocations;
mod sessions;
mod sign_out;
mod strangers;
mod unfinished;
mod users;
