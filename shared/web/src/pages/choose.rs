//! `/choose`: who to be (`prompt=select_account`, OpenID Connect Core section 3.1.2.1).

use askama::Template;
use oauth::Error;

use super::document::{self, with_form};
use super::{Layout, Person, SignIn, Step};
use crate::Response;

/// Offers to continue as the person who is signed in. Sending the form means yes.
#[derive(Debug, Template)]
#[template(path = "choose.html")]
pub struct Choose<'a> {
    /// Look and language.
    pub layout: Layout<'a>,
    /// The request it belongs to.
    pub step: Step<'a>,
    /// Who is signed in.
    pub person: Person<'a>,
}

impl Choose<'_> {
    /// The page's address, and its form's.
    pub const PATH: &'static str = "/choose";

    /// The page.
    pub fn response(&self) -> Result<Response, Error> {
        with_form(self, self.layout, true, None)
    }
}
