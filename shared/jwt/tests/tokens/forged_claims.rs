//! Correctly signed tokens whose claims violate RFC 9068 or RFC 7519.

use crate::common::*;
use jwt::{AccessClaims, Refused, Verifier};
use oauth::Time;
use serde_json::{Value, json};

/// Claims that must be strings.
const STRINGS: [&str; 5] = ["iss", "sub", "client_id", "jti", "aud"];

/// Claims that must be present.
const REQUIRED: [&str; 7] = ["iss", "sub", "aud", "client_id", "iat", "exp", "jti"];

#[test]
fn optional_claims_may_be_absent_and_unknown_claims_are_ignored() {
    let bare = json!({"scope": REMOVED, "sid": REMOVED, "auth_time": REMOVED, "acr": REMOVED, "username": REMOVED, "roles": REMOVED});
    let claims = verify(&with_claims(bare)).unwrap();
    assert!(claims.scope.is_empty() && claims.roles.is_empty() && claims.sid.is_none() && claims.auth_time.is_none());
    assert!(verify(&with_claims(json!({"cnf": {"jkt": "x"}, "act": [null]}))).is_ok());
}

#[test]
fn a_token_without_a_required_claim_is_refused() {
    for claim in REQUIRED {
        assert_eq!(verify(&with_claims(json!({claim: REMOVED}))), Err(Refused::Claims), "{claim}");
        assert_eq!(verify(&with_claims(json!({claim: null}))), Err(Refused::Claims), "{claim}");
    }
}

#[test]
fn a_claim_has_its_exact_type() {
    for claim in STRINGS {
        for value in
            [json!(1), json!(true), json!({}), json!({"a": "b"}), json!([]), json!([1]), json!([null]), json!([[]])]
        {
            assert_eq!(verify(&with_claims(json!({claim: value}))), Err(Refused::Claims), "{claim} {value}");
        }
    }
    for claim in ["iss", "sub", "client_id", "jti", "sid", "username"] {
        for value in [json!(""), json!(["https://id.example"])] {
            assert_eq!(verify(&with_claims(json!({claim: value}))), Err(Refused::Claims), "{claim} {value}");
        }
    }
    for (claim, value) in [
        ("scope", json!(null)),
        ("scope", json!(["account"])),
        ("scope", json!("a\"b")),
        ("roles", json!(null)),
        ("roles", json!("admin")),
        ("roles", json!(["admin", 1])),
        ("roles", json!({"admin": true})),
        ("sid", json!(null)),
        ("username", json!(null)),
        ("auth_time", json!(null)),
        ("acr", json!(null)),
        ("acr", json!("")),
        ("acr", json!(2)),
        ("auth_time", json!("1800000000")),
        ("nbf", json!(null)),
    ] {
        assert_eq!(verify(&with_claims(json!({claim: value}))), Err(Refused::Claims), "{claim} {value}");
    }
}

#[test]
fn a_time_is_a_whole_number_of_seconds_before_the_year_10000() {
    for claim in ["exp", "iat", "nbf", "auth_time"] {
        for text in [
            "\"1800000900\"",
            "\"\"",
            "1800000900.0",
            "1800000900.5",
            "1.8e9",
            "1e400",
            "-1",
            "-0",
            "null",
            "true",
            "[1800000900]",
            "{}",
            "253402300800",
            "18446744073709551615",
            "18446744073709551616",
            "99999999999999999999999999",
            "0x6B49D200",
            "NaN",
            "Infinity",
        ] {
            let rest = payload(json!({claim: REMOVED})).to_string();
            let token = with_payload(format!("{},\"{claim}\":{text}}}", &rest[..rest.len() - 1]));
            assert_eq!(verify(&token), Err(Refused::Claims), "{claim} {text}");
        }
    }
}

#[test]
fn the_issuer_is_exact() {
    for iss in [
        "https://id.example/",
        "https://ID.example",
        "http://id.example",
        "https://id.example.evil.example",
        "https://id.exampl",
        "id.example",
        "https://id.example\u{0}",
        "https://id.example#",
        " https://id.example",
        "https://id.example:443",
    ] {
        assert_eq!(verify(&with_claims(json!({"iss": iss}))), Err(Refused::Issuer), "{iss:?}");
    }
}

