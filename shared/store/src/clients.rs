//! Registered clients, at `CLIENT#id / CLIENT`: the metadata and the hashes of their secrets.

use std::sync::Arc;
use std::time::Duration;

use fetch::{Bounds, Cache, Reading};
use oauth::{Client, Error, FIRST_PARTY, Time};
use serde::{Deserialize, Serialize};
use serde_bytes::ByteBuf;

use crate::initial_tokens;
use crate::revocations::{self, Retention, Revoked};
use crate::secret::SecretHash;
use crate::table::{self, Key, Table, Update, Write, Written, number};

/// How long a process may use a cached client, in seconds. Changes and removals take effect within this time.
pub const VIEW: u64 = 10;
/// Most clients that a process caches.
const REMEMBERED: usize = 256;

/// The clients of the service, including the built-in one.
#[derive(Clone, Debug)]
pub struct Clients {
    table: Table,
    retention: Retention,
    known: Arc<Cache<String, Option<Arc<Registered>>, Error>>,
}

/// A client and the hashes of its secrets.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Registered {
    /// The client's metadata.
    #[serde(flatten)]
    pub client: Client,
    /// Hash of its secret, if it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    secret: Option<ByteBuf>,
    /// Hash of the token that manages the registration (RFC 7592), if its owner may manage it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    registration_access_token: Option<ByteBuf>,
    /// Version of the registration, incremented by every change.
    version: u64,
    /// When the registration ends, in epoch seconds. Absent: never.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<u64>,
}

impl Registered {
    /// A client with these secrets.
    pub fn new(client: Client, secret: Option<SecretHash>, registration_access_token: Option<SecretHash>) -> Self {
        Self {
            client,
            secret: secret.map(bytes),
            registration_access_token: registration_access_token.map(bytes),
            version: 1,
            expires_at: None,
        }
    }

    /// The same registration, with an end at `expires_at` (epoch seconds) or none.
    #[must_use]
    pub fn until(self, expires_at: Option<u64>) -> Self {
        Self { expires_at, ..self }
    }

    /// The next version of this registration, with `client` as the metadata. A client that uses a secret keeps it; one
    /// that starts to use a secret gets `new_secret`.
    #[must_use]
    pub fn with(&self, client: Client, new_secret: SecretHash) -> Self {
        let secret = if client.token_endpoint_auth_method.has_secret() {
            self.secret.clone().or(Some(bytes(new_secret)))
        } else {
            None
        };
        Self { client, secret, version: self.version + 1, ..self.clone() }
    }

    /// The next version of this registration, with another secret.
    #[must_use]
    pub fn with_secret(&self, secret: SecretHash) -> Self {
        Self { secret: Some(bytes(secret)), version: self.version + 1, ..self.clone() }
    }

    /// How long a registration that was read at `now` may be cached: never beyond its end.
    fn believable(&self, now: Time) -> Duration {
        let end = self.expires_at.map_or(Duration::MAX, Duration::from_secs);
        end.saturating_sub(now.since_epoch()).min(Duration::from_secs(VIEW))
    }

    /// The same version of the registration, with another secret.
    #[must_use]
    pub fn known_by(self, secret: SecretHash) -> Self {
        Self { secret: Some(bytes(secret)), ..self }
    }

    /// Whether it equals `other` apart from the version.
    pub fn is_same_as(&self, other: &Self) -> bool {
        *self == Self { version: self.version, ..other.clone() }
    }

    /// Whether `hash` is the hash of the client's secret.
    pub fn has_secret(&self, hash: &SecretHash) -> bool {
        self.secret.as_ref().is_some_and(|secret| secret.as_slice() == hash.0)
    }

    /// Whether `hash` is the hash of the token that manages this registration.
    pub fn has_registration_access_token(&self, hash: &SecretHash) -> bool {
        self.registration_access_token.as_ref().is_some_and(|token| token.as_slice() == hash.0)
    }
}

impl Clients {
    /// The clients in `table`.
    pub fn new(table: &Table) -> Self {
        let known = Arc::new(Cache::new(Bounds::of(REMEMBERED)));
        Self { table: table.clone(), retention: Retention::default(), known }
    }

    /// The same, with revocations that are kept as `retention` says.
    #[must_use]
    pub fn revoking(self, retention: Retention) -> Self {
        Self { retention, ..self }
    }

    /// Registers a client. `false`: the id already exists.
    pub async fn create(&self, registered: &Registered) -> Result<bool, Error> {
        let item = table::item(key(&registered.client.client_id), registered)?;
        Ok(self.table.transact(vec![Write::PutNew(item)]).await? == Written::Done)
    }

    /// Registers a client with an initial access token, which is thereby used up. `false`: the token is invalid,
    /// expired or used.
    pub async fn create_with(&self, registered: &Registered, token: &SecretHash, now: Time) -> Result<bool, Error> {
        let item = table::item(key(&registered.client.client_id), registered)?;
        let writes = vec![Write::PutNew(item), initial_tokens::take(token, now)];
        Ok(self.table.transact(writes).await? == Written::Done)
    }

    /// Replaces a registration with its next version, made by [`Registered::with`] or [`Registered::with_secret`].
    /// `false`: the previous version is no longer current.
    pub async fn replace(&self, next: &Registered) -> Result<bool, Error> {
        let item = table::item(key(&next.client.client_id), next)?;
        let write = Write::Replace { item, field: "version", expected: number(next.version - 1) };
        Ok(self.table.transact(vec![write]).await? == Written::Done)
    }

    /// Removes a registration and revokes the client's access tokens, including those that it can still get from
    /// processes with a cached registration. `false`: it was changed or removed since it was read.
    pub async fn remove(&self, registered: &Registered, now: Time) -> Result<bool, Error> {
        let client_id = registered.client.client_id.clone();
        let removal = Update {
            condition: "#version = :version",
            values: vec![(":version", number(registered.version))],
            ..Update::nothing(key(&client_id))
        };
        let revoked = Revoked::Registration { client_id, until: now.plus(VIEW).seconds() };
        let writes = vec![Write::Delete(removal), revocations::write(&revoked, self.retention.end(now).await, now)?];
        Ok(self.table.transact(writes).await? == Written::Done)
    }

    /// The current registration of a client.
    pub async fn find(&self, client_id: &str, now: Time) -> Result<Option<Registered>, Error> {
        match client_id {
            FIRST_PARTY => Ok(Some(Registered::new(Client::first_party(), None, None))),
            _ => self.table.get(key(client_id), now).await,
        }
    }

    /// The registration of a client, at most [`VIEW`] seconds old. An unknown client is always looked up.
    pub async fn known(&self, client_id: &str, now: Time) -> Result<Option<Arc<Registered>>, Error> {
        let read = async || {
            let found = self.find(client_id, now).await?.map(Arc::new);
            Ok(match &found {
                Some(registered) => Reading::fresh_for(registered.believable(now), found),
                None => Reading::not_kept(None),
            })
        };
        self.known.value(&client_id.to_owned(), now.since_epoch(), read).await
    }
}

fn bytes(hash: SecretHash) -> ByteBuf {
    ByteBuf::from(hash.0)
}

fn key(client_id: &str) -> Key {
    Key::new(format!("CLIENT#{client_id}"), "CLIENT")
}
