//! Access tokens (RFC 9068) and the token response (RFC 6749 section 5.1).

use jwt::{AccessClaims, Audience};
use oauth::{Config, Error, Scopes, Time};
use serde::Serialize;
use store::{Sessions, random};

use crate::keys::SigningKeys;

/// Makes tokens.
pub struct Issuer {
    pub(crate) settings: Settings,
    pub(crate) keys: SigningKeys,
    pub(crate) sessions: Sessions,
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
    /// How long a just-replaced refresh token is answered with the same successor. 0: never.
    pub refresh_grace_seconds: u64,
    /// How long a session lives without being used.
    pub refresh_idle_seconds: u64,
    /// How long a session lives at all.
    pub refresh_max_seconds: u64,
}

impl Settings {
    /// Reads `ISSUER`, `DEFAULT_AUDIENCE` (else the issuer), `ACCESS_TOKEN_SECONDS`, `REFRESH_GRACE_SECONDS`,
    /// `REFRESH_IDLE_SECONDS` and `REFRESH_MAX_SECONDS`.
    pub fn read(config: &Config) -> Result<Self, Error> {
        let issuer = config.required("ISSUER")?;
        Ok(Self {
            issuer: issuer.to_owned(),
            default_audience: config.optional("DEFAULT_AUDIENCE").unwrap_or(issuer).to_owned(),
            access_token_seconds: config.parsed("ACCESS_TOKEN_SECONDS")?,
            refresh_grace_seconds: config.parsed("REFRESH_GRACE_SECONDS")?,
            refresh_idle_seconds: config.parsed("REFRESH_IDLE_SECONDS")?,
            refresh_max_seconds: config.parsed("REFRESH_MAX_SECONDS")?,
        })
    }
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
    /// Opaque; good for one exchange.
    pub refresh_token: String,
    /// What was granted.
    pub scope: String,
}

impl Issuer {
    /// A mint with these settings, keys and sessions.
    pub fn new(settings: Settings, keys: SigningKeys, sessions: Sessions) -> Self {
        Self { settings, keys, sessions }
    }

    /// Makes the tokens for an authorization within a session.
    pub(crate) async fn issue(
        &self,
        authorization: &Authorization<'_>,
        sid: &str,
        refresh_token: String,
        now: Time,
    ) -> Result<TokenResponse, Error> {
        let signer = self.keys.signer(now).await?;
        let claims = AccessClaims {
            iss: self.settings.issuer.clone(),
            sub: authorization.subject.to_owned(),
            aud: Audience::one(self.settings.default_audience.clone()),
            client_id: authorization.client_id.to_owned(),
            iat: now.seconds(),
            exp: now.plus(self.settings.access_token_seconds).seconds(),
            nbf: None,
            jti: random::id(now)?,
            scope: authorization.scope.clone(),
            sid: Some(sid.to_owned()),
            auth_time: Some(authorization.auth_time.seconds()),
            username: Some(authorization.username.to_owned()),
            roles: authorization.roles.to_vec(),
        };
        Ok(TokenResponse {
            access_token: signer.sign(&claims)?,
            token_type: "Bearer",
            expires_in: self.settings.access_token_seconds,
            refresh_token,
            scope: authorization.scope.to_string(),
        })
    }
}
