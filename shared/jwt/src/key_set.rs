//! The public keys of an issuer, read from its JWKS document (RFC 7517 section 5) and parsed once.
//!
//! As the RFC says, unusable keys are skipped: keys of another use, type, curve or algorithm, and keys that are
//! malformed or too short. A document that an honest issuer would never publish is refused as a whole: one with a
//! private key, with two keys of one name, or without any usable key.

use std::fmt;

use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::jwk::Usage;
use crate::{Algorithm, Jwk, Parameters, VerifyingKey};

/// Largest JWKS document that is accepted, in bytes: the same limit as in API Gateway's own authorizer.
pub const MAX_BYTES: usize = 150_000;

/// Most keys that a JWKS document may have, usable or not.
pub const MAX_KEYS: usize = 64;

/// An issuer's public keys.
#[derive(Clone, Debug)]
pub struct KeySet(Vec<VerifyingKey>);

/// Why a JWKS document was refused. For the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BadKeySet {
    /// More than [`MAX_BYTES`] or [`MAX_KEYS`].
    TooLarge,
    /// Not a JSON object with an array of key objects.
    Malformed,
    /// It contains a private or a symmetric key.
    PrivateKey,
    /// Two usable keys share a `kid`.
    RepeatedKid,
    /// It contains no usable key.
    NoKey,
}

impl KeySet {
    /// Parses a JWKS document.
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

    /// The key with this `kid`.
    pub fn key(&self, kid: &str) -> Option<&VerifyingKey> {
        self.0.iter().find(|key| key.kid() == kid)
    }
}

/// Every key of a JWKS document, usable or not. A document with a private key is refused.
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

/// A key of somebody else's document, in which any member may be missing.
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

    /// The key as an issuer's key, if it declares that it verifies signatures with a supported algorithm. A key without
    /// `alg` or `kid` is skipped: we publish both, and all our tokens name their key.
    fn issuers(mut self) -> Option<Jwk> {
        let (alg, kid) = (Algorithm::known_as(&self.alg.take()?)?, self.kid.take()?);
        Some(Jwk { parameters: self.parameters()?, usage: Usage::Signature, alg, kid })
    }

    /// The key as a client's key, with its name if it has one. Without `alg`, the key is for the one supported
    /// algorithm of its type, so that the token never chooses the algorithm (RFC 8725 section 3.1).
    pub(crate) fn clients(mut self) -> Option<(Option<String>, Jwk)> {
        let (alg, kid) = (self.alg.take(), self.kid.take().filter(|kid| !kid.is_empty()));
        let parameters = self.parameters()?;
        let alg = match alg {
            Some(name) => Algorithm::known_as(&name)?,
            None => parameters.algorithm(),
        };
        Some((kid, Jwk::new(alg, parameters)))
    }

    /// The members that define the key, if its type is supported and it may verify signatures.
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
            Self::Malformed => "the JWKS document is malformed",
            Self::PrivateKey => "the JWKS document contains a private or symmetric key",
            Self::RepeatedKid => "two keys of the JWKS document share a kid",
            Self::NoKey => "no key of the JWKS document is usable",
        })
    }
}

impl std::error::Error for BadKeySet {}
