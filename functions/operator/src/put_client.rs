//! `put_client`: registers or updates a client whose id, and optionally secret, the order chooses. It can be repeated:
//! the report says whether the client was created, updated or unchanged.

use std::borrow::Cow;

use oauth::order::PutClient;
use oauth::{Client, Code, Error, Scopes, Time};
use registration::{Author, Given, end, other_than_shown};
use serde_json::{Value, json};
use store::{Registered, new_secret};
use zeroize::Zeroizing;

use crate::app::App;
use crate::clients::{hash, refuse_built_in, report};

/// Longest client id, in characters.
const MAX_ID: usize = 128;
/// Shortest secret that an order may choose, in bytes.
const MIN_SECRET: usize = 16;
/// Longest secret that an order may choose, in bytes.
const MAX_SECRET: usize = 256;
/// How often a change is tried again when others change the client at the same time.
const TRIES: usize = 5;

/// A client as an order wants it.
struct Wanted<'a> {
    app: &'a App,
    order: &'a PutClient,
    /// Every existing scope.
    scopes: Scopes,
    /// The secret for a client that needs one and has none, unless the order chooses one.
    fresh: Zeroizing<String>,
    now: Time,
}

pub(crate) async fn put(app: &App, order: &PutClient, now: Time) -> Result<Value, Error> {
    refuse_built_in(&order.client_id)?;
    check_id(&order.client_id)?;
    check_secret(order)?;
    let scopes = app.resources.current(now).await?.scopes();
    Wanted { app, order, scopes, fresh: new_secret()?, now }.put().await
}

impl Wanted<'_> {
    async fn put(&self) -> Result<Value, Error> {
        let clients = &self.app.clients;
        for _ in 0..TRIES {
            let current = clients.find(&self.order.client_id, self.now).await?;
            let next = self.next(current.as_ref())?;
            let outcome = match &current {
                Some(current) if next.is_same_as(current) => Some("unchanged"),
                Some(_) => clients.replace(&next).await?.then_some("updated"),
                None => clients.create(&next).await?.then_some("created"),
            };
            if let Some(outcome) = outcome {
                return self.report(&next, outcome);
            }
        }
        Err(Error::passing("concurrent changes of the client"))
    }

    /// The registration after the order.
    fn next(&self, current: Option<&Registered>) -> Result<Registered, Error> {
        let client = self.client(current)?;
        let has_secret = client.token_endpoint_auth_method.has_secret();
        if self.order.client_secret.is_some() && !has_secret {
            return Err(refused("this client has no secret: leave client_secret out"));
        }
        let (fresh, end) = (hash(&self.fresh), end(client.trust, self.now));
        let next = match current {
            Some(current) => current.with(client, fresh),
            None => Registered::new(client, has_secret.then_some(fresh), None),
        };
        let next = match &self.order.client_secret {
            Some(chosen) => next.known_by(hash(chosen)),
            None => next,
        };
        Ok(next.until(end))
    }

    fn client(&self, current: Option<&Registered>) -> Result<Client, Error> {
        let PutClient { client_id, client, trust, .. } = self.order;
        let issued_at = current.map_or(self.now.seconds(), |current| current.client.client_id_issued_at);
        let given = Given { client_id, issued_at, trust: (*trust).into(), scopes: &self.scopes };
        let members = match current {
            Some(current) => other_than_shown(client.clone(), current, &report(self.app, current, None)?),
            None => client.clone(),
        };
        self.app.rules.read(members, given, Author::Operator)
    }

    fn report(&self, registered: &Registered, outcome: &str) -> Result<Value, Error> {
        let is_fresh = registered.has_secret(&hash(&self.fresh));
        let mut report = report(self.app, registered, is_fresh.then_some(self.fresh.as_str()))?;
        report["outcome"] = json!(outcome);
        Ok(report)
    }
}

/// Accepts only characters that need no encoding in URLs and headers, so that an id never looks like the URL of a
/// metadata document.
fn check_id(client_id: &str) -> Result<(), Error> {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    if (1..=MAX_ID).contains(&client_id.len()) && client_id.bytes().all(fits) {
        return Ok(());
    }
    Err(refused(format!("a client_id must have at most {MAX_ID} characters: letters, digits and - . _ ~")))
}

/// RFC 6749 appendix A.2 defines the characters.
fn check_secret(order: &PutClient) -> Result<(), Error> {
    let Some(secret) = &order.client_secret else { return Ok(()) };
    if secret.is_empty() || secret.len() > MAX_SECRET || !secret.bytes().all(|byte| (0x20..=0x7E).contains(&byte)) {
        return Err(refused(format!("a client_secret must have at most {MAX_SECRET} printable ASCII characters")));
    }
    if secret.len() < MIN_SECRET && !order.allow_short_secret {
        let rule =
            format!("a client_secret must have at least {MIN_SECRET} characters, unless allow_short_secret is true");
        return Err(refused(rule));
    }
    Ok(())
}

fn refused(detail: impl Into<Cow<'static, str>>) -> Error {
    Error::new(Code::InvalidRequest, detail)
}
