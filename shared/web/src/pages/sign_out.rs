//! `/end_session`: OpenID Connect RP-Initiated Logout asks before it signs anybody out.

use askama::Template;
use oauth::Error;

use super::document::{self, Leave, document};
use super::{Person, text};
use crate::Response;

/// Asks whether to sign out. The answer is the form's `decision`: `sign_out` or `stay`.
#[derive(Debug, Template)]
#[template(path = "sign_out.html")]
pub struct SignOut<'a> {
    /// Who is signed in.
    pub person: Person<'a>,
    /// The form's token: [`Site::token`](crate::Site::token) for the page's path.
    pub token: &'a str,
    /// Parameters of the request, to be sent along.
    pub parameters: &'a [(&'a str, &'a str)],
    /// Where the app wants people to go afterwards.
    pub redirect_uri: Option<&'a str>,
}

/// Tells that nobody is signed in any more.
#[derive(Debug, Template)]
#[template(path = "signed_out.html")]
pub struct SignedOut<'a> {
    /// The app's name and address, if it may send people on.
    pub back: Option<(&'a str, &'a str)>,
}

impl SignOut<'_> {
    /// The page's address, and its form's.
    pub const PATH: &'static str = "/end_session";

    /// The page.
    pub fn response(&self) -> Result<Response, Error> {
        document(200, self, Leave { form_to: self.redirect_uri, ..Leave::default() })
    }
}

impl SignedOut<'_> {
    /// The page.
    pub fn response(&self) -> Result<Response, Error> {
        document(200, self, Leave::default())
    }
}
