//! Which JWKS documents are accepted, which keys are skipped, and what makes a whole document unusable.

use crate::common::*;
use aws_lc_rs::rsa::KeySize;
use jwt::{Algorithm, BadKeySet, KeySet, MAX_KEY_SET_BYTES, MAX_KEYS, Parameters, SigningKey};
use serde_json::{Value, json};

#[test]
fn a_key_is_found_by_its_name() {
    for key in &*SIGNERS {
        let found = KEYS.key(key.kid()).unwrap();
        assert_eq!((found.kid(), found.algorithm()), (key.kid(), key.algorithm()));
    }
    assert!(KEYS.key("").is_none());
}

#[test]
fn a_key_of_another_purpose_is_skipped() {
    let rsa = jwk(Algorithm::RS256);
    for odd in [
        with(rsa.clone(), json!({"use": "enc"})),
        with(rsa.clone(), json!({"use": "SIG"})),
        with(rsa.clone(), json!({"key_ops": ["sign"]})),
        with(rsa.clone(), json!({"key_ops": []})),
        with(rsa.clone(), json!({"kty": "XYZ"})),
        with(rsa.clone(), json!({"kty": "rsa"})),
        with(rsa.clone(), json!({"kty": "EC"})),
        with(rsa.clone(), json!({"alg": "PS256"})),
        with(rsa.clone(), json!({"alg": "RS512"})),
        with(rsa.clone(), json!({"alg": "HS256"})),
        with(rsa.clone(), json!({"alg": "none"})),
        with(rsa.clone(), json!({"alg": "ES256"})),
        with(rsa.clone(), json!({"alg": REMOVED})),
        with(rsa.clone(), json!({"kid": REMOVED})),
        with(rsa.clone(), json!({"n": REMOVED})),
        with(rsa.clone(), json!({"e": REMOVED})),
        with(jwk(Algorithm::ES256), json!({"crv": "P-384"})),
        with(jwk(Algorithm::ES256), json!({"crv": "secp256k1"})),
        with(jwk(Algorithm::ES256), json!({"y": REMOVED})),
        with(jwk(Algorithm::EdDSA), json!({"crv": "X25519"})),
        with(jwk(Algorithm::EdDSA), json!({"crv": "Ed448"})),
    ] {
        assert_eq!(read(&json!([odd])).err(), Some(BadKeySet::NoKey), "{odd}");
        let other = with(rsa.clone(), json!({"kid": "other"}));
        assert!(read(&json!([odd, other])).unwrap().key("other").is_some(), "{odd}");
    }
    assert!(read(&json!([with(rsa.clone(), json!({"key_ops": ["verify"], "use": REMOVED, "x-note": [1]}))])).is_ok());
}

#[test]
fn a_key_that_is_weak_or_malformed_is_skipped() {
    let Parameters::Rsa { n, .. } = signer(Algorithm::RS256).public_jwk().parameters.clone() else { unreachable!() };
    let modulus = decode(&n);
    let mut short = modulus.clone();
    short[0] &= 0x7f; // 2,047 bits
    let off_curve = encode([1; 32]);
    for weak in [
        with(jwk(Algorithm::RS256), json!({"n": encode(&modulus[..128])})),
        with(jwk(Algorithm::RS256), json!({"n": encode(short)})),
        with(jwk(Algorithm::RS256), json!({"n": encode([&[0], &modulus[..]].concat())})),
        with(jwk(Algorithm::RS256), json!({"n": encode([0xff; 1025])})),
        with(jwk(Algorithm::RS256), json!({"n": format!("{n}==")})),
        with(jwk(Algorithm::RS256), json!({"n": ""})),
        with(jwk(Algorithm::RS256), json!({"e": "Aw"})),
        with(jwk(Algorithm::RS256), json!({"e": "AQ"})),
        with(jwk(Algorithm::RS256), json!({"e": ""})),
        with(jwk(Algorithm::ES256), json!({"x": off_curve})),
        with(jwk(Algorithm::ES256), json!({"x": encode([0; 32]), "y": encode([0; 32])})),
        with(jwk(Algorithm::ES256), json!({"x": ""})),
        with(jwk(Algorithm::ES256), json!({"y": encode([1; 33])})),
        with(jwk(Algorithm::EdDSA), json!({"x": encode([1; 31])})),
        with(jwk(Algorithm::EdDSA), json!({"x": ""})),
    ] {
        assert_eq!(read(&json!([weak])).err(), Some(BadKeySet::NoKey), "{weak}");
    }
}

