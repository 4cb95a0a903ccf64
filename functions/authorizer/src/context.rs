//! What the function behind the gateway learns: flat strings and numbers, the only values that every API type passes on.

use jwt::AccessClaims;
use serde::{Deserialize, Serialize};

/// The authorizer context. What does not apply is absent. REST and WebSocket APIs pass the number on as a string.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Context {
    /// Whom the token is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sub: Option<String>,
    /// The client that the token was given to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_id: Option<String>,
    /// What the token allows, separated by spaces.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scope: Option<String>,
    /// When the token ends, in epoch seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exp: Option<u64>,
    /// The sign-in session.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sid: Option<String>,
    /// The person's name for display.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub username: Option<String>,
    /// The person's roles, separated by spaces.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub roles: Option<String>,
    /// What a refusal under this answer means, in the words of RFC 6750 section 3.1, for access logs and gateway
    /// responses. A policy that refuses some routes and allows others carries it on the allowed ones too.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

impl Context {
    /// What the claims say.
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

    /// Nobody: the token is not good.
    pub(crate) fn invalid_token() -> Self {
        Self::default().with_error("invalid_token")
    }

    /// The same person, lacking a scope.
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
