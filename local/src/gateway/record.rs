//! One line of log for a request. The query is left out, for it may hold secrets; the path is as it was sent, so it
//! holds no control characters.

use std::time::Duration;

use hyper::StatusCode;

use super::authorizer::Asked;
use crate::runtime::Start;

/// What is known of a request so far.
#[derive(Debug)]
pub(super) struct Record {
    method: String,
    path: String,
    /// The function that was called last.
    pub(super) function: Option<String>,
    /// Whether the function behind the route was waiting.
    pub(super) start: Option<Start>,
    /// How the authorizer's answer came about.
    pub(super) asked: Option<Asked>,
}

impl Record {
    /// A record of a request that has just come in.
    pub(super) fn new(method: &str, path: &str) -> Self {
        Self { method: method.to_owned(), path: path.to_owned(), function: None, start: None, asked: None }
    }

    /// `GET /protected ProtectedFunction 200 1.9 ms warm (authorizer cached)`.
    pub(super) fn line(&self, status: StatusCode, took: Duration) -> String {
        let function = self.function.as_deref().unwrap_or("-");
        let start = self.start.map_or("", |start| match start {
            Start::Cold => " cold",
            Start::Warm => " warm",
        });
        let authorizer = self.asked.map_or("", |asked| match asked {
            Asked::Cached => " (authorizer cached)",
            Asked::Called(Start::Cold) => " (authorizer called, cold)",
            Asked::Called(Start::Warm) => " (authorizer called)",
        });
        let (method, path, status, ms) = (&self.method, &self.path, status.as_u16(), took.as_secs_f64() * 1e3);
        format!("{method} {path} {function} {status} {ms:.1} ms{start}{authorizer}")
    }
}
