//! Access tokens (RFC 9068) and the token response (RFC 6749 section 5.1).

use jwt::{AccessClaims, Audience};
use oauth::{Error, Scopes, Time};
use serde::Serialize;
use store::random;

use crate::keys::SigningKeys;

/// Makes tokens.
pub struct Issuer {
    settings: Settings,
    keys: SigningKeys,
}

/// What is the same for every token.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The `iss` of every token.
    pub issuer: String,
    /// The `aud` of a token that was not asked for a resource.
    pub default_audience: String,
    /// How long an access token lives.
    pub access_token_seconds: u64,
}

/// Somebody's leave to have a token: what was decided, by whoever decides.
#[derive(Clone, Debug)]
pub struct Authorization<'a> {
    /// Who the token speaks for: a user's id.
    pub subject: &'a str,
    /// Their username, for resources to show.
    pub username: &'a str,
    /// Their roles.
    pub roles: &'a [String],
    /// Which client asked.
    pub client_id: &'a str,
    /// What the token may be used for.
    pub scope: &'a Scopes,
    /// When the person proved who they are.
    pub auth_time: Time,
}

/// RFC 6749 section 5.1.
#[derive(Debug, Serialize)]
pub struct TokenResponse {
    /// The JWT.
    pub access_token: String,
    /// Always `Bearer`.
    pub token_type: &'static str,
    /// Seconds until the access token expires.
    pub expires_in: u64,
    /// What was granted.
    pub scope: String,
}

impl Issuer {
    /// A mint with these settings and keys.
    pub fn new(settings: Settings, keys: SigningKeys) -> Self {
        Self { settings, keys }
    }

    /// Makes the tokens for an authorization.
    pub async fn issue(&self, authorization: &Authorization<'_>, now: Time) -> Result<TokenResponse, Error> {
        let signer = self.keys.signer(now).await?;
        let claims = self.claims(authorization, now)?;
        let access_token = signer.sign(&claims).map_err(|error| Error::fault("signing").because(error))?;
        Ok(TokenResponse {
            access_token,
            token_type: "Bearer",
            expires_in: self.settings.access_token_seconds,
            scope: authorization.scope.to_string(),
        })
    }

    fn claims(&self, authorization: &Authorization<'_>, now: Time) -> Result<AccessClaims, Error> {
        Ok(AccessClaims {
            iss: self.settings.issuer.clone(),
            sub: authorization.subject.to_owned(),
            aud: Audience::one(self.settings.default_audience.clone()),
            client_id: authorization.client_id.to_owned(),
            iat: now.seconds(),
            nbf: None,
            exp: now.plus(self.settings.access_token_seconds).seconds(),
            jti: random::id(now)?,
            scope: authorization.scope.clone(),
            sid: None,
            auth_time: Some(authorization.auth_time.seconds()),
            username: Some(authorization.username.to_owned()),
            roles: authorization.roles.to_vec(),
        })
    }
}
