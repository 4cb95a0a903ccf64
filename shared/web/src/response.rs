//! A response: status, headers, body. `no-store` by default.

use std::hash::{DefaultHasher, Hash, Hasher};

use lambda_http::Body;
use lambda_http::aws_lambda_events::apigw::ApiGatewayV2httpResponse;
use lambda_http::http::{HeaderName, HeaderValue};
use oauth::Error;
use serde::Serialize;

use crate::{Cookie, Request, problem};

/// An HTTP response.
#[derive(Debug)]
pub struct Response {
    status: u16,
    headers: Vec<(&'static str, String)>,
    cookies: Vec<Cookie>,
    body: Option<String>,
}

impl Response {
    /// `status` with `body` as `application/json`.
    pub fn json(status: u16, body: &impl Serialize) -> Result<Self, Error> {
        let body = serde_json::to_string(body)
            .map_err(|error| Error::fault("serialising the response failed").because(error))?;
        Ok(Self::text(status, "application/json", body))
    }

    /// `status` with `body` of another media type.
    pub fn text(status: u16, content_type: &'static str, body: String) -> Self {
        Self { body: Some(body), ..Self::empty(status).header("content-type", content_type) }
    }

    /// `status` without a body.
    pub fn empty(status: u16) -> Self {
        Self { status, headers: Vec::new(), cookies: Vec::new(), body: None }
    }

    /// Adds or replaces a header. The name is in lower case.
    #[must_use]
    pub fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.retain(|(known, _)| *known != name);
        self.headers.push((name, value.into()));
        self
    }

    /// Redirects the browser to `location` with a GET (RFC 9110 section 15.4.4), whatever the method was.
    pub fn see_other(location: impl Into<String>) -> Self {
        Self::empty(303).header("location", location).header("referrer-policy", "no-referrer")
    }

    /// Completes a page that was rendered for `error`: adds the headers of the error and writes the log line.
    #[must_use]
    pub fn refusing(self, error: &Error, request: &Request) -> Self {
        problem::refuse(self, request, error)
    }

    /// Sets or removes a cookie.
    #[must_use]
    pub fn cookie(mut self, cookie: Cookie) -> Self {
        self.cookies.push(cookie);
        self
    }

    /// The status.
    pub fn status(&self) -> u16 {
        self.status
    }

    /// The body, if there is one.
    pub fn body(&self) -> Option<&str> {
        self.body.as_deref()
    }

    /// A header that was set here, by its lower-case name.
    pub fn value(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| *known == name).map(|(_, value)| value.as_str())
    }

    /// Allows caching for `max_age` seconds, and revalidation with an entity tag (RFC 9110 section 8.8.3), which is a
    /// hash of the body. A request that already has this version gets a 304.
    #[must_use]
    pub fn cacheable(self, request: &Request, max_age: u64) -> Self {
        let mut hasher = DefaultHasher::new();
        self.body.hash(&mut hasher);
        let etag = format!("\"{:016x}\"", hasher.finish());
        let known = request.header("if-none-match").unwrap_or_default();
        let fresh = known.split(',').map(str::trim).any(|tag| tag == "*" || tag.trim_start_matches("W/") == etag);
        let response = if fresh { Self::empty(304) } else { self };
        response.header("cache-control", format!("public, max-age={max_age}")).header("etag", etag)
    }

    /// The response in the gateway's format, with the headers of every response.
    pub(crate) fn into_event(mut self, request: &Request) -> ApiGatewayV2httpResponse {
        if !self.headers.iter().any(|(name, _)| *name == "cache-control") {
            self = self.header("cache-control", "no-store");
        }
        self = self
            .header("x-request-id", request.id())
            .header("x-content-type-options", "nosniff")
            .header("strict-transport-security", "max-age=63072000; includeSubDomains");
        let mut event = ApiGatewayV2httpResponse::default();
        event.status_code = i64::from(self.status);
        for (name, value) in self.headers {
            if let Ok(value) = HeaderValue::from_str(&value) {
                event.headers.insert(HeaderName::from_static(name), value);
            }
        }
        event.cookies = self.cookies.into_iter().map(Cookie::into_header).collect();
        event.body = self.body.filter(|_| !request.is_head()).map(Body::Text);
        event
    }
}
