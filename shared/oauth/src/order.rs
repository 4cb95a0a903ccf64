//! Operator orders: the events that the function `operator` accepts, one struct per order (docs/orders.md).
//!
//! An order names its `action`. Unknown actions and members are refused, and the error names them. This module only
//! parses: the function decides who may give an order and carries it out.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::client::Trust;
use crate::error::{Code, Error};
use crate::resource::{Claim, Resource};

/// One order.
#[derive(Deserialize)]
#[serde(tag = "action", rename_all = "snake_case")]
pub enum Order {
    /// Reports on a person.
    ShowUser(ToPerson),
    /// Creates a person. Refused if the username exists.
    CreateUser(PutUser),
    /// Creates a person or updates an existing one.
    PutUser(PutUser),
    /// Replaces a person's roles.
    SetRoles(SetRoles),
    /// Sets a new password, returned only in the report, and invalidates what depends on the old one.
    ResetPassword(ToPerson),
    /// Sends a person the mail of a forgotten password.
    SendReset(ToPerson),
    /// Issues a link that sets a person's password once, to be handed out by the operator.
    ResetLink(ToPerson),
    /// Removes all second factors of a person.
    ResetFactors(ToPerson),
    /// Ends all of a person's sessions and browser sign-ins.
    SignOut(ToPerson),
    /// The same, and the person can no longer sign in.
    Disable(ToPerson),
    /// Allows a person to sign in again.
    Enable(ToPerson),
    /// Deletes a person. Their username is free again.
    DeleteUser(ToPerson),
    /// Reports the security events of a person, or those that concern no person.
    ListEvents(ListEvents),
    /// Reports on a client.
    ShowClient(ToClient),
    /// Registers a client with an id chosen by the service.
    CreateClient(CreateClient),
    /// Registers a client with an id chosen by the order, or replaces its metadata.
    PutClient(PutClient),
    /// Replaces all metadata of a client.
    UpdateClient(UpdateClient),
    /// Replaces a client's secret.
    RotateSecret(ToClient),
    /// Removes a client and revokes its tokens.
    DeleteClient(ToClient),
    /// Issues a token for one client registration.
    InitialAccessToken(InitialAccessToken),
    /// Reports on a resource.
    ShowResource(ToResource),
    /// Reports on every resource.
    ListResources(Nothing),
    /// Declares a resource, or replaces its declaration.
    PutResource(PutResource),
    /// Removes a declaration: no more tokens are issued for the resource.
    DeleteResource(ToResource),
}

/// The person that an order is about. Exactly one member must be present.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ToPerson {
    username: Option<String>,
    email: Option<String>,
    id: Option<String>,
}

/// `list_events`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ListEvents {
    username: Option<String>,
    email: Option<String>,
    id: Option<String>,
    /// The id of an event: only earlier ones are reported.
    pub before: Option<String>,
}

/// A person, identified by one name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PersonName {
    /// The username.
    Username(String),
    /// A verified e-mail address.
    Email(String),
    /// The `sub` of tokens.
    Id(String),
}

/// `create_user` and `put_user`. For an existing person, absent members stay unchanged.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PutUser {
    /// A lower-case UUID. Chosen by the service if absent.
    pub id: Option<String>,
    /// The username.
    pub username: String,
    /// If absent, a new person gets a random password, which the report contains.
    pub password: Option<String>,
    /// The display name.
    pub name: Option<String>,
    /// An e-mail address, unverified unless the order vouches for it.
    pub email: Option<String>,
    /// Vouches for `email`: it becomes the person's address as if they had proven it, at once.
    #[serde(default)]
    pub email_verified: bool,
    /// Replaces the person's roles.
    pub roles: Option<Vec<String>>,
}

/// `set_roles`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SetRoles {
    username: Option<String>,
    email: Option<String>,
    id: Option<String>,
    /// Replaces the person's roles.
    pub roles: Vec<String>,
}

/// The client that an order is about.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ToClient {
    /// Its id.
    pub client_id: String,
}

/// `create_client`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CreateClient {
    /// Its metadata (RFC 7591 section 2).
    pub client: Map<String, Value>,
    /// How the operator vouches for the client.
    #[serde(default)]
    pub trust: Vouched,
}

/// `put_client`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PutClient {
    /// The id, chosen by the order.
    pub client_id: String,
    /// All of its metadata (RFC 7591 section 2).
    pub client: Map<String, Value>,
    /// How the operator vouches for the client.
    #[serde(default)]
    pub trust: Vouched,
    /// The secret. If absent, the client keeps its secret or gets a new one, which the report contains.
    pub client_secret: Option<String>,
    /// Accepts a secret that is shorter than recommended.
    #[serde(default)]
    pub allow_short_secret: bool,
}

/// `update_client`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UpdateClient {
    /// Its id.
    pub client_id: String,
    /// All of its metadata (RFC 7591 section 2).
    pub client: Map<String, Value>,
    /// How the operator vouches for the client. Unchanged if absent.
    pub trust: Option<Vouched>,
}

/// `initial_access_token`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InitialAccessToken {
    /// How long the token can be used, in seconds.
    pub expires_in: Option<u64>,
}

/// `put_resource`: the members of a [`Resource`].
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PutResource {
    resource: String,
    #[serde(default)]
    scopes: BTreeMap<String, String>,
    access_token_seconds: Option<u64>,
    #[serde(default)]
    claims: Vec<Claim>,
    #[serde(default)]
    introspection_clients: Vec<String>,
}

/// The resource that an order is about.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ToResource {
    /// Its identifier.
    pub resource: String,
}

/// An order without members besides its action.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Nothing {}

