//! `/consent`.

use askama::Template;
use oauth::Error;

use super::document::{self, Leave, Script, document};
use super::{Person, SignIn, Step, text};
use crate::Response;

/// Asks a signed-in person what an app may do. The answer is the form's `decision`: `allow` or `deny`.
#[derive(Debug, Template)]
#[template(path = "consent.html")]
pub struct Consent<'a> {
    /// The request it belongs to.
    pub step: Step<'a>,
    /// Whether the operator of this service vouches for the app.
    pub verified: bool,
    /// Who is asked.
    pub person: Person<'a>,
    /// The scopes that the app asks for, a word each.
    pub scopes: &'a [&'a str],
}

impl Consent<'_> {
    /// The page's address, and its form's.
    pub const PATH: &'static str = "/consent";

    /// The page.
    pub fn response(&self) -> Result<Response, Error> {
        document(200, self, Leave { form_to: Some(self.step.client.redirect_uri), script: Script::None })
    }
}
