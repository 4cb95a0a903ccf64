//! The crate from outside: the RFCs' examples, forged tokens, spoiled key sets, and `jsonwebtoken` as the oracle.
#![expect(clippy::unwrap_used, reason = "a test that cannot get what it needs has failed")]

mod common;
mod forged_claims;
mod forged_header;
mod key_set;
mod one_byte;
mod rfc;
mod round_trip;
