//! `POST /token` (RFC 6749 section 3.2): one pipeline for all grants. Prove the client; look whether it may use the grant;
//! have the key at hand; let the grant decide; mint; commit.
//!
//! A grant never makes a token and never runs a shared check, so it cannot forget one.

use mint::{Authorization, TokenResponse};
use oauth::{Client, Code, Error, GrantType, Parameters, Time};
use store::{RefreshToken, Session};
use web::{Request, Response};

use crate::app::App;
use crate::client;
use crate::grants::{authorization_code, client_credentials, refresh_token};

/// What a client asks for, once it is proven and may use the grant.
pub(crate) struct Exchange<'a> {
    pub(crate) app: &'a App,
    pub(crate) client: &'a Client,
    pub(crate) form: &'a Parameters,
    /// The program that asks, as it calls itself.
    pub(crate) user_agent: Option<String>,
    pub(crate) now: Time,
}

/// What a grant decides.
pub(crate) struct Granted<'a> {
    pub(crate) authorization: Authorization,
    pub(crate) commit: Commit<'a>,
}

/// What is still to be written, once the tokens are made, for them to be given out.
pub(crate) enum Commit<'a> {
    /// Nothing.
    Nothing,
    /// The code is used up, and this session begins.
    Code(&'a str, Box<Session>),
    /// Nothing more: the write that used up a refresh token is also the one that read the session. This is the live token.
    Rotated(RefreshToken),
}

pub(crate) async fn token(app: &App, request: &Request) -> Result<Response, Error> {
    let form = request.form()?;
    let registered = client::authenticate(app, request, &form).await?;
    let client = &registered.client;
    let grant = permitted(client, &form)?;
    app.mint.ready(request.now()).await?;
    let exchange = Exchange { app, client, form: &form, user_agent: request.user_agent(), now: request.now() };
    let Granted { authorization, commit } = match grant {
        GrantType::AuthorizationCode => authorization_code::grant(&exchange).await?,
        GrantType::RefreshToken => refresh_token::grant(&exchange).await?,
        GrantType::ClientCredentials => client_credentials::grant(&exchange)?,
    };
    let response = app.mint.issue(&authorization, request.now()).await?;
    Response::json(200, &exchange.commit(commit, response).await?)
}

/// The grant that is asked for, if the client is registered for it.
fn permitted(client: &Client, form: &Parameters) -> Result<GrantType, Error> {
    let grant = GrantType::parse(form.required("grant_type")?)
        .ok_or_else(|| Error::new(Code::UnsupportedGrantType, "grant type"))?;
    if client.may(grant) {
        Ok(grant)
    } else {
        Err(Error::new(Code::UnauthorizedClient, "not registered for this grant"))
    }
}

impl Exchange<'_> {
    /// The resources that the access token is asked to be for.
    pub(crate) fn resources(&self) -> Vec<&str> {
        self.form.all("resource").collect()
    }

    /// Tokens of a session, with `scope` or everything that was granted: for the resource that is asked for.
    pub(crate) fn authorize(&self, session: &Session, scope: Option<&oauth::Scopes>) -> Result<Authorization, Error> {
        let resources = &self.app.resources;
        // A narrower scope finds its own resource where none is named.
        let of_scope = scope.filter(|_| self.resources().is_empty()).unwrap_or(&session.scope);
        let granted = oauth::Granted { scope: of_scope.clone(), resources: session.resources.clone() };
        let target = resources.target(&self.resources(), &granted)?;
        let scope = resources.scope_at(&target, scope.unwrap_or(&session.scope));
        Ok(Authorization::of_session(session, self.client, target, scope))
    }

    async fn commit(&self, commit: Commit<'_>, response: TokenResponse) -> Result<TokenResponse, Error> {
        let token = match commit {
            Commit::Nothing => None,
            Commit::Code(code, session) => Some(authorization_code::redeem(self, code, &session).await?),
            Commit::Rotated(token) => Some(token),
        };
        let token = token.filter(|_| self.client.may(GrantType::RefreshToken));
        Ok(response.with_refresh_token(token.as_ref()))
    }
}
