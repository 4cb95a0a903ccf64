//! What an operator may order: the events that the function `operator` takes, a struct per order (docs/orders.md).
//!
//! An order names its `action`; a member or an action that is not known is refused by name. Everything here is only
//! read; whether somebody may give an order, and what becomes of it, is the function's to say.

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
    /// Reports a person.
    ShowUser(ToPerson),
    /// Creates a person; refused if there is one with this username.
    CreateUser(PutUser),
    /// Creates a person, or makes an existing one what the order says.
    PutUser(PutUser),
    /// Sets all roles of a person.
    SetRoles(SetRoles),
    /// Sets a new password, which only the report shows, and ends what rests on the old one.
    ResetPassword(ToPerson),
    /// Ends every session and every signed-in browser of a person.
    SignOut(ToPerson),
    /// The same, and the person cannot sign in any more.
    Disable(ToPerson),
    /// Lets a person sign in again.
    Enable(ToPerson),
    /// Reports a client.
    ShowClient(ToClient),
    /// Registers a client under an id that the service chooses.
    CreateClient(CreateClient),
    /// Registers a client under an id that the order chooses, or replaces its metadata.
    PutClient(PutClient),
    /// Replaces all metadata of a client.
    UpdateClient(UpdateClient),
    /// Gives a client another secret.
    RotateSecret(ToClient),
    /// Removes a client and revokes its tokens.
    DeleteClient(ToClient),
    /// Issues a token with which one client can register itself.
    InitialAccessToken(InitialAccessToken),
    /// Reports a resource.
    ShowResource(ToResource),
    /// Reports every resource.
    ListResources(Nothing),
    /// Declares a resource, or replaces its declaration.
    PutResource(PutResource),
    /// Removes a declaration: no token is made for the resource any more.
    DeleteResource(ToResource),
}

/// Which person an order is about: exactly one of the members is given.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ToPerson {
    username: Option<String>,
    email: Option<String>,
    id: Option<String>,
}

/// A person by the one name that an order gives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PersonName {
    /// As the person writes it.
    Username(String),
    /// A verified address.
    Email(String),
    /// The `sub` of tokens.
    Id(String),
}

/// `create_user` and `put_user`. What is absent stays as it is, where the person exists.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PutUser {
    /// Chosen by the order, or by the service: a UUID in lower case.
    pub id: Option<String>,
    /// The name to sign in with.
    pub username: String,
    /// A new person without one gets a random one, which the report shows.
    pub password: Option<String>,
    /// The name to greet with.
    pub name: Option<String>,
    /// An address that nobody has verified.
    pub email: Option<String>,
    /// In place of those that the person has.
    pub roles: Option<Vec<String>>,
}

/// `set_roles`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SetRoles {
    username: Option<String>,
    email: Option<String>,
    id: Option<String>,
    /// In place of those that the person has.
    pub roles: Vec<String>,
}

/// Which client an order is about.
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
    /// How far the operator answers for it.
    #[serde(default)]
    pub trust: Vouched,
}

/// `put_client`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PutClient {
    /// The id that the order chooses.
    pub client_id: String,
    /// All of its metadata (RFC 7591 section 2).
    pub client: Map<String, Value>,
    /// How far the operator answers for it.
    #[serde(default)]
    pub trust: Vouched,
    /// The secret that the order chooses. Absent: the client keeps its own, or gets one that the report shows.
    pub client_secret: Option<String>,
    /// Takes a secret that is shorter than it should be.
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
    /// How far the operator answers for it. Absent: as far as before.
    pub trust: Option<Vouched>,
}

/// `initial_access_token`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InitialAccessToken {
    /// For how many seconds it can be used.
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

/// Which resource an order is about.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ToResource {
    /// Its identifier.
    pub resource: String,
}

/// An order that says nothing but its action.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Nothing {}

/// How far an operator answers for a client.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Vouched {
    /// The operator knows who runs it.
    #[default]
    Verified,
    /// It is the operator's own: people are not asked for their consent.
    FirstParty,
}

impl Order {
    /// The order of an event.
    pub fn read(mut event: Value) -> Result<Self, Error> {
        if let Some(name) = full_name(&event) {
            event["action"] = Value::from(name);
        }
        serde_json::from_value(event)
            .map_err(|error| Error::new(Code::InvalidRequest, format!("this event is not an order: {error}")))
    }
}

/// The name of an order that an event gives by one of the short names of earlier releases.
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
    /// The one name that the order gives.
    pub fn person(self) -> Result<PersonName, Error> {
        PersonName::only(self.username, self.email, self.id)
    }
}

impl SetRoles {
    /// The one name that the order gives, and the roles.
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
            _ => Err(Error::new(Code::InvalidRequest, "name the person by one of username, email and id")),
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
    fn an_action_or_a_member_that_is_not_known_is_refused_by_name() {
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
    fn short_names_of_earlier_releases_mean_what_they_meant() {
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
