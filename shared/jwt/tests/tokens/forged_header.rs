//! Tokens with valid claims and a malicious header, structure or signature. RFC 8725 section 2 lists most of these
//! attacks.

use crate::common::*;
use aws_lc_rs::hmac;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jwt::{AccessClaims, Algorithm, KeySet, Parameters, Refused, SigningKey};
use oauth::Time;
use serde_json::json;

#[test]
fn a_valid_token_is_accepted() {
    for key in &*SIGNERS {
        assert_eq!(verify(&key.sign(&claims()).unwrap()), Ok(claims()));
    }
    assert_eq!(verify(&with_header(json!({}))), Ok(claims()));
    assert_eq!(verify(&with_header(json!({"x-stranger": {"a": [1]}}))), Ok(claims()));
}

#[test]
fn a_token_without_a_signature_is_refused() {
    let good = with_header(json!({}));
    let (message, signature) = good.rsplit_once('.').unwrap();
    for alg in ["none", "None", "nOnE", "NONE", ""] {
        let unsigned = with_header(json!({"alg": alg}));
        assert_eq!(verify(&unsigned), Err(Refused::Algorithm), "{alg}");
        let (message, _) = unsigned.rsplit_once('.').unwrap();
        assert_eq!(verify(&format!("{message}.")), Err(Refused::Algorithm), "{alg}");
    }
    assert_eq!(verify(&format!("{message}.")), Err(Refused::Signature));
    assert_eq!(verify(message), Err(Refused::Malformed));
    let signature = decode(signature);
    for wrong in
        [&signature[..255], &signature[1..], &[&signature[..], &[0]].concat(), &[&[0], &signature[..]].concat()]
    {
        assert_eq!(verify(&format!("{message}.{}", encode(wrong))), Err(Refused::Signature));
    }
}

#[test]
fn a_public_key_is_never_a_shared_secret() {
    let key = signer(Algorithm::RS256);
    let Parameters::Rsa { n, .. } = &key.public_jwk().parameters else { unreachable!() };
    let modulus = decode(n);
    // SubjectPublicKeyInfo of a 2,048-bit RSA key (RFC 8017, RFC 5280).
    let prefix = decode("MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA");
    let der = [prefix.as_slice(), &modulus, &[2, 3, 1, 0, 1]].concat();
    let pem = format!("-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n", STANDARD.encode(&der));
    let jwk = serde_json::to_string(key.public_jwk()).unwrap();
    for secret in [pem.as_bytes(), pem.trim().as_bytes(), &der, n.as_bytes(), &modulus, jwk.as_bytes(), b""] {
        let header = with(header(key), json!({"alg": "HS256"})).to_string();
        let message = format!("{}.{}", encode(header), encode(payload(json!({})).to_string()));
        let mac = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret), message.as_bytes());
        assert_eq!(verify(&format!("{message}.{}", encode(mac))), Err(Refused::Algorithm));
    }
}

#[test]
fn the_key_decides_the_algorithm() {
    for key in &*SIGNERS {
        for other in ["RS256", "ES256", "EdDSA", "RS384", "RS512", "PS256", "ES384", "ES256K", "Ed25519", "rs256"] {
            if other != key.algorithm().name() {
                let header = with(header(key), json!({"alg": other})).to_string();
                assert_eq!(verify(&forge(key, header, payload(json!({})).to_string())), Err(Refused::Algorithm));
            }
        }
    }
    for alg in [json!(null), json!(1), json!(["RS256"]), json!({"alg": "RS256"}), json!(REMOVED)] {
        assert_eq!(verify(&with_header(json!({"alg": alg}))), Err(Refused::Header), "{alg}");
    }
}

