//! The grants, one file each. A grant decides and issues no token. Its input and its result are defined here.

pub(crate) mod authorization_code;
mod client_credentials;
mod refresh_token;

use std::sync::Arc;

use mint::Authorization;
use oauth::{Action, Client, Error, GrantType, Parameters, Reason, Resources, Time};
use store::{RefreshToken, Session};
use web::Request;

use crate::app::App;

/// A request of an authenticated client that may use the grant.
pub(crate) struct Exchange<'a> {
    pub(crate) app: &'a App,
    pub(crate) resources: Arc<Resources>,
    pub(crate) client: &'a Client,
    pub(crate) form: &'a Parameters,
    pub(crate) request: &'a Request,
    pub(crate) now: Time,
}

/// The decision of a grant.
pub(crate) struct Granted<'a> {
    pub(crate) authorization: Authorization,
    pub(crate) commit: Commit<'a>,
}

/// What has to be written after the tokens were issued and before they are sent.
pub(crate) enum Commit<'a> {
    /// Nothing.
    Nothing,
    /// Use up the code and begin this session.
    Code(authorization_code::Redemption<'a>),
    /// Nothing more: the write that used up the refresh token has happened already. This is the current token.
    Rotated(RefreshToken),
}

/// What a client gets for a grant.
pub(crate) async fn decide<'a>(grant: GrantType, exchange: &Exchange<'a>) -> Result<Granted<'a>, Error> {
    match grant {
        GrantType::AuthorizationCode => authorization_code::grant(exchange).await,
        GrantType::RefreshToken => refresh_token::grant(exchange).await,
        GrantType::ClientCredentials => client_credentials::grant(exchange),
    }
}

impl Exchange<'_> {
    /// The resources that the access token is requested for.
    pub(crate) fn resources(&self) -> Vec<&str> {
        self.form.all("resource").collect()
    }

    /// Records that the tokens of a session ended, because one of them or its code was used by two parties.
    pub(crate) async fn record_reuse(&self, user: &str, sid: &str, reason: Reason) {
        let event = self.request.event_of(Action::TokensEnded, user).because(reason);
        self.app.audit.record(event.by_client(&self.client.client_id).of_session(sid), self.now).await;
    }

    /// Tokens of a session for the requested resource, with `scope` or all granted scopes.
    pub(crate) fn authorize(&self, session: &Session, scope: Option<&oauth::Scopes>) -> Result<Authorization, Error> {
        let resources = &self.resources;
        // Without a named resource, a narrower scope selects its own resource.
        let of_scope = scope.filter(|_| self.resources().is_empty()).unwrap_or(&session.scope);
        let granted = oauth::Granted { scope: of_scope.clone(), resources: session.resources.clone() };
        let target = resources.target(&self.resources(), &granted)?;
        let scope = resources.scope_at(&target, scope.unwrap_or(&session.scope));
        Ok(Authorization::of_session(session, self.client, target, scope))
    }
}
