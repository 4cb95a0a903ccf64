//! The public keys of an issuer, read from its JWKS document (RFC 7517 section 5) and parsed once.
//!
//! As the RFC says, keys that are not for us (another use, type, curve or algorithm), or that we would not trust (too
//! short, malformed), are passed over. What an honest issuer would never publish spoils the whole document: a private
//! key, two keys of one name, no usable key at all.

use std::fmt;

use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::jwk::Usage;
use crate::{Algorithm, Jwk, Parameters, VerifyingKey};

/// Largest JWKS document that is read, in bytes: what API Gateway's own authorizer takes.
pub const MAX_BYTES: usize = 150_000;

/// Most keys that a JWKS document may hold, usable or not.
pub const MAX_KEYS: usize = 64;

/// An issuer's public keys.
#[derive(Clone, Debug)]
pub struct KeySet(Vec<VerifyingKey>);

/// Why a JWKS document cannot be used. For the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BadKeySet {
    /// Over [`MAX_BYTES`] or [`MAX_KEYS`].
    TooLarge,
    /// Not a JSON object with an array of key objects.
    Malformed,
    /// A private or a symmetric key was published.
    PrivateKey,
    /// Two usable keys share a `kid`.
    RepeatedKid,
    /// No key in it is usable.
    NoKey,
}

impl KeySet {
    /// Reads a JWKS document.
    pub fn from_json(document: &[u8]) -> Result<Self, BadKeySet> {
        let keys = published_keys(document)?.into_iter();
        Self::new(keys.filter_map(|key| VerifyingKey::new(&key.issuers()?).ok()))
    }

    /// A set of the given keys.
    pub fn new(keys: impl IntoIterator<Item = VerifyingKey>) -> Result<Self, BadKeySet> {
        let mut set: Vec<VerifyingKey> = Vec::new();
        for key in keys {
            if set.iter().any(|other| other.kid() == key.kid()) {
                return Err(BadKeySet::RepeatedKid);
            }
            set.push(key);
        }
        if set.is_empty() { Err(BadKeySet::NoKey) } else { Ok(Self(set)) }
    }

    /// The key of that name.
    pub fn key(&self, kid: &str) -> Option<&VerifyingKey> {
        self.0.iter().find(|key| key.kid() == kid)
    }
}

/// Every key of a JWKS document, usable or not. No document with a secret in it is read.
pub(crate) fn published_keys(document: &[u8]) -> Result<Vec<PublishedKey>, BadKeySet> {
    if document.len() > MAX_BYTES {
        return Err(BadKeySet::TooLarge);
    }
    let document: Document = serde_json::from_slice(document).map_err(|_| BadKeySet::Malformed)?;
    if document.keys.len() > MAX_KEYS {
        return Err(BadKeySet::TooLarge);
    }
    if document.keys.iter().any(PublishedKey::is_secret) {
        return Err(BadKeySet::PrivateKey);
    }
    Ok(document.keys)
}

#[derive(Deserialize)]
struct Document {
    keys: Vec<PublishedKey>,
}

/// A key as somebody published it: any member may be missing.
#[derive(Deserialize)]
pub(crate) struct PublishedKey {
    kty: String,
    #[serde(rename = "use")]
    usage: Option<String>,
    key_ops: Option<Vec<String>>,
    alg: Option<String>,
    kid: Option<String>,
    crv: Option<String>,
    n: Option<String>,
    e: Option<String>,
    x: Option<String>,
    y: Option<String>,
    // The private members of RSA, EC and OKP keys and the value of a symmetric one (RFC 7518 section 6).
    d: Option<IgnoredAny>,
    p: Option<IgnoredAny>,
    q: Option<IgnoredAny>,
    dp: Option<IgnoredAny>,
    dq: Option<IgnoredAny>,
    qi: Option<IgnoredAny>,
    oth: Option<IgnoredAny>,
    k: Option<IgnoredAny>,
}

impl PublishedKey {
    fn is_secret(&self) -> bool {
        [&self.d, &self.p, &self.q, &self.dp, &self.dq, &self.qi, &self.oth, &self.k].into_iter().any(Option::is_some)
    }

    /// The key of an issuer, if it says that it verifies signatures with an algorithm of ours. A key without `alg` or
    /// `kid` is not for us: we publish both, and every token of ours names its key.
    fn issuers(mut self) -> Option<Jwk> {
        let (alg, kid) = (Algorithm::known_as(&self.alg.take()?)?, self.kid.take()?);
        Some(Jwk { parameters: self.parameters()?, usage: Usage::Signature, alg, kid })
    }

    /// The key of a client and its name, if it has one. A key without `alg` is for the one algorithm of ours that its
    /// type allows, so that it is never the token that chooses (RFC 8725 section 3.1).
    pub(crate) fn clients(mut self) -> Option<(Option<String>, Jwk)> {
        let (alg, kid) = (self.alg.take(), self.kid.take().filter(|kid| !kid.is_empty()));
        let parameters = self.parameters()?;
        let alg = match alg {
            Some(name) => Algorithm::known_as(&name)?,
            None => parameters.algorithm(),
        };
        Some((kid, Jwk::new(alg, parameters)))
    }

    /// What makes the key what it is, if it is of a type of ours and for checking signatures.
    fn parameters(self) -> Option<Parameters> {
        let for_signatures = self.usage.is_none_or(|usage| usage == "sig")
            && self.key_ops.is_none_or(|operations| operations.iter().any(|operation| operation == "verify"));
        let parameters = match self.kty.as_str() {
            "RSA" => Parameters::Rsa { n: self.n?, e: self.e? },
            "EC" => Parameters::Ec { crv: self.crv?, x: self.x?, y: self.y? },
            "OKP" => Parameters::Okp { crv: self.crv?, x: self.x? },
            _ => return None,
        };
        for_signatures.then_some(parameters)
    }
}

impl fmt::Display for BadKeySet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::TooLarge => "the JWKS document is too large",
            Self::Malformed => "not a JWKS document",
            Self::PrivateKey => "the JWKS document holds a private or symmetric key",
            Self::RepeatedKid => "two keys of the JWKS document have one kid",
            Self::NoKey => "no key of the JWKS document is usable",
        })
    }
}

impl std::error::Error for BadKeySet {}
