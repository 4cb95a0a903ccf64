//! The mint: settings and keys become tokens. The one place that signs.
//!
//! Whoever decides that somebody may have tokens says so with an [`Authorization`]; what a token looks like, how long it
//! lives and which key signs it is decided here. It reads and writes no sessions, codes or people. Our own tokens are
//! verified here too, with the same keys.

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
pub use verify::Verification;
