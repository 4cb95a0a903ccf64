//! Cross-origin requests (Fetch standard, section 4.8), answered by the functions and not by the gateway, whose
//! setting is for the whole API.
//!
//! The allowed methods of a path are those of its 405: they are written down once.

use oauth::Config;

use crate::{Request, Response};

/// Headers that a script may send.
const REQUEST_HEADERS: &str = "authorization, content-type, if-none-match";
/// Headers that a script may read.
const RESPONSE_HEADERS: &str = "location, retry-after, www-authenticate, etag, x-request-id";
/// How long a browser may remember a preflight, in seconds.
const MAX_AGE: &str = "600";

/// The origins whose scripts may call, from `ALLOWED_ORIGINS`.
pub(crate) struct Cors {
    origins: Vec<String>,
}

impl Cors {
    /// `ALLOWED_ORIGINS`: origins separated by commas, or `*` for any. No answer depends on a cookie, so `*` opens
    /// nothing that a program outside a browser could not call anyway.
    pub(crate) fn new(config: &Config) -> Self {
        Self { origins: config.list("ALLOWED_ORIGINS") }
    }

    /// The answer to `OPTIONS` on a path that takes `methods`.
    #[expect(clippy::unused_self, reason = "a preflight is decorated by the same origins afterwards")]
    pub(crate) fn preflight(&self, methods: Option<&'static str>) -> Response {
        Response::empty(204).header("allow", methods.unwrap_or_default())
    }

    /// Adds what an allowed origin needs to read the answer.
    pub(crate) fn decorate(&self, request: &Request, response: Response) -> Response {
        if self.origins.is_empty() {
            return response;
        }
        let response = response.header("vary", "origin");
        let Some(origin) = request.header("origin").filter(|origin| self.allows(origin)) else {
            return response;
        };
        let response = response.header("access-control-allow-origin", origin);
        if !request.is_preflight() {
            return response.header("access-control-expose-headers", RESPONSE_HEADERS);
        }
        let methods = response.value("allow").unwrap_or_default().to_owned();
        response
            .header("access-control-allow-methods", methods)
            .header("access-control-allow-headers", REQUEST_HEADERS)
            .header("access-control-max-age", MAX_AGE)
    }

    fn allows(&self, origin: &str) -> bool {
        self.origins.iter().any(|allowed| allowed == origin || allowed == "*")
    }
}
