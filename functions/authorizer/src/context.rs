//! The authorizer context for the function behind the gateway: flat strings and numbers, which all API types support.

use jwt::AccessClaims;
use serde::{Deserialize, Serialize};

use crate::need::Lack;

/// The authorizer context. What does not apply is absent. REST and WebSocket APIs pass numbers as strings.
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
    /// The level of the person's authentication.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub acr: Option<String>,
    /// When the person authenticated, in epoch seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub auth_time: Option<u64>,
    /// The person's username, for display.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub username: Option<String>,
    /// The person's roles, separated by spaces.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub roles: Option<String>,
    /// The reason for a denial, as an error code of RFC 6750 section 3.1 or RFC 9470 section 3, for access logs and gateway responses. A
    /// policy that denies some routes and allows others carries it on the allowed routes too.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// The same as a value of `WWW-Authenticate`, with what the token needs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub challenge: Option<String>,
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
            acr: claims.acr,
            auth_time: claims.auth_time,
            username: claims.username,
            error: None,
            challenge: None,
        }
    }

    /// The context when there is no valid token.
    pub(crate) fn invalid_token() -> Self {
        Self::default().with_error("invalid_token")
    }

    /// The same context for a token that lacks something.
    pub(crate) fn insufficient(self, lack: &Lack) -> Self {
        Self { challenge: Some(lack.to_string()), ..self.with_error(lack.word()) }
    }

    fn with_error(self, word: &str) -> Self {
        Self { error: Some(word.to_owned()), ..self }
    }
}

fn some(text: String) -> Option<String> {
    (!text.is_empty()).then_some(text)
}
