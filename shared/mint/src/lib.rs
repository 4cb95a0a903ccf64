//! The mint turns an authorization, settings and keys into tokens. Nothing else signs.
//!
//! A grant decides who may have tokens and returns an [`Authorization`]. The mint decides what the tokens contain, how
//! long they are valid and which key signs them. It reads and writes no sessions, codes or people. This crate also
//! verifies our own tokens, with the same keys.

mod authorization;
mod keys;
mod mint;
mod person;
mod revocations;
mod verify;

pub use authorization::{Authorization, IdToken};
pub use keys::{PublishedKeys, SigningKeys, generate};
pub use mint::{Mint, Settings, TokenResponse};
pub use person::userinfo;
pub use revocations::RevocationView;
pub use verify::{IdTokenHints, Verification};
