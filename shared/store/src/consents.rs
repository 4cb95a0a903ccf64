//! What people have agreed to, at `CONSENT#user / client`: grows with each agreement, so that nobody is asked twice for
//! the same.

use oauth::{Error, Scopes, Time};
use serde::{Deserialize, Serialize};

use crate::browsers::word_set;
use crate::table::{Key, Table, Update, Write, number};

/// Everybody's agreements.
#[derive(Clone, Debug)]
pub struct Consents(Table);

/// What a person has agreed to for one client.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Consent {
    /// The scopes, each with the resource that it was asked for at: `resource scope`, or ` scope` for the default.
    #[serde(default)]
    agreed: Vec<String>,
}

impl Consents {
    /// The agreements in `table`.
    pub fn new(table: &Table) -> Self {
        Self(table.clone())
    }

    /// What `user` has agreed to for `client_id`.
    pub async fn find(&self, user: &str, client_id: &str, now: Time) -> Result<Consent, Error> {
        Ok(self.0.get(key(user, client_id), now).await?.unwrap_or_default())
    }

    /// Adds an agreement. Two at once both count.
    pub async fn add(
        &self,
        (user, client_id): (&str, &str),
        scope: &Scopes,
        resources: &[String],
        now: Time,
    ) -> Result<(), Error> {
        let agreed = words(scope, resources);
        let update = Update {
            key: key(user, client_id),
            expression: "ADD #agreed :agreed SET #agreed_at = :now",
            condition: "attribute_not_exists(pk) OR attribute_exists(pk)",
            names: vec![("#agreed", "agreed".to_owned()), ("#agreed_at", "agreed_at".to_owned())],
            values: vec![(":agreed", word_set(agreed.iter().map(String::as_str))), (":now", number(now.millis()))],
        };
        self.0.transact(vec![Write::Update(update)]).await.map(drop)
    }
}

impl Consent {
    /// Whether all of `scope` at `resources` was agreed to before.
    pub fn covers(&self, scope: &Scopes, resources: &[String]) -> bool {
        words(scope, resources).iter().all(|word| self.agreed.contains(word))
    }
}

/// Every scope at every resource. A request without scopes is an agreement too.
fn words(scope: &Scopes, resources: &[String]) -> Vec<String> {
    let home = [String::new()];
    let resources = if resources.is_empty() { &home } else { resources };
    let scopes: Vec<&str> = if scope.is_empty() { vec![""] } else { scope.iter().collect() };
    resources.iter().flat_map(|resource| scopes.iter().map(move |scope| format!("{resource} {scope}"))).collect()
}

fn key(user: &str, client_id: &str) -> Key {
    Key::new(format!("CONSENT#{user}"), client_id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_agreement_covers_what_was_agreed_to_where_it_was() {
        let scope = |text| Scopes::parse(text).unwrap();
        let at = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        let consent = Consent { agreed: words(&scope("a b"), &at(&["https://x.example"])) };
        assert!(consent.covers(&scope("a"), &at(&["https://x.example"])));
        assert!(!consent.covers(&scope("a c"), &at(&["https://x.example"])));
        assert!(!consent.covers(&scope("a"), &at(&["https://y.example"])) && !consent.covers(&scope("a"), &[]));
        assert!(!Consent::default().covers(&Scopes::default(), &[]));
    }
}