#[test]
fn another_kind_of_token_is_not_an_access_token() {
    for typ in
        ["JWT", "jwt", "at_jwt", "id_token+jwt", "logout+jwt", "dpop+jwt", "secevent+jwt", "at+jwt\u{0}", " at+jwt", ""]
    {
        assert_eq!(verify(&with_header(json!({"typ": typ}))), Err(Refused::Type), "{typ:?}");
    }
    for typ in [json!(null), json!(1), json!(["at+jwt"]), json!(REMOVED)] {
        assert_eq!(verify(&with_header(json!({"typ": typ}))), Err(Refused::Header), "{typ}");
    }
    assert_eq!(verify(&with_header(json!({"typ": "application/AT+JWT"}))), Ok(claims()));
}

#[test]
fn a_header_that_changes_the_meaning_or_supplies_a_key_is_refused() {
    let jwk = serde_json::to_value(signer(Algorithm::RS256).public_jwk()).unwrap();
    let url = "https://id.example/.well-known/jwks.json";
    for member in [
        json!({"crit": ["exp"]}),
        json!({"crit": []}),
        json!({"crit": null}),
        json!({"crit": ["b64"], "b64": false}),
        json!({"b64": false}),
        json!({"b64": true}),
        json!({"jwk": jwk}),
        json!({"jku": url}),
        json!({"x5u": url}),
        json!({"x5c": ["MIIB"]}),
        json!({"zip": "DEF"}),
    ] {
        assert_eq!(verify(&with_header(member.clone())), Err(Refused::Header), "{member}");
    }
}

#[test]
fn an_embedded_key_is_not_trusted_even_when_it_signed() {
    let (stranger, _) = SigningKey::generate(Algorithm::EdDSA).unwrap();
    let own = header(&stranger);
    let embedded = with(own.clone(), json!({"jwk": stranger.public_jwk()}));
    let posing = with(own.clone(), json!({"kid": signer(Algorithm::EdDSA).kid()}));
    for (header, refused) in [(own, Refused::UnknownKey), (embedded, Refused::Header), (posing, Refused::Signature)] {
        assert_eq!(verify(&forge(&stranger, header.to_string(), payload(json!({})).to_string())), Err(refused));
    }
}

#[test]
fn a_key_is_found_by_its_exact_name_only() {
    let kid = signer(Algorithm::RS256).kid();
    let near = [kid.to_lowercase(), format!("{kid} "), format!("{kid}\0"), kid[1..].to_owned()];
    let odd = ["", "../../../../dev/null", "/etc/passwd", "' OR '1'='1", "x' UNION SELECT 'k' --", "|id", "0", "🦀"];
    for kid in near.iter().map(String::as_str).chain(odd) {
        assert_eq!(verify(&with_header(json!({"kid": kid}))), Err(Refused::UnknownKey), "{kid:?}");
    }
    for kid in [json!(null), json!(0), json!([kid]), json!({"kid": kid}), json!(REMOVED)] {
        assert_eq!(verify(&with_header(json!({"kid": kid}))), Err(Refused::Header), "{kid}");
    }
}

