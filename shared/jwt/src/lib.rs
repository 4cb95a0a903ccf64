//! Tokens: claims, signing, strict verification and key sets (RFC 7515, 7517, 7518, 7519, 7638, 8037, 8725, 9068).
//!
//! The only importer of `jsonwebtoken`. It provides the algorithms, the header as written, and the traits `JwtSigner`
//! and `JwtVerifier`, which [`SigningKey`] and [`VerifyingKey`] implement with AWS-LC. Its `encode` and `decode` are
//! called only in tests, as an independent reference, for two reasons:
//!
//! - They parse the key at every call. The provider hook (`CryptoProvider`) does not help: it is a pair of plain
//!   function pointers that receive the key's bytes, so parsed keys would have to come from a process-wide table looked
//!   up by those bytes. Here a key is parsed once and kept as a value.
//! - `decode` is not as strict as RFC 8725 demands: it ignores `typ`, `crit` and `b64`, and accepts a missing `iss` or
//!   `aud`, repeated members, and tokens of any size. [`Verifier`] is the only reader of tokens.
//!
//! No I/O and no clock: keys arrive as bytes, and `now` is a parameter.

mod assertion;
mod base64url;
mod claims;
mod client_keys;
mod header;
mod id_token;
mod jwk;
mod key_set;
mod object;
mod revocations;
mod signing;
mod token;
mod verifier;
mod verifying;

pub use assertion::{Assertion, MAX_ASSERTION_SECONDS, claimed_client, verify_assertion};
pub use claims::{AccessClaims, Audience};
pub use client_keys::ClientKeys;
pub use id_token::{IdClaims, PersonClaims, at_hash};
pub use jwk::{Jwk, Jwks, Parameters, Usage};
pub use key_set::{BadKeySet, KeySet, MAX_BYTES as MAX_KEY_SET_BYTES, MAX_KEYS};
pub use oauth::Algorithm;
pub use revocations::RevocationList;
pub use signing::SigningKey;
pub use token::{Registered, Token};
pub use verifier::{MAX_LEEWAY, MAX_TOKEN_BYTES, Refused, Verifier};
pub use verifying::{BadKey, VerifyingKey};

/// The name that `jsonwebtoken` has for an algorithm.
const fn of_jsonwebtoken(algorithm: Algorithm) -> jsonwebtoken::Algorithm {
    match algorithm {
        Algorithm::RS256 => jsonwebtoken::Algorithm::RS256,
        Algorithm::ES256 => jsonwebtoken::Algorithm::ES256,
        Algorithm::EdDSA => jsonwebtoken::Algorithm::EdDSA,
    }
}
