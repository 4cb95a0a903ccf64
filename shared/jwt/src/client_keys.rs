//! The public keys that a client registered (`jwks`, RFC 7591 section 2). They verify the client's assertions.
//!
//! Clients write these documents, so the members that RFC 7517 makes optional (`kid`, `alg`, `use`, `key_ops`) may be
//! missing. The type of a key decides what it is used for.

use crate::key_set::{PublishedKey, published_keys};
use crate::{BadKeySet, VerifyingKey};

/// A client's public keys.
#[derive(Clone, Debug)]
pub struct ClientKeys(Vec<Named>);

#[derive(Clone, Debug)]
struct Named {
    kid: Option<String>,
    key: VerifyingKey,
}

impl ClientKeys {
    /// Reads a JWKS document.
    pub fn from_json(document: &[u8]) -> Result<Self, BadKeySet> {
        let mut keys: Vec<Named> = Vec::new();
        for (kid, jwk) in published_keys(document)?.into_iter().filter_map(PublishedKey::clients) {
            let Ok(key) = VerifyingKey::new(&jwk) else { continue };
            let same = |other: &Named| other.kid == kid && other.key.algorithm() == key.algorithm();
            if kid.is_some() && keys.iter().any(same) {
                return Err(BadKeySet::RepeatedKid);
            }
            keys.push(Named { kid, key });
        }
        if keys.is_empty() { Err(BadKeySet::NoKey) } else { Ok(Self(keys)) }
    }

    /// The keys that may have signed a token with this `kid` in its header: the keys of that name, or, where there are
    /// none, the keys without a name. Without a `kid`: all keys.
    pub(crate) fn candidates(&self, kid: Option<&str>) -> impl Iterator<Item = &VerifyingKey> {
        let is_named = kid.is_some_and(|kid| self.0.iter().any(|key| key.kid.as_deref() == Some(kid)));
        let wanted = if is_named { kid } else { None };
        let fits = move |key: &&Named| kid.is_none() || key.kid.as_deref() == wanted;
        self.0.iter().filter(fits).map(|named| &named.key)
    }
}
