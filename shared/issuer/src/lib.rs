//! The mint: the one place where a token is born.
//!
//! Whoever decides that somebody may have a token hands over an [`Authorization`]; what a token looks like, how long it
//! lives and which key signs it is decided here.

mod keys;
mod token;

pub use keys::SigningKeys;
pub use token::{Authorization, Issuer, Settings, TokenResponse};
