//! A process's cached view of the key ring: the ring is created on first use, refreshed when the view is old, and the
//! last view stays in use while the store is down.

use std::sync::Arc;
use std::time::Duration;

use fetch::{Bounds, Cache, Reading};
use jwt::{Algorithm, SigningKey};
use oauth::{Error, SigningAlgorithms, Time};
use store::{KeyState, Keys, NewKey, PublicKey, Ring, Vault};

/// How old a process's view of the ring may be, in seconds. Functions that sign refresh it as often as those that
/// publish, so a withdrawn key signs for at most this long, or longer if the store does not answer.
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
    algorithms: SigningAlgorithms,
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
    /// The keys in the store. If there are none yet, the first keys will be for these `algorithms`.
    pub fn new(keys: Keys, vault: Vault, algorithms: SigningAlgorithms) -> Self {
        let signer = Cache::new(Bounds::of(Algorithm::ALL.len()));
        Self { published: PublishedKeys::new(keys), vault, algorithms, signer }
    }

    /// The published keys. There are always some, because the first keys are created on first use.
    pub async fn ring(&self, now: Time) -> Result<Arc<Ring>, Error> {
        if let Some(ring) = self.published.ring(now).await? {
            return Ok(ring);
        }
        let first = self.algorithms.all().iter().map(|algorithm| generate(*algorithm, KeyState::Current, now));
        // Several processes may get here at once. One of them writes, and all of them read the result.
        self.vault.begin(first.collect::<Result<_, _>>()?).await?;
        self.published.ring(now).await?.ok_or_else(|| Error::fault("the key ring is missing"))
    }

    /// The algorithms that tokens are signed with now, in the configured order. Before the first key exists, those that
    /// it will be created for.
    pub async fn algorithms_that_sign(&self, now: Time) -> Result<Vec<Algorithm>, Error> {
        let ring = self.published.ring(now).await?;
        Ok(ring.map_or_else(|| self.algorithms.all().to_vec(), |ring| that_sign(&ring, &self.algorithms, now)))
    }

    /// The key that signs access tokens.
    pub(crate) async fn for_access_tokens(&self, now: Time) -> Result<Arc<SigningKey>, Error> {
        self.signer(self.algorithms.all()[0], now).await
    }

    /// The key that signs the ID tokens of a client that registered for an algorithm, or for none.
    pub(crate) async fn for_id_tokens(
        &self,
        registered: Option<Algorithm>,
        now: Time,
    ) -> Result<Arc<SigningKey>, Error> {
        self.signer(self.algorithms.of_id_tokens(registered), now).await
    }

    async fn signer(&self, wanted: Algorithm, now: Time) -> Result<Arc<SigningKey>, Error> {
        let ring = self.ring(now).await?;
        let chosen = choose(&ring, wanted, &self.algorithms, now);
        let chosen = chosen.ok_or_else(|| Error::fault("the key ring has no current key"))?;
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

/// The key for a signature with `wanted`: the newest key of this algorithm that every verifier can know. While there is
/// none, a key of another configured algorithm, in their order. While there is none of those either, the key that signed
/// until now. On a new ring no key was published long enough ago, and the oldest one, which every verifier knows first,
/// signs.
fn choose<'a>(ring: &'a Ring, wanted: Algorithm, configured: &SigningAlgorithms, now: Time) -> Option<&'a PublicKey> {
    let algorithms = || std::iter::once(wanted).chain(configured.all().iter().copied());
    let signing = || ring.keys.iter().filter(|key| key.state != KeyState::Next);
    let settled = || signing().filter(|key| key.published_at.plus(SETTLED) <= now);
    let newest = |algorithm| newest_of(ring, algorithm, now);
    let last = || settled().max_by_key(|key| (key.state == KeyState::Current, key.published_at));
    let oldest = |algorithm: Algorithm| {
        let of_it = signing().filter(move |key| key.alg == algorithm.name());
        of_it.min_by_key(|key| key.published_at)
    };
    algorithms()
        .find_map(newest)
        .or_else(last)
        .or_else(|| algorithms().find_map(oldest))
        .or_else(|| signing().min_by_key(|key| key.published_at))
}

/// The newest current or retired key of `algorithm` that was published long enough ago. Without a current key the
/// algorithm does not sign: its retired keys will not be published for much longer.
fn newest_of(ring: &Ring, algorithm: Algorithm, now: Time) -> Option<&PublicKey> {
    ring.current(algorithm.name())?;
    let signing = ring.keys.iter().filter(|key| key.alg == algorithm.name() && key.state != KeyState::Next);
    signing.filter(|key| key.published_at.plus(SETTLED) <= now).max_by_key(|key| key.published_at)
}

