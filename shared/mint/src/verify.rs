//! Verification of our own access tokens, for functions that answer errors as RFC 6750 says. The keys come from the
//! ring.

use std::sync::Arc;
use std::time::Duration;

use fetch::{Bounds, Cache, Reading};
use jwt::{AccessClaims, IdClaims, KeySet, Refused, Verifier};
use oauth::{Code, Error, Time};

use crate::keys::PublishedKeys;
use crate::revocations::RevocationView;

/// Verifies access tokens.
pub struct Verification {
    keys: ParsedKeys,
    revocations: RevocationView,
    verifier: Verifier,
}

/// Reads ID tokens that arrive as `id_token_hint`. They grant nothing, so revocations do not matter.
pub struct IdTokenHints {
    keys: ParsedKeys,
    verifier: Verifier,
}

/// The published keys, parsed once per version of the ring.
struct ParsedKeys {
    keys: PublishedKeys,
    /// Parsed keys, by the version of the ring.
    parsed: Cache<u64, Arc<KeySet>, Error>,
}

impl Verification {
    /// Accepts tokens of `issuer` for any of `audiences`.
    pub fn new(keys: PublishedKeys, revocations: RevocationView, issuer: &str, audiences: &[&str]) -> Self {
        let audiences = audiences.iter().map(|audience| (*audience).to_owned());
        Self::with(keys, revocations, Verifier::new(issuer, audiences))
    }

    /// Accepts tokens of `issuer` for every audience, for endpoints that report on a client's own tokens.
    pub fn for_any_audience(keys: PublishedKeys, revocations: RevocationView, issuer: &str) -> Self {
        Self::with(keys, revocations, Verifier::for_any_audience(issuer))
    }

    fn with(keys: PublishedKeys, revocations: RevocationView, verifier: Verifier) -> Self {
        Self { keys: ParsedKeys::new(keys), revocations, verifier }
    }

    /// The claims of a valid token; `invalid_token` for any other.
    pub async fn verify(&self, token: &str, now: Time) -> Result<AccessClaims, Error> {
        let keys = self.keys.known(now).await?.ok_or_else(|| Error::new(Code::InvalidToken, "no key exists yet"))?;
        let claims: AccessClaims = self.verifier.verify(token, &keys, now).map_err(|refused| match refused {
            Refused::Expired => Error::new(Code::ExpiredToken, "expired"),
            refused => Error::new(Code::InvalidToken, refused.to_string()),
        })?;
        if self.revocations.list(now).await?.covers(&claims) {
            return Err(Error::new(Code::InvalidToken, "revoked"));
        }
        Ok(claims)
    }
}

impl IdTokenHints {
    /// Reads ID tokens of `issuer`.
    pub fn new(keys: PublishedKeys, issuer: &str) -> Self {
        Self { keys: ParsedKeys::new(keys), verifier: Verifier::for_any_audience(issuer).also_expired() }
    }

    /// The claims of one of our ID tokens, expired or not. `None` for any other text.
    pub async fn read(&self, token: &str, now: Time) -> Result<Option<IdClaims>, Error> {
        let Some(keys) = self.keys.known(now).await? else { return Ok(None) };
        Ok(self.verifier.verify(token, &keys, now).ok())
    }
}

impl ParsedKeys {
    fn new(keys: PublishedKeys) -> Self {
        Self { keys, parsed: Cache::new(Bounds::of(1)) }
    }

    async fn known(&self, now: Time) -> Result<Option<Arc<KeySet>>, Error> {
        let Some(ring) = self.keys.ring(now).await? else { return Ok(None) };
        let parse = async || {
            let keys = KeySet::from_json(ring.jwks().as_bytes());
            let keys = keys.map_err(|error| Error::fault("our own key set is invalid").because(error))?;
            Ok(Reading::fresh_for(Duration::MAX, Arc::new(keys)))
        };
        self.parsed.value(&ring.version, now.since_epoch(), parse).await.map(Some)
    }
}
