//! What the table promises, against a real engine over the wire: uniqueness, single use, exact counts, expiry.

#![expect(clippy::expect_used, clippy::panic, reason = "what cannot be set up fails the test that needs it")]

mod browsers;
mod clients;
mod codes;
mod engine;
mod https;
mod limits;
mod revocations;
mod sessions;
mod users;
