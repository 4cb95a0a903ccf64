//! `/sign-in/second-factor`: asks for a code after the password.

use askama::Template;
use oauth::{Code, Error};

use super::document::{self, with_form};
use super::{Layout, SignIn, Step};
use crate::Response;

/// Asks for the code of an authenticator app, or for a recovery code.
#[derive(Debug, Template)]
#[template(path = "second_factor.html")]
pub struct SecondFactor<'a> {
    /// Look and language.
    pub layout: Layout<'a>,
    /// The request it belongs to.
    pub step: Step<'a>,
    /// Where the code comes from.
    pub method: CodeFrom,
    /// Where a code can come from instead.
    pub other: Option<CodeFrom>,
    /// Why the last attempt failed: `wrong_code` or `too_many_requests`.
    pub error: Option<&'a Error>,
}

/// Where a code comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CodeFrom {
    /// An authenticator app.
    App,
    /// The list of recovery codes.
    RecoveryCodes,
}

impl SecondFactor<'_> {
    /// The page's address, and its form's.
    pub const PATH: &'static str = "/sign-in/second-factor";

    /// The page; its status is the error's.
    pub fn response(&self) -> Result<Response, Error> {
        with_form(self, self.layout, true, self.error)
    }

    /// Whether this page can show the error.
    pub fn shows(error: &Error) -> bool {
        matches!(error.code(), Code::WrongCode | Code::TooManyRequests)
    }

    fn is_of_app(&self) -> bool {
        self.method == CodeFrom::App
    }

    fn is_wrong(&self) -> bool {
        self.error.is_some_and(|error| error.code() == Code::WrongCode)
    }

    /// How long to wait after too many attempts.
    fn wait(&self) -> Option<String> {
        let error = self.error.filter(|error| error.code() == Code::TooManyRequests)?;
        Some(self.layout.words.wait(error.retry_after().unwrap_or_default()))
    }
}

impl CodeFrom {
    /// The method in the form and in the address of the page.
    const fn word(self) -> &'static str {
        match self {
            Self::App => "totp",
            Self::RecoveryCodes => "recovery_code",
        }
    }
}
