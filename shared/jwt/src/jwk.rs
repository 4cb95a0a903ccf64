//! Public keys as JSON (RFC 7517, RFC 7518 section 6, RFC 8037 section 2) and their thumbprints (RFC 7638).

use aws_lc_rs::digest::{SHA256, digest};
use serde::{Deserialize, Serialize};

use crate::{Algorithm, base64url};

/// A public signing key as published. It has no field for a private member.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Jwk {
    /// The key itself, with its `kty`.
    #[serde(flatten)]
    pub parameters: Parameters,
    /// The purpose of the key, always `sig`.
    #[serde(rename = "use")]
    pub usage: Usage,
    /// The only algorithm that the key signs with (RFC 8725 section 3.1).
    pub alg: Algorithm,
    /// The key's name in token headers: for our own keys, the thumbprint.
    pub kid: String,
}

/// The `use` of a key (RFC 7517 section 4.2).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Usage {
    /// Signatures.
    #[default]
    #[serde(rename = "sig")]
    Signature,
}

/// The members that define a key. Each value is base64url of big-endian bytes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kty")]
pub enum Parameters {
    /// RSA.
    #[serde(rename = "RSA")]
    Rsa {
        /// Modulus.
        n: String,
        /// Public exponent.
        e: String,
    },
    /// A point on an elliptic curve.
    #[serde(rename = "EC")]
    Ec {
        /// Curve: `P-256`.
        crv: String,
        /// First coordinate, padded to the length of the curve.
        x: String,
        /// Second coordinate, padded to the length of the curve.
        y: String,
    },
    /// An Edwards curve (octet key pair).
    #[serde(rename = "OKP")]
    Okp {
        /// Curve: `Ed25519`.
        crv: String,
        /// The encoded point.
        x: String,
    },
}

/// The document at `jwks_uri` (RFC 7517 section 5).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Jwks {
    /// The keys, in no particular order.
    pub keys: Vec<Jwk>,
}

impl Jwk {
    /// A signing key whose `kid` is its thumbprint.
    pub fn new(alg: Algorithm, parameters: Parameters) -> Self {
        let kid = parameters.thumbprint();
        Self { parameters, usage: Usage::Signature, alg, kid }
    }
}

impl Parameters {
    /// The supported algorithm for keys of this type.
    pub(crate) const fn algorithm(&self) -> Algorithm {
        match self {
            Self::Rsa { .. } => Algorithm::RS256,
            Self::Ec { .. } => Algorithm::ES256,
            Self::Okp { .. } => Algorithm::EdDSA,
        }
    }

    /// The SHA-256 thumbprint (RFC 7638), base64url: the digest of the required members in alphabetical order.
    pub fn thumbprint(&self) -> String {
        // All values are base64url or the name of a curve, so nothing needs escaping.
        let canonical = match self {
            Self::Rsa { n, e } => format!(r#"{{"e":"{e}","kty":"RSA","n":"{n}"}}"#),
            Self::Ec { crv, x, y } => format!(r#"{{"crv":"{crv}","kty":"EC","x":"{x}","y":"{y}"}}"#),
            Self::Okp { crv, x } => format!(r#"{{"crv":"{crv}","kty":"OKP","x":"{x}"}}"#),
        };
        base64url::encode(digest(&SHA256, canonical.as_bytes()))
    }
}
