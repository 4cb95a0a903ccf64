//! `/sign-in`, and what is shown after it.

use askama::Template;
use oauth::{Code, Error};

use super::document::{self, Leave, Script, document, with_form};
use super::{ChangeEmail, Layout, Step, Unreachable};
use crate::Response;

/// Asks for a username and a password.
#[derive(Debug, Template)]
#[template(path = "sign_in.html")]
pub struct SignIn<'a> {
    /// Look and language.
    pub layout: Layout<'a>,
    /// The request it belongs to.
    pub step: Step<'a>,
    /// What was typed before; empty at first.
    pub username: &'a str,
    /// Whether strangers may create accounts.
    pub registration: bool,
    /// Whether people sign in with addresses, too.
    pub addresses: bool,
    /// The way to a new password, if mail can be sent.
    pub forgot: Option<&'a str>,
    /// Why the last attempt failed: `invalid_credentials`, `deletion_pending` or `too_many_requests`.
    pub error: Option<&'a Error>,
}

/// Tells a person who has just signed in that mails do not reach them.
#[derive(Debug, Template)]
#[template(path = "undelivered.html")]
pub struct Undelivered<'a> {
    /// Look and language.
    pub layout: Layout<'a>,
    /// The request it belongs to.
    pub step: Step<'a>,
    /// The address.
    pub email: &'a str,
    /// Why.
    pub why: Unreachable,
}

/// Why the last attempt failed, as far as the page tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Failure {
    /// What was typed is an e-mail address. Known from the text alone: whether anybody has it is not looked at.
    Address,
    /// Not right.
    Wrong,
    /// Not looked at, after too many others.
    Throttled,
    /// Right, but the account is about to be deleted. The page offers to keep it.
    Leaving,
}

impl SignIn<'_> {
    /// The page's address, and its form's.
    pub const PATH: &'static str = "/sign-in";

    /// The page; its status is the error's. The caller adds the error's headers with [`Response::refusing`].
    pub fn response(&self) -> Result<Response, Error> {
        with_form(self, self.layout, true, self.error)
    }

    /// Whether this page can show the error. Others have a page of their own.
    pub fn shows(error: &Error) -> bool {
        matches!(error.code(), Code::InvalidCredentials | Code::DeletionPending | Code::TooManyRequests)
    }

    fn failure(&self) -> Option<Failure> {
        let error = self.error?;
        Some(match error.code() {
            Code::TooManyRequests => Failure::Throttled,
            Code::DeletionPending => Failure::Leaving,
            _ if !self.addresses && is_address(self.username) => Failure::Address,
            _ => Failure::Wrong,
        })
    }

    /// What the person types to say who they are.
    fn identifier(&self) -> &'static str {
        if self.addresses { self.layout.words.mailed.identifier } else { self.layout.words.username }
    }

    /// How long to wait.
    fn wait(&self) -> String {
        self.layout.words.wait(self.error.and_then(Error::retry_after).unwrap_or_default())
    }
}

impl Undelivered<'_> {
    /// The page.
    pub fn response(&self) -> Result<Response, Error> {
        document(200, self, self.layout, Leave { to_app: true, script: Script::None })
    }
}

/// Whether a text is meant as an e-mail address: no username has this sign, in any of its widths.
fn is_address(text: &str) -> bool {
    text.contains(['@', '\u{ff20}', '\u{fe6b}'])
}