/// How an operator vouches for a client.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Vouched {
    /// The operator knows who runs the client.
    #[default]
    Verified,
    /// The operator owns the client: people are not asked for consent.
    FirstParty,
}

impl Order {
    /// The word of an order, as it is called today.
    pub fn word(event: &Value) -> &str {
        full_name(event).or_else(|| event.get("action")?.as_str()).unwrap_or_default()
    }

    /// Parses an event.
    pub fn read(mut event: Value) -> Result<Self, Error> {
        if let Some(name) = full_name(&event) {
            event["action"] = Value::from(name);
        }
        serde_json::from_value(event)
            .map_err(|error| Error::new(Code::InvalidRequest, format!("this event is not an order: {error}")))
    }
}

/// The full name of an order for one of the short names of earlier releases.
fn full_name(event: &Value) -> Option<&'static str> {
    match event.get("action")?.as_str()? {
        "create" => Some("create_client"),
        "update" => Some("update_client"),
        "delete" => Some("delete_client"),
        "show" if event.get("client_id").is_some() => Some("show_client"),
        "show" => Some("show_user"),
        _ => None,
    }
}

impl ToPerson {
    /// The identified person.
    pub fn person(self) -> Result<PersonName, Error> {
        PersonName::only(self.username, self.email, self.id)
    }
}

impl ListEvents {
    /// The identified person, if any, and where to continue.
    pub fn person(self) -> Result<(Option<PersonName>, Option<String>), Error> {
        let Self { username, email, id, before } = self;
        if username.is_none() && email.is_none() && id.is_none() {
            return Ok((None, before));
        }
        Ok((Some(PersonName::only(username, email, id)?), before))
    }
}

impl SetRoles {
    /// The identified person, and the roles.
    pub fn person_and_roles(self) -> Result<(PersonName, Vec<String>), Error> {
        Ok((PersonName::only(self.username, self.email, self.id)?, self.roles))
    }
}

impl PersonName {
    fn only(username: Option<String>, email: Option<String>, id: Option<String>) -> Result<Self, Error> {
        match (username, email, id) {
            (Some(username), None, None) => Ok(Self::Username(username)),
            (None, Some(email), None) => Ok(Self::Email(email)),
            (None, None, Some(id)) => Ok(Self::Id(id)),
            _ => Err(Error::new(Code::InvalidRequest, "identify the person by exactly one of username, email and id")),
        }
    }
}

impl From<PutResource> for Resource {
    fn from(order: PutResource) -> Self {
        Self {
            resource: order.resource,
            scopes: order.scopes,
            access_token_seconds: order.access_token_seconds,
            claims: order.claims,
            introspection_clients: order.introspection_clients,
        }
    }
}

impl From<Vouched> for Trust {
    fn from(vouched: Vouched) -> Self {
        match vouched {
            Vouched::Verified => Self::Verified,
            Vouched::FirstParty => Self::FirstParty,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn refusal(event: Value) -> String {
        Order::read(event).err().map(|error| error.detail().to_owned()).unwrap_or_default()
    }

    #[test]
    fn an_unknown_action_or_member_is_refused_and_named() {
        for (event, named) in [
            (json!({"action": "drop_table"}), "unknown variant `drop_table`, expected one of `show_user`"),
            (json!({"action": "disable", "username": "alice", "force": true}), "unknown field `force`"),
            (json!({"action": "list_resources", "all": true}), "unknown field `all`"),
            (json!({"action": "create_client"}), "missing field `client`"),
            (json!({"username": "alice"}), "missing field `action`"),
            (json!({"action": "create_client", "client": {}, "trust": "unverified"}), "unknown variant `unverified`"),
        ] {
            assert!(refusal(event.clone()).contains(named), "{event}: {}", refusal(event.clone()));
        }
        for event in [json!(null), json!([]), json!("show"), json!({"action": 7})] {
            assert!(Order::read(event.clone()).is_err(), "{event}");
        }
    }

    #[test]
    fn short_names_of_earlier_releases_still_work() {
        let read = |event| Order::read(event).unwrap_or_else(|error| panic!("{error}"));
        assert!(matches!(read(json!({"action": "show", "username": "alice"})), Order::ShowUser(_)));
        assert!(matches!(read(json!({"action": "show", "client_id": "c"})), Order::ShowClient(_)));
        assert!(matches!(read(json!({"action": "create", "client": {}})), Order::CreateClient(_)));
        assert!(matches!(read(json!({"action": "update", "client_id": "c", "client": {}})), Order::UpdateClient(_)));
        assert!(matches!(read(json!({"action": "delete", "client_id": "c"})), Order::DeleteClient(_)));
        assert!(refusal(json!({"action": "delete", "username": "alice"})).contains("unknown field `username`"));
        assert!(
            refusal(json!({"action": "show", "client_id": "c", "username": "a"})).contains("unknown field `username`")
        );
    }

    #[test]
    fn an_order_names_one_person_in_one_way() {
        let name = |event| match Order::read(event) {
            Ok(Order::SignOut(order)) => order.person().ok(),
            _ => None,
        };
        let alice = || "alice".to_owned();
        assert_eq!(name(json!({"action": "sign_out", "username": "alice"})), Some(PersonName::Username(alice())));
        assert_eq!(name(json!({"action": "sign_out", "email": "alice"})), Some(PersonName::Email(alice())));
        assert_eq!(name(json!({"action": "sign_out", "id": "alice"})), Some(PersonName::Id(alice())));
        assert_eq!(name(json!({"action": "sign_out"})), None);
        assert_eq!(name(json!({"action": "sign_out", "username": "alice", "id": "1"})), None);
    }
}
