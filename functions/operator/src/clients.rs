//! Orders about clients. There is no list: the table is read by key alone.

use oauth::order::{CreateClient, InitialAccessToken, UpdateClient};
use oauth::{Client, Code, Error, FIRST_PARTY, Time, Trust};
use registration::{Author, Change, Given, Information, Secrets, change, end, other_than_shown};
use serde_json::{Value, json};
use store::{Registered, SecretHash, SecretKind, new_secret, random};

use crate::app::App;

/// How long an initial access token can be used unless the order says so, in seconds.
const TOKEN_SECONDS: u64 = 86_400;
/// How long an initial access token can be used at most, in seconds.
const MAX_TOKEN_SECONDS: u64 = 30 * 86_400;

pub(crate) async fn create(app: &App, order: CreateClient, now: Time) -> Result<Value, Error> {
    let client_id = random::id(now)?;
    let given = Given { client_id: &client_id, issued_at: now.seconds(), trust: order.trust.into() };
    let client = app.rules.read(order.client, given, Author::Operator)?;
    let secret = client.token_endpoint_auth_method.has_secret().then(new_secret).transpose()?;
    let secret = secret.as_deref().map(String::as_str);
    let registered = Registered::new(client, secret.map(hash), None);
    if !app.clients.create(&registered).await? {
        return Err(Error::fault("a client id came up twice"));
    }
    report(app, &registered, secret)
}

pub(crate) async fn show(app: &App, client_id: &str, now: Time) -> Result<Value, Error> {
    let found = app.clients.find(client_id, now).await?;
    report(app, &found.ok_or_else(|| Error::new(Code::NotFound, "no client has this client_id"))?, None)
}

pub(crate) async fn update(app: &App, order: UpdateClient, now: Time) -> Result<Value, Error> {
    let fresh = new_secret()?;
    let plan = |current: &Registered| {
        let given = Given::of(&current.client);
        let given = Given { trust: order.trust.map_or(given.trust, Trust::from), ..given };
        let changed = other_than_shown(order.client.clone(), current, &report(app, current, None)?);
        let client = app.rules.read(changed, given, Author::Operator)?;
        Ok(Change::Into(Box::new(current.with(client, hash(&fresh)).until(end(given.trust, now)))))
    };
    let next = carry_out(app, &order.client_id, now, plan).await?;
    report(app, &next, next.has_secret(&hash(&fresh)).then_some(fresh.as_str()))
}

pub(crate) async fn rotate_secret(app: &App, client_id: &str, now: Time) -> Result<Value, Error> {
    let fresh = new_secret()?;
    let has_secret = |client: &Client| client.token_endpoint_auth_method.has_secret();
    let plan = |current: &Registered| {
        if has_secret(&current.client) {
            Ok(Change::Into(Box::new(current.with_secret(hash(&fresh)))))
        } else {
            Err(Error::new(Code::InvalidRequest, "this client proves itself without a secret"))
        }
    };
    let next = carry_out(app, client_id, now, plan).await?;
    report(app, &next, Some(&fresh))
}

pub(crate) async fn delete(app: &App, client_id: &str, now: Time) -> Result<Value, Error> {
    carry_out(app, client_id, now, |_| Ok(Change::Removal)).await?;
    Ok(json!({ "client_id": client_id, "outcome": "deleted" }))
}

pub(crate) async fn initial_access_token(app: &App, order: &InitialAccessToken, now: Time) -> Result<Value, Error> {
    let seconds = order.expires_in.unwrap_or(TOKEN_SECONDS);
    if seconds == 0 || seconds > MAX_TOKEN_SECONDS {
        let rule = format!("expires_in is between 1 and {MAX_TOKEN_SECONDS} seconds");
        return Err(Error::new(Code::InvalidRequest, rule));
    }
    let (token, expires_at) = (new_secret()?, now.plus(seconds).seconds());
    app.initial_tokens.issue(&SecretHash::of(SecretKind::InitialAccessToken, &token), expires_at).await?;
    Ok(json!({ "initial_access_token": token.as_str(), "expires_at": expires_at }))
}

/// A change of a client that can be changed.
async fn carry_out(
    app: &App,
    client_id: &str,
    now: Time,
    plan: impl Fn(&Registered) -> Result<Change, Error>,
) -> Result<Registered, Error> {
    refuse_built_in(client_id)?;
    change(&app.clients, client_id, Code::NotFound, now, plan).await
}

pub(crate) fn refuse_built_in(client_id: &str) -> Result<(), Error> {
    if client_id == FIRST_PARTY {
        return Err(Error::new(Code::InvalidRequest, "the built-in client cannot be changed"));
    }
    Ok(())
}

pub(crate) fn hash(secret: &str) -> SecretHash {
    SecretHash::of(SecretKind::ClientSecret, secret)
}

/// What an operator is told about a client; `secret` is one that was made for this answer.
pub(crate) fn report(app: &App, registered: &Registered, secret: Option<&str>) -> Result<Value, Error> {
    let secrets = Secrets { client_secret: secret, registration_access_token: None };
    let report = serde_json::to_value(Information::new(&app.rules, registered, &secrets)?);
    let mut report = report.map_err(|error| Error::fault("report to JSON").because(error))?;
    report["trust"] = json!(registered.client.trust);
    Ok(report)
}
