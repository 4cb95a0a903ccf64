//! The verdicts of the crate jwt-simple on our tokens: a job as JSON on standard input, verdicts as JSON on standard
//! output.
//!
//! It does not fetch keys, so the job contains the key set as served.

use std::collections::HashSet;

use jwt_simple::prelude::*;
use serde_json::{Map, Value, json};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let job: Value = serde_json::from_reader(std::io::stdin())?;
    let mut verdicts = Map::new();
    for case in job["cases"].as_array().into_iter().flatten() {
        let verdict = match verify(&job, case) {
            Ok(()) => "accepted".to_owned(),
            Err(error) => format!("refused: {error}"),
        };
        verdicts.insert(text(&case["name"]).to_owned(), Value::String(verdict));
    }
    println!("{}", json!({"jwt-simple": verdicts}));
    Ok(())
}

/// Checks the signature, the time, the issuer, the audience and the type.
fn verify(job: &Value, case: &Value) -> Result<(), jwt_simple::Error> {
    let token = text(&case["token"]);
    let kid = Token::decode_metadata(token)?.key_id().unwrap_or_default().to_owned();
    let mut keys = job["jwks"]["keys"].as_array().into_iter().flatten();
    let key = keys.find(|key| key["kid"] == kid.as_str()).unwrap_or(&Value::Null).to_string();
    let options = Some(VerificationOptions {
        allowed_issuers: Some(HashSet::from([text(&case["issuer"]).to_owned()])),
        allowed_audiences: Some(HashSet::from([text(&case["audience"]).to_owned()])),
        required_signature_type: Some(text(&case["typ"]).to_owned()),
        ..VerificationOptions::default()
    });
    match text(&job["algorithm"]) {
        "RS256" => RS256PublicKey::from_jwk(&key)?.verify_token::<NoCustomClaims>(token, options),
        "ES256" => ES256PublicKey::from_jwk(&key)?.verify_token::<NoCustomClaims>(token, options),
        _ => Ed25519PublicKey::from_jwk(&key)?.verify_token::<NoCustomClaims>(token, options),
    }
    .map(drop)
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}
