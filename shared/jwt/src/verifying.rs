//! A public key that was checked and parsed once and is ready to verify signatures.

use aws_lc_rs::rsa::PublicKeyComponents;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED, ED25519, ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256};
use jsonwebtoken::crypto::JwtVerifier;
use jsonwebtoken::signature::{Error, Verifier};

use crate::{Algorithm, Jwk, Parameters, base64url, of_jsonwebtoken};

/// The only accepted public exponent: 65537. All common generators use it, and small exponents have a history of
/// forgeries.
const EXPONENT: [u8; 3] = [1, 0, 1];

/// Points of small order on Ed25519, in every encoding that a decoder might accept, without the sign bit. Anybody could
/// make signatures for such a key. Low 255 bits: 0, 1, the two coordinates of order 8, p-1, p, p+1.
const SMALL_ORDER: [[u8; 32]; 7] = [
    point(0x00, 0x00, 0x00),
    point(0x01, 0x00, 0x00),
    *b"\x26\xe8\x95\x8f\xc2\xb2\x27\xb0\x45\xc3\xf4\x89\xf2\xef\x98\xf0\xd5\xdf\xac\x05\xd3\xc6\x33\x39\xb1\x38\x02\x88\x6d\x53\xfc\x05",
    *b"\xc7\x17\x6a\x70\x3d\x4d\xd8\x4f\xba\x3c\x0b\x76\x0d\x10\x67\x0f\x2a\x20\x53\xfa\x2c\x39\xcc\xc6\x4e\xc7\xfd\x77\x92\xac\x03\x7a",
    point(0xec, 0xff, 0x7f),
    point(0xed, 0xff, 0x7f),
    point(0xee, 0xff, 0x7f),
];

/// A parsed public key. It verifies with one algorithm and has one name.
#[derive(Clone, Debug)]
pub struct VerifyingKey {
    kid: String,
    algorithm: Algorithm,
    key: ParsedPublicKey,
}

/// The key is malformed, too weak, or does not fit its algorithm.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BadKey;

impl VerifyingKey {
    /// Checks and parses a public key.
    pub fn new(jwk: &Jwk) -> Result<Self, BadKey> {
        let key = match (jwk.alg, &jwk.parameters) {
            (Algorithm::RS256, Parameters::Rsa { n, e }) => rsa(n, e),
            (Algorithm::ES256, Parameters::Ec { crv, x, y }) if crv == "P-256" => p256(x, y),
            (Algorithm::EdDSA, Parameters::Okp { crv, x }) if crv == "Ed25519" => ed25519(x),
            _ => None,
        };
        Ok(Self { kid: jwk.kid.clone(), algorithm: jwk.alg, key: key.ok_or(BadKey)? })
    }

    /// The key's name in token headers.
    pub fn kid(&self) -> &str {
        &self.kid
    }

    /// The algorithm that the key verifies.
    pub fn algorithm(&self) -> Algorithm {
        self.algorithm
    }
}

impl Verifier<Vec<u8>> for VerifyingKey {
    fn verify(&self, message: &[u8], signature: &Vec<u8>) -> Result<(), Error> {
        self.key.verify_sig(message, signature).map_err(|_| Error::new())
    }
}

impl JwtVerifier for VerifyingKey {
    fn algorithm(&self) -> jsonwebtoken::Algorithm {
        of_jsonwebtoken(self.algorithm)
    }
}

/// AWS-LC checks key sizes only at verification, so they are checked here: 2,048 to 8,192 bits.
fn rsa(n: &str, e: &str) -> Option<ParsedPublicKey> {
    let (n, e) = (base64url::decode(n)?, base64url::decode(e)?);
    let long_enough = n.len() > 256 || (n.len() == 256 && n[0] >= 0x80);
    if !long_enough || n.len() > 1024 || e != EXPONENT {
        return None;
    }
    PublicKeyComponents { n, e }.to_parsed_public_key(&RSA_PKCS1_2048_8192_SHA256).ok()
}

fn p256(x: &str, y: &str) -> Option<ParsedPublicKey> {
    let (x, y) = (coordinate(x)?, coordinate(y)?);
    ParsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, [&[4], x.as_slice(), &y].concat()).ok()
}

fn ed25519(x: &str) -> Option<ParsedPublicKey> {
    let x = coordinate(x)?;
    let mut unsigned = x;
    unsigned[31] &= 0x7f;
    if SMALL_ORDER.contains(&unsigned) {
        return None;
    }
    ParsedPublicKey::new(&ED25519, x).ok()
}

fn coordinate(text: &str) -> Option<[u8; 32]> {
    base64url::decode(text)?.try_into().ok()
}

const fn point(first: u8, middle: u8, last: u8) -> [u8; 32] {
    let mut bytes = [middle; 32];
    bytes[0] = first;
    bytes[31] = last;
    bytes
}
