//! Errors as HTTP responses, in the format of the endpoint, and their log lines.

use std::borrow::Cow;
use std::collections::BTreeMap;

use oauth::{Code, Error, Needed};
use serde::Serialize;
use serde_json::Value;

use crate::{Request, Response, Site, pages};

/// The format of an endpoint's errors.
#[derive(Clone, Copy, Debug)]
pub enum Dialect<'a> {
    /// `application/problem+json` (RFC 9457): the JSON API.
    Problem,
    /// `{"error", "error_description"}` (RFC 6749 section 5.2): the protocol endpoints.
    OAuth,
    /// A page for people: the browser channel.
    Page(&'a Site),
    /// A page for people who open the address of an API endpoint, a problem document for programs.
    Visited(&'a Site),
}

#[derive(Serialize)]
struct OAuth<'a> {
    error: &'static str,
    error_description: &'a str,
}

#[derive(Serialize)]
struct Document<'a> {
    r#type: &'static str,
    title: &'static str,
    status: u16,
    detail: &'static str,
    code: &'static str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<Member<'a>>,
    #[serde(flatten)]
    members: BTreeMap<&'static str, &'a Value>,
}

#[derive(Serialize)]
struct Member<'a> {
    field: &'a str,
    code: &'static str,
    detail: &'a str,
}

/// How many invalid members an `error_description` names, and its longest length in characters.
const NAMED: (usize, usize) = (8, 1024);

/// The response to a request that ended with `error`. What the caller sees is fixed per code or names invalid members;
/// the log gets the detail. Inlined, so that a function whose format is known at compile time links no other one: pages
/// need cryptography.
#[inline]
pub(crate) fn render(request: &Request, error: &Error, dialect: Dialect<'_>) -> Response {
    let response = match dialect {
        Dialect::OAuth => oauth(error),
        Dialect::Page(site) => page(request, error, site),
        Dialect::Visited(site) if request.wants_page() => page(request, error, site),
        Dialect::Problem | Dialect::Visited(_) => document(error),
    };
    refuse(response, request, error)
}

fn page(request: &Request, error: &Error, site: &Site) -> Response {
    let page = pages::Error { layout: site.layout(request, None), error, request_id: request.id() };
    page.response().unwrap_or_else(|_| document(error))
}

/// Adds the headers of `error` to a response that reports it, and writes the log line.
pub(crate) fn refuse(mut response: Response, request: &Request, error: &Error) -> Response {
    log(request, error);
    if matches!(error.code().status(), 401 | 403)
        && let Some(challenge) = challenge(error)
    {
        response = response.header("www-authenticate", challenge);
    }
    if let Some(seconds) = error.retry_after() {
        response = response.header("retry-after", seconds.to_string());
    }
    if let Some(methods) = error.allow() {
        response = response.header("allow", methods);
    }
    response
}

fn document(error: &Error) -> Response {
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
        members: error.members().iter().map(|(name, value)| (*name, value)).collect(),
    };
    let body = serde_json::to_string(&document).unwrap_or_default();
    Response::text(code.status(), "application/problem+json", body)
}

fn oauth(error: &Error) -> Response {
    let code = error.code();
    let document = OAuth { error: code.word(), error_description: &description(error) };
    let body = serde_json::to_string(&document).unwrap_or_default();
    Response::text(code.status(), "application/json", body)
}

/// The problems of the members, or the text of the code.
fn description(error: &Error) -> Cow<'static, str> {
    let sentences = sentences(error);
    if sentences.is_empty() { error.code().text().into() } else { sentences.into() }
}

/// The problems of the members, in the characters that an `error_description` may have (RFC 6749 section 5.2), because
/// names of members come from the caller. Empty if no member is named.
pub(crate) fn sentences(error: &Error) -> String {
    let problems = error.field_problems().iter().take(NAMED.0);
    let text = problems.map(|problem| format!("{}: {}", problem.field, problem.detail)).collect::<Vec<_>>().join(" ");
    let plain = |c: char| match c {
        '"' => '\'',
        ' '..='~' if c != '\\' => c,
        _ => '?',
    };
    text.chars().take(NAMED.1).map(plain).collect()
}

/// The value of `WWW-Authenticate` (RFC 6750 section 3, RFC 9470 section 3). Every 401 has one (RFC 9110 section 15.5.2), without an
/// `error` if there was no token; a 403 has one only if another scope would help. Client libraries that look at
/// challenges before they read the body find `invalid_client` there too.
fn challenge(error: &Error) -> Option<String> {
    let realm = r#"realm="gatewright""#;
    let code = error.code();
    let reason = format!(r#"error="{}", error_description="{}""#, code.word(), description(error));
    match code {
        Code::InvalidClient => Some(format!("Basic {realm}, {reason}")),
        Code::InvalidToken | Code::ExpiredToken => Some(format!("Bearer {realm}, {reason}")),
        Code::InsufficientScope | Code::InsufficientUserAuthentication => {
            let needed = match error.needed() {
                Some(Needed::Scope(scope)) => format!(r#", scope="{scope}""#),
                Some(Needed::MaxAge(seconds)) => format!(r#", max_age="{seconds}""#),
                None => String::new(),
            };
            Some(format!("Bearer {realm}, {reason}{needed}"))
        }
        _ if code.status() == 401 => Some(format!("Bearer {realm}")),
        _ => None,
    }
}

/// The reason phrase of the status (RFC 9110 section 15), which RFC 9457 requires with `about:blank`.
fn title(status: u16) -> &'static str {
    let status = lambda_http::http::StatusCode::from_u16(status);
    status.ok().and_then(|status| status.canonical_reason()).unwrap_or("Error")
}

/// Writes one line: a refusal at the level info, a fault at the level error with all underlying errors.
fn log(request: &Request, error: &Error) {
    let (status, code, detail) = (error.code().status(), error.code().word(), error.detail());
    if status < 500 {
        tracing::info!(request_id = request.id(), status, code, detail, "refused");
        return;
    }
    tracing::error!(request_id = request.id(), status, code, detail, causes = causes(error), "failed");
}

/// All underlying errors, outermost first.
pub(crate) fn causes(error: &Error) -> String {
    let causes = std::iter::successors(std::error::Error::source(error), |cause| cause.source());
    causes.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}

#[cfg(test)]
mod tests {
    use oauth::FieldProblem;

    use super::*;

    fn described(error: &Error) -> String {
        let response = oauth(error);
        serde_json::from_str::<serde_json::Value>(response.body().unwrap()).unwrap()["error_description"]
            .as_str()
            .unwrap()
            .to_owned()
    }

    #[test]
    fn the_oauth_dialect_names_invalid_members_or_has_the_text_of_the_code() {
        let plain = Error::new(Code::InvalidGrant, "for the log");
        assert_eq!(described(&plain), Code::InvalidGrant.text());
        let named = Error::parameter("redirect_uris", "scheme", "Use https.").with_code(Code::InvalidRedirectUri);
        assert_eq!(described(&named), "redirect_uris: Use https.");
    }

    #[test]
    fn a_description_has_only_the_characters_and_the_length_that_the_rfc_allows() {
        let problem =
            |field: &str| FieldProblem { field: field.to_owned(), code: "unknown", detail: "Not taken.".into() };
        let nasty = Error::fields(vec![problem("a\"b\\c\r\nd\u{e9}\u{202e}")]);
        assert_eq!(described(&nasty), "a'b?c??d??: Not taken.");
        let many = Error::fields((0..64).map(|_| problem(&"x".repeat(500))).collect());
        assert_eq!(described(&many).len(), NAMED.1);
    }
}
