//! What went wrong, as one sentence for the person at the keyboard.
//!
//! Nobody handles these by kind: a stack starts or it does not. Failures of a single invocation are values of their
//! own ([`crate::Failure`]), because the gateway answers each differently.

use std::fmt;

/// Why the stack cannot do what was asked: what happened, where, and what to do about it.
#[derive(Debug)]
pub struct Error(String);

impl Error {
    /// An error that says `text`.
    pub(crate) fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// For `map_err`: an error that names what was attempted before the cause.
    pub(crate) fn doing<E: fmt::Display>(attempt: impl fmt::Display) -> impl FnOnce(E) -> Self {
        move |cause| Self(format!("{attempt}: {cause}"))
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Error {}
