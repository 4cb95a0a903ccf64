//! Shared by the tests of this crate: one key per algorithm, their key set, claims, and signed tokens of any content.

use std::sync::LazyLock;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::signature::Signer;
use jwt::{AccessClaims, Algorithm, Audience, Jwks, KeySet, Refused, SigningKey, Verifier};
use oauth::{Scopes, Time};
use serde_json::{Value, json};

/// The current time in these tests, in epoch seconds.
pub(crate) const NOW: u64 = 1_800_000_000;

/// One key per algorithm, in the order of [`Algorithm::ALL`].
pub(crate) static SIGNERS: LazyLock<[SigningKey; 3]> =
    LazyLock::new(|| Algorithm::ALL.map(|algorithm| SigningKey::generate(algorithm).unwrap().0));

/// The key set of all of them.
pub(crate) static KEYS: LazyLock<KeySet> = LazyLock::new(|| published(&*SIGNERS));

pub(crate) fn published<'a>(keys: impl IntoIterator<Item = &'a SigningKey>) -> KeySet {
    let keys = keys.into_iter().map(|key| key.public_jwk().clone()).collect();
    KeySet::from_json(&serde_json::to_vec(&Jwks { keys }).unwrap()).unwrap()
}

pub(crate) fn signer(algorithm: Algorithm) -> &'static SigningKey {
    SIGNERS.iter().find(|key| key.algorithm() == algorithm).unwrap()
}

pub(crate) fn claims() -> AccessClaims {
    AccessClaims {
        iss: "https://id.example".to_owned(),
        sub: "0198c0de".to_owned(),
        aud: Audience::one("https://api.example"),
        client_id: "first-party".to_owned(),
        iat: NOW,
        exp: NOW + 900,
        nbf: None,
        jti: "j1".to_owned(),
        scope: Scopes::parse("things:read account").unwrap(),
        sid: Some("s1".to_owned()),
        auth_time: Some(NOW - 10),
        acr: Some("1".to_owned()),
        epoch: Some(0),
        username: Some("Ålice \"quoted\" \\ 🦀".to_owned()),
        roles: vec!["admin".to_owned(), "auditor".to_owned()],
    }
}

pub(crate) fn verifier() -> Verifier {
    Verifier::new("https://id.example", ["https://api.example".to_owned(), "https://other.example".to_owned()])
}

pub(crate) fn verify_at(token: &str, now: u64) -> Result<AccessClaims, Refused> {
    verifier().verify(token, &KEYS, Time::from_seconds(now))
}

pub(crate) fn verify(token: &str) -> Result<AccessClaims, Refused> {
    verify_at(token, NOW)
}

/// The header of a valid token signed by `key`.
pub(crate) fn header(key: &SigningKey) -> Value {
    json!({"typ": "at+jwt", "alg": key.algorithm(), "kid": key.kid()})
}

/// `value` with the members of `changes` set. A member that changes to [`REMOVED`] is removed.
pub(crate) fn with(mut value: Value, changes: Value) -> Value {
    let Value::Object(changes) = changes else { unreachable!() };
    for (name, change) in changes {
        if change == REMOVED {
            value.as_object_mut().unwrap().remove(&name)
        } else {
            value.as_object_mut().unwrap().insert(name, change)
        };
    }
    value
}

/// Marks a member for removal in [`with`].
pub(crate) const REMOVED: &str = "(removed)";

/// The valid claims as JSON, with `changes`.
pub(crate) fn payload(changes: Value) -> Value {
    with(serde_json::to_value(claims()).unwrap(), changes)
}

/// A token with any header and payload and a correct signature.
pub(crate) fn forge(key: &SigningKey, header: impl AsRef<[u8]>, payload: impl AsRef<[u8]>) -> String {
    let message = format!("{}.{}", encode(header), encode(payload));
    let signature = key.try_sign(message.as_bytes()).unwrap();
    format!("{message}.{}", encode(signature))
}

/// A correctly signed RS256 token with a changed header.
pub(crate) fn with_header(changes: Value) -> String {
    let key = signer(Algorithm::RS256);
    forge(key, with(header(key), changes).to_string(), payload(json!({})).to_string())
}

/// A correctly signed token with changed claims.
pub(crate) fn with_claims(changes: Value) -> String {
    with_payload(payload(changes).to_string())
}

/// A correctly signed token with any payload. Ed25519, because it signs fastest.
pub(crate) fn with_payload(payload: impl AsRef<[u8]>) -> String {
    let key = signer(Algorithm::EdDSA);
    forge(key, header(key).to_string(), payload)
}

pub(crate) fn encode(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

pub(crate) fn decode(text: &str) -> Vec<u8> {
    URL_SAFE_NO_PAD.decode(text).unwrap()
}
