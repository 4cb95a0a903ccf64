//! The signature algorithms that this service signs and verifies with (RFC 7518 section 3.1, RFC 8037 section 3.1), and
//! the list of those that its own keys are for.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::config::Config;
use crate::error::Error;

/// A signature algorithm. `none` and HMAC are left out on purpose: an algorithm without a variant cannot be requested.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Algorithm {
    /// RSASSA-PKCS1-v1_5 with SHA-256: every verifier supports it, and it is the fastest to verify.
    #[default]
    RS256,
    /// ECDSA on P-256 with SHA-256.
    ES256,
    /// Ed25519.
    EdDSA,
}

/// The text is not the name of a supported algorithm.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnknownAlgorithm;

/// The algorithms of the service's own signing keys, without repetitions and never empty. The first one signs access
/// tokens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SigningAlgorithms(Vec<Algorithm>);

impl Algorithm {
    /// Every supported algorithm.
    pub const ALL: [Self; 3] = [Self::RS256, Self::ES256, Self::EdDSA];

    /// The `alg` value on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::RS256 => "RS256",
            Self::ES256 => "ES256",
            Self::EdDSA => "EdDSA",
        }
    }

    /// Like `from_str`, but also accepts `Ed25519`, the name that RFC 9864 gives to `EdDSA` with this curve.
    pub fn known_as(name: &str) -> Option<Self> {
        match name {
            "Ed25519" => Some(Self::EdDSA),
            name => name.parse().ok(),
        }
    }
}

impl SigningAlgorithms {
    /// Reads `SIGNING_ALGORITHMS`, a list separated by commas.
    pub fn read(config: &Config) -> Result<Self, Error> {
        let mut algorithms = Vec::new();
        for name in config.list("SIGNING_ALGORITHMS") {
            let algorithm =
                name.parse().map_err(|error: UnknownAlgorithm| Error::fault(format!("{name:?} is {error}")))?;
            if !algorithms.contains(&algorithm) {
                algorithms.push(algorithm);
            }
        }
        if algorithms.is_empty() {
            Err(Error::fault("the environment variable SIGNING_ALGORITHMS is missing"))
        } else {
            Ok(Self(algorithms))
        }
    }

    /// All of them, in the configured order.
    pub fn all(&self) -> &[Algorithm] {
        &self.0
    }

    /// Whether `algorithm` is one of them.
    pub fn contains(&self, algorithm: Algorithm) -> bool {
        self.0.contains(&algorithm)
    }

    /// The algorithm of the ID tokens of a client that registered for `registered`. Without a usable registration it is
    /// RS256, as `OpenID` Connect Registration section 2 says, or the first of the list if RS256 is not in it.
    pub fn of_id_tokens(&self, registered: Option<Algorithm>) -> Algorithm {
        let usable = |algorithm: &Algorithm| self.contains(*algorithm);
        registered.filter(usable).or(Some(Algorithm::RS256).filter(usable)).unwrap_or(self.0[0])
    }
}

impl fmt::Display for SigningAlgorithms {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.iter().map(|algorithm| algorithm.name()).collect::<Vec<_>>().join(", "))
    }
}

impl FromStr for Algorithm {
    type Err = UnknownAlgorithm;

    fn from_str(name: &str) -> Result<Self, UnknownAlgorithm> {
        Self::ALL.into_iter().find(|algorithm| algorithm.name() == name).ok_or(UnknownAlgorithm)
    }
}

impl fmt::Display for Algorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl fmt::Display for UnknownAlgorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not one of RS256, ES256, EdDSA")
    }
}

impl std::error::Error for UnknownAlgorithm {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_exact() {
        for algorithm in Algorithm::ALL {
            assert_eq!(algorithm.to_string().parse(), Ok(algorithm));
        }
        for name in ["", "none", "None", "nOnE", "HS256", "rs256", "RS256 ", "PS256", "RS512", "ES384", "Ed25519"] {
            assert_eq!(name.parse::<Algorithm>(), Err(UnknownAlgorithm), "{name:?}");
        }
    }

    fn ring(list: &str) -> Result<SigningAlgorithms, Error> {
        SigningAlgorithms::read(&Config::from_pairs([("SIGNING_ALGORITHMS".to_owned(), list.to_owned())]))
    }

    #[test]
    fn a_list_keeps_its_order_and_names_each_algorithm_once() {
        assert_eq!(ring("ES256, RS256,ES256").unwrap().all(), [Algorithm::ES256, Algorithm::RS256]);
        for list in ["", ",", "none", "RS256,HS256", "RS256 ES256"] {
            assert!(ring(list).is_err(), "{list:?}");
        }
    }

    #[test]
    fn id_tokens_are_signed_as_registered_else_with_rs256_else_with_the_first() {
        use Algorithm::{ES256, EdDSA, RS256};
        let both = ring("ES256,RS256").unwrap();
        assert_eq!(both.of_id_tokens(None), RS256);
        assert_eq!(both.of_id_tokens(Some(ES256)), ES256);
        assert_eq!(both.of_id_tokens(Some(EdDSA)), RS256);
        let curves = ring("ES256,EdDSA").unwrap();
        assert_eq!([None, Some(RS256), Some(EdDSA)].map(|it| curves.of_id_tokens(it)), [ES256, ES256, EdDSA]);
    }

    #[test]
    fn others_may_use_the_name_of_rfc_9864() {
        assert_eq!(Algorithm::known_as("Ed25519"), Some(Algorithm::EdDSA));
        for algorithm in Algorithm::ALL {
            assert_eq!(Algorithm::known_as(algorithm.name()), Some(algorithm));
        }
        for name in ["Ed448", "ed25519", "", "none"] {
            assert_eq!(Algorithm::known_as(name), None, "{name:?}");
        }
    }
}
