//! Refusals in AWS's words. Their kind is in a header (REST services) or in the body (JSON services).

use std::fmt;

use bytes::Bytes;
use http::Response;
use serde_json::Value;

/// A refusal of a service.
#[derive(Debug)]
pub struct Refusal {
    /// The name of the exception, such as `ThrottlingException`.
    pub kind: String,
    /// The HTTP status.
    pub status: u16,
    /// What it says for people.
    pub message: String,
}

impl Refusal {
    pub(crate) fn read(answer: &Response<Bytes>, body: &Value) -> Self {
        let header = answer.headers().get("x-amzn-errortype").and_then(|kind| kind.to_str().ok());
        let named = header.or(body["__type"].as_str()).unwrap_or_default();
        let kind = named.rsplit('#').next().unwrap_or_default().split(':').next().unwrap_or_default();
        let message = body["message"].as_str().or(body["Message"].as_str()).unwrap_or_default();
        Self { kind: kind.to_owned(), status: answer.status().as_u16(), message: message.to_owned() }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}: {}", self.status, self.kind, self.message)
    }
}

impl std::error::Error for Refusal {}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_refusal_is_named_by_its_header_or_its_body() {
        let read = |header: &str, body: &Value| {
            let answer = Response::builder().status(400);
            let answer = if header.is_empty() { answer } else { answer.header("x-amzn-errortype", header) };
            Refusal::read(&answer.body(Bytes::new()).unwrap(), body).to_string()
        };
        let rest = "BadRequestException:http://internal.amazon.com/coral/";
        assert_eq!(read(rest, &json!({"message": "no"})), "400 BadRequestException: no");
        let kind = "com.amazon.coral.service#AccessDeniedException";
        assert_eq!(read("", &json!({"__type": kind, "Message": "no"})), "400 AccessDeniedException: no");
        assert_eq!(read("", &json!({"__type": "InternalException"})), "400 InternalException: ");
    }
}