#[test]
fn longer_rsa_keys_are_accepted() {
    use aws_lc_rs::encoding::AsDer;
    let pair = aws_lc_rs::rsa::KeyPair::generate(KeySize::Rsa3072).unwrap();
    let key = SigningKey::from_pkcs8(Algorithm::RS256, pair.as_der().unwrap().as_ref()).unwrap();
    let token = key.sign(&claims()).unwrap();
    let answer = verifier().verify(&token, &published([&key]), oauth::Time::from_seconds(NOW));
    assert_eq!(answer, Ok(claims()));
}

#[test]
fn a_document_with_a_private_key_is_refused() {
    for member in ["d", "p", "q", "dp", "dq", "qi", "oth", "k"] {
        for key in [jwk(Algorithm::RS256), json!({"kty": "oct"})] {
            let keys = json!([jwk(Algorithm::ES256), with(key, json!({member: "AQAB"}))]);
            assert_eq!(read(&keys).err(), Some(BadKeySet::PrivateKey), "{member}");
        }
    }
}

#[test]
fn a_document_with_two_keys_of_one_name_is_refused() {
    let twin = with(jwk(Algorithm::ES256), json!({"kid": signer(Algorithm::RS256).kid()}));
    assert_eq!(read(&json!([jwk(Algorithm::RS256), twin])).err(), Some(BadKeySet::RepeatedKid));
    assert_eq!(read(&json!([jwk(Algorithm::RS256), jwk(Algorithm::RS256)])).err(), Some(BadKeySet::RepeatedKid));
}

#[test]
fn a_malformed_document_is_refused() {
    for text in [
        "",
        "null",
        "[]",
        "{}",
        "\"\"",
        "<html>",
        r#"{"keys":null}"#,
        r#"{"keys":{}}"#,
        r#"{"keys":[1]}"#,
        r#"{"keys":[{}]}"#,
        r#"{"keys":[],"keys":[]}"#,
        r#"{"keys":[{"kty":1}]}"#,
        r#"{"keys":[]}x"#,
        "{\"keys\":[{\"kty\":\"\u{0}\"}]}",
    ] {
        assert_eq!(KeySet::from_json(text.as_bytes()).err(), Some(BadKeySet::Malformed), "{text}");
    }
    assert_eq!(KeySet::from_json(b"{\"keys\":[{\"kty\":\"\xff\"}]}").err(), Some(BadKeySet::Malformed));
    assert_eq!(KeySet::from_json(br#"{"keys":[]}"#).err(), Some(BadKeySet::NoKey));
    let deep = format!(r#"{{"keys":{}"#, "[".repeat(100_000));
    assert_eq!(KeySet::from_json(deep.as_bytes()).err(), Some(BadKeySet::Malformed));
}

#[test]
fn size_and_number_of_keys_are_bounded() {
    let many = |count: usize| -> Value {
        (0..count).map(|n| with(jwk(Algorithm::EdDSA), json!({"kid": format!("k{n}")}))).collect()
    };
    assert!(read(&many(MAX_KEYS)).is_ok());
    assert_eq!(read(&many(MAX_KEYS + 1)).err(), Some(BadKeySet::TooLarge));
    let mut document = json!({"keys": [jwk(Algorithm::EdDSA)]}).to_string();
    document.push_str(&" ".repeat(MAX_KEY_SET_BYTES - document.len()));
    assert!(KeySet::from_json(document.as_bytes()).is_ok());
    document.push(' ');
    assert_eq!(KeySet::from_json(document.as_bytes()).err(), Some(BadKeySet::TooLarge));
}

fn jwk(algorithm: Algorithm) -> Value {
    serde_json::to_value(signer(algorithm).public_jwk()).unwrap()
}

fn read(keys: &Value) -> Result<KeySet, BadKeySet> {
    KeySet::from_json(json!({"keys": keys}).to_string().as_bytes())
}
