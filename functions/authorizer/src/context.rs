//! The authorizer context for the function behind the gateway: flat strings and numbers, which all API types support.

use jwt::AccessClaims;
use serde::{Deserialize, Serialize};

/// The authorizer context. What does not apply is absent. REST and WebSocket APIs pass the number as a string.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Context {
    /// The subject of the token.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sub: Option<String>,
    /// The client that received the token.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_id: Option<String>,
    /// The granted scopes, separated by spaces.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scope: Option<String>,
    /// When the token expires, in epoch seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exp: Option<u64>,
    /// The session of the token.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sid: Option<String>,
    /// The person's username, for display.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub username: Option<String>,
    /// The person's roles, separated by spaces.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub roles: Option<String>,
    /// The reason for a denial, as an error code of RFC 6750 section 3.1, for access logs and gateway responses. A
    /// policy that denies some routes and allows others carries it on the allowed routes too.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

impl Context {
    /// The context of verified claims.
    pub(crate) fn of(claims: AccessClaims) -> Self {
        Self {
            scope: some(claims.scope.to_string()),
            roles: some(claims.roles.join(" ")),
            sub: Some(claims.sub),
            client_id: Some(claims.client_id),
            exp: Some(claims.exp),
            sid: claims.sid,
            username: claims.username,
            error: None,
        }
    }

    /// The context when there is no valid token.
    pub(crate) fn invalid_token() -> Self {
        Self::default().with_error("invalid_token")
    }

    /// The same context for a token that lacks a scope.
    pub(crate) fn insufficient_scope(self) -> Self {
        self.with_error("insufficient_scope")
    }

    fn with_error(self, word: &str) -> Self {
        Self { error: Some(word.to_owned()), ..self }
    }
}

fn some(text: String) -> Option<String> {
    (!text.is_empty()).then_some(text)
}
