//! The mint: the one place where a token is born, refreshed and withdrawn.
//!
//! Whoever decides that somebody may have a token says so with a [`SignIn`], a [`CodeExchange`] or a [`Refresh`]; what a
//! token looks like, how long it lives and which key signs it is decided here.

mod client;
mod code;
mod keys;
mod person;
mod refresh;
mod revocations;
mod sessions;
mod token;
mod verify;

pub use code::CodeExchange;
pub use keys::{PublishedKeys, SigningKeys, generate};
pub use person::userinfo;
pub use revocations::RevocationView;
pub use sessions::{Refresh, SignIn};
pub use token::{Issuer, ONE_FACTOR, Settings, TokenResponse};
pub use verify::Verification;
