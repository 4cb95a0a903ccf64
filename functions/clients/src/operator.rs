//! What an operator may order, by invoking the function with an event:
//!
//! - `{"action":"create","client":{…},"trust":"verified"}`: a client of this metadata. `"trust":"first_party"` is for the
//!   operator's own apps: people are not asked for their consent.
//! - `{"action":"show","client_id":"…"}`
//! - `{"action":"update","client_id":"…","client":{…}}`: other metadata in place of all of it; with `"trust"` to vouch.
//! - `{"action":"rotate_secret","client_id":"…"}`: another secret; the one before is good for ten seconds more at most.
//! - `{"action":"delete","client_id":"…"}`
//! - `{"action":"initial_access_token"}`: lets one client register itself, within a day, or within `"expires_in"` seconds.
//!
//! There is no list: the table is read by key alone.

use oauth::{Client, Code, Error, FIRST_PARTY, Time, Trust};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use store::{Registered, SecretHash, SecretKind, new_secret};
use web::Task;

use crate::app::{App, end};
use crate::change::{Change, change};
use crate::information::{Information, Secrets, other_than_shown};
use crate::metadata::{Author, Given};
use crate::register::new_client;

/// How long an initial access token can be used, in seconds: by default, and at most.
const TOKEN_SECONDS: (u64, u64) = (86_400, 30 * 86_400);

#[derive(Deserialize)]
#[serde(tag = "action", rename_all = "snake_case", deny_unknown_fields)]
enum Order {
    Create {
        client: Map<String, Value>,
        #[serde(default)]
        trust: Vouched,
    },
    Show {
        client_id: String,
    },
    Update {
        client_id: String,
        client: Map<String, Value>,
        trust: Option<Vouched>,
    },
    RotateSecret {
        client_id: String,
    },
    Delete {
        client_id: String,
    },
    InitialAccessToken {
        expires_in: Option<u64>,
    },
}

/// How far an operator answers for a client.
#[derive(Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Vouched {
    #[default]
    Verified,
    FirstParty,
}

impl From<Vouched> for Trust {
    fn from(vouched: Vouched) -> Self {
        match vouched {
            Vouched::Verified => Self::Verified,
            Vouched::FirstParty => Self::FirstParty,
        }
    }
}

impl Task for App {
    async fn handle(&self, event: Value, now: Time) -> Result<Value, Error> {
        let order = serde_json::from_value(event)
            .map_err(|error| Error::new(Code::InvalidRequest, format!("the event is no order: {error}")))?;
        match order {
            Order::Create { client, trust } => create(self, client, trust.into(), now).await,
            Order::Show { client_id } => show(self, &client_id, now).await,
            Order::Update { client_id, client, trust } => {
                update(self, &client_id, (client, trust.map(Trust::from)), now).await
            }
            Order::RotateSecret { client_id } => rotate_secret(self, &client_id, now).await,
            Order::Delete { client_id } => delete(self, &client_id, now).await,
            Order::InitialAccessToken { expires_in } => initial_access_token(self, expires_in, now).await,
        }
    }
}

async fn create(app: &App, metadata: Map<String, Value>, trust: Trust, now: Time) -> Result<Value, Error> {
    let client = new_client(app, metadata, (trust, Author::Operator), now)?;
    let secret = client.token_endpoint_auth_method.has_secret().then(new_secret).transpose()?;
    let secret = secret.as_deref().map(String::as_str);
    let hash = secret.map(|secret| SecretHash::of(SecretKind::ClientSecret, secret));
    let registered = Registered::new(client, hash, None);
    match app.clients.create(&registered).await? {
        true => report(app, &registered, secret),
        false => Err(Error::fault("a client id came up twice")),
    }
}

async fn show(app: &App, client_id: &str, now: Time) -> Result<Value, Error> {
    let found = app.clients.find(client_id, now).await?;
    report(app, &found.ok_or_else(|| Error::new(Code::NotFound, "no client has this client_id"))?, None)
}

async fn update(
    app: &App,
    client_id: &str,
    (metadata, trust): (Map<String, Value>, Option<Trust>),
    now: Time,
) -> Result<Value, Error> {
    let fresh = new_secret()?;
    let hash = SecretHash::of(SecretKind::ClientSecret, &fresh);
    let plan = |current: &Registered| {
        let given = Given::of(&current.client);
        let given = Given { trust: trust.unwrap_or(given.trust), ..given };
        let changed = other_than_shown(metadata.clone(), current, &report(app, current, None)?);
        let client = app.rules.read(changed, given, Author::Operator)?;
        Ok(Change::Into(Box::new(current.with(client, hash).until(end(given.trust, now)))))
    };
    let next = carry_out(app, client_id, now, plan).await?;
    report(app, &next, next.has_secret(&hash).then_some(fresh.as_str()))
}

async fn rotate_secret(app: &App, client_id: &str, now: Time) -> Result<Value, Error> {
    let fresh = new_secret()?;
    let hash = SecretHash::of(SecretKind::ClientSecret, &fresh);
    let has_secret = |client: &Client| client.token_endpoint_auth_method.has_secret();
    let plan = |current: &Registered| match has_secret(&current.client) {
        true => Ok(Change::Into(Box::new(current.with_secret(hash)))),
        false => Err(Error::new(Code::InvalidRequest, "this client proves itself with no secret")),
    };
    let next = carry_out(app, client_id, now, plan).await?;
    report(app, &next, Some(&fresh))
}

async fn delete(app: &App, client_id: &str, now: Time) -> Result<Value, Error> {
    carry_out(app, client_id, now, |_| Ok(Change::Removal)).await?;
    Ok(json!({ "client_id": client_id, "outcome": "deleted" }))
}

async fn initial_access_token(app: &App, expires_in: Option<u64>, now: Time) -> Result<Value, Error> {
    let (default, most) = TOKEN_SECONDS;
    let seconds = expires_in.unwrap_or(default);
    if seconds == 0 || seconds > most {
        return Err(Error::new(Code::InvalidRequest, format!("expires_in is between 1 and {most} seconds")));
    }
    let (token, expires_at) = (new_secret()?, now.plus(seconds).seconds());
    app.initial_tokens.issue(&SecretHash::of(SecretKind::InitialAccessToken, &token), expires_at).await?;
    Ok(json!({ "initial_access_token": token.as_str(), "expires_at": expires_at }))
}

/// A change by the operator, who cannot change the built-in client.
async fn carry_out(
    app: &App,
    client_id: &str,
    now: Time,
    plan: impl Fn(&Registered) -> Result<Change, Error>,
) -> Result<Registered, Error> {
    if client_id == FIRST_PARTY {
        return Err(Error::new(Code::InvalidRequest, "the built-in client is as it is"));
    }
    change(app, client_id, Code::NotFound, now, plan).await
}

fn report(app: &App, registered: &Registered, secret: Option<&str>) -> Result<Value, Error> {
    let secrets = Secrets { client_secret: secret, registration_access_token: None };
    let report = serde_json::to_value(Information::new(app, registered, &secrets)?);
    let mut report = report.map_err(|error| Error::fault("report to JSON").because(error))?;
    report["trust"] = json!(registered.client.trust);
    Ok(report)
}