#[test]
fn one_of_the_audiences_must_match() {
    for aud in [json!("https://other.example"), json!(["https://x.example", "https://api.example"])] {
        assert!(verify(&with_claims(json!({"aud": aud}))).is_ok(), "{aud}");
    }
    for aud in ["", "https://api.example/", "https://API.example", "https://api.example https://other.example", "*"] {
        assert_eq!(verify(&with_claims(json!({"aud": aud}))), Err(Refused::Audience), "{aud}");
        assert_eq!(verify(&with_claims(json!({"aud": [aud]}))), Err(Refused::Audience), "{aud}");
    }
    for aud in
        [json!(["https://api.example", 1]), json!(["https://api.example", null]), json!({"https://api.example": 1})]
    {
        assert_eq!(verify(&with_claims(json!({"aud": aud}))), Err(Refused::Claims), "{aud}");
    }
    let many: Vec<Value> = (0..17).map(|_| json!("https://api.example")).collect();
    assert_eq!(verify(&with_claims(json!({"aud": many}))), Err(Refused::Claims));
}

#[test]
fn a_verifier_without_audiences_accepts_nothing() {
    let verifier = Verifier::new("https://id.example", []);
    let answer = verifier.verify::<AccessClaims>(&with_claims(json!({})), &KEYS, Time::from_seconds(NOW));
    assert_eq!(answer, Err(Refused::Audience));
}

#[test]
fn a_token_ends_with_its_exp_and_the_leeway() {
    let token = with_claims(json!({}));
    let exp = claims().exp;
    for (now, answer) in
        [(exp - 1, None), (exp + 4, None), (exp + 5, Some(Refused::Expired)), (exp + 6, Some(Refused::Expired))]
    {
        assert_eq!(verify_at(&token, now).err(), answer, "{now}");
    }
    for (leeway, refused) in [(0, exp), (1, exp + 1), (5, exp + 5), (60, exp + 5), (u64::MAX, exp + 5)] {
        let verifier = verifier().leeway(leeway);
        let at = |now| verifier.verify::<AccessClaims>(&token, &KEYS, Time::from_seconds(now)).err();
        assert_eq!((at(refused - 1), at(refused)), (None, Some(Refused::Expired)), "{leeway}");
    }
    assert_eq!(verify_at(&token, u64::MAX / 1000).err(), Some(Refused::Expired));
}

#[test]
fn a_token_begins_with_its_nbf_and_its_iat() {
    for (claim, distance, answer) in [
        ("iat", 5, None),
        ("iat", 6, Some(Refused::NotYetValid)),
        ("nbf", 5, None),
        ("nbf", 6, Some(Refused::NotYetValid)),
        ("nbf", 899, Some(Refused::NotYetValid)),
    ] {
        assert_eq!(verify(&with_claims(json!({claim: NOW + distance}))).err(), answer, "{claim} {distance}");
    }
    assert_eq!(verify_at(&with_claims(json!({})), 0).err(), Some(Refused::NotYetValid));
}

#[test]
fn a_token_that_ends_before_it_begins_is_refused() {
    for change in [json!({"iat": NOW + 900}), json!({"exp": NOW}), json!({"exp": 0}), json!({"nbf": NOW + 900})] {
        assert_eq!(verify(&with_claims(change.clone())), Err(Refused::Claims), "{change}");
    }
}

#[test]
fn claims_are_one_json_object_without_repeated_members() {
    let good = payload(json!({})).to_string();
    let inside = &good[1..good.len() - 1];
    for text in [
        format!(r#"{{{inside},"exp":9999999999}}"#),
        format!(r#"{{"sub":"somebody else",{inside}}}"#),
        format!(r#"{{{inside},"\u0073ub":"somebody else"}}"#),
        format!(r#"{{{inside},"custom":1,"custom":2}}"#),
        format!(r#"{{{inside},"custom":1,"\u0063ustom":2}}"#),
        format!("{good}{good}"),
        format!("{good},"),
        format!("{good}\u{0}"),
        format!("[{good}]"),
        format!("{{{inside},}}"),
        format!("{{{inside}"),
        format!("/**/{good}"),
        good.replace('"', "'"),
        String::new(),
        "null".to_owned(),
        "[]".to_owned(),
        "\"\"".to_owned(),
    ] {
        assert_eq!(verify(&with_payload(&text)), Err(Refused::Claims), "{text}");
    }
    let not_utf8 = [&good.as_bytes()[..good.len() - 1], b",\"custom\":\"\xff\"}"].concat();
    assert_eq!(verify(&with_payload(not_utf8)), Err(Refused::Claims));
}

#[test]
fn claims_are_not_read_before_the_signature_is_verified() {
    let token = with_payload("not JSON");
    let (rest, _) = token.rsplit_once('.').unwrap();
    assert_eq!(verify(&format!("{rest}.{}", encode([0; 64]))), Err(Refused::Signature));
    assert_eq!(verify(&token), Err(Refused::Claims));
}
