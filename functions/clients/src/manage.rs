//! `GET`, `PUT` and `DELETE /clients/{id}` (RFC 7592): a client manages its own registration.
//!
//! Only the registration access token matters, whatever the current value of `ClientRegistration`. An unknown client
//! and a wrong token get the same answer, as section 2 requires.

use oauth::{Action, Client, Code, Error};
use registration::{Author, Change, Given, Information, Secrets, change, end};
use serde_json::{Map, Value};
use store::{Registered, SecretHash, SecretKind, audit, new_secret};
use web::{Request, Response};

use crate::app::App;
use crate::register::metadata;

pub(crate) async fn read(app: &App, request: &Request, client_id: &str) -> Result<Response, Error> {
    let token = request.bearer()?;
    let registered = app.clients.find(client_id, request.now()).await?.ok_or_else(bad_token)?;
    check_token(&registered, &token)?;
    answer(app, &registered, None, &token)
}

/// Replaces everything except what only an operator can set. Absent members take their defaults (section 2.2). A client
/// that starts to use a secret gets one.
pub(crate) async fn update(app: &App, request: &Request, client_id: &str) -> Result<Response, Error> {
    let token = request.bearer()?;
    let fresh = new_secret()?;
    let hash = SecretHash::of(SecretKind::ClientSecret, &fresh);
    let scopes = app.resources.known(request.now()).await?.scopes();
    let plan = |current: &Registered| {
        check_token(current, &token)?;
        let members = own(metadata(request, current.client.trust)?, current)?;
        let client = app.rules.read(members, Given::of(&current.client, &scopes), Author::Client)?;
        let client = Client { require_pkce: current.client.require_pkce, ..client };
        let end = end(client.trust, request.now());
        Ok(Change::Into(Box::new(current.with(client, hash).until(end))))
    };
    let next = change(&app.clients, client_id, Code::InvalidToken, request.now(), plan).await?;
    audit::log(&request.event(Action::ClientChanged).by_client(client_id));
    answer(app, &next, next.has_secret(&hash).then_some(fresh.as_str()), &token)
}

pub(crate) async fn delete(app: &App, request: &Request, client_id: &str) -> Result<Response, Error> {
    let token = request.bearer()?;
    let plan = |current: &Registered| check_token(current, &token).map(|()| Change::Removal);
    change(&app.clients, client_id, Code::InvalidToken, request.now(), plan).await?;
    audit::log(&request.event(Action::ClientRemoved).by_client(client_id));
    Ok(Response::empty(204))
}

fn answer(app: &App, registered: &Registered, secret: Option<&str>, token: &str) -> Result<Response, Error> {
    let secrets = Secrets { client_secret: secret, registration_access_token: Some(token) };
    Response::json(200, &Information::new(&app.rules, registered, &secrets)?)
}

fn check_token(registered: &Registered, token: &str) -> Result<(), Error> {
    let hash = SecretHash::of(SecretKind::RegistrationAccessToken, token);
    if registered.has_registration_access_token(&hash) { Ok(()) } else { Err(bad_token()) }
}

/// The metadata of a document that names this client, with the correct secret if it has one (section 2.2).
fn own(mut members: Map<String, Value>, current: &Registered) -> Result<Map<String, Value>, Error> {
    let refuse =
        |field, detail| Err(Error::parameter(field, "not_its_own", detail).with_code(Code::InvalidClientMetadata));
    if members.remove("client_id") != Some(Value::from(current.client.client_id.as_str())) {
        return refuse("client_id", "Send the client's own client_id.");
    }
    let is_its_secret = |secret: &str| current.has_secret(&SecretHash::of(SecretKind::ClientSecret, secret));
    match members.remove("client_secret") {
        None | Some(Value::Null) => Ok(members),
        Some(Value::String(secret)) if is_its_secret(&secret) => Ok(members),
        Some(_) => refuse("client_secret", "Leave this out. A client cannot choose its secret."),
    }
}

fn bad_token() -> Error {
    Error::new(Code::InvalidToken, "this token manages no such client")
}
