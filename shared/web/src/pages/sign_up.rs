//! `/sign-up`.

use askama::Template;
use oauth::{Code, Error, FieldProblem};

use super::document::{self, with_form};
use super::{Layout, SignIn, Step};
use crate::Response;
use crate::work::{self, Demand};

/// The fields, in the order of the page.
const FIELDS: [&str; 4] = ["username", "email", "name", "password"];

/// Asks for what makes an account.
#[derive(Debug, Template)]
#[template(path = "sign_up.html")]
pub struct SignUp<'a> {
    /// Look and language.
    pub layout: Layout<'a>,
    /// The request it belongs to.
    pub step: Step<'a>,
    /// What was typed before; empty at first.
    pub username: &'a str,
    /// What was typed before; empty at first.
    pub email: &'a str,
    /// What was typed before; empty at first.
    pub name: &'a str,
    /// Whether the page asks for a username.
    pub asks_username: Needed,
    /// Whether the page asks for an address.
    pub asks_email: Needed,
    /// The minimum length of a password, shown before the first attempt.
    pub min_length: usize,
    /// The work that the page's script does before it sends the form.
    pub work: Option<Demand<'a>>,
    /// The ticket of a browser that did no work, and waits instead.
    pub ticket: Option<&'a str>,
    /// Why the last attempt failed: wrong fields, `username_taken`, or `too_many_requests`.
    pub error: Option<&'a Error>,
}

/// Whether a field is needed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Needed {
    /// The page does not have it.
    No,
    /// It may be empty.
    Optional,
    /// It must be filled in.
    Required,
}

impl SignUp<'_> {
    /// The page's address, and its form's.
    pub const PATH: &'static str = "/sign-up";

    /// The page; its status is the error's. The caller adds the error's headers with [`Response::refusing`].
    pub fn response(&self) -> Result<Response, Error> {
        with_form(self, self.layout, true, self.error)
    }

    /// Whether this page can show the error. Others have a page of their own.
    pub fn shows(error: &Error) -> bool {
        let ours = |problem: &FieldProblem| FIELDS.contains(&problem.field.as_str());
        let problems = error.field_problems();
        matches!(error.code(), Code::UsernameTaken | Code::TooManyRequests)
            || work::is_missing(error)
            || (!problems.is_empty() && problems.iter().all(ours))
    }

    /// What is wrong with a field, a sentence each.
    fn problems(&self, field: &str) -> Vec<String> {
        let Some(error) = self.error else { return Vec::new() };
        let taken = (error.code() == Code::UsernameTaken).then(|| FieldProblem {
            field: "username".to_owned(),
            code: Code::UsernameTaken.word(),
            detail: Code::UsernameTaken.text().into(),
        });
        let problems = error.field_problems().iter().chain(&taken).filter(|problem| problem.field == field);
        problems.map(|problem| self.layout.words.problem(problem, self.min_length).into_owned()).collect()
    }

    /// How long to wait, after too many attempts.
    fn wait(&self) -> Option<String> {
        if self.ticket.is_some() {
            return Some(self.layout.words.patience.with(work::WAIT));
        }
        let error = self.error.filter(|error| error.code() == Code::TooManyRequests)?;
        Some(self.layout.words.wait(error.retry_after().unwrap_or_default()))
    }

    /// Where typing starts: at the first field that is wrong, or else at the first of all.
    fn focus(&self) -> &'static str {
        let wrong = FIELDS.into_iter().find(|field| !self.problems(field).is_empty());
        wrong.unwrap_or(if self.asks_username == Needed::No { "email" } else { "username" })
    }
}
