//! `cargo bench -p jwt`: verifying and signing, compared with the bare AWS-LC operation and with `jsonwebtoken`.
#![expect(clippy::unwrap_used, reason = "a bench fails when its setup does")]

mod compare;

use std::hint::black_box;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use compare::compare;
use jsonwebtoken::signature::{Signer, Verifier as _};
use jsonwebtoken::{DecodingKey, EncodingKey, Header, Validation};
use jwt::{AccessClaims, Algorithm, Audience, KeySet, SigningKey, Verifier, VerifyingKey};
use oauth::{Scopes, Time};

const NOW: u64 = 1_800_000_000;

fn main() {
    for algorithm in Algorithm::ALL {
        let (key, pkcs8) = SigningKey::generate(algorithm).unwrap();
        verify(&key);
        sign(&key, &pkcs8);
    }
}

fn verify(key: &SigningKey) {
    let token = key.sign(&claims()).unwrap();
    let (message, signature) = token.rsplit_once('.').unwrap();
    let signature = URL_SAFE_NO_PAD.decode(signature).unwrap();
    let bare = VerifyingKey::new(key.public_jwk()).unwrap();

    let keys = KeySet::new([bare.clone()]).unwrap();
    let verifier = Verifier::new("https://id.example", ["https://api.example".to_owned()]);

    let jwk = serde_json::to_value(key.public_jwk()).unwrap();
    let decoding = DecodingKey::from_jwk(&serde_json::from_value(jwk).unwrap()).unwrap();
    let mut validation = Validation::new(key.algorithm().name().parse().unwrap());
    validation.set_audience(&["https://api.example"]);
    validation.set_issuer(&["https://id.example"]);
    validation.validate_exp = false;

    compare(
        &format!("verify {} ({} bytes)", key.algorithm(), token.len()),
        &mut [
            ("AWS-LC's check alone, parsed key", &mut || bare.verify(message.as_bytes(), &signature).unwrap()),
            ("jwt::Verifier", &mut || {
                black_box(verifier.verify::<AccessClaims>(&token, &keys, Time::from_seconds(NOW)).unwrap());
            }),
            ("jsonwebtoken::decode", &mut || {
                black_box(jsonwebtoken::decode::<AccessClaims>(&token, &decoding, &validation).unwrap());
            }),
        ],
    );
}

fn sign(key: &SigningKey, pkcs8: &[u8]) {
    let token = key.sign(&claims()).unwrap();
    let (message, _) = token.rsplit_once('.').unwrap();
    let encoding = match key.algorithm() {
        Algorithm::RS256 => EncodingKey::from_rsa_der(&pkcs8[26..]), // the key inside its PKCS#8 envelope
        Algorithm::ES256 => EncodingKey::from_ec_der(pkcs8),
        Algorithm::EdDSA => EncodingKey::from_ed_der(pkcs8),
    };
    let header = Header { kid: Some(key.kid().to_owned()), ..Header::new(key.algorithm().name().parse().unwrap()) };
    compare(
        &format!("sign {}", key.algorithm()),
        &mut [
            ("AWS-LC's signature alone, parsed key", &mut || {
                black_box(key.try_sign(message.as_bytes()).unwrap());
            }),
            ("jwt::SigningKey", &mut || {
                black_box(key.sign(&claims()).unwrap());
            }),
            ("jsonwebtoken::encode", &mut || {
                black_box(jsonwebtoken::encode(&header, &claims(), &encoding).unwrap());
            }),
        ],
    );
}

fn claims() -> AccessClaims {
    AccessClaims {
        iss: "https://id.example".to_owned(),
        sub: "0198c0de-7a3b-7c1d-8e2f-0123456789ab".to_owned(),
        aud: Audience::one("https://api.example"),
        client_id: "first-party".to_owned(),
        iat: NOW,
        exp: NOW + 900,
        nbf: None,
        jti: "0198c0de-7a3b-7c1d-8e2f-fedcba987654".to_owned(),
        scope: Scopes::parse("account things:read").unwrap(),
        sid: Some("0198c0de-7a3b-7c1d-8e2f-000000000000".to_owned()),
        auth_time: Some(NOW),
        acr: Some("1".to_owned()),
        epoch: Some(0),
        username: Some("alice".to_owned()),
        roles: vec!["admin".to_owned()],
    }
}
