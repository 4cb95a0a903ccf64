//! What an operator may order about a person, by invoking the function with an event:
//!
//! - `{"action":"show","username":"alice"}`
//! - `{"action":"set_roles","username":"alice","roles":["admin"]}`: in place of those that she has.
//! - `{"action":"sign_out","username":"alice"}`: ends every session and every signed-in browser.
//! - `{"action":"disable","username":"alice"}`: the same, and she cannot sign in any more.
//! - `{"action":"enable","username":"alice"}`
//!
//! When an order is acknowledged nothing rests on what was before, but access tokens, which end with their session at
//! the authorizer, and carry their roles until they expire.

use credentials::Username;
use oauth::{Code, Error, Scopes, Time};
use serde::Deserialize;
use serde_json::{Value, json};
use store::{Status, User};
use web::Task;

use crate::app::App;

/// Most roles of a person.
const MAX_ROLES: usize = 32;
/// Longest role, in bytes.
const MAX_ROLE: usize = 64;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Order {
    username: String,
    action: Action,
    #[serde(default)]
    roles: Option<Vec<String>>,
}

#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Action {
    Show,
    SetRoles,
    SignOut,
    Disable,
    Enable,
}

impl Task for App {
    async fn handle(&self, event: Value, now: Time) -> Result<Value, Error> {
        let order: Order = serde_json::from_value(event)
            .map_err(|error| Error::new(Code::InvalidRequest, format!("the event is no order: {error}")))?;
        let id = find(self, &order.username, now).await?;
        if (order.action == Action::SetRoles) != order.roles.is_some() {
            return Err(Error::new(Code::InvalidRequest, "roles go with set_roles, and with nothing else"));
        }
        match order.action {
            Action::Show => {}
            Action::SetRoles => set_roles(self, &id, &order.roles.unwrap_or_default(), now).await?,
            Action::SignOut => sign_out(self, &id, None, now).await?,
            Action::Disable => sign_out(self, &id, Some(Status::Disabled), now).await?,
            Action::Enable => self.users.change_standing(&id, Some(Status::Active)).await?,
        }
        let user = self.users.by_id(&id, now).await?.ok_or_else(unknown)?;
        Ok(report(&user))
    }
}

fn unknown() -> Error {
    Error::new(Code::NotFound, "nobody has this username")
}

async fn find(app: &App, username: &str, now: Time) -> Result<String, Error> {
    let username = Username::parse(username).map_err(|_| unknown())?;
    app.users.id_of(username.canonical(), now).await?.ok_or_else(unknown)
}

async fn set_roles(app: &App, id: &str, roles: &[String], now: Time) -> Result<(), Error> {
    let word = |role: &String| role.len() <= MAX_ROLE && Scopes::parse(role).is_ok_and(|words| words.contains(role));
    if roles.len() > MAX_ROLES || !roles.iter().all(word) {
        return Err(Error::new(
            Code::InvalidRequest,
            "a role is one word of at most 64 characters; at most 32 of them",
        ));
    }
    app.users.set_roles(id, roles).await?;
    app.sessions.set_roles(id, roles, now).await
}

/// Nobody comes in by what was proven before, so no session escapes the end of all of them.
async fn sign_out(app: &App, id: &str, status: Option<Status>, now: Time) -> Result<(), Error> {
    app.users.change_standing(id, status).await?;
    app.sessions.end_others(id, None, now).await
}

fn report(user: &User) -> Value {
    json!({
        "id": user.id, "username": user.username, "name": user.name, "roles": user.roles,
        "status": user.status, "created_at": user.created_at.seconds(),
    })
}
