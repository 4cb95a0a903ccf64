//! A process's cached view of the key ring: the ring is created on first use, refreshed when the view is old, and the
//! last view stays in use while the store is down.

use std::sync::Arc;
use std::time::Duration;

use fetch::{Bounds, Cache, Reading};
use jwt::{Algorithm, SigningKey};
use oauth::{Error, Time};
use store::{KeyState, Keys, NewKey, PublicKey, Ring, Vault};

/// How old a process's view of the ring may be, in seconds. Functions that sign refresh it as often as those that
/// publish, so a withdrawn key signs for at most this long.
const VIEW: Duration = Duration::from_secs(5);
/// How long a key must have been published before it signs, in seconds. This is longer than the age of any publisher's
/// view and longer than a verifier waits before it fetches the keys again for an unknown key.
const SETTLED: u64 = 30;

/// The published keys.
pub struct PublishedKeys {
    keys: Keys,
    view: Cache<(), Option<Arc<Ring>>, Error>,
}

/// The signing keys.
pub struct SigningKeys {
    published: PublishedKeys,
    vault: Vault,
    algorithm: Algorithm,
    signer: Cache<String, Arc<SigningKey>, Error>,
}

impl PublishedKeys {
    /// The keys in the store, for functions that publish them or verify with them.
    pub fn new(keys: Keys) -> Self {
        let bounds = Bounds { stale: Duration::MAX, pause: VIEW, ..Bounds::of(1) };
        Self { keys, view: Cache::new(bounds) }
    }

    /// The ring, or `None` before the first key exists. If refreshing fails, the last known ring stays in use.
    pub async fn ring(&self, now: Time) -> Result<Option<Arc<Ring>>, Error> {
        self.view.value(&(), now.since_epoch(), async || self.read(now).await).await
    }

    async fn read(&self, now: Time) -> Result<Reading<Option<Arc<Ring>>>, Error> {
        let ring = self.keys.ring(now).await;
        let ring = ring.inspect_err(
            |error| tracing::warn!(%error, "reading the key ring failed; the last known one stays in use"),
        )?;
        Ok(ring.map_or(Reading::not_kept(None), |ring| Reading::fresh_for(VIEW, Some(Arc::new(ring)))))
    }
}

impl SigningKeys {
    /// The keys in the store. If there is none yet, the first key will be for `algorithm`.
    pub fn new(keys: Keys, vault: Vault, algorithm: Algorithm) -> Self {
        Self { published: PublishedKeys::new(keys), vault, algorithm, signer: Cache::new(Bounds::of(1)) }
    }

    /// Whether a key exists. Before that, nothing can have been signed.
    pub async fn exist(&self, now: Time) -> Result<bool, Error> {
        Ok(self.published.ring(now).await?.is_some())
    }

    /// The published keys. There is always one, because the first key is created on first use.
    pub async fn ring(&self, now: Time) -> Result<Arc<Ring>, Error> {
        if let Some(ring) = self.published.ring(now).await? {
            return Ok(ring);
        }
        // Several processes may get here at once. One of them writes, and all of them read the result.
        self.vault.begin(generate(self.algorithm, KeyState::Current, now)?).await?;
        self.published.ring(now).await?.ok_or_else(|| Error::fault("the key ring is missing"))
    }

    /// The key that signs: the newest one that every verifier can know.
    pub async fn signer(&self, now: Time) -> Result<Arc<SigningKey>, Error> {
        let ring = self.ring(now).await?;
        let chosen = choose(&ring, now).ok_or_else(|| Error::fault("the key ring has no current key"))?;
        let open = async || Ok(Reading::fresh_for(Duration::MAX, Arc::new(self.open(chosen, now).await?)));
        self.signer.value(&chosen.kid, now.since_epoch(), open).await
    }

    async fn open(&self, key: &PublicKey, now: Time) -> Result<SigningKey, Error> {
        let algorithm = key.alg.parse().map_err(|_| Error::fault("a key has an unknown algorithm"))?;
        let private = self.vault.private(&key.kid, now).await?;
        // The key was withdrawn after the view was taken. The next attempt sees the new ring.
        let private = private.ok_or_else(|| Error::passing("the signing key has just been withdrawn"))?;
        SigningKey::from_pkcs8(algorithm, &private)
    }
}

/// The newest current or retired key that was published long enough ago. If there is none, the oldest key, which every
/// verifier knows first.
fn choose(ring: &Ring, now: Time) -> Option<&PublicKey> {
    let signing = || ring.keys.iter().filter(|key| key.state != KeyState::Next);
    let settled = signing().filter(|key| key.published_at.plus(SETTLED) <= now);
    settled.max_by_key(|key| key.published_at).or_else(|| signing().min_by_key(|key| key.published_at))
}

/// A new key.
pub fn generate(algorithm: Algorithm, state: KeyState, now: Time) -> Result<NewKey, Error> {
    let (key, private) = SigningKey::generate(algorithm)?;
    let jwk = serde_json::to_string(key.public_jwk()).map_err(|error| Error::fault("JWK").because(error))?;
    let kid = key.kid().to_owned();
    let public = PublicKey { kid, alg: algorithm.to_string(), jwk, published_at: now, state, since: now };
    Ok(NewKey { public, private })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ring(keys: &[(&str, KeyState, u64)]) -> Ring {
        let key = |(kid, state, published): &(&str, KeyState, u64)| {
            let published_at = Time::from_seconds(*published);
            let (kid, state) = ((*kid).to_owned(), *state);
            PublicKey { kid, alg: "RS256".into(), jwk: "{}".into(), published_at, state, since: published_at }
        };
        Ring { version: 1, keys: keys.iter().map(key).collect() }
    }

    fn signs(keys: &[(&str, KeyState, u64)], now: u64) -> Option<String> {
        choose(&ring(keys), Time::from_seconds(now)).map(|key| key.kid.clone())
    }

    #[test]
    fn a_key_signs_once_every_verifier_can_know_it() {
        let keys = [("a", KeyState::Retired, 100), ("b", KeyState::Current, 200), ("c", KeyState::Next, 150)];
        assert_eq!(signs(&keys, 229).as_deref(), Some("a"));
        assert_eq!(signs(&keys, 230).as_deref(), Some("b"));
    }

    #[test]
    fn on_a_new_ring_the_first_key_keeps_signing_however_often_keys_rotate() {
        let keys = [("b", KeyState::Retired, 101), ("a", KeyState::Retired, 100), ("c", KeyState::Current, 102)];
        assert_eq!(signs(&keys, 103).as_deref(), Some("a"));
        assert_eq!(signs(&keys[2..], 103).as_deref(), Some("c"));
        assert_eq!(signs(&[("d", KeyState::Next, 1)], 103), None);
    }
}
