//! Signing keys: one item with every public key and its state, and one sealed item per private key.
//!
//! All public keys live in one item (`KEYS / RING`), because a key's state only means something beside the others':
//! one read sees a consistent ring, and one conditional write changes it. The private half (`KEYSECRET / kid`) is sealed.

use oauth::{Error, Time};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::seal::{Seal, Sealed};
use crate::table::{self, Key, Table, Written};

/// The signing keys.
#[derive(Clone, Debug)]
pub struct Keys {
    table: Table,
    seal: Seal,
}

/// Every key that is published.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ring {
    /// Counts the changes.
    pub version: u64,
    /// In no particular order.
    pub keys: Vec<PublicKey>,
}

/// A key as others may see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PublicKey {
    /// Its RFC 7638 thumbprint.
    pub kid: String,
    /// Its RFC 7518 algorithm, such as `RS256`.
    pub alg: String,
    /// The public JWK (RFC 7517) as JSON text.
    pub jwk: String,
    /// What it is for at the moment.
    pub state: KeyState,
    /// Since when it is in this state.
    pub since: Time,
}

/// What a key is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeyState {
    /// Published so that caches know it before it signs.
    Next,
    /// Signs.
    Current,
    /// Signs no more; what it signed is still good.
    Retired,
}

impl Ring {
    /// The key that signs.
    pub fn current(&self) -> Option<&PublicKey> {
        self.keys.iter().find(|key| key.state == KeyState::Current)
    }
}

impl Keys {
    /// The keys in `table`, whose private halves are sealed with `seal`.
    pub fn new(table: &Table, seal: Seal) -> Self {
        Self { table: table.clone(), seal }
    }

    /// The published keys, or `None` before the first key was made.
    pub async fn ring(&self, now: Time) -> Result<Option<Ring>, Error> {
        self.table.get(ring_key(), now).await
    }

    /// Begins the ring with its first key, whose private half is given as PKCS#8. `false`: somebody else was first,
    /// nothing was written, and [`Keys::ring`] tells whose key it is.
    pub async fn begin(&self, first: PublicKey, private: &[u8]) -> Result<bool, Error> {
        let sealed = self.seal.seal(&secret_name(&first.kid), private).await?;
        let secret_key = secret_key(&first.kid);
        let ring = Ring { version: 1, keys: vec![first] };
        let puts = vec![table::item(ring_key(), &ring)?, table::item(secret_key, &sealed)?];
        Ok(self.table.put_all_new(puts).await? == Written::Done)
    }

    /// The private half of a key, as PKCS#8.
    pub async fn private(&self, kid: &str, now: Time) -> Result<Option<Zeroizing<Vec<u8>>>, Error> {
        let Some(sealed) = self.table.get::<Sealed>(secret_key(kid), now).await? else { return Ok(None) };
        self.seal.open(&secret_name(kid), sealed).await.map(Some)
    }
}

fn ring_key() -> Key {
    Key::new("KEYS", "RING")
}

fn secret_key(kid: &str) -> Key {
    Key::new("KEYSECRET", kid)
}

/// What binds a sealed key to its place: another key's ciphertext put there does not open.
fn secret_name(kid: &str) -> String {
    format!("KEYSECRET/{kid}")
}
