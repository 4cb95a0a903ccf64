//! What a person sees when a page cannot be shown.

use std::borrow::Cow;

use askama::Template;

use super::document::{self, Leave, document};
use super::text;
use crate::Response;

/// Tells of an error in a person's words, and the app's developers which parameter is wrong.
#[derive(Debug, Template)]
#[template(path = "error.html")]
pub struct Error<'a> {
    /// What happened.
    pub error: &'a oauth::Error,
    /// [`Request::id`](crate::Request::id).
    pub request_id: &'a str,
}

impl Error<'_> {
    /// The page; its status is the error's.
    pub fn response(&self) -> Result<Response, oauth::Error> {
        document(self.error.code().status(), self, Leave::default())
    }

    fn words(&self) -> (&'static str, Cow<'static, str>) {
        text::error(self.error.code(), self.error.retry_after())
    }
}
