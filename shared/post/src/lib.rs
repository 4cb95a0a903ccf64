//! Mail on its way out: a [`Letter`] becomes a MIME message, and [`Post`] hands it to Amazon SES or to an SMTP server.
//!
//! Neither recognises a message that it was given before: whoever sends again after a lost answer may send twice. The
//! `Message-ID` is the same then, so that mail programs can tell.

mod letter;
mod ses;
mod smtp;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use oauth::{Error, Time};

pub use letter::{Letter, Sender};
pub use ses::Ses;
pub use smtp::{Smtp, Trust};

/// What sends mails.
pub enum Post {
    /// Amazon SES, by its API.
    Ses(Ses),
    /// A mail server.
    Smtp(Smtp),
}

/// What became of a letter. A fault, after which it may be sent again, is an [`Error`].
#[derive(Debug, PartialEq, Eq)]
pub enum Sent {
    /// It was taken.
    Taken,
    /// It will never be taken, for this reason.
    Refused(String),
    /// The mail server knows no such address, as it said.
    NoSuchAddress(String),
}

impl Post {
    /// Sends a letter.
    pub async fn send(&self, letter: &Letter<'_>, now: Time) -> Result<Sent, Error> {
        let message = match letter.message(now) {
            Ok(message) => message,
            Err(problem) => return Ok(Sent::NoSuchAddress(problem)),
        };
        match self {
            Self::Ses(ses) => ses.send(&message, now).await,
            Self::Smtp(smtp) => smtp.send(&message).await,
        }
    }
}

/// The bytes of a text in base64, as AWS's tools write it.
pub fn from_base64(text: &str) -> Option<Vec<u8>> {
    STANDARD.decode(text).ok()
}