#[test]
fn a_header_is_one_json_object_without_repeated_members() {
    let key = signer(Algorithm::RS256);
    let good = header(key).to_string();
    let inside = &good[1..good.len() - 1];
    for header in [
        format!(r#"{{{inside},"alg":"RS256"}}"#),
        format!(r#"{{{inside},"\u0061lg":"none"}}"#),
        format!(r#"{{{inside},"typ":"JWT"}}"#),
        format!(r#"{{{inside},"x":1,"x":2}}"#),
        format!("{good}{good}"),
        format!("{good} x"),
        format!("[{good}]"),
        format!("\u{feff}{good}"),
        r#"["RS256","at+jwt","kid"]"#.to_owned(),
        "\"RS256\"".to_owned(),
        "null".to_owned(),
        "{".to_owned(),
        "{}".to_owned(),
        String::new(),
    ] {
        assert_eq!(verify(&forge(key, &header, payload(json!({})).to_string())), Err(Refused::Header), "{header}");
    }
    let not_utf8 = [&good.as_bytes()[..good.len() - 1], b",\"x\":\"\xff\"}"].concat();
    assert_eq!(verify(&forge(key, not_utf8, payload(json!({})).to_string())), Err(Refused::Header));
}

#[test]
fn a_token_has_exactly_three_parts_and_one_encoding() {
    let good = with_header(json!({}));
    let parts: Vec<&str> = good.split('.').collect();
    let [header, payload, signature] = parts[..] else { unreachable!() };
    let json = good.replace('.', "\",\"");
    for token in [
        String::new(),
        ".".to_owned(),
        "...".to_owned(),
        header.to_owned(),
        format!("{header}.{payload}"),
        format!("{good}."),
        format!(".{good}"),
        format!("{good}.{signature}"),
        format!("{header}..{payload}.{signature}"),
        format!("{header}=.{payload}.{signature}"),
        format!("{header}.{payload}.{signature}=="),
        format!("{good} "),
        format!("{good}\n"),
        format!(" {good}"),
        format!("{header}.{payload}.\n{signature}"),
        format!("{header}.{payload}.{}", signature.replace(['-', '_'], "+")),
        format!("{header}.{payload}.%{signature}"),
        format!("{good}\u{0}"),
        format!("Bearer {good}"),
        format!(r#"{{"protected":["{json}"]}}"#),
        "ä.ö.ü".to_owned(),
    ] {
        assert_eq!(verify(&token), Err(Refused::Malformed), "{token:?}");
    }
    assert_eq!(verify(".."), Err(Refused::Header));
    assert_eq!(verify(&format!(".{payload}.{signature}")), Err(Refused::Header));
    assert_eq!(verify(&format!("{header}..{signature}")), Err(Refused::Signature));
    assert_eq!(verify(&with_payload("")), Err(Refused::Claims));
}

#[test]
fn stray_bits_in_the_last_character_are_refused() {
    const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let good = signer(Algorithm::ES256).sign(&claims()).unwrap(); // 64 bytes leave four unused bits
    let (rest, last) = good.split_at(good.len() - 1);
    let value = ALPHABET.iter().position(|byte| *byte == last.as_bytes()[0]).unwrap();
    assert_eq!(value % 16, 0);
    for stray in 1..16 {
        assert_eq!(verify(&format!("{rest}{}", char::from(ALPHABET[value + stray]))), Err(Refused::Malformed));
    }
}

#[test]
fn a_token_over_8_kb_is_refused_unread() {
    let pad = |length: usize| with_claims(json!({"pad": "x".repeat(length)}));
    let room = (jwt::MAX_TOKEN_BYTES - pad(0).len()) * 3 / 4;
    let longest = pad(room - 2);
    assert!(longest.len() <= jwt::MAX_TOKEN_BYTES && longest.len() > jwt::MAX_TOKEN_BYTES - 4);
    assert_eq!(verify(&longest), Ok(claims()));
    assert_eq!(verify(&pad(room + 2)), Err(Refused::TooLarge));
    assert_eq!(verify(&"a".repeat(jwt::MAX_TOKEN_BYTES + 1)), Err(Refused::TooLarge));

    let huge = format!("{}.{}.{}", "e".repeat(2_000_000), "y".repeat(2_000_000), "J".repeat(1_000_000));
    assert_eq!(verify(&huge), Err(Refused::TooLarge));
}

#[test]
fn deep_nesting_does_no_harm() {
    let key = signer(Algorithm::RS256);
    for deep in ["[".repeat(5000), "{\"a\":".repeat(1000), format!("{}{}", "[".repeat(2500), "]".repeat(2500))] {
        assert_eq!(verify(&forge(key, &deep, "{}")), Err(Refused::Header));
        assert_eq!(verify(&with_payload(&deep)), Err(Refused::Claims));
    }
    let crit = format!(r#"{{"alg":"RS256","crit":{}}}"#, "[".repeat(5000));
    assert_eq!(verify(&forge(key, crit, "{}")), Err(Refused::Header));
}

#[test]
fn psychic_and_malformed_ecdsa_signatures_are_refused() {
    let key = signer(Algorithm::ES256);
    let good = key.sign(&claims()).unwrap();
    let (message, signature) = good.rsplit_once('.').unwrap();
    let signature = decode(signature);
    // The order of P-256, which is equivalent to zero for a verifier that reduces it.
    let order = decode("_____wAAAAD__________7zm-q2nF56E87nKwvxjJVE");
    let zero = [0; 32];
    for forged in [
        [zero, zero].concat(),
        [&order[..], &order].concat(),
        [&signature[..32], &zero].concat(),
        [&zero, &signature[32..]].concat(),
        [&signature[..32], &order].concat(),
        [&signature[32..], &signature[..32]].concat(),
        signature[..63].to_vec(),
        [&signature[..], &[0]].concat(),
        [&[0], &signature[..]].concat(),
        Vec::new(),
    ] {
        assert_eq!(verify(&format!("{message}.{}", encode(&forged))), Err(Refused::Signature), "{forged:?}");
    }
}

#[test]
fn an_ecdsa_signature_in_der_form_is_refused() {
    let (key, pkcs8) = SigningKey::generate(Algorithm::ES256).unwrap();
    let der_signer = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &pkcs8).unwrap();
    let good = key.sign(&claims()).unwrap();
    let (message, _) = good.rsplit_once('.').unwrap();
    let rng = aws_lc_rs::rand::SystemRandom::new();
    let der = der_signer.sign(&rng, message.as_bytes()).unwrap();
    let keys = published([&key]);
    let answer =
        verifier().verify::<AccessClaims>(&format!("{message}.{}", encode(der)), &keys, Time::from_seconds(NOW));
    assert_eq!(answer, Err(Refused::Signature));
}

#[test]
fn a_fabricated_eddsa_signature_is_refused() {
    let good = signer(Algorithm::EdDSA).sign(&claims()).unwrap();
    let (message, signature) = good.rsplit_once('.').unwrap();
    let signature = decode(signature);
    let mut identity = [0; 32];
    identity[0] = 1;
    // The order of the base point, little-endian. Added to s, it gives a second signature unless the verifier checks
    // the range.
    let order = decode("7dP1XBpjEljWnPei3vneFAAAAAAAAAAAAAAAAAAAABA");
    let mut carry = 0;
    let large: Vec<u8> = (signature[32..].iter().zip(&order))
        .map(|(a, b)| {
            let sum = u16::from(*a) + u16::from(*b) + carry;
            carry = sum >> 8;
            u8::try_from(sum & 0xff).unwrap()
        })
        .collect();
    for forged in [
        [0; 64].to_vec(),
        [identity, [0; 32]].concat(),
        [&signature[..32], &large].concat(),
        signature[..63].to_vec(),
        [&signature[..], &[0]].concat(),
    ] {
        assert_eq!(verify(&format!("{message}.{}", encode(&forged))), Err(Refused::Signature), "{forged:?}");
    }
}

#[test]
fn a_key_of_small_order_is_refused() {
    let small = [
        "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        "AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        "AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAIA",
        "JuiVj8KyJ7BFw_SJ8u-Y8NXfrAXTxjM5sTgCiG1T_AU",
        "JuiVj8KyJ7BFw_SJ8u-Y8NXfrAXTxjM5sTgCiG1T_IU",
        "xxdqcD1N2E-6PAt2DRBnDyogU_osOczGTsf9d5KsA3o",
        "7P_______________________________________38",
        "7f_______________________________________38",
        "7v_______________________________________38",
    ];
    for x in small {
        let jwks =
            json!({"keys": [{"kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "use": "sig", "kid": "k", "x": x}]});
        assert!(KeySet::from_json(jwks.to_string().as_bytes()).is_err(), "{x}");
    }
}
