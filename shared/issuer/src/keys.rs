//! The ring of signing keys as this process knows it: made on first use, read again every minute, kept when the store
//! is down.

use std::sync::Arc;

use jwt::{Algorithm, SigningKey};
use oauth::{Error, Time};
use store::{KeyState, Keys, PublicKey, Ring};
use tokio::sync::Mutex;

/// How old, in seconds, this process's view of the ring may be. A new key is published for far longer than this before
/// it signs.
const VIEW_SECONDS: u64 = 60;

/// The keys that sign and the keys that are published.
pub struct SigningKeys {
    keys: Keys,
    algorithm: Algorithm,
    view: Mutex<View>,
}

#[derive(Default)]
struct View {
    ring: Option<(Arc<Ring>, Time)>,
    signer: Option<Arc<SigningKey>>,
}

impl SigningKeys {
    /// The keys of the store; a first key, if there is none yet, will be for `algorithm`.
    pub fn new(keys: Keys, algorithm: Algorithm) -> Self {
        Self { keys, algorithm, view: Mutex::default() }
    }

    /// The published keys: never none, because the first one is made on first use.
    pub async fn ring(&self, now: Time) -> Result<Arc<Ring>, Error> {
        let mut view = self.view.lock().await;
        self.look(&mut view, now).await
    }

    /// The key that signs.
    pub async fn signer(&self, now: Time) -> Result<Arc<SigningKey>, Error> {
        let mut view = self.view.lock().await;
        let ring = self.look(&mut view, now).await?;
        let current = ring.current().ok_or_else(|| Error::fault("a key ring without a current key"))?;
        if let Some(signer) = view.signer.as_ref().filter(|signer| signer.kid() == current.kid) {
            return Ok(signer.clone());
        }
        let signer = Arc::new(self.open(current, now).await?);
        view.signer = Some(signer.clone());
        Ok(signer)
    }

    /// The ring, read again when the view of it is old. When that fails the old view serves on.
    async fn look(&self, view: &mut View, now: Time) -> Result<Arc<Ring>, Error> {
        if let Some((ring, seen)) = &view.ring
            && now < seen.plus(VIEW_SECONDS)
        {
            return Ok(ring.clone());
        }
        let ring = match (self.read_or_begin(now).await, &view.ring) {
            (Ok(ring), _) => Arc::new(ring),
            (Err(error), Some((ring, _))) => {
                tracing::warn!(%error, "the key ring cannot be read again; the known one serves on");
                ring.clone()
            }
            (Err(error), None) => return Err(error),
        };
        view.ring = Some((ring.clone(), now));
        Ok(ring)
    }

    async fn read_or_begin(&self, now: Time) -> Result<Ring, Error> {
        if let Some(ring) = self.keys.ring(now).await? {
            return Ok(ring);
        }
        let (first, private) = self.generate(now)?;
        // Many may get here at once; one of them writes, and all of them read what that one wrote.
        self.keys.begin(first, &private).await?;
        self.keys.ring(now).await?.ok_or_else(|| Error::fault("the key ring vanished"))
    }

    fn generate(&self, now: Time) -> Result<(PublicKey, Vec<u8>), Error> {
        let fault = |error| Error::fault("key generation").because(error);
        let (key, private) = SigningKey::generate(self.algorithm).map_err(fault)?;
        let jwk = serde_json::to_string(key.public_jwk()).map_err(|error| Error::fault("JWK").because(error))?;
        let alg = self.algorithm.to_string();
        Ok((PublicKey { kid: key.kid().to_owned(), alg, jwk, state: KeyState::Current, since: now }, private.to_vec()))
    }

    async fn open(&self, key: &PublicKey, now: Time) -> Result<SigningKey, Error> {
        let algorithm = key.alg.parse().map_err(|_| Error::fault("a key of an unknown algorithm"))?;
        let private = self.keys.private(&key.kid, now).await?;
        let private = private.ok_or_else(|| Error::fault("a key without its private half"))?;
        SigningKey::from_pkcs8(algorithm, &private).map_err(|error| Error::fault("private key").because(error))
    }
}
