//! `/account/email`: another e-mail address. And what pages say about addresses.

use askama::Template;
use oauth::{Error, Time};

use super::{Account, is_about_the_password, is_wrong, problems, wait};
use crate::Response;
use crate::pages::Layout;
use crate::pages::document::{self, with_form};
use crate::pages::words::Words;

/// Asks for a new address and the password.
#[derive(Debug, Template)]
#[template(path = "account_email.html")]
pub struct ChangeEmail<'a> {
    /// Look and language.
    pub layout: Layout<'a>,
    /// The form's token.
    pub token: &'a str,
    /// For programs that keep passwords.
    pub username: &'a str,
    /// The present address, if one is proven.
    pub present: Option<&'a str>,
    /// What was typed before; empty at first.
    pub email: &'a str,
    /// Why the last attempt failed.
    pub error: Option<&'a Error>,
}

/// A proven address that replaces the present one.
#[derive(Clone, Copy, Debug)]
pub struct NextEmail<'a> {
    /// The address.
    pub address: &'a str,
    /// When it takes effect.
    pub from: Time,
}

/// Why mails do not reach an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unreachable {
    /// Its mail server refused a mail for good.
    Bounced,
    /// Its owner reported a mail as unwanted.
    Complained,
}

impl ChangeEmail<'_> {
    /// The page's address, and its form's.
    pub const PATH: &'static str = "/account/email";

    /// The page; its status is the error's.
    pub fn response(&self) -> Result<Response, Error> {
        with_form(self, self.layout, false, self.error)
    }

    /// Whether this page can show the error. Others have a page of their own.
    pub fn shows(error: &Error) -> bool {
        !error.field_problems().is_empty() || is_about_the_password(error)
    }

    fn problems(&self, field: &str) -> Vec<String> {
        problems(self.layout, self.error, field, 0)
    }

    /// Whether the password is wrong or missing.
    fn is_wrong(&self) -> bool {
        is_wrong(self.error) || !self.problems("password").is_empty()
    }

    fn wait(&self) -> Option<String> {
        wait(self.layout, self.error)
    }
}

impl Unreachable {
    /// What to say about it, and what to do.
    pub(in crate::pages) fn sentence(self, words: &Words) -> &'static str {
        match self {
            Self::Bounced => words.account.bounced,
            Self::Complained => words.account.complained,
        }
    }
}
