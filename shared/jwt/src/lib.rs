//! The proofs: token claims, signing, strict verification and key sets (RFC 7515, 7517, 7518, 7519, 7638, 8037, 8725, 9068).
//!
//! The only importer of `jsonwebtoken`. From it come the algorithms, the header as it is written, and the
//! `JwtSigner` and `JwtVerifier` traits, which [`SigningKey`] and [`VerifyingKey`] implement over AWS-LC. Its `encode`
//! and `decode` are not called outside tests, where they are the oracle, for two reasons:
//!
//! - They parse the key again at every operation. The provider hook (`CryptoProvider`) cannot mend that: it is a pair
//!   of plain function pointers that are handed the key's bytes, so a parsed key could only come out of a process-wide
//!   table looked up by those bytes. Here a key is parsed once and is a value.
//! - `decode` is lax where RFC 8725 wants strictness: it never looks at `typ`, `crit` or `b64`, takes a missing `iss`
//!   or `aud`, repeated members, and tokens of any size. [`Verifier`] is the one reader of tokens.
//!
//! No I/O and no clock: keys come in as bytes, `now` as a value.

mod algorithm;
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

pub use algorithm::{Algorithm, UnknownAlgorithm};
pub use assertion::{Assertion, MAX_ASSERTION_SECONDS, claimed_client, verify_assertion};
pub use claims::{AccessClaims, Audience};
pub use client_keys::ClientKeys;
pub use id_token::{IdClaims, PersonClaims, at_hash};
pub use jwk::{Jwk, Jwks, Parameters, Usage};
pub use key_set::{BadKeySet, KeySet, MAX_BYTES as MAX_KEY_SET_BYTES, MAX_KEYS};
pub use revocations::RevocationList;
pub use signing::SigningKey;
pub use token::{Registered, Token};
pub use verifier::{MAX_LEEWAY, MAX_TOKEN_BYTES, Refused, Verifier};
pub use verifying::{BadKey, VerifyingKey};
