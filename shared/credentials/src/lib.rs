//! How people identify themselves and prove it: usernames, e-mail addresses, display names, passwords,
//! one-time codes.
//!
//! Parsing yields a type that holds only valid values, or a [`Problem`] that says what to change. No I/O except for
//! salts from the operating system's generator, and no knowledge of HTTP or storage. Hashing is synchronous and takes
//! about 17 ms of one core: the caller decides where it runs.

mod common;
mod context;
mod display_name;
mod email;
mod fold;
mod hash;
mod normal;
mod password;
mod recovery_code;
mod skeleton;
mod totp;
mod username;

use std::borrow::Cow;

pub use display_name::DisplayName;
pub use email::EmailAddress;
pub use hash::{HashError, PasswordHash, UnreadableHash};
pub use password::{NewPassword, Policy};
pub use recovery_code::{RECOVERY_CODES, RecoveryCode};
pub use totp::TotpSecret;
pub use username::{Reserved, Username};

/// Why a value was refused. Shown to clients: it never repeats the value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// A stable word, such as `too_short`.
    pub code: &'static str,
    /// A sentence that says what to change, such as "Use at least 15 characters."
    pub detail: Cow<'static, str>,
}

/// The code and the sentence, for callers that name the field as well.
impl From<Problem> for (&'static str, Cow<'static, str>) {
    fn from(problem: Problem) -> Self {
        (problem.code, problem.detail)
    }
}

impl Problem {
    fn new(code: &'static str, detail: impl Into<Cow<'static, str>>) -> Self {
        Self { code, detail: detail.into() }
    }
}
