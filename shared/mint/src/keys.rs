//! The ring of signing keys as a process knows it: made on first use, read again when the view of it is old, kept when
//! the store is down.

use std::sync::Arc;
use std::time::Duration;

use fetch::{Bounds, Cache, Reading};
use jwt::{Algorithm, SigningKey};
use oauth::{Error, Time};
use store::{KeyState, Keys, NewKey, PublicKey, Ring, Vault};

/// How old, in seconds, a process's view of the ring may be. Those who sign look as often as those who publish, so that
/// nothing is signed with a withdrawn key for longer than this.
const VIEW: Duration = Duration::from_secs(5);
/// Seconds for which a key has been published before it signs, whatever its state: longer than the view of any
/// publisher is old and than a verifier waits before it asks again for a key it does not know.
const SETTLED: u64 = 30;

/// The published keys.
pub struct PublishedKeys {
    keys: Keys,
    view: Cache<(), Option<Arc<Ring>>, Error>,
}

/// The keys that sign.
pub struct SigningKeys {
    published: PublishedKeys,
    vault: Vault,
    algorithm: Algorithm,
    signer: Cache<String, Arc<SigningKey>, Error>,
}

impl PublishedKeys {
    /// The keys of the store, for those who publish them or verify with them.
    pub fn new(keys: Keys) -> Self {
        let bounds = Bounds { stale: Duration::MAX, pause: VIEW, ..Bounds::of(1) };
        Self { keys, view: Cache::new(bounds) }
    }

    /// The ring, or `None` before the first key was made. When it cannot be read again the known one serves on.
    pub async fn ring(&self, now: Time) -> Result<Option<Arc<Ring>>, Error> {
        self.view.value(&(), now.since_epoch(), async || self.read(now).await).await
    }

    async fn read(&self, now: Time) -> Result<Reading<Option<Arc<Ring>>>, Error> {
        let ring = self.keys.ring(now).await;
        let ring =
            ring.inspect_err(|error| tracing::warn!(%error, "the key ring cannot be read; a known one serves on"))?;
        Ok(ring.map_or(Reading::not_kept(None), |ring| Reading::fresh_for(VIEW, Some(Arc::new(ring)))))
    }
}

impl SigningKeys {
    /// The keys of the store; a first key, if there is none yet, will be for `algorithm`.
    pub fn new(keys: Keys, vault: Vault, algorithm: Algorithm) -> Self {
        Self { published: PublishedKeys::new(keys), vault, algorithm, signer: Cache::new(Bounds::of(1)) }
    }

    /// Whether there is a key yet. Nothing can have been signed before.
    pub async fn exist(&self, now: Time) -> Result<bool, Error> {
        Ok(self.published.ring(now).await?.is_some())
    }

    /// The published keys: never none, because the first one is made on first use.
    pub async fn ring(&self, now: Time) -> Result<Arc<Ring>, Error> {
        if let Some(ring) = self.published.ring(now).await? {
            return Ok(ring);
        }
        // Many may get here at once; one of them writes, and all of them read what that one wrote.
        self.vault.begin(generate(self.algorithm, KeyState::Current, now)?).await?;
        self.published.ring(now).await?.ok_or_else(|| Error::fault("the key ring vanished"))
    }

    /// The key that signs: the newest that everybody has had the time to hear of.
    pub async fn signer(&self, now: Time) -> Result<Arc<SigningKey>, Error> {
        let ring = self.ring(now).await?;
        let chosen = choose(&ring, now).ok_or_else(|| Error::fault("a key ring without a current key"))?;
        let open = async || Ok(Reading::fresh_for(Duration::MAX, Arc::new(self.open(chosen, now).await?)));
        self.signer.value(&chosen.kid, now.since_epoch(), open).await
    }

    async fn open(&self, key: &PublicKey, now: Time) -> Result<SigningKey, Error> {
        let algorithm = key.alg.parse().map_err(|_| Error::fault("a key of an unknown algorithm"))?;
        let private = self.vault.private(&key.kid, now).await?;
        // It was withdrawn since the view of the ring was taken; the next try sees the ring as it is.
        let private = private.ok_or_else(|| Error::passing("the signing key was withdrawn at this moment"))?;
        SigningKey::from_pkcs8(algorithm, &private)
    }
}

/// The newest settled key that is or was current. While none is settled, the oldest: whoever knows any knows that one.
fn choose(ring: &Ring, now: Time) -> Option<&PublicKey> {
    let signing = || ring.keys.iter().filter(|key| key.state != KeyState::Next);
    let settled = signing().filter(|key| key.published_at.plus(SETTLED) <= now);
    settled.max_by_key(|key| key.published_at).or_else(|| signing().min_by_key(|key| key.published_at))
}

/// A fresh key.
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
    fn a_key_signs_once_everybody_has_had_the_time_to_hear_of_it() {
        let keys = [("a", KeyState::Retired, 100), ("b", KeyState::Current, 200), ("c", KeyState::Next, 150)];
        assert_eq!(signs(&keys, 229).as_deref(), Some("a"));
        assert_eq!(signs(&keys, 230).as_deref(), Some("b"));
    }

    #[test]
    fn on_a_young_ring_the_first_key_goes_on_signing_however_often_keys_rotate() {
        let keys = [("b", KeyState::Retired, 101), ("a", KeyState::Retired, 100), ("c", KeyState::Current, 102)];
        assert_eq!(signs(&keys, 103).as_deref(), Some("a"));
        assert_eq!(signs(&keys[2..], 103).as_deref(), Some("c"));
        assert_eq!(signs(&[("d", KeyState::Next, 1)], 103), None);
    }
}
