//! The examples of the RFCs.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::signature::{Signer, Verifier};
use jwt::{Algorithm, Jwk, Parameters, SigningKey, Usage, VerifyingKey};

/// RFC 7515 appendix A.2.
const A2_N: &str = "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ";
const A2_TOKEN: &str = "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw";

/// RFC 7515 appendix A.3.
const A3_TOKEN: &str = "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";

/// RFC 7520 sections 3.3 and 4.1.
const BILBO_N: &str = "n4EPtAOCc9AlkeQHPzHStgAbgs7bTZLwUBZdR8_KuKPEHLd4rHVTeT-O-XV2jRojdNhxJWTDvNd7nqQ0VEiZQHz_AJmSCpMaJMRBSFKrKb2wqVwGU_NsYOYL-QtiWN2lbzcEe6XC0dApr5ydQLrHqkHHig3RBordaZ6Aj-oBHqFEHYpPe7Tpe-OfVfHd1E6cS6M1FZcD1NNLYD5lFHpPI9bTwJlsde3uhGqC0ZCuEHg8lhzwOHrtIQbS0FVbb9k3-tVTU4fg_3L_vniUFAKwuCLqKnS2BYwdq_mzSnbLY7h_qixoR7jig3__kRhuaxwUkRz5iaiQkqgc5gHdrNP5zw";
const BILBO_TOKEN: &str = "eyJhbGciOiJSUzI1NiIsImtpZCI6ImJpbGJvLmJhZ2dpbnNAaG9iYml0b24uZXhhbXBsZSJ9.SXTigJlzIGEgZGFuZ2Vyb3VzIGJ1c2luZXNzLCBGcm9kbywgZ29pbmcgb3V0IHlvdXIgZG9vci4gWW91IHN0ZXAgb250byB0aGUgcm9hZCwgYW5kIGlmIHlvdSBkb24ndCBrZWVwIHlvdXIgZmVldCwgdGhlcmXigJlzIG5vIGtub3dpbmcgd2hlcmUgeW91IG1pZ2h0IGJlIHN3ZXB0IG9mZiB0by4.MRjdkly7_-oTPTS3AXP41iQIGKa80A0ZmTuV5MEaHoxnW2e5CZ5NlKtainoFmKZopdHM1O2U4mwzJdQx996ivp83xuglII7PNDi84wnB-BDkoBwA78185hX-Es4JIwmDLJK3lfWRa-XtL0RnltuYv746iYTh_qHRD68BNt1uSNCrUCTJDt5aAE6x8wW1Kt9eRo4QPocSadnHXFxnt8Is9UzpERV0ePPQdLuW3IS_de3xyIrDaLGdjluPxUAhb6L2aXic1U12podGU0KLUQSE_oI-ZnmKJ3F4uOZDnd6QZWJushZ41Axf_fcIe8u9ipH84ogoree7vjbU5y18kDquDg";

/// RFC 8037 appendix A.
const ED_X: &str = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";
const ED_D: &str = "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A";
const ED_TOKEN: &str = "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc.hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg";

/// RFC 7638 section 3.1.
const THUMB_N: &str = "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw";

#[test]
fn the_examples_of_rfc_7515_verify() {
    assert!(verifies(Algorithm::RS256, rsa(A2_N), A2_TOKEN));
    assert!(verifies(Algorithm::ES256, a3(), A3_TOKEN));
    assert!(!verifies(Algorithm::RS256, rsa(BILBO_N), A2_TOKEN));
    assert!(!verifies(Algorithm::RS256, rsa(A2_N), &A2_TOKEN.replace("eyJpc3", "eyJpc2")));
}

#[test]
fn the_example_of_rfc_7520_verifies() {
    assert!(verifies(Algorithm::RS256, rsa(BILBO_N), BILBO_TOKEN));
}

#[test]
fn the_example_of_rfc_8037_verifies_and_our_signature_is_the_same() {
    assert!(verifies(Algorithm::EdDSA, ed25519(), ED_TOKEN));
    // RFC 8410 section 7: the PKCS#8 prefix of an Ed25519 seed.
    let pkcs8 = [&decode("MC4CAQAwBQYDK2VwBCIEIA")[..], &decode(ED_D)].concat();
    let key = SigningKey::from_pkcs8(Algorithm::EdDSA, &pkcs8).unwrap();
    assert_eq!(key.public_jwk().parameters, ed25519());
    let (message, signature) = ED_TOKEN.rsplit_once('.').unwrap();
    assert_eq!(key.try_sign(message.as_bytes()).unwrap(), decode(signature));
}

#[test]
fn thumbprints_match_rfc_7638_and_rfc_8037() {
    assert_eq!(rsa(THUMB_N).thumbprint(), "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs");
    assert_eq!(ed25519().thumbprint(), "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
    let rfc_7517 = Parameters::Ec {
        crv: "P-256".to_owned(),
        x: "MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4".to_owned(),
        y: "4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM".to_owned(),
    };
    assert_eq!(rfc_7517.thumbprint(), "cn-I_WNMClehiVp51i_0VpOENW1upEerA8sEam5hn-s");
}

#[test]
fn thumbprints_and_published_keys_match_jsonwebtoken() {
    for algorithm in Algorithm::ALL {
        let (key, _) = SigningKey::generate(algorithm).unwrap();
        let theirs: jsonwebtoken::jwk::Jwk =
            serde_json::from_value(serde_json::to_value(key.public_jwk()).unwrap()).unwrap();
        let thumbprint = theirs.thumbprint(jsonwebtoken::jwk::ThumbprintHash::SHA256).unwrap();
        assert_eq!((key.kid(), key.kid()), (thumbprint.as_str(), theirs.common.key_id.as_deref().unwrap()));
        assert_eq!(theirs.common.public_key_use, Some(jsonwebtoken::jwk::PublicKeyUse::Signature));
    }
}

#[test]
fn a_published_key_has_exactly_the_members_it_needs() {
    let jwk = Jwk::new(Algorithm::EdDSA, ed25519());
    let json = serde_json::to_string(&jwk).unwrap();
    assert_eq!(
        json,
        format!(r#"{{"kty":"OKP","crv":"Ed25519","x":"{ED_X}","use":"sig","alg":"EdDSA","kid":"{}"}}"#, jwk.kid)
    );
    assert_eq!(serde_json::from_str::<Jwk>(&json).unwrap(), jwk);
    assert_eq!(jwk.usage, Usage::Signature);
}

fn rsa(n: &str) -> Parameters {
    Parameters::Rsa { n: n.to_owned(), e: "AQAB".to_owned() }
}

fn a3() -> Parameters {
    Parameters::Ec {
        crv: "P-256".to_owned(),
        x: "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU".to_owned(),
        y: "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0".to_owned(),
    }
}

fn ed25519() -> Parameters {
    Parameters::Okp { crv: "Ed25519".to_owned(), x: ED_X.to_owned() }
}

fn verifies(algorithm: Algorithm, parameters: Parameters, token: &str) -> bool {
    let key = VerifyingKey::new(&Jwk::new(algorithm, parameters)).unwrap();
    let (message, signature) = token.rsplit_once('.').unwrap();
    key.verify(message.as_bytes(), &decode(signature)).is_ok()
}

fn decode(text: &str) -> Vec<u8> {
    URL_SAFE_NO_PAD.decode(text).unwrap()
}
