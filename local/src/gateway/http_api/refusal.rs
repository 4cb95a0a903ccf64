//! The answers that an HTTP API gives by itself. Their bodies cannot be changed in the cloud, nor here.

use hyper::StatusCode;
use hyper::header::{HeaderValue, WWW_AUTHENTICATE};

use crate::wire::{Reply, reply};

/// Why the gateway answers in place of a function.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::gateway) enum Refusal {
    /// The request broke off or is not understood.
    BadRequest,
    /// An identity source is missing.
    Unauthorized,
    /// A JWT authorizer does not take the token, and says why.
    InvalidToken(&'static str),
    /// A JWT authorizer finds none of the scopes that the route wants.
    InsufficientScope,
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
    pub(in crate::gateway) fn reply(self) -> Reply {
        let (status, message) = match self {
            Self::BadRequest => (StatusCode::BAD_REQUEST, "Bad Request"),
            Self::Unauthorized | Self::InvalidToken(_) => (StatusCode::UNAUTHORIZED, "Unauthorized"),
            Self::Forbidden | Self::InsufficientScope => (StatusCode::FORBIDDEN, "Forbidden"),
            Self::NotFound => (StatusCode::NOT_FOUND, "Not Found"),
            Self::TooLarge => (StatusCode::PAYLOAD_TOO_LARGE, "Request Entity Too Large"),
            Self::HeadersTooLarge => (StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE, "Request Header Fields Too Large"),
            Self::Internal => (StatusCode::INTERNAL_SERVER_ERROR, "Internal Server Error"),
            Self::Unavailable => (StatusCode::SERVICE_UNAVAILABLE, "Service Unavailable"),
        };
        let mut reply = reply(status, "application/json", format!(r#"{{"message":"{message}"}}"#));
        if let Some(challenge) = self.challenge().and_then(|text| HeaderValue::from_str(&text).ok()) {
            reply.headers_mut().insert(WWW_AUTHENTICATE, challenge);
        }
        reply
    }

    /// What a JWT authorizer asks for, without the commas that RFC 9110 wants; a Lambda authorizer's refusal has none.
    fn challenge(self) -> Option<String> {
        let (error, description) = match self {
            Self::InvalidToken(why) => ("invalid_token", why),
            Self::InsufficientScope => ("insufficient_scope", "the token does not have the required scopes"),
            _ => return None,
        };
        Some(format!(r#"Bearer scope="" error="{error}" error_description="{description}""#))
    }
}
