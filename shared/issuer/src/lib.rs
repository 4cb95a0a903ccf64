//! The mint: the one place where a token is born, refreshed and withdrawn.
//!
//! Whoever decides that somebody may have a token hands over an [`Authorization`]; what a token looks like, how long it
//! lives and which key signs it is decided here.

mod keys;
mod refresh;
mod revocations;
mod sessions;
mod token;
mod verify;

pub use keys::{PublishedKeys, SigningKeys, generate};
pub use revocations::RevocationView;
pub use sessions::{Refresh, SignIn};
pub use token::{Authorization, Issuer, Settings, TokenResponse};
pub use verify::Verification;
