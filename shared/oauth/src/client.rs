//! Registered clients (RFC 7591 section 2, RFC 7592): their names, redirect URIs, authentication methods and
//! permissions.

use serde::{Deserialize, Serialize};

use crate::FIRST_PARTY;
use crate::algorithm::Algorithm;
use crate::scope::Scopes;

/// A registered client. Members with names from RFC 7591 have the meaning defined there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Client {
    /// The client's id. Chosen by the service, public.
    pub client_id: String,
    /// When it was registered, in epoch seconds.
    pub client_id_issued_at: u64,
    /// Who vouches for it.
    pub trust: Trust,
    /// How it authenticates at the token endpoint.
    pub token_endpoint_auth_method: AuthMethod,
    /// The grant types that it may use.
    pub grant_types: Vec<GrantType>,
    /// The URIs that codes may be sent to.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub redirect_uris: Vec<String>,
    /// The URIs that a browser may be sent to after a logout (OpenID Connect RP-Initiated Logout section 2).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub post_logout_redirect_uris: Vec<String>,
    /// The scopes that it may request.
    pub scope: Scopes,
    /// The name that people see.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_name: Option<String>,
    /// Its home page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_uri: Option<String>,
    /// Its privacy policy.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policy_uri: Option<String>,
    /// Its terms of service.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tos_uri: Option<String>,
    /// Contact addresses of the people responsible for it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub contacts: Vec<String>,
    /// Its public keys, a JWK set as JSON text, for `private_key_jwt`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub jwks: Option<String>,
    /// Whether it must push its authorization requests (RFC 9126 section 6).
    #[serde(default)]
    pub require_pushed_authorization_requests: bool,
    /// Whether its requests need a PKCE challenge, if an operator has decided so for this client instead of
    /// [`crate::Pkce`]. Those of a public client always do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub require_pkce: Option<bool>,
    /// The maximum age of an authentication when a request has no `max_age`, in seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default_max_age: Option<u64>,
    /// The claims about a person in its ID tokens.
    #[serde(default)]
    pub id_token_claims: IdTokenClaims,
    /// The algorithm that it registered for its ID tokens.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id_token_signed_response_alg: Option<Algorithm>,
}

/// The claims about a person in ID tokens, besides individually requested claims.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IdTokenClaims {
    /// The claims of the granted scopes.
    #[default]
    Scopes,
    /// None.
    Minimal,
}

/// Who vouches for a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Trust {
    /// Nobody: the client registered itself. People are asked for consent every time, with a warning.
    Unverified,
    /// An operator, or the holder of an initial access token. People are asked for consent once.
    Verified,
    /// The operator owns the client. People are not asked for consent.
    FirstParty,
}

/// How a client authenticates (RFC 6749 section 2.3, OpenID Connect Core section 9).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AuthMethod {
    /// A secret in the `Authorization` header.
    ClientSecretBasic,
    /// A secret in the body.
    ClientSecretPost,
    /// A signed assertion (RFC 7523).
    PrivateKeyJwt,
    /// No authentication: a public client.
    None,
}

/// The grant types.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GrantType {
    /// RFC 6749 section 4.1.
    AuthorizationCode,
    /// RFC 6749 section 6.
    RefreshToken,
    /// RFC 6749 section 4.4.
    ClientCredentials,
}

impl Client {
    /// The built-in public client that `/login` issues tokens to.
    pub fn first_party() -> Self {
        Self {
            client_id: FIRST_PARTY.to_owned(),
            client_id_issued_at: 0,
            trust: Trust::FirstParty,
            token_endpoint_auth_method: AuthMethod::None,
            grant_types: vec![GrantType::RefreshToken],
            redirect_uris: Vec::new(),
            post_logout_redirect_uris: Vec::new(),
            scope: crate::scope::FIRST_PARTY.iter().copied().collect(),
            client_name: None,
            client_uri: None,
            policy_uri: None,
            tos_uri: None,
            contacts: Vec::new(),
            jwks: None,
            require_pushed_authorization_requests: false,
            require_pkce: None,
            default_max_age: None,
            id_token_claims: IdTokenClaims::Scopes,
            id_token_signed_response_alg: None,
        }
    }

    /// Whether it is a public client.
    pub fn is_public(&self) -> bool {
        self.token_endpoint_auth_method == AuthMethod::None
    }

    /// Whether it may use a grant type.
    pub fn may(&self, grant: GrantType) -> bool {
        self.grant_types.contains(&grant)
    }

    /// Its name on pages.
    pub fn display_name(&self) -> &str {
        self.client_name.as_deref().unwrap_or(&self.client_id)
    }
}

impl IdTokenClaims {
    /// Every value.
    pub const ALL: [Self; 2] = [Self::Scopes, Self::Minimal];

    /// The value in requests and responses.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Scopes => "scopes",
            Self::Minimal => "minimal",
        }
    }
}

impl AuthMethod {
    /// Every method, as `token_endpoint_auth_methods_supported` lists them.
    pub const ALL: [Self; 4] = [Self::ClientSecretBasic, Self::ClientSecretPost, Self::PrivateKeyJwt, Self::None];

    /// The value in requests and responses.
    pub const fn word(self) -> &'static str {
        match self {
            Self::ClientSecretBasic => "client_secret_basic",
            Self::ClientSecretPost => "client_secret_post",
            Self::PrivateKeyJwt => "private_key_jwt",
            Self::None => "none",
        }
    }

    /// Whether the method uses a shared secret.
    pub const fn has_secret(self) -> bool {
        matches!(self, Self::ClientSecretBasic | Self::ClientSecretPost)
    }
}

impl GrantType {
    /// Every grant type, as `grant_types_supported` lists them.
    pub const ALL: [Self; 3] = [Self::AuthorizationCode, Self::RefreshToken, Self::ClientCredentials];

    /// The value in requests and responses.
    pub const fn word(self) -> &'static str {
        match self {
            Self::AuthorizationCode => "authorization_code",
            Self::RefreshToken => "refresh_token",
            Self::ClientCredentials => "client_credentials",
        }
    }

    /// The grant type of a `grant_type` parameter.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|grant| grant.word() == word)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_and_stored_items_use_the_same_words() {
        for method in AuthMethod::ALL {
            assert_eq!(serde_json::to_value(method).unwrap(), method.word());
        }
        for grant in GrantType::ALL {
            assert_eq!(serde_json::to_value(grant).unwrap(), grant.word());
            assert_eq!(GrantType::parse(grant.word()), Some(grant));
        }
        assert_eq!(GrantType::parse("password"), None);
    }
}
