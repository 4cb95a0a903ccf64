//! Clients as they are registered (RFC 7591 section 2, RFC 7592): what a client is called, where it may be reached, how
//! it proves who it is, what it may ask for.

use serde::{Deserialize, Serialize};

use crate::FIRST_PARTY;
use crate::scope::Scopes;

/// A registered client. Members named as in RFC 7591 are the RFC's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Client {
    /// Its id: ours to choose, public.
    pub client_id: String,
    /// When it was registered, in epoch seconds.
    pub client_id_issued_at: u64,
    /// Who answers for it.
    pub trust: Trust,
    /// How it proves who it is at the back channel.
    pub token_endpoint_auth_method: AuthMethod,
    /// What it may exchange for tokens.
    pub grant_types: Vec<GrantType>,
    /// Where codes may be sent.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub redirect_uris: Vec<String>,
    /// Where a browser may be sent after a logout (OpenID Connect RP-Initiated Logout section 2).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub post_logout_redirect_uris: Vec<String>,
    /// The most that it may ask for.
    pub scope: Scopes,
    /// What people know it as.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_name: Option<String>,
    /// Its home page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_uri: Option<String>,
    /// Its privacy policy.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policy_uri: Option<String>,
    /// Its terms.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tos_uri: Option<String>,
    /// Whom to write to about it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub contacts: Vec<String>,
    /// Its public keys, a JWK set as JSON text, for `private_key_jwt`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub jwks: Option<String>,
    /// Whether it must push its authorization requests (RFC 9126 section 6).
    #[serde(default)]
    pub require_pushed_authorization_requests: bool,
    /// Whether each of its requests must carry a PKCE challenge, whatever else protects the code. An operator's to say.
    #[serde(default, skip_serializing_if = "is_false")]
    pub require_pkce: bool,
    /// How old a sign-in may be when it does not say `max_age`, in seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default_max_age: Option<u64>,
    /// What its ID tokens say about a person.
    #[serde(default)]
    pub id_token_claims: IdTokenClaims,
}

/// What ID tokens say about a person besides what was asked for claim by claim.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IdTokenClaims {
    /// The claims of the granted scopes.
    #[default]
    Scopes,
    /// Nothing.
    Minimal,
}

/// Who answers for a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Trust {
    /// Nobody: it registered itself. People are asked each time, and told so.
    Unverified,
    /// An operator, or the holder of an initial access token. People are asked once.
    Verified,
    /// It is the operator's own: people are not asked.
    FirstParty,
}

/// How a client proves who it is (RFC 6749 section 2.3, OpenID Connect Core section 9).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AuthMethod {
    /// A secret in the `Authorization` header.
    ClientSecretBasic,
    /// A secret in the body.
    ClientSecretPost,
    /// A signed assertion (RFC 7523).
    PrivateKeyJwt,
    /// It cannot: a public client.
    None,
}

/// What may be exchanged for tokens.
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
    /// The built-in public client that `/login` signs people in to.
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
            require_pkce: false,
            default_max_age: None,
            id_token_claims: IdTokenClaims::Scopes,
        }
    }

    /// Whether it proves nothing at the back channel.
    pub fn is_public(&self) -> bool {
        self.token_endpoint_auth_method == AuthMethod::None
    }

    /// Whether it may use a grant.
    pub fn may(&self, grant: GrantType) -> bool {
        self.grant_types.contains(&grant)
    }

    /// What to call it before people.
    pub fn display_name(&self) -> &str {
        self.client_name.as_deref().unwrap_or(&self.client_id)
    }
}

impl IdTokenClaims {
    /// Every choice.
    pub const ALL: [Self; 2] = [Self::Scopes, Self::Minimal];

    /// The word on the wire.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Scopes => "scopes",
            Self::Minimal => "minimal",
        }
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes references")]
fn is_false(flag: &bool) -> bool {
    !flag
}

impl AuthMethod {
    /// Every method, as `token_endpoint_auth_methods_supported` lists them.
    pub const ALL: [Self; 4] = [Self::ClientSecretBasic, Self::ClientSecretPost, Self::PrivateKeyJwt, Self::None];

    /// The word on the wire.
    pub const fn word(self) -> &'static str {
        match self {
            Self::ClientSecretBasic => "client_secret_basic",
            Self::ClientSecretPost => "client_secret_post",
            Self::PrivateKeyJwt => "private_key_jwt",
            Self::None => "none",
        }
    }

    /// Whether it rests on a secret that both sides know.
    pub const fn has_secret(self) -> bool {
        matches!(self, Self::ClientSecretBasic | Self::ClientSecretPost)
    }
}

impl GrantType {
    /// Every grant, as `grant_types_supported` lists them.
    pub const ALL: [Self; 3] = [Self::AuthorizationCode, Self::RefreshToken, Self::ClientCredentials];

    /// The word on the wire.
    pub const fn word(self) -> &'static str {
        match self {
            Self::AuthorizationCode => "authorization_code",
            Self::RefreshToken => "refresh_token",
            Self::ClientCredentials => "client_credentials",
        }
    }

    /// The grant of a `grant_type` parameter.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|grant| grant.word() == word)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_on_the_wire_are_the_stored_ones() {
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
