//! The answer to an app that asked for `response_mode=form_post` (OAuth 2.0 Form Post Response Mode).

use askama::Template;
use oauth::Error;

use super::document::{self, Leave, Script, document};
use super::{Client, Layout};
use crate::Response;

/// Sends `parameters` to the app by a form: by a script, or by its button where scripts do not run.
#[derive(Debug, Template)]
#[template(path = "form_post.html")]
pub struct FormPost<'a> {
    /// Look and language.
    pub layout: Layout<'a>,
    /// Who asked, and where the form goes.
    pub client: Client<'a>,
    /// The answer to the request.
    pub parameters: &'a [(&'a str, &'a str)],
}

impl FormPost<'_> {
    /// The page.
    pub fn response(&self) -> Result<Response, Error> {
        document(200, self, self.layout, Leave { to_app: true, script: Script::Submit })
    }
}
