//! Consents, at `CONSENT#user / client`. Each consent adds to the earlier ones, so that nobody is asked twice for the
//! same.

use aws_sdk_dynamodb::types::AttributeValue;
use oauth::{Error, Scopes, Time};
use serde::{Deserialize, Serialize};

use crate::table::{Key, Table, Update, Write, Written, number, word_set};
use crate::users;

/// The consents of all people.
#[derive(Clone, Debug)]
pub struct Consents(Table);

/// What a person has consented to for one client.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Consent {
    /// The client.
    pub client_id: String,
    /// When a consent was last added.
    pub agreed_at: Time,
    /// The scopes, each with the resource that it was requested for: `resource scope`, or ` scope` for the default.
    #[serde(default)]
    agreed: Vec<String>,
}

impl Consents {
    /// The consents in `table`.
    pub fn new(table: &Table) -> Self {
        Self(table.clone())
    }

    /// All consents of `user`.
    pub async fn of(&self, user: &str, now: Time) -> Result<Vec<Consent>, Error> {
        self.0.query(&partition(user), now).await
    }

    /// Withdraws a consent. `false`: there was none.
    pub async fn forget(&self, user: &str, client_id: &str) -> Result<bool, Error> {
        let remove = Update { condition: "attribute_exists(pk)", ..Update::nothing(key(user, client_id)) };
        Ok(self.0.transact(vec![Write::Delete(remove)]).await? == Written::Done)
    }

    /// The consent of `user` for `client_id`.
    pub async fn find(&self, user: &str, client_id: &str, now: Time) -> Result<Option<Consent>, Error> {
        self.0.get(key(user, client_id), now).await
    }

    /// Adds a consent. Concurrent additions are all kept. Does nothing if the person no longer exists.
    pub async fn add(
        &self,
        (user, client_id): (&str, &str),
        scope: &Scopes,
        resources: &[String],
        now: Time,
    ) -> Result<(), Error> {
        let agreed = words(scope, resources);
        let update = Update {
            expression: "ADD #agreed :agreed SET #agreed_at = :now, #client_id = :client_id",
            values: vec![
                (":agreed", word_set(agreed.iter().map(String::as_str))),
                (":now", number(now.millis())),
                (":client_id", AttributeValue::S(client_id.to_owned())),
            ],
            ..Update::nothing(key(user, client_id))
        };
        self.0.transact(vec![Write::Update(update), users::still_active(user)]).await.map(drop)
    }
}

impl Consent {
    /// The scopes, each with the resource that it was requested for: `resource scope`, or ` scope` for the default.
    pub fn agreed(&self) -> &[String] {
        &self.agreed
    }

    /// The scopes, for whatever resource.
    pub fn scopes(&self) -> Scopes {
        self.agreed
            .iter()
            .filter_map(|word| word.split_once(' '))
            .map(|(_, scope)| scope)
            .filter(|it| !it.is_empty())
            .collect()
    }

    /// Whether the person has consented to all of `scope` at `resources`.
    pub fn covers(&self, scope: &Scopes, resources: &[String]) -> bool {
        words(scope, resources).iter().all(|word| self.agreed.contains(word))
    }
}

/// Every scope at every resource. Consent to a request without scopes is recorded too.
fn words(scope: &Scopes, resources: &[String]) -> Vec<String> {
    let home = [String::new()];
    let resources = if resources.is_empty() { &home } else { resources };
    let scopes: Vec<&str> = if scope.is_empty() { vec![""] } else { scope.iter().collect() };
    resources.iter().flat_map(|resource| scopes.iter().map(move |scope| format!("{resource} {scope}"))).collect()
}

/// Removes all consents of a person.
pub(crate) async fn remove_all(table: &Table, user: &str) -> Result<(), Error> {
    table.remove_partition(&partition(user)).await
}

fn key(user: &str, client_id: &str) -> Key {
    Key::new(partition(user), client_id)
}

fn partition(user: &str) -> String {
    format!("CONSENT#{user}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_consent_covers_its_scopes_at_its_resources() {
        let scope = |text| Scopes::parse(text).unwrap();
        let at = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        let agreed = words(&scope("a b"), &at(&["https://x.example"]));
        let consent = Consent { client_id: "app".into(), agreed_at: Time::from_seconds(1), agreed };
        assert!(consent.covers(&scope("a"), &at(&["https://x.example"])));
        assert!(!consent.covers(&scope("a c"), &at(&["https://x.example"])));
        assert!(!consent.covers(&scope("a"), &at(&["https://y.example"])) && !consent.covers(&scope("a"), &[]));
        assert_eq!(consent.scopes().to_string(), "a b");
    }
}
