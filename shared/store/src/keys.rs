//! Signing keys: one item with every public key and its state, and one sealed item per private key.
//!
//! All public keys are in one item (`KEYS / RING`), because the state of a key has a meaning only in relation to the
//! others. One read sees a consistent ring, and one conditional write changes it. Private keys (`KEYSECRET / kid`) are
//! sealed.

use oauth::{Error, Time};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::seal::{Seal, Sealed};
use crate::table::{self, Key, Table, Update, Write, Written};

/// The public keys.
#[derive(Clone, Debug)]
pub struct Keys(Table);

/// The private keys, and write access to the ring.
#[derive(Clone, Debug)]
pub struct Vault {
    table: Table,
    seal: Seal,
}

/// A key to be added to the ring.
pub struct NewKey {
    /// The public part.
    pub public: PublicKey,
    /// The private key as PKCS#8.
    pub private: Zeroizing<Vec<u8>>,
}

/// All published keys.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ring {
    /// Version of the ring, incremented by every change.
    pub version: u64,
    /// In no particular order.
    pub keys: Vec<PublicKey>,
}

/// A published key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PublicKey {
    /// Its RFC 7638 thumbprint.
    pub kid: String,
    /// Its RFC 7518 algorithm, such as `RS256`.
    pub alg: String,
    /// The public JWK (RFC 7517) as JSON text.
    pub jwk: String,
    /// When it was first published.
    pub published_at: Time,
    /// Its current state.
    pub state: KeyState,
    /// When it entered this state.
    pub since: Time,
}

/// The state of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeyState {
    /// Published before it signs, so that caches know it.
    Next,
    /// Signs.
    Current,
    /// No longer signs; its signatures are still valid.
    Retired,
}

impl Ring {
    /// The current key of an algorithm.
    pub fn current(&self, alg: &str) -> Option<&PublicKey> {
        self.keys.iter().find(|key| key.state == KeyState::Current && key.alg == alg)
    }

    /// All keys as a JWK set (RFC 7517 section 5), in JSON.
    pub fn jwks(&self) -> String {
        let keys = self.keys.iter().map(|key| key.jwk.as_str()).collect::<Vec<_>>().join(",");
        format!(r#"{{"keys":[{keys}]}}"#)
    }
}

impl Keys {
    /// The public keys in `table`.
    pub fn new(table: &Table) -> Self {
        Self(table.clone())
    }

    /// The published keys, or `None` before the first key exists.
    pub async fn ring(&self, now: Time) -> Result<Option<Ring>, Error> {
        self.0.get(ring_key(), now).await
    }
}

impl Vault {
    /// The private keys in `table`, sealed by `seal`.
    pub fn new(table: &Table, seal: Seal) -> Self {
        Self { table: table.clone(), seal }
    }

    /// Creates the ring with its first keys. `false`: another process was first and nothing was written. [`Keys::ring`]
    /// then returns its keys.
    pub async fn begin(&self, first: Vec<NewKey>) -> Result<bool, Error> {
        let ring = Ring { version: 1, keys: first.iter().map(|key| key.public.clone()).collect() };
        let mut writes = vec![Write::PutNew(table::item(ring_key(), &ring)?)];
        for key in &first {
            writes.push(self.sealed(key).await?);
        }
        Ok(self.table.transact(writes).await? == Written::Done)
    }

    /// Replaces the ring of version `from` with `keys`, stores the private halves of the `new` keys, and destroys those
    /// of `gone`. `false`: the ring has changed in the meantime and nothing was written.
    pub async fn change(
        &self,
        from: u64,
        keys: Vec<PublicKey>,
        new: &[NewKey],
        gone: &[String],
    ) -> Result<bool, Error> {
        let ring = Ring { version: from + 1, keys };
        let mut writes = vec![Write::Replace {
            item: table::item(ring_key(), &ring)?,
            field: "version",
            expected: table::number(from),
        }];
        for key in new {
            writes.push(self.sealed(key).await?);
        }
        writes.extend(gone.iter().map(|kid| Write::Delete(Update::nothing(secret_key(kid)))));
        Ok(self.table.transact(writes).await? == Written::Done)
    }

    /// The private half of a key, as PKCS#8.
    pub async fn private(&self, kid: &str, now: Time) -> Result<Option<Zeroizing<Vec<u8>>>, Error> {
        let Some(sealed) = self.table.get::<Sealed>(secret_key(kid), now).await? else { return Ok(None) };
        self.seal.open(&secret_name(kid), sealed).await.map(Some)
    }

    async fn sealed(&self, key: &NewKey) -> Result<Write, Error> {
        let kid = &key.public.kid;
        let sealed = self.seal.seal(&secret_name(kid), &key.private).await?;
        Ok(Write::PutNew(table::item(secret_key(kid), &sealed)?))
    }
}

fn ring_key() -> Key {
    Key::new("KEYS", "RING")
}

fn secret_key(kid: &str) -> Key {
    Key::new("KEYSECRET", kid)
}

/// Binds a sealed key to its place: the ciphertext of another key cannot be opened there.
fn secret_name(kid: &str) -> String {
    format!("KEYSECRET/{kid}")
}
