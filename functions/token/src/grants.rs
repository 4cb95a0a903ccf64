//! The grants, one file each. Each decides; none makes a token. What a grant is given and what it returns is here.

pub(crate) mod authorization_code;
pub(crate) mod client_credentials;
pub(crate) mod refresh_token;

use mint::Authorization;
use oauth::{Client, Error, Parameters, Time};
use store::{RefreshToken, Session};

use crate::app::App;

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
    Code(authorization_code::Redemption<'a>),
    /// Nothing more: the write that used up a refresh token is also the one that read the session. This is the live token.
    Rotated(RefreshToken),
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
}
