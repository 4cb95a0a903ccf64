//! `/end_session`: OpenID Connect RP-Initiated Logout asks before it signs anybody out.

use askama::Template;
use oauth::{Error, WayBack};

use super::document::{self, Leave, document, with_form};
use super::{Layout, Person};
use crate::Response;

/// Asks whether to sign out. The answer is the form's `decision`: `sign_out` or `stay`.
#[derive(Debug, Template)]
#[template(path = "sign_out.html")]
pub struct SignOut<'a> {
    /// Look and language.
    pub layout: Layout<'a>,
    /// Who is signed in.
    pub person: Person<'a>,
    /// The form's token: [`Site::token`](crate::Site::token) for the page's path.
    pub token: &'a str,
    /// Parameters of the request, to be sent along.
    pub parameters: &'a [(&'a str, &'a str)],
}

/// Tells that nobody is signed in any more.
#[derive(Debug, Template)]
#[template(path = "signed_out.html")]
pub struct SignedOut<'a> {
    /// Look and language.
    pub layout: Layout<'a>,
    /// The way back to the app, where that is known.
    pub back: Option<&'a WayBack>,
}

impl SignOut<'_> {
    /// The page's address, and its form's.
    pub const PATH: &'static str = "/end_session";

    /// The page.
    pub fn response(&self) -> Result<Response, Error> {
        with_form(self, self.layout, true, None)
    }
}

impl SignedOut<'_> {
    /// The page.
    pub fn response(&self) -> Result<Response, Error> {
        document(200, self, self.layout, Leave::default())
    }
}
