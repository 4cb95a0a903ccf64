//! `/consent`.

use askama::Template;
use oauth::{Error, scope};

use super::document::{self, with_form};
use super::{Layout, Person, SignIn, Step};
use crate::Response;

/// Asks a signed-in person what an app may do. The answer is the form's `decision`: `allow` or `deny`.
#[derive(Debug, Template)]
#[template(path = "consent.html")]
pub struct Consent<'a> {
    /// Look and language.
    pub layout: Layout<'a>,
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
    /// Its place in the list: what an app can change comes first, what it learns second. What says how long all of it
    /// lasts comes at the end.
    fn rank(&self) -> usize {
        match self.word {
            scope::ACCOUNT => 0,
            scope::EMAIL => 2,
            scope::PROFILE => 3,
            scope::OPEN => 4,
            scope::OFFLINE_ACCESS => 5,
            _ => 1,
        }
    }
}

impl<'a> Consent<'a> {
    /// The page's address, and its form's.
    pub const PATH: &'static str = "/consent";

    /// The page.
    pub fn response(&self) -> Result<Response, Error> {
        with_form(self, self.layout, true, None)
    }

    /// What the app asks for, in the order in which a person would care.
    fn permissions(&self) -> Vec<Permission<'a>> {
        ordered(self.scopes)
    }

    /// The sentence for a scope, if there is one.
    fn sentence(&self, permission: &Permission<'a>) -> Option<&'a str> {
        self.layout.words.permission(permission.word).or(permission.sentence)
    }
}

/// Permissions in the order in which a person would care.
pub(super) fn ordered<'a>(permissions: &[Permission<'a>]) -> Vec<Permission<'a>> {
    let mut permissions = permissions.to_vec();
    permissions.sort_by_key(Permission::rank);
    permissions
}
