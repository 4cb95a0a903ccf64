//! `/sign-in`.

use askama::Template;
use oauth::{Code, Error};

use super::document::{self, Leave, Script, document};
use super::{Step, text};
use crate::Response;

/// Asks for a username and a password.
#[derive(Debug, Template)]
#[template(path = "sign_in.html")]
pub struct SignIn<'a> {
    /// The request it belongs to.
    pub step: Step<'a>,
    /// What was typed before; empty at first.
    pub username: &'a str,
    /// Whether strangers may create accounts.
    pub registration: bool,
    /// Why the last attempt failed: `invalid_credentials` or `too_many_requests`.
    pub error: Option<&'a Error>,
}

impl SignIn<'_> {
    /// The page's address, and its form's.
    pub const PATH: &'static str = "/sign-in";

    /// The page; its status is the error's. An error is still to be told by [`Response::refusing`].
    pub fn response(&self) -> Result<Response, Error> {
        let status = self.error.map_or(200, |error| error.code().status());
        let form_to = Some(self.step.client.redirect_uri);
        document(status, self, Leave { form_to, script: Script::Reveal })
    }

    /// Whether the page can tell of this error; others have a page of their own.
    pub fn tells(error: &Error) -> bool {
        matches!(error.code(), Code::InvalidCredentials | Code::TooManyRequests)
    }

    fn problem(&self) -> Option<String> {
        let error = self.error?;
        Some(match error.code() {
            Code::TooManyRequests => text::throttled(error.retry_after().unwrap_or_default()),
            _ => text::WRONG_CREDENTIALS.to_owned(),
        })
    }
}
