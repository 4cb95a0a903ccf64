//! The answers that an HTTP API gives by itself. Their bodies cannot be changed in the cloud, nor here.

use hyper::StatusCode;

use crate::http::{Reply, reply};

/// Why the gateway answers in place of a function.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refusal {
    /// The request broke off or is not understood.
    BadRequest,
    /// An identity source is missing.
    Unauthorized,
    /// The authorizer said no.
    Forbidden,
    /// No route fits.
    NotFound,
    /// The body, or the event made of it, is too large.
    TooLarge,
    /// Request line and headers are too large.
    HeadersTooLarge,
    /// The function or the authorizer failed, or gave an answer that means nothing.
    Internal,
    /// The function took longer than the integration allows.
    Unavailable,
}

impl Refusal {
    /// The answer.
    pub(super) fn reply(self) -> Reply {
        let (status, message) = match self {
            Self::BadRequest => (StatusCode::BAD_REQUEST, "Bad Request"),
            Self::Unauthorized => (StatusCode::UNAUTHORIZED, "Unauthorized"),
            Self::Forbidden => (StatusCode::FORBIDDEN, "Forbidden"),
            Self::NotFound => (StatusCode::NOT_FOUND, "Not Found"),
            Self::TooLarge => (StatusCode::PAYLOAD_TOO_LARGE, "Request Entity Too Large"),
            Self::HeadersTooLarge => (StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE, "Request Header Fields Too Large"),
            Self::Internal => (StatusCode::INTERNAL_SERVER_ERROR, "Internal Server Error"),
            Self::Unavailable => (StatusCode::SERVICE_UNAVAILABLE, "Service Unavailable"),
        };
        reply(status, "application/json", format!(r#"{{"message":"{message}"}}"#))
    }
}
