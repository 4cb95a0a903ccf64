//! Access tokens (RFC 9068), ID tokens (OpenID Connect Core section 2) and the token response (RFC 6749 section 5.1).

use jwt::{AccessClaims, Audience, IdClaims, SigningKey, at_hash};
use oauth::grant::{Target, userinfo_audience};
use oauth::resource::Claim;
use oauth::{Authentication, Config, Error, Scopes, Time};
use serde::Serialize;
use store::{RefreshToken, random};

use crate::authorization::{Authorization, IdToken};
use crate::keys::SigningKeys;

/// Makes tokens.
pub struct Mint {
    settings: Settings,
    keys: SigningKeys,
}

/// What is the same for every token.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The `iss` of every token.
    pub issuer: String,
    /// How long an access token lives, where its resource does not say otherwise.
    pub access_token_seconds: u64,
}

impl Settings {
    /// Reads `ISSUER` and `ACCESS_TOKEN_SECONDS`.
    pub fn read(config: &Config) -> Result<Self, Error> {
        Ok(Self {
            issuer: config.required("ISSUER")?.to_owned(),
            access_token_seconds: config.parsed("ACCESS_TOKEN_SECONDS")?,
        })
    }
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
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refresh_token: Option<String>,
    /// OpenID Connect Core section 3.1.3.3.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id_token: Option<String>,
    /// What was granted.
    #[serde(skip_serializing_if = "Scopes::is_empty")]
    pub scope: Scopes,
}

impl TokenResponse {
    /// The same with a refresh token beside it.
    #[must_use]
    pub fn with_refresh_token(self, token: Option<&RefreshToken>) -> Self {
        Self { refresh_token: token.map(RefreshToken::text), ..self }
    }
}

impl Mint {
    /// A mint with these settings and keys.
    pub fn new(settings: Settings, keys: SigningKeys) -> Self {
        Self { settings, keys }
    }

    /// Fails if nothing can be signed at the moment. After it, [`Mint::issue`] at the same instant waits for nobody: a
    /// grant is used up only when its tokens can be made.
    pub async fn ready(&self, now: Time) -> Result<(), Error> {
        self.keys.signer(now).await.map(drop)
    }

    /// Makes the tokens that were authorized.
    pub async fn issue(&self, authorization: &Authorization, now: Time) -> Result<TokenResponse, Error> {
        let signer = self.keys.signer(now).await?;
        let expires_in = authorization.target.access_token_seconds.unwrap_or(self.settings.access_token_seconds);
        let exp = now.plus(expires_in).seconds();
        let access_token = signer.sign(&self.access_claims(authorization, exp, now)?)?;
        let id_token = match (&authorization.id_token, &authorization.authentication) {
            (Some(id_token), Some(authentication)) => {
                let claims = self.id_claims(authorization, (id_token, authentication), exp, now);
                Some(sign_id_token(&signer, claims, &access_token)?)
            }
            _ => None,
        };
        Ok(TokenResponse {
            access_token,
            token_type: "Bearer",
            expires_in,
            refresh_token: None,
            id_token,
            scope: authorization.scope.clone(),
        })
    }

    fn access_claims(&self, authorization: &Authorization, exp: u64, now: Time) -> Result<AccessClaims, Error> {
        let wants = |claim| authorization.target.claims.contains(&claim);
        Ok(AccessClaims {
            iss: self.settings.issuer.clone(),
            sub: authorization.subject.clone(),
            aud: self.audiences(&authorization.target),
            client_id: authorization.client_id.clone(),
            iat: now.seconds(),
            exp,
            nbf: None,
            jti: random::id(now)?,
            scope: authorization.scope.clone(),
            sid: authorization.session.clone(),
            auth_time: authorization.authentication.as_ref().map(|authentication| authentication.at.seconds()),
            username: authorization.username.clone().filter(|_| wants(Claim::Username)),
            roles: if wants(Claim::Roles) { authorization.roles.clone() } else { Vec::new() },
        })
    }

    fn audiences(&self, target: &Target) -> Audience {
        let userinfo = target.opens_userinfo.then(|| userinfo_audience(&self.settings.issuer));
        std::iter::once(target.audience.clone()).chain(userinfo).collect()
    }

    /// What the client learns about the sign-in.
    fn id_claims(
        &self,
        authorization: &Authorization,
        (id_token, authentication): (&IdToken, &Authentication),
        exp: u64,
        now: Time,
    ) -> IdClaims {
        IdClaims {
            iss: self.settings.issuer.clone(),
            sub: authorization.subject.clone(),
            aud: Audience::one(&authorization.client_id),
            exp,
            iat: now.seconds(),
            auth_time: authentication.at.seconds(),
            nonce: id_token.nonce.clone(),
            at_hash: None,
            acr: authentication.level.word().to_owned(),
            amr: authentication.methods.iter().map(|method| method.word().to_owned()).collect(),
            sid: authorization.session.clone().unwrap_or_default(),
            person: id_token.person.clone(),
        }
    }
}

/// Binds the ID token to the access token that it comes with, and signs it.
fn sign_id_token(signer: &SigningKey, claims: IdClaims, access_token: &str) -> Result<String, Error> {
    signer.sign(&IdClaims { at_hash: Some(at_hash(signer.algorithm(), access_token)), ..claims })
}
