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
    /// What the app asks for.
    pub scopes: &'a [Permission<'a>],
}

/// A scope that an app asks for.
#[derive(Clone, Copy, Debug)]
pub struct Permission<'a> {
    /// The word.
    pub word: &'a str,
    /// The sentence that its resource has for it, if it is one of a resource's own.
    pub sentence: Option<&'a str>,
}

impl Permission<'_> {
    /// What to tell a person, if anything better than the word is known.
    fn told(&self) -> Option<&str> {
        text::permission(self.word).or(self.sentence)
    }
}

impl Consent<'_> {
    /// The page's address, and its form's.
    pub const PATH: &'static str = "/consent";

    /// The page.
    pub fn response(&self) -> Result<Response, Error> {
        document(200, self, Leave { form_to: Some(self.step.client.redirect_uri), script: Script::None })
    }
}
