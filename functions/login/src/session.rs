//! The session of the first-party client with which every sign-in of the JSON API ends.

use mint::Authorization;
use oauth::{Action, Authentication, Client, Error, FIRST_PARTY, Granted, Scopes};
use store::{Person, Session, Spent, User};
use web::{Request, Response};

use crate::app::App;

/// A session that is to begin.
pub(crate) struct Start {
    pub(crate) user: User,
    pub(crate) authentication: Authentication,
    pub(crate) scope: Scopes,
    /// What it uses up.
    pub(crate) spent: Spent,
}

/// Begins a session of the first-party client. The tokens are issued first, so that a failure leaves no session behind.
/// `None`: what the authentication depends on has changed, or what it uses up was used.
pub(crate) async fn begin(app: &App, request: &Request, start: Start) -> Result<Option<Response>, Error> {
    let Start { user, authentication, scope, spent } = start;
    let now = request.now();
    let session = Session::beginning(Person::of(user, now), FIRST_PARTY, authentication, app.lifetime, now)?;
    let session = Session { scope, user_agent: request.user_agent(), ..session };
    let resources = app.resources.known(now).await?;
    let target = resources.target(&[], &Granted { scope: session.scope.clone(), resources: Vec::new() })?;
    let scope = resources.scope_at(&target, &session.scope);
    let response =
        app.mint.issue(&Authorization::of_session(&session, &Client::first_party(), target, scope), now).await?;
    let Some(token) = app.sessions.begin_with(&session, spent).await? else { return Ok(None) };
    let event = request.event_of(Action::SignIn, &session.user).by_client(FIRST_PARTY).of_session(&session.sid);
    app.audit.record(event, now).await;
    Response::json(200, &response.with_refresh_token(Some(&token))).map(Some)
}
