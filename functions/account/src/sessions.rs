//! `GET /me/sessions`, `DELETE /me/sessions/{id}`, and `DELETE /me/sessions` for all others: lists and ends a person's
//! sessions.

use oauth::{Action, Code, Error, Reason, Time};
use serde::Serialize;
use serde_json::json;
use store::{Change, SignOut, User};
use web::{Request, Response};

use crate::app::App;
use crate::person::{Person, authorize, ended};

#[derive(Serialize)]
struct Shown {
    id: String,
    client_id: String,
    scope: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    user_agent: Option<String>,
    /// Whether it is the session of this request.
    current: bool,
    /// In epoch seconds, like all times here.
    created_at: u64,
    last_used_at: u64,
    expires_at: u64,
}

pub(crate) async fn list(app: &App, request: &Request) -> Result<Response, Error> {
    let Person { user, session: own } = authorize(app, request).await?;
    let sessions = app.sessions.of(&user.id, request.now()).await?;
    let shown = sessions.into_iter().filter(|session| session.is_kept_by(&user)).map(|session| Shown {
        current: session.sid == own.sid,
        id: session.sid,
        client_id: session.client_id,
        scope: session.scope.to_string(),
        user_agent: session.user_agent,
        created_at: session.authentication.at.seconds(),
        last_used_at: session.used_at.seconds(),
        expires_at: session.idle_end.min(session.max_end),
    });
    Response::json(200, &json!({ "sessions": shown.collect::<Vec<_>>() }))
}

pub(crate) async fn end(app: &App, request: &Request, sid: &str) -> Result<Response, Error> {
    let user = authorize(app, request).await?.user;
    if app.sessions.find(&user.id, sid, request.now()).await?.is_none() {
        return Err(Error::new(Code::NotFound, "session"));
    }
    app.sessions.end(&user.id, sid, request.now()).await?;
    app.audit.record(request.event_of(Action::SessionEnded, &user.id).of_session(sid), request.now()).await;
    Ok(Response::empty(204))
}

pub(crate) async fn end_others(app: &App, request: &Request) -> Result<Response, Error> {
    let Person { user, session } = authorize(app, request).await?;
    let out = SignOut { stays: Some(&session), change: Change::Nothing, mail: None };
    let event = request.event_of(Action::SignedOutEverywhere, &user.id).because(Reason::ExceptThisSession);
    // A fault of this question must not keep anybody signed in.
    let had_others = has_others(app, &user, &session.sid, request.now()).await.unwrap_or(true);
    if !app.sessions.sign_out(user, &out, request.now()).await? {
        return Err(ended());
    }
    if had_others {
        app.audit.record(event.of_session(&session.sid), request.now()).await;
    }
    Ok(Response::empty(204))
}

/// Whether anything but this session can end. If not, nothing is recorded: nobody can fill a history with one token.
async fn has_others(app: &App, user: &User, sid: &str, now: Time) -> Result<bool, Error> {
    let (sessions, browsers) =
        tokio::try_join!(Box::pin(app.sessions.of(&user.id, now)), Box::pin(app.browsers.of(&user.id, now)))?;
    let others = sessions.iter().filter(|session| session.sid != sid && session.is_kept_by(user)).count();
    let signed_in = browsers.iter().filter(|browser| user.welcomes(browser.authentication.rests_on.epoch)).count();
    Ok(others + signed_in > 0)
}
