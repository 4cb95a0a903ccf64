//! What an invocation can end in besides an answer, in the words that Lambda uses for it.

use std::fmt;
use std::time::Duration;

use serde_json::{Value as Json, json};

/// Why a function gave no answer.
#[derive(Debug, Clone, PartialEq)]
pub enum Failure {
    /// There is no function of this logical id.
    Unknown(String),
    /// The function reported an error: `{errorType, errorMessage}`.
    Reported(Json),
    /// Its process could not be started or never asked for an event; what is known of it.
    NotStarted(String),
    /// Its process ended before it answered; how it ended.
    Crashed(String),
    /// It did not answer within its timeout.
    TimedOut(Duration),
    /// Its answer is larger than Lambda passes on (6 MiB).
    TooLarge,
    /// Its answer is not JSON.
    NotJson(String),
}

impl Failure {
    /// What happened, for the person at the keyboard: an error that a function reports as it words it.
    pub fn told(&self) -> String {
        let Self::Reported(payload) = self else { return self.to_string() };
        match (payload["errorType"].as_str(), payload["errorMessage"].as_str()) {
            (Some(kind), Some(message)) => format!("{kind}: {message}"),
            _ => self.to_string(),
        }
    }

    /// The error payload that Lambda answers an invoker with.
    pub fn payload(&self) -> Json {
        let kind = match self {
            Self::Reported(payload) => return payload.clone(),
            Self::Unknown(_) => "ResourceNotFoundException",
            Self::NotStarted(_) | Self::Crashed(_) => "Runtime.ExitError",
            Self::TimedOut(_) => "Sandbox.Timedout",
            Self::TooLarge => "Function.ResponseSizeTooLarge",
            Self::NotJson(_) => "Function.ResponseNotJson",
        };
        json!({"errorType": kind, "errorMessage": self.to_string()})
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown(id) => write!(f, "there is no function {id} in the template"),
            Self::Reported(payload) => write!(f, "function error: {payload}"),
            Self::NotStarted(what) => write!(f, "the function did not start: {what}"),
            Self::Crashed(how) => write!(f, "the function ended without an answer: {how}"),
            Self::TimedOut(timeout) => write!(f, "Task timed out after {:.2} seconds", timeout.as_secs_f64()),
            Self::TooLarge => f.write_str("the answer is larger than 6 MiB"),
            Self::NotJson(why) => write!(f, "the answer is not JSON: {why}"),
        }
    }
}

impl std::error::Error for Failure {}
