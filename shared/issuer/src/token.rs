//! Access tokens (RFC 9068), ID tokens (OpenID Connect Core section 2) and the token response (RFC 6749 section 5.1).

use jwt::{AccessClaims, Audience, IdClaims, PersonClaims, SigningKey, at_hash};
use oauth::resource::Claim;
use oauth::{Config, Error, Resources, Scopes, Time, scope};
use serde::Serialize;
use store::{Codes, Session, Sessions, Users, random};

use crate::keys::SigningKeys;
use crate::person::claims_of;

/// How well a password proves who somebody is: the `acr` of sign-ins with one factor.
pub const ONE_FACTOR: &str = "1";

/// Makes tokens.
pub struct Issuer {
    pub(crate) settings: Settings,
    pub(crate) keys: SigningKeys,
    pub(crate) sessions: Sessions,
    pub(crate) codes: Codes,
    pub(crate) users: Users,
}

/// What is the same for every token.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The `iss` of every token.
    pub issuer: String,
    /// What tokens can be for.
    pub resources: Resources,
    /// How long an access token lives, where its resource does not say otherwise.
    pub access_token_seconds: u64,
    /// How long a just-replaced refresh token is answered with the same successor. 0: never.
    pub refresh_grace_seconds: u64,
    /// How long a session lives without being used.
    pub refresh_idle_seconds: u64,
    /// How long a session lives at all.
    pub refresh_max_seconds: u64,
}

impl Settings {
    /// Reads `ISSUER`, the resources, `ACCESS_TOKEN_SECONDS`, `REFRESH_GRACE_SECONDS`, `REFRESH_IDLE_SECONDS` and
    /// `REFRESH_MAX_SECONDS`.
    pub fn read(config: &Config) -> Result<Self, Error> {
        Ok(Self {
            issuer: config.required("ISSUER")?.to_owned(),
            resources: Resources::read(config)?,
            access_token_seconds: config.parsed("ACCESS_TOKEN_SECONDS")?,
            refresh_grace_seconds: config.parsed("REFRESH_GRACE_SECONDS")?,
            refresh_idle_seconds: config.parsed("REFRESH_IDLE_SECONDS")?,
            refresh_max_seconds: config.parsed("REFRESH_MAX_SECONDS")?,
        })
    }
}

/// Somebody's leave to have an access token: what was decided, by whoever decides.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Authorization<'a> {
    /// Who the token speaks for: a person's id, or the client's own.
    pub(crate) subject: &'a str,
    pub(crate) client_id: &'a str,
    pub(crate) scope: &'a Scopes,
    /// The resource that it is for.
    pub(crate) target: &'a str,
    /// Where a person takes part: the session.
    pub(crate) session: Option<&'a Session>,
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
    pub scope: String,
}

/// What goes with the tokens of a session.
#[derive(Debug, Default)]
pub(crate) struct Extras<'a> {
    pub(crate) refresh_token: Option<String>,
    pub(crate) nonce: Option<&'a str>,
}

impl Issuer {
    /// A mint with these settings, keys and collections.
    pub fn new(settings: Settings, keys: SigningKeys, sessions: Sessions, codes: Codes, users: Users) -> Self {
        Self { settings, keys, sessions, codes, users }
    }

    /// What tokens can be for.
    pub fn resources(&self) -> &Resources {
        &self.settings.resources
    }

    /// The tokens of a session, for `target`, with `scope` or what of it `target` takes.
    pub(crate) async fn respond(
        &self,
        session: &Session,
        (target, scope): (&str, &Scopes),
        extras: Extras<'_>,
        now: Time,
    ) -> Result<TokenResponse, Error> {
        let narrowed = self.settings.resources.scope_at(target, scope);
        let authorization = Authorization {
            subject: &session.user,
            client_id: &session.client_id,
            scope: &narrowed,
            target,
            session: Some(session),
        };
        let mut response = self.issue(&authorization, now).await?;
        if session.scope.contains(scope::OPEN) {
            response.id_token = Some(self.id_token(session, &response, extras.nonce, now).await?);
        }
        response.refresh_token = extras.refresh_token;
        Ok(response)
    }

    /// Makes an access token.
    pub(crate) async fn issue(&self, authorization: &Authorization<'_>, now: Time) -> Result<TokenResponse, Error> {
        let signer = self.keys.signer(now).await?;
        let declared = self.settings.resources.declared(authorization.target);
        let expires_in = declared.and_then(|resource| resource.access_token_seconds);
        let expires_in = expires_in.unwrap_or(self.settings.access_token_seconds);
        let wants = |claim| declared.map_or(authorization.target == self.home(), |it| it.claims.contains(&claim));
        let session = authorization.session;
        let claims = AccessClaims {
            iss: self.settings.issuer.clone(),
            sub: authorization.subject.to_owned(),
            aud: Audience::one(authorization.target),
            client_id: authorization.client_id.to_owned(),
            iat: now.seconds(),
            exp: now.plus(expires_in).seconds(),
            nbf: None,
            jti: random::id(now)?,
            scope: authorization.scope.clone(),
            sid: session.map(|session| session.sid.clone()),
            auth_time: session.map(|session| session.auth_time.seconds()),
            username: session.filter(|_| wants(Claim::Username)).map(|session| session.username.clone()),
            roles: session.filter(|_| wants(Claim::Roles)).map(|session| session.roles.clone()).unwrap_or_default(),
        };
        Ok(TokenResponse {
            access_token: signer.sign(&claims)?,
            token_type: "Bearer",
            expires_in,
            refresh_token: None,
            id_token: None,
            scope: authorization.scope.to_string(),
        })
    }

    fn home(&self) -> &str {
        self.settings.resources.home()
    }

    /// Tells the client of a session about its sign-in.
    async fn id_token(
        &self,
        session: &Session,
        response: &TokenResponse,
        nonce: Option<&str>,
        now: Time,
    ) -> Result<String, Error> {
        let signer: std::sync::Arc<SigningKey> = self.keys.signer(now).await?;
        let claims = IdClaims {
            iss: self.settings.issuer.clone(),
            sub: session.user.clone(),
            aud: Audience::one(&session.client_id),
            exp: now.plus(response.expires_in).seconds(),
            iat: now.seconds(),
            auth_time: session.auth_time.seconds(),
            nonce: nonce.map(str::to_owned),
            at_hash: Some(at_hash(signer.algorithm(), &response.access_token)),
            acr: ONE_FACTOR.to_owned(),
            amr: session.amr.clone(),
            sid: session.sid.clone(),
            person: self.requested(session, now).await?,
        };
        signer.sign(&claims)
    }

    /// The single claims that were asked for in the ID token. The profile is read only for them.
    async fn requested(&self, session: &Session, now: Time) -> Result<PersonClaims, Error> {
        if session.claims.id_token.is_empty() {
            return Ok(PersonClaims::default());
        }
        let user = self.users.by_id(&session.user, now).await?;
        Ok(user
            .map(|user| claims_of(&user, |claim| session.claims.id_token.iter().any(|it| it == claim)))
            .unwrap_or_default())
    }
}
