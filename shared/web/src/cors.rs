//! Cross-origin requests (Fetch standard, section 4.8). The functions answer them, because the gateway has only one
//! setting for the whole API.
//!
//! No response that another origin may read depends on a cookie, so none allows credentials. The allowed methods of a
//! path are those of its 405, so they are written only once.

use oauth::Config;

use crate::{Request, Response};

/// Headers that a script may send if its browser does not list any. `*` would not cover `authorization`.
const REQUEST_HEADERS: &str = "authorization, content-type, if-none-match";
/// Headers that a script may read.
const RESPONSE_HEADERS: &str = "allow, date, etag, location, retry-after, www-authenticate, x-request-id";
/// How long a browser may cache a preflight, in seconds.
const MAX_AGE: &str = "600";
/// Longest list of headers that a preflight may request, in bytes.
const MAX_ASKED: usize = 1024;

/// The web origins whose scripts may call a path and read its responses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origins {
    /// None: the path is for people and reads cookies.
    None,
    /// Those of `AllowedOrigins`.
    Allowed,
    /// All: a script gets nothing here that a program outside a browser would not get.
    Any,
}

/// The origins of `AllowedOrigins`.
pub(crate) struct Cors {
    allowed: Vec<String>,
}

impl Cors {
    /// Reads `ALLOWED_ORIGINS`: origins separated by commas, or `*` for any.
    pub(crate) fn new(config: &Config) -> Self {
        Self { allowed: config.list("ALLOWED_ORIGINS") }
    }

    /// Adds the headers that `origins` need to read the response, including errors.
    pub(crate) fn decorate(&self, request: &Request, origins: Origins, response: Response) -> Response {
        match origins {
            Origins::None => response,
            Origins::Any => readable_by("*", request, response),
            Origins::Allowed if self.allowed.is_empty() => response,
            Origins::Allowed => {
                let response = response.header("vary", "origin");
                match request.header("origin").filter(|origin| self.allows(origin)) {
                    Some(origin) => readable_by(&origin, request, response),
                    None => response,
                }
            }
        }
    }

    fn allows(&self, origin: &str) -> bool {
        self.allowed.iter().any(|allowed| allowed == origin || allowed == "*")
    }
}

/// The response to `OPTIONS` on a path with these `methods`.
pub(crate) fn preflight(methods: &'static str) -> Response {
    Response::empty(204).header("allow", methods)
}

fn readable_by(origin: &str, request: &Request, response: Response) -> Response {
    let response = response.header("access-control-allow-origin", origin);
    if !request.is_preflight() {
        return response.header("access-control-expose-headers", RESPONSE_HEADERS);
    }
    let methods = response.value("allow").unwrap_or_default().to_owned();
    let asked = request.header("access-control-request-headers").filter(|asked| is_list_of_names(asked));
    response
        .header("access-control-allow-methods", methods)
        .header("access-control-allow-headers", asked.unwrap_or_else(|| REQUEST_HEADERS.to_owned()))
        .header("access-control-max-age", MAX_AGE)
}

/// Whether these can be header names. A script may send any header: tracing and protocol libraries add their own
/// (`traceparent`, `sentry-trace`, `mcp-protocol-version`), and none changes the response.
fn is_list_of_names(asked: &str) -> bool {
    let in_name = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    let mut names = asked.split(',').map(str::trim);
    asked.len() <= MAX_ASKED && names.all(|name| !name.is_empty() && name.bytes().all(in_name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_header_names_are_allowed_and_nothing_else_is_echoed() {
        for asked in ["authorization", "authorization,traceparent, X-Datadog-Origin", "mcp-protocol-version"] {
            assert!(is_list_of_names(asked), "{asked}");
        }
        for asked in ["", ",", "a,,b", "a b", "a:b", "a\r\nset-cookie: x", "\u{e9}", "a\"", &"a".repeat(MAX_ASKED + 1)]
        {
            assert!(!is_list_of_names(asked), "{asked:?}");
        }
    }
}
