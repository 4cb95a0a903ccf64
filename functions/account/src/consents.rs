//! `GET /me/consents`, `DELETE /me/consents/{client_id}`: the consents that a person gave to apps, and their
//! withdrawal.

use oauth::{Action, Code, Error};
use serde_json::json;
use web::{Request, Response};

use crate::app::App;
use crate::person::authorize;

pub(crate) async fn list(app: &App, request: &Request) -> Result<Response, Error> {
    let id = authorize(app, request).await?.user.id;
    let agreements = app.consents.of(&id, request.now()).await?;
    let shown = agreements.iter().map(|agreement| {
        json!({ "client_id": agreement.client_id, "scopes": agreement.scopes(), "agreed_at": agreement.agreed_at.seconds() })
    });
    Response::json(200, &json!({ "consents": shown.collect::<Vec<_>>() }))
}

/// Withdraws the consent and ends the app's sessions of this person: refreshing stops at once, and access tokens end
/// with the session.
pub(crate) async fn forget(app: &App, request: &Request, client_id: &str) -> Result<Response, Error> {
    let id = authorize(app, request).await?.user.id;
    if withdraw(app, request, &id, client_id).await? {
        Ok(Response::empty(204))
    } else {
        Err(Error::new(Code::NotFound, "no such app"))
    }
}

/// The same for the person with this id. `false`: the app had no access.
pub(crate) async fn withdraw(app: &App, request: &Request, id: &str, client_id: &str) -> Result<bool, Error> {
    let now = request.now();
    let known = app.consents.forget(id, client_id).await?;
    app.users.end_codes(id, now).await?;
    let ended = app.sessions.end_of_client(id, client_id, now).await?;
    if known || ended {
        app.audit.record(request.event_of(Action::ConsentRemoved, id).by_client(client_id), now).await;
    }
    Ok(known || ended)
}
