//! Verification of our own access tokens inside functions that answer as RFC 6750 says, with keys from the ring.

use std::sync::Arc;

use jwt::{AccessClaims, KeySet, Refused, Verifier};
use oauth::{Code, Error, Time};
use tokio::sync::Mutex;

use crate::keys::PublishedKeys;
use crate::revocations::RevocationView;

/// Verifies access tokens.
pub struct Verification {
    keys: PublishedKeys,
    revocations: RevocationView,
    verifier: Verifier,
    parsed: Mutex<Option<(u64, Arc<KeySet>)>>,
}

impl Verification {
    /// Takes tokens of `issuer` for `audience`.
    pub fn new(keys: PublishedKeys, revocations: RevocationView, issuer: &str, audience: &str) -> Self {
        let verifier = Verifier::new(issuer, [audience.to_owned()]);
        Self { keys, revocations, verifier, parsed: Mutex::default() }
    }

    /// The claims of a good token; `invalid_token` for any other.
    pub async fn verify(&self, token: &str, now: Time) -> Result<AccessClaims, Error> {
        let keys = self.key_set(now).await?.ok_or_else(|| Error::new(Code::InvalidToken, "no key exists yet"))?;
        let claims: AccessClaims = self.verifier.verify(token, &keys, now).map_err(|refused| match refused {
            Refused::Expired => Error::new(Code::ExpiredToken, "expired"),
            refused => Error::new(Code::InvalidToken, refused.to_string()),
        })?;
        match self.revocations.list(now).await?.covers(&claims) {
            true => Err(Error::new(Code::InvalidToken, "revoked")),
            false => Ok(claims),
        }
    }

    /// The published keys, parsed once for each version of the ring.
    async fn key_set(&self, now: Time) -> Result<Option<Arc<KeySet>>, Error> {
        let Some(ring) = self.keys.ring(now).await? else { return Ok(None) };
        let mut parsed = self.parsed.lock().await;
        if let Some((version, keys)) = parsed.as_ref()
            && *version == ring.version
        {
            return Ok(Some(keys.clone()));
        }
        let document = ring.jwks();
        let keys =
            KeySet::from_json(document.as_bytes()).map_err(|error| Error::fault("our own keys").because(error))?;
        let keys = Arc::new(keys);
        *parsed = Some((ring.version, keys.clone()));
        Ok(Some(keys))
    }
}
