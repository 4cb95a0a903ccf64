//! `jsonwebtoken` accepts what we sign, and we accept what it signs.

use crate::common::*;
use jsonwebtoken::{DecodingKey, EncodingKey, Header, Validation};
use jwt::{AccessClaims, Algorithm, SigningKey};
use oauth::Time;

#[test]
fn a_signed_token_comes_back_as_the_claims_that_went_in() {
    for algorithm in Algorithm::ALL {
        let (key, _) = SigningKey::generate(algorithm).unwrap();
        let token = key.sign(&claims()).unwrap();
        let back: AccessClaims = verifier().verify(&token, &published([&key]), Time::from_seconds(NOW)).unwrap();
        assert_eq!(back, claims(), "{algorithm}");
    }
}

#[test]
fn a_stored_key_is_the_same_key() {
    for algorithm in Algorithm::ALL {
        let (key, pkcs8) = SigningKey::generate(algorithm).unwrap();
        let again = SigningKey::from_pkcs8(algorithm, &pkcs8).unwrap();
        assert_eq!((again.kid(), again.public_jwk()), (key.kid(), key.public_jwk()));
        for other in Algorithm::ALL.into_iter().filter(|other| *other != algorithm) {
            assert!(SigningKey::from_pkcs8(other, &pkcs8).is_err(), "{algorithm} read as {other}");
        }
        assert!(SigningKey::from_pkcs8(algorithm, &pkcs8[..pkcs8.len() - 1]).is_err());
        assert!(!format!("{key:?}").contains("private"));
    }
}

#[test]
fn jsonwebtoken_accepts_our_tokens_with_our_published_key() {
    for algorithm in Algorithm::ALL {
        let (key, _) = SigningKey::generate(algorithm).unwrap();
        let jwk = serde_json::to_value(key.public_jwk()).unwrap();
        let decoding = DecodingKey::from_jwk(&serde_json::from_value(jwk).unwrap()).unwrap();
        let mut validation = Validation::new(algorithm.name().parse().unwrap());
        validation.set_audience(&["https://api.example"]);
        validation.set_issuer(&["https://id.example"]);
        validation.validate_exp = false; // it reads the clock
        let token = key.sign(&claims()).unwrap();
        let decoded = jsonwebtoken::decode::<AccessClaims>(&token, &decoding, &validation).unwrap();
        assert_eq!(decoded.claims, claims(), "{algorithm}");
        assert_eq!(decoded.header.typ.as_deref(), Some("at+jwt"));
        assert_eq!(decoded.header.kid.as_deref(), Some(key.kid()));
    }
}

#[test]
fn we_accept_what_jsonwebtoken_signs_with_our_private_key() {
    for algorithm in Algorithm::ALL {
        let (key, pkcs8) = SigningKey::generate(algorithm).unwrap();
        let encoding = match algorithm {
            Algorithm::RS256 => EncodingKey::from_rsa_der(rsa_private_key(&pkcs8)),
            Algorithm::ES256 => EncodingKey::from_ec_der(&pkcs8),
            Algorithm::EdDSA => EncodingKey::from_ed_der(&pkcs8),
        };
        let mut header = Header::new(algorithm.name().parse().unwrap());
        header.typ = Some("at+jwt".to_owned());
        header.kid = Some(key.kid().to_owned());
        let token = jsonwebtoken::encode(&header, &claims(), &encoding).unwrap();
        let back: AccessClaims = verifier().verify(&token, &published([&key]), Time::from_seconds(NOW)).unwrap();
        assert_eq!(back, claims(), "{algorithm}");
    }
}

/// The RFC 8017 key inside its PKCS#8 envelope, which `jsonwebtoken` does not read for RSA. The envelope of a 2,048-bit
/// key is always 26 bytes long.
fn rsa_private_key(pkcs8: &[u8]) -> &[u8] {
    &pkcs8[26..]
}
