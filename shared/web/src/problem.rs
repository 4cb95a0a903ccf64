//! Errors as HTTP: the problem+json dialect (RFC 9457) of the JSON API, and the log line that goes with it.

use oauth::{Code, Error};
use serde::Serialize;

use crate::{Request, Response};

#[derive(Serialize)]
struct Document<'a> {
    r#type: &'static str,
    title: &'static str,
    status: u16,
    detail: &'static str,
    code: &'static str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<Member<'a>>,
}

#[derive(Serialize)]
struct Member<'a> {
    field: &'a str,
    code: &'static str,
    detail: &'a str,
}

/// The answer to a request that ended in `error`. What the caller sees is fixed per code; the log gets the detail.
pub(crate) fn render(request: &Request, error: &Error) -> Response {
    log(request, error);
    let code = error.code();
    let errors = error.field_problems().iter();
    let document = Document {
        r#type: "about:blank",
        title: title(code.status()),
        status: code.status(),
        detail: code.text(),
        code: code.word(),
        errors: errors
            .map(|problem| Member { field: &problem.field, code: problem.code, detail: &problem.detail })
            .collect(),
    };
    let body = serde_json::to_string(&document).unwrap_or_default();
    let mut response = Response::text(code.status(), "application/problem+json", body);
    if code.status() == 401 {
        response = response.header("www-authenticate", challenge(code));
    }
    if let Some(seconds) = error.retry_after() {
        response = response.header("retry-after", seconds.to_string());
    }
    if let Some(methods) = error.allow() {
        response = response.header("allow", methods);
    }
    response
}

/// RFC 6750 section 3: no `error` where no token came.
fn challenge(_code: Code) -> &'static str {
    r#"Bearer realm="gatewright""#
}

/// The status's own phrase (RFC 9110 section 15), as RFC 9457 wants it beside `about:blank`.
fn title(status: u16) -> &'static str {
    let status = lambda_http::http::StatusCode::from_u16(status);
    status.ok().and_then(|status| status.canonical_reason()).unwrap_or("Error")
}

/// One line: a refusal is information, a fault is an error with everything underneath it.
fn log(request: &Request, error: &Error) {
    let (status, code, detail) = (error.code().status(), error.code().word(), error.detail());
    if status < 500 {
        tracing::info!(request_id = request.id(), status, code, detail, "refused");
        return;
    }
    let causes = std::iter::successors(std::error::Error::source(error), |cause| cause.source());
    let causes = causes.map(ToString::to_string).collect::<Vec<_>>().join(": ");
    tracing::error!(request_id = request.id(), status, code, detail, causes, "failed");
}
