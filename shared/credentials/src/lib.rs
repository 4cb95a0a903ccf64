//! The people: what they call themselves and how they prove it. Usernames, addresses, names, passwords.
//!
//! Parsing yields a type that cannot hold anything unfit, or a [`Problem`] that tells a person what to do. Nothing here
//! does I/O, save that a salt comes from the operating system's generator; nothing here knows HTTP or storage. Hashing
//! is synchronous and costs some 17 ms of one core: the caller decides where it runs.

mod common;
mod context;
mod display_name;
mod email;
mod fold;
mod hash;
mod normal;
mod password;
mod username;

use std::borrow::Cow;

pub use display_name::DisplayName;
pub use email::EmailAddress;
pub use hash::{HashError, PasswordHash, UnreadableHash};
pub use password::{NewPassword, Policy};
pub use username::Username;

/// Why a value was refused. Public: it never repeats the value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// A stable word, such as `too_short`.
    pub code: &'static str,
    /// A sentence that says what to do, such as "Use at least 15 characters."
    pub detail: Cow<'static, str>,
}

impl Problem {
    fn new(code: &'static str, detail: impl Into<Cow<'static, str>>) -> Self {
        Self { code, detail: detail.into() }
    }
}
