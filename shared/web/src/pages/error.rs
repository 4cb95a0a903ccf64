//! What a person sees when a page cannot be shown.

use std::borrow::Cow;

use askama::Template;

use super::Layout;
use super::document::{Leave, document};
use crate::Response;

/// Tells of an error in a person's words, and the app's developers which parameter is wrong.
#[derive(Debug, Template)]
#[template(path = "error.html")]
pub struct Error<'a> {
    /// Look and language.
    pub layout: Layout<'a>,
    /// What happened.
    pub error: &'a oauth::Error,
    /// [`Request::id`](crate::Request::id).
    pub request_id: &'a str,
}

impl Error<'_> {
    /// The page; its status is the error's. The caller adds the error's headers with [`Response::refusing`].
    pub fn response(&self) -> Result<Response, oauth::Error> {
        document(self.error.code().status(), self, self.layout, Leave::default())
    }

    /// Title and sentence.
    fn words(&self) -> (&'static str, Cow<'static, str>) {
        self.layout.words.error(self.error.code(), self.error.retry_after())
    }
}