/// The configured algorithms whose keys sign. While there is none, the algorithm of the key that does.
fn that_sign(ring: &Ring, configured: &SigningAlgorithms, now: Time) -> Vec<Algorithm> {
    let chosen = |wanted: Algorithm| choose(ring, wanted, configured, now).and_then(|key| key.alg.parse().ok());
    let able = |algorithm: &Algorithm| chosen(*algorithm) == Some(*algorithm);
    let algorithms: Vec<Algorithm> = configured.all().iter().copied().filter(able).collect();
    if algorithms.is_empty() { chosen(configured.all()[0]).into_iter().collect() } else { algorithms }
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
    use Algorithm::{ES256, EdDSA, RS256};

    use super::*;

    fn ring(keys: &[(&str, Algorithm, KeyState, u64)]) -> Ring {
        let key = |(kid, algorithm, state, published): &(&str, Algorithm, KeyState, u64)| {
            let published_at = Time::from_seconds(*published);
            let (kid, alg) = ((*kid).to_owned(), algorithm.to_string());
            PublicKey { kid, alg, jwk: "{}".into(), published_at, state: *state, since: published_at }
        };
        Ring { version: 1, keys: keys.iter().map(key).collect() }
    }

    fn configured(list: &str) -> SigningAlgorithms {
        let pair = ("SIGNING_ALGORITHMS".to_owned(), list.to_owned());
        SigningAlgorithms::read(&oauth::Config::from_pairs([pair])).unwrap()
    }

    /// The key that signs with `wanted` at `now`, and the algorithms that metadata lists then.
    fn signs(ring: &Ring, (wanted, list): (Algorithm, &str), now: u64) -> (String, Vec<Algorithm>) {
        let (configured, now) = (configured(list), Time::from_seconds(now));
        let key = choose(ring, wanted, &configured, now).map(|key| key.kid.clone());
        (key.unwrap_or_default(), that_sign(ring, &configured, now))
    }

    #[test]
    fn a_key_signs_once_every_verifier_can_know_it() {
        let ring = ring(&[
            ("a", RS256, KeyState::Retired, 100),
            ("b", RS256, KeyState::Current, 200),
            ("c", RS256, KeyState::Next, 150),
        ]);
        assert_eq!(signs(&ring, (RS256, "RS256"), 229).0, "a");
        assert_eq!(signs(&ring, (RS256, "RS256"), 230).0, "b");
    }

    #[test]
    fn on_a_new_ring_the_first_key_keeps_signing_however_often_keys_rotate() {
        let keys = [
            ("b", RS256, KeyState::Retired, 101),
            ("a", RS256, KeyState::Retired, 100),
            ("c", RS256, KeyState::Current, 102),
        ];
        assert_eq!(signs(&ring(&keys), (RS256, "RS256"), 103).0, "a");
        assert_eq!(signs(&ring(&keys[2..]), (RS256, "RS256"), 103).0, "c");
        let next = ring(&[("d", RS256, KeyState::Next, 1)]);
        assert_eq!(choose(&next, RS256, &configured("RS256"), Time::from_seconds(103)), None);
    }

    #[test]
    fn on_a_new_ring_every_configured_algorithm_signs() {
        let ring = ring(&[("e", ES256, KeyState::Current, 100), ("r", RS256, KeyState::Current, 100)]);
        for now in [100, 500] {
            assert_eq!(signs(&ring, (ES256, "ES256,RS256"), now), ("e".into(), vec![ES256, RS256]));
            assert_eq!(signs(&ring, (RS256, "ES256,RS256"), now), ("r".into(), vec![ES256, RS256]));
        }
    }

    #[test]
    fn an_added_algorithm_signs_and_is_listed_only_when_its_key_is_current_and_known() {
        let keys = |state| ring(&[("r", RS256, KeyState::Current, 100), ("e", ES256, state, 1000)]);
        assert_eq!(signs(&keys(KeyState::Next), (ES256, "ES256,RS256"), 9000), ("r".into(), vec![RS256]));
        assert_eq!(signs(&keys(KeyState::Current), (ES256, "ES256,RS256"), 1029), ("r".into(), vec![RS256]));
        assert_eq!(signs(&keys(KeyState::Current), (ES256, "ES256,RS256"), 1030), ("e".into(), vec![ES256, RS256]));
    }

    #[test]
    fn a_removed_algorithm_signs_until_another_can_and_no_longer() {
        let before = ring(&[("r", RS256, KeyState::Current, 100), ("e", ES256, KeyState::Next, 1000)]);
        assert_eq!(signs(&before, (ES256, "ES256"), 9000), ("r".into(), vec![RS256]));
        let fresh = ring(&[("r", RS256, KeyState::Retired, 100), ("e", ES256, KeyState::Current, 1000)]);
        assert_eq!(signs(&fresh, (ES256, "ES256"), 1029), ("r".into(), vec![RS256]));
        assert_eq!(signs(&fresh, (ES256, "ES256"), 1030), ("e".into(), vec![ES256]));
        let still = ring(&[("r", RS256, KeyState::Current, 100), ("e", ES256, KeyState::Current, 100)]);
        assert_eq!(signs(&still, (ES256, "ES256"), 9000), ("e".into(), vec![ES256]));
    }

    #[test]
    fn a_retired_key_of_an_algorithm_that_returns_does_not_sign_again() {
        let ring = ring(&[
            ("e", ES256, KeyState::Current, 100),
            ("r", RS256, KeyState::Retired, 200),
            ("s", RS256, KeyState::Next, 900),
            ("d", EdDSA, KeyState::Retired, 800),
        ]);
        assert_eq!(signs(&ring, (RS256, "ES256,RS256"), 9000), ("e".into(), vec![ES256]));
        assert_eq!(signs(&ring, (RS256, "RS256"), 9000), ("e".into(), vec![ES256]));
    }
}
