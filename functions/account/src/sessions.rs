//! `GET /me/sessions`, `DELETE /me/sessions/{id}`, and `DELETE /me/sessions` for all others: lists and ends a person's
//! sessions.

use oauth::{Code, Error};
use serde::Serialize;
use serde_json::json;
use web::{Request, Response};

use crate::app::App;
use crate::person::authorize;

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
    let person = authorize(app, request).await?;
    let sessions = app.sessions.of(&person.id, request.now()).await?;
    let shown = sessions.into_iter().map(|session| Shown {
        current: session.sid == person.sid,
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
    let person = authorize(app, request).await?;
    if app.sessions.find(&person.id, sid, request.now()).await?.is_none() {
        return Err(Error::new(Code::NotFound, "session"));
    }
    app.sessions.end(&person.id, sid, request.now()).await?;
    Ok(Response::empty(204))
}

pub(crate) async fn end_others(app: &App, request: &Request) -> Result<Response, Error> {
    let person = authorize(app, request).await?;
    app.sessions.end_others(&person.id, Some(&person.sid), request.now()).await?;
    Ok(Response::empty(204))
}
