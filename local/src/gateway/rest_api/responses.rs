//! Gateway responses: what a REST API answers in place of a function, and how its owner words that.
//!
//! A type that is not customised falls back to `DEFAULT_4XX` or `DEFAULT_5XX`, and then to a message. Templates know
//! variables and nothing else; one that has no value becomes empty, and a header without a value is left out.

use std::collections::BTreeMap;

use bytes::Bytes;
use http_body_util::Full;
use hyper::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use hyper::{Response, StatusCode};
use serde_json::Value as Json;

use super::super::exchange::Exchange;
use super::super::router::Found;
use crate::template::GatewayResponse;
use crate::wire::Reply;

/// Why the gateway answers in place of a function.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// No resource and method fit.
    MissingAuthenticationToken,
    /// An identity source is missing, or the authorizer failed with the message `Unauthorized`.
    Unauthorized,
    /// The authorizer's policy does not allow the request.
    AccessDenied {
        /// Whether a statement denies it, rather than none allowing it.
        explicitly: bool,
    },
    /// The authorizer took too long.
    AuthorizerFailure,
    /// The authorizer failed, or gave an answer that means nothing.
    AuthorizerConfigurationError,
    /// The function took longer than the API waits.
    IntegrationTimeout,
    /// The function failed, or returned what is no response. It has no type of its own.
    BadGateway,
    /// The event would be too large.
    RequestTooLarge,
}

/// What the variables of a response stand for.
pub(super) struct Occasion<'a> {
    pub(super) exchange: &'a Exchange<'a>,
    pub(super) found: Option<&'a Found<'a>>,
    /// What the authorizer said: an object of strings, if it said anything.
    pub(super) authorizer: &'a Json,
}

/// The responses of an API, as far as they are customised.
#[derive(Debug)]
pub(super) struct Responses(BTreeMap<String, GatewayResponse>);

impl Responses {
    /// Customised responses by type.
    pub(super) fn new(customised: BTreeMap<String, GatewayResponse>) -> Self {
        Self(customised)
    }

    /// The answer.
    pub(super) fn reply(&self, kind: Kind, occasion: &Occasion<'_>) -> Reply {
        let (name, usual, error_type) = kind.facts();
        let fallback = if usual.is_client_error() { "DEFAULT_4XX" } else { "DEFAULT_5XX" };
        let custom = self.0.get(name).or_else(|| self.0.get(fallback));
        let general = self.0.get(fallback).and_then(|response| response.status);
        let status = custom.and_then(|response| response.status).or(general);
        let mut reply = Response::new(Full::default());
        *reply.status_mut() = status.and_then(|status| StatusCode::from_u16(status).ok()).unwrap_or(usual);
        let (content_type, body) = match custom.and_then(|response| template(response, occasion)) {
            Some((content_type, template)) => (content_type, occasion.fill(template, kind)),
            None => ("application/json", kind.message()),
        };
        *reply.body_mut() = Full::new(Bytes::from(body));
        let own = [(CONTENT_TYPE, content_type), (HeaderName::from_static("x-amzn-errortype"), error_type)];
        for (name, value) in own {
            if let Ok(value) = HeaderValue::from_str(value) {
                reply.headers_mut().insert(name, value);
            }
        }
        for (name, source) in custom.iter().flat_map(|response| &response.headers) {
            let value = occasion.mapped(source).and_then(|value| HeaderValue::from_str(&value).ok());
            if let (Ok(name), Some(value)) = (name.parse::<HeaderName>(), value) {
                reply.headers_mut().insert(name, value);
            }
        }
        reply
    }
}

/// The template for the type that the client asked for by name, or else for JSON, or else the first.
fn template<'r>(response: &'r GatewayResponse, occasion: &Occasion<'_>) -> Option<(&'r str, &'r str)> {
    let accept = occasion.exchange.header("accept").unwrap_or_default();
    let named = response.templates.get_key_value(accept.as_str());
    let json = || response.templates.get_key_value("application/json");
    let found = named.or_else(json).or_else(|| response.templates.first_key_value());
    found.map(|(content_type, template)| (content_type.as_str(), template.as_str()))
}

impl Kind {
    /// The type of the response, its usual status, and what the header `x-amzn-ErrorType` says.
    fn facts(self) -> (&'static str, StatusCode, &'static str) {
        match self {
            Self::MissingAuthenticationToken => {
                ("MISSING_AUTHENTICATION_TOKEN", StatusCode::FORBIDDEN, "MissingAuthenticationTokenException")
            }
            Self::Unauthorized => ("UNAUTHORIZED", StatusCode::UNAUTHORIZED, "UnauthorizedException"),
            Self::AccessDenied { .. } => ("ACCESS_DENIED", StatusCode::FORBIDDEN, "AccessDeniedException"),
            Self::AuthorizerFailure => {
                ("AUTHORIZER_FAILURE", StatusCode::INTERNAL_SERVER_ERROR, "AuthorizerFailureException")
            }
            Self::AuthorizerConfigurationError => {
                let name = "AUTHORIZER_CONFIGURATION_ERROR";
                (name, StatusCode::INTERNAL_SERVER_ERROR, "AuthorizerConfigurationException")
            }
            Self::IntegrationTimeout => ("INTEGRATION_TIMEOUT", StatusCode::GATEWAY_TIMEOUT, "GatewayTimeoutException"),
            Self::BadGateway => ("DEFAULT_5XX", StatusCode::BAD_GATEWAY, "InternalServerErrorException"),
            Self::RequestTooLarge => ("REQUEST_TOO_LARGE", StatusCode::PAYLOAD_TOO_LARGE, "RequestTooLargeException"),
        }
    }

