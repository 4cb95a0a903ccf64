//! The crate from outside: examples of the RFCs, forged tokens, unusable key sets, and `jsonwebtoken` as the reference.
#![expect(clippy::unwrap_used, reason = "a test fails when its setup does")]

mod common;
mod forged_claims;
mod forged_header;
mod key_set;
mod one_byte;
mod rfc;
mod round_trip;
