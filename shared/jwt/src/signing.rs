//! A private key, parsed once, that signs tokens (RFC 7515 section 5.1).

use aws_lc_rs::encoding::AsDer;
use aws_lc_rs::error::{KeyRejected, Unspecified};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair, RSA_PKCS1_SHA256, RsaKeyPair,
};
use jsonwebtoken::crypto::JwtSigner;
use jsonwebtoken::signature::{Error as SignatureError, Signer};
use oauth::Error;
use zeroize::Zeroizing;

use crate::{Algorithm, Jwk, Parameters, Token, base64url, header, of_jsonwebtoken};

/// A private key that signs tokens. AWS-LC holds the key material and clears it when the key is dropped.
#[derive(Debug)]
pub struct SigningKey {
    pair: Pair,
    jwk: Jwk,
}

#[derive(Debug)]
enum Pair {
    Rsa(RsaKeyPair),
    P256(EcdsaKeyPair),
    Ed25519(Ed25519KeyPair),
}

impl SigningKey {
    /// Generates a key (RSA: 2,048 bits). Returns it together with its private half as PKCS#8 (RFC 5958), for sealing
    /// and storage.
    pub fn generate(algorithm: Algorithm) -> Result<(Self, Zeroizing<Vec<u8>>), Error> {
        let pkcs8 = generate(algorithm).map_err(|error| Error::fault("generating a key failed").because(error))?;
        Ok((Self::from_pkcs8(algorithm, &pkcs8)?, pkcs8))
    }

    /// Parses a key that [`SigningKey::generate`] made. Fails when it is damaged or of another algorithm.
    pub fn from_pkcs8(algorithm: Algorithm, pkcs8: &[u8]) -> Result<Self, Error> {
        let pair = Pair::from_pkcs8(algorithm, pkcs8)
            .map_err(|error| Error::fault(format!("not an {algorithm} private key")).because(error))?;
        let jwk = Jwk::new(algorithm, pair.public());
        Ok(Self { pair, jwk })
    }

    /// The key's name: its RFC 7638 thumbprint.
    pub fn kid(&self) -> &str {
        &self.jwk.kid
    }

    /// The algorithm that the key signs with.
    pub fn algorithm(&self) -> Algorithm {
        self.jwk.alg
    }

    /// The public half.
    pub fn public_jwk(&self) -> &Jwk {
        &self.jwk
    }

    /// Signs `claims` and returns a compact JWS. The type of the claims decides the token's `typ`.
    pub fn sign<T: Token>(&self, claims: &T) -> Result<String, Error> {
        let header = header::write(T::TYP, self.algorithm(), self.kid());
        let (Ok(header), Ok(claims)) = (header, serde_json::to_vec(claims)) else {
            return Err(Error::fault("the claims cannot be serialised"));
        };
        let mut token = base64url::encode(header);
        token.push('.');
        base64url::append(claims, &mut token);
        let signature =
            self.try_sign(token.as_bytes()).map_err(|error| Error::fault("signing failed").because(error))?;
        token.push('.');
        base64url::append(signature, &mut token);
        Ok(token)
    }
}

impl Signer<Vec<u8>> for SigningKey {
    fn try_sign(&self, message: &[u8]) -> Result<Vec<u8>, SignatureError> {
        self.pair.sign(message).map_err(SignatureError::from_source)
    }
}

impl JwtSigner for SigningKey {
    fn algorithm(&self) -> jsonwebtoken::Algorithm {
        of_jsonwebtoken(self.jwk.alg)
    }
}

impl Pair {
    fn from_pkcs8(algorithm: Algorithm, pkcs8: &[u8]) -> Result<Self, KeyRejected> {
        match algorithm {
            Algorithm::RS256 => RsaKeyPair::from_pkcs8(pkcs8).map(Self::Rsa),
            Algorithm::ES256 => EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, pkcs8).map(Self::P256),
            Algorithm::EdDSA => Ed25519KeyPair::from_pkcs8(pkcs8).map(Self::Ed25519),
        }
    }

    fn public(&self) -> Parameters {
        match self {
            Self::Rsa(pair) => {
                let key = pair.public_key();
                let n = base64url::encode(key.modulus().big_endian_without_leading_zero());
                let e = base64url::encode(key.exponent().big_endian_without_leading_zero());
                Parameters::Rsa { n, e }
            }
            Self::P256(pair) => {
                // An uncompressed point: the byte 4, then the two coordinates.
                let point = pair.public_key().as_ref();
                let (x, y) = (base64url::encode(&point[1..33]), base64url::encode(&point[33..]));
                Parameters::Ec { crv: "P-256".to_owned(), x, y }
            }
            Self::Ed25519(pair) => {
                Parameters::Okp { crv: "Ed25519".to_owned(), x: base64url::encode(pair.public_key()) }
            }
        }
    }

    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, Unspecified> {
        match self {
            Self::Rsa(pair) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message, &mut signature)?;
                Ok(signature)
            }
            Self::P256(pair) => Ok(pair.sign(&SystemRandom::new(), message)?.as_ref().to_vec()),
            Self::Ed25519(pair) => Ok(pair.try_sign(message)?.as_ref().to_vec()),
        }
    }
}

fn generate(algorithm: Algorithm) -> Result<Zeroizing<Vec<u8>>, Unspecified> {
    let pkcs8 = match algorithm {
        Algorithm::RS256 => RsaKeyPair::generate(KeySize::Rsa2048)?.as_der()?.as_ref().to_vec(),
        Algorithm::ES256 => EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING)?.to_pkcs8v1()?.as_ref().to_vec(),
        Algorithm::EdDSA => Ed25519KeyPair::generate()?.to_pkcs8v1()?.as_ref().to_vec(),
    };
    Ok(Zeroizing::new(pkcs8))
}
