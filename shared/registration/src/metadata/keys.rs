//! A client's public keys (RFC 7591 section 2, `jwks`), which verify its assertions (RFC 7523).

use jwt::{BadKeySet, ClientKeys};
use serde_json::Value;

use super::members::Wrong;

/// Longest key set, in bytes of JSON.
const MAX_BYTES: usize = 16 * 1024;
/// Most keys.
const MAX_KEYS: usize = 10;

/// The key set as JSON text. Only a client that authenticates with it (`is_proof`) needs a usable key in it.
pub(crate) fn jwks(document: &Value, is_proof: bool) -> Result<String, Wrong> {
    let text = document.to_string();
    let keys = document["keys"].as_array().map_or(0, Vec::len);
    let problem = match ClientKeys::from_json(text.as_bytes()) {
        _ if text.len() > MAX_BYTES || keys > MAX_KEYS => BadKeySet::TooLarge,
        Ok(_) => return Ok(text),
        Err(BadKeySet::NoKey) if !is_proof => return Ok(text),
        Err(problem) => problem,
    };
    Err(match problem {
        BadKeySet::TooLarge => ("too_large", format!("Send at most {MAX_KEYS} keys in {MAX_BYTES} bytes.")),
        BadKeySet::Malformed => ("malformed", "Send a JWK set, which is an object such as {'keys': [...]}.".to_owned()),
        BadKeySet::PrivateKey => {
            ("private_key", "This is a private or symmetric key. Replace it, and send only public members.".to_owned())
        }
        BadKeySet::RepeatedKid => ("repeated", "Give each key a different kid.".to_owned()),
        BadKeySet::NoKey => (
            "no_key",
            "Send a public key for signatures: RSA (RS256, 2048 bits or more), P-256 (ES256) or Ed25519 (EdDSA)."
                .to_owned(),
        ),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn p256() -> Value {
        json!({"kty": "EC", "crv": "P-256", "alg": "ES256", "kid": "1",
            "x": "MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4", "y": "4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM"})
    }

    fn code(document: &Value) -> &'static str {
        jwks(document, true).map_or_else(|(code, _)| code, |_| "taken")
    }

    fn with(name: &str, value: Value) -> Value {
        let mut key = p256();
        key[name] = value;
        json!({"keys": [key]})
    }

    #[test]
    fn public_signing_keys_are_stored_unchanged() {
        let document = json!({"keys": [p256()]});
        assert_eq!(serde_json::from_str::<Value>(&jwks(&document, true).unwrap()).unwrap(), document);
    }

    #[test]
    fn a_key_needs_neither_a_name_nor_an_algorithm() {
        let mut bare = p256();
        for name in ["kid", "alg"] {
            bare.as_object_mut().unwrap().remove(name);
            assert_eq!(code(&json!({"keys": [bare]})), "taken", "without {name}");
        }
        assert_eq!(code(&json!({"keys": [bare, bare]})), "taken", "keys without names cannot have the same name");
        assert_eq!(code(&with("kid", Value::Null)), "taken");
    }

    #[test]
    fn keys_for_other_purposes_are_kept_if_they_do_not_authenticate_the_client() {
        let document = with("use", json!("enc"));
        assert_eq!((code(&document), jwks(&document, false).is_ok()), ("no_key", true));
        let private = with("d", json!("870MB6gfuTJ4HtUnUvYMyJpr5eUZNP4Bk43bVdj3eAE"));
        assert_eq!(jwks(&private, false).unwrap_err().0, "private_key");
    }

    #[test]
    fn unusable_and_private_keys_are_refused() {
        for (document, problem) in [
            (with("d", json!("870MB6gfuTJ4HtUnUvYMyJpr5eUZNP4Bk43bVdj3eAE")), "private_key"),
            (json!({"keys": [{"kty": "oct", "k": "c2VjcmV0", "kid": "1", "alg": "HS256"}]}), "private_key"),
            (json!({"keys": [p256(), p256()]}), "repeated"),
            (with("use", json!("enc")), "no_key"),
            (with("alg", json!("none")), "no_key"),
            (with("alg", json!("RS256")), "no_key"),
            (with("x", json!("AAAA")), "no_key"),
            (json!({"keys": []}), "no_key"),
            (json!({"keys": {}}), "malformed"),
            (json!([]), "malformed"),
            (json!("https://app.example/jwks"), "malformed"),
            (with("kid", json!("x".repeat(MAX_BYTES))), "too_large"),
            (json!({"keys": vec![p256(); MAX_KEYS + 1]}), "too_large"),
        ] {
            assert_eq!(code(&document), problem, "{document}");
        }
    }
}
