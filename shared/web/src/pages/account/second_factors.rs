//! `/account/totp` and `/account/recovery-codes`: an authenticator app as second factor, and recovery codes.

use askama::Template;
use oauth::{Code, Error, Time};

use super::{Account, is_about_the_password, is_wrong, wait};
use crate::Response;
use crate::pages::Layout;
use crate::pages::document::{self, Leave, document, with_form};

/// What the account page says about second factors.
#[derive(Clone, Copy, Debug)]
pub struct SecondFactors {
    /// Whether there is an authenticator app.
    pub app: Presence,
    /// How many recovery codes are left.
    pub codes_left: usize,
}

/// Whether an authenticator app is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presence {
    /// It is not.
    Absent,
    /// It is.
    Present,
    /// It is until this instant.
    Until(Time),
}

/// Adds or removes an authenticator app.
#[derive(Debug, Template)]
#[template(path = "account_totp.html")]
pub struct AuthenticatorApp<'a> {
    /// Look and language.
    pub layout: Layout<'a>,
    /// The form's token.
    pub token: &'a str,
    /// For programs that keep passwords.
    pub username: &'a str,
    /// What the page is for.
    pub step: AppStep<'a>,
    /// Whether the person has to give the password.
    pub asks_password: bool,
    /// Why the last attempt failed.
    pub error: Option<&'a Error>,
}

/// A step of adding or removing an authenticator app.
#[derive(Clone, Copy, Debug)]
pub enum AppStep<'a> {
    /// Offers to set up an app.
    Begin,
    /// Shows a new secret, and asks for the first code.
    Scan {
        /// The secret, as people type it.
        secret: &'a str,
        /// The image that the app reads: SVG.
        image: &'a str,
    },
    /// Offers to remove the app.
    Remove,
}

/// Offers new recovery codes.
#[derive(Debug, Template)]
#[template(path = "account_codes.html")]
pub struct RecoveryCodes<'a> {
    /// Look and language.
    pub layout: Layout<'a>,
    /// The form's token.
    pub token: &'a str,
    /// For programs that keep passwords.
    pub username: &'a str,
    /// Whether the person has to give the password.
    pub asks_password: bool,
    /// Why the last attempt failed.
    pub error: Option<&'a Error>,
}

/// Shows new recovery codes, once. Its form sends them back as `download`, for a file.
#[derive(Debug, Template)]
#[template(path = "account_new_codes.html")]
pub struct NewRecoveryCodes<'a> {
    /// Look and language.
    pub layout: Layout<'a>,
    /// The form's token.
    pub token: &'a str,
    /// The codes.
    pub codes: &'a [String],
}

impl AuthenticatorApp<'_> {
    /// The page's address, and its form's.
    pub const PATH: &'static str = "/account/totp";

    /// The page; its status is the error's. The caller adds the error's headers with [`Response::refusing`].
    pub fn response(&self) -> Result<Response, Error> {
        with_form(self, self.layout, false, self.error)
    }

    /// Whether this page can show the error. Others have a page of their own.
    pub fn shows(error: &Error) -> bool {
        shows(error)
    }

    fn title(&self) -> &'static str {
        let words = &self.layout.words.second_factors;
        if self.is_removal() { words.remove } else { words.title }
    }

    fn is_beginning(&self) -> bool {
        matches!(self.step, AppStep::Begin)
    }

    fn is_removal(&self) -> bool {
        matches!(self.step, AppStep::Remove)
    }

    fn is_wrong(&self) -> bool {
        is_wrong(self.error)
    }

    fn is_wrong_code(&self) -> bool {
        is_wrong_code(self.error)
    }

    fn wait(&self) -> Option<String> {
        wait(self.layout, self.error)
    }
}

impl RecoveryCodes<'_> {
    /// The page's address, and its form's.
    pub const PATH: &'static str = "/account/recovery-codes";

    /// The page; its status is the error's. The caller adds the error's headers with [`Response::refusing`].
    pub fn response(&self) -> Result<Response, Error> {
        with_form(self, self.layout, false, self.error)
    }

    /// Whether this page can show the error. Others have a page of their own.
    pub fn shows(error: &Error) -> bool {
        shows(error)
    }

    fn is_wrong(&self) -> bool {
        is_wrong(self.error)
    }

    fn is_wrong_code(&self) -> bool {
        is_wrong_code(self.error)
    }

    fn wait(&self) -> Option<String> {
        wait(self.layout, self.error)
    }
}

impl NewRecoveryCodes<'_> {
    /// The page.
    pub fn response(&self) -> Result<Response, Error> {
        document(200, self, self.layout, Leave::default())
    }
}

fn shows(error: &Error) -> bool {
    is_about_the_password(error)
        || matches!(error.code(), Code::InvalidCode | Code::InsufficientUserAuthentication)
        || error.field_problems().iter().any(|problem| problem.field == "code")
}

/// Whether a code is wrong or missing.
fn is_wrong_code(error: Option<&Error>) -> bool {
    error.is_some_and(|error| error.code() == Code::InvalidCode || !error.field_problems().is_empty())
}