    /// `$context.error.message`, if there is one.
    fn text(self) -> Option<&'static str> {
        match self {
            Self::MissingAuthenticationToken => Some("Missing Authentication Token"),
            Self::Unauthorized => Some("Unauthorized"),
            Self::AccessDenied { explicitly: true } => {
                Some("User is not authorized to access this resource with an explicit deny")
            }
            Self::AccessDenied { explicitly: false } => Some("User is not authorized to access this resource"),
            Self::AuthorizerFailure | Self::AuthorizerConfigurationError => None,
            Self::IntegrationTimeout => Some("Endpoint request timed out"),
            Self::BadGateway => Some("Internal server error"),
            Self::RequestTooLarge => Some("Request Too Long"),
        }
    }

    /// The same as JSON, quotation marks included, or `null`.
    fn quoted(self) -> String {
        self.text().map_or_else(|| "null".to_owned(), |text| Json::from(text).to_string())
    }

    /// The body where nothing is customised; a denial alone has a capital.
    fn message(self) -> String {
        let member = if matches!(self, Self::AccessDenied { .. }) { "Message" } else { "message" };
        match self {
            Self::BadGateway => format!(r#"{{"message": {}}}"#, self.quoted()),
            _ => format!(r#"{{"{member}":{}}}"#, self.quoted()),
        }
    }
}

impl Occasion<'_> {
    /// A template with its variables, `$context.x` or `${context.x}`, replaced.
    fn fill(&self, template: &str, kind: Kind) -> String {
        let mut filled = String::new();
        let mut rest = template;
        while let Some((before, after)) = rest.split_once('$') {
            filled.push_str(before);
            let (variable, after) = variable(after);
            match variable {
                Some(name) => filled.push_str(&self.variable(name, kind).unwrap_or_default()),
                None => filled.push('$'),
            }
            rest = after;
        }
        filled.push_str(rest);
        filled
    }

    fn variable(&self, name: &str, kind: Kind) -> Option<String> {
        match name {
            "context.error.message" => kind.text().map(str::to_owned),
            "context.error.messageString" => Some(kind.quoted()),
            "context.error.responseType" => Some(kind.facts().0.to_owned()),
            _ => self.mapped(name),
        }
    }

    /// Where a header's value comes from: `'static'`, `context.x`, `stageVariables.x`, `method.request.header.x`.
    fn mapped(&self, source: &str) -> Option<String> {
        if let Some(text) = source.strip_prefix('\'') {
            return text.strip_suffix('\'').map(str::to_owned);
        }
        if let Some(name) = source.strip_prefix("context.authorizer.") {
            return self.authorizer[name].as_str().map(str::to_owned);
        }
        if let Some(name) = source.strip_prefix("stageVariables.") {
            return self.exchange.stage.variables.get(name).cloned();
        }
        if let Some(name) = source.strip_prefix("method.request.header.") {
            return self.exchange.header(&name.to_lowercase());
        }
        if let Some(name) = source.strip_prefix("method.request.querystring.") {
            return self.exchange.parameters().filter(|(own, _)| own == name).map(|(_, value)| value).last();
        }
        if let Some(name) = source.strip_prefix("method.request.path.") {
            return self.found?.parameters.get(name).cloned();
        }
        match source {
            "context.requestId" => Some(self.exchange.request_id.to_owned()),
            "context.httpMethod" => Some(self.exchange.method.clone()),
            "context.path" => Some(format!("/{}{}", self.exchange.stage.name, self.exchange.raw_path)),
            "context.resourcePath" => self.found.map(|found| found.resource().to_owned()),
            "context.stage" => Some(self.exchange.stage.name.clone()),
            "context.identity.sourceIp" => Some(self.exchange.peer.ip().to_string()),
            _ => None,
        }
    }
}

/// The name of the variable that a text begins with, after its dollar sign, and what follows it.
fn variable(text: &str) -> (Option<&str>, &str) {
    let braced = text.strip_prefix('{').and_then(|text| text.split_once('}'));
    let (name, after) = braced.unwrap_or_else(|| {
        let is_part = |character: char| character.is_ascii_alphanumeric() || matches!(character, '.' | '_');
        let end = text.find(|character| !is_part(character)).unwrap_or(text.len());
        text.split_at(end)
    });
    let trimmed = name.trim_end_matches('.');
    let after = if braced.is_some() { after } else { &text[trimmed.len()..] };
    let is_known = trimmed.starts_with("context.") || trimmed.starts_with("stageVariables.");
    if is_known { (Some(trimmed), after) } else { (None, text) }
}

#[cfg(test)]
mod tests {
    use super::variable;

    #[test]
    fn a_variable_ends_where_a_name_cannot_go_on() {
        for (text, name, rest) in [
            ("context.error.message\"}", Some("context.error.message"), "\"}"),
            ("context.stage.", Some("context.stage"), "."),
            ("{context.authorizer.a}b", Some("context.authorizer.a"), "b"),
            ("stageVariables.a-b", Some("stageVariables.a"), "-b"),
            ("5", None, "5"),
            ("", None, ""),
            ("{x}y", None, "{x}y"),
        ] {
            assert_eq!(variable(text), (name, rest), "{text}");
        }
    }
}
