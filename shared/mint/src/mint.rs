//! Access tokens (RFC 9068), ID tokens (OpenID Connect Core section 2) and the token response (RFC 6749 section 5.1).

use jwt::{AccessClaims, Audience, IdClaims, SigningKey, at_hash};
use oauth::grant::{Target, userinfo_audience};
use oauth::resource::Claim;
use oauth::{Authentication, Client, Config, Error, Scopes, Time};
use serde::Serialize;
use store::{RefreshToken, random};

use crate::authorization::{Authorization, IdToken};
use crate::keys::SigningKeys;

/// Issues tokens.
pub struct Mint {
    settings: Settings,
    keys: SigningKeys,
}

/// The settings that all tokens share.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The `iss` of every token.
    pub issuer: String,
    /// The lifetime of an access token, unless its resource has another one.
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
    /// Opaque; valid for one exchange.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refresh_token: Option<String>,
    /// OpenID Connect Core section 3.1.3.3.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id_token: Option<String>,
    /// The granted scopes.
    #[serde(skip_serializing_if = "Scopes::is_empty")]
    pub scope: Scopes,
}

impl TokenResponse {
    /// The same response with a refresh token.
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

    /// Fails if signing for `client` is impossible at the moment. After it succeeded, [`Mint::issue`] at the same instant
    /// needs no I/O, so that a grant is used up only when its tokens can be issued.
    pub async fn ready(&self, client: &Client, now: Time) -> Result<(), Error> {
        self.keys.for_access_tokens(now).await?;
        self.keys.for_id_tokens(client.id_token_signed_response_alg, now).await.map(drop)
    }

    /// Issues the authorized tokens.
    pub async fn issue(&self, authorization: &Authorization, now: Time) -> Result<TokenResponse, Error> {
        let signer = self.keys.for_access_tokens(now).await?;
        let expires_in = authorization.target.access_token_seconds.unwrap_or(self.settings.access_token_seconds);
        let exp = now.plus(expires_in).seconds();
        let access_token = signer.sign(&self.access_claims(authorization, exp, now)?)?;
        let id_token = match (&authorization.id_token, &authorization.authentication) {
            (Some(id_token), Some(authentication)) => {
                let claims = self.id_claims(authorization, (id_token, authentication), exp, now);
                let signer = self.keys.for_id_tokens(id_token.algorithm, now).await?;
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
            acr: authorization.authentication.as_ref().map(|authentication| authentication.level.word().to_owned()),
            epoch: authorization.authentication.as_ref().map(|authentication| authentication.rests_on.epoch),
            username: authorization.username.clone().filter(|_| wants(Claim::Username)),
            roles: if wants(Claim::Roles) { authorization.roles.clone() } else { Vec::new() },
        })
    }

    fn audiences(&self, target: &Target) -> Audience {
        let userinfo = target.opens_userinfo.then(|| userinfo_audience(&self.settings.issuer));
        std::iter::once(target.audience.clone()).chain(userinfo).collect()
    }

    /// The claims of the ID token.
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

/// Adds the hash of the access token to the ID token, and signs it.
fn sign_id_token(signer: &SigningKey, claims: IdClaims, access_token: &str) -> Result<String, Error> {
    signer.sign(&IdClaims { at_hash: Some(at_hash(signer.algorithm(), access_token)), ..claims })
}
