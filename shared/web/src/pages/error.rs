//! What a person sees when a page cannot be shown.

use std::borrow::Cow;

use askama::Template;
use oauth::{Code, FieldProblem};

use super::document::{self, Leave, document};
use super::text;
use crate::{Request, Response};

/// Tells of an error, in a person's words.
#[derive(Debug, Template)]
#[template(path = "error.html")]
pub struct Error<'a> {
    code: Code,
    retry_after: Option<u64>,
    problems: &'a [FieldProblem],
    request_id: &'a str,
}

impl<'a> Error<'a> {
    /// The page for an error.
    pub fn of(error: &'a oauth::Error, request: &'a Request) -> Self {
        let (code, retry_after) = (error.code(), error.retry_after());
        Self { code, retry_after, problems: error.field_problems(), request_id: request.id() }
    }

    /// The page; its status is the error's.
    pub fn response(&self) -> Result<Response, oauth::Error> {
        document(self.code.status(), self, Leave::default())
    }

    fn words(&self) -> (&'static str, Cow<'static, str>) {
        text::error(self.code, self.retry_after)
    }
}
