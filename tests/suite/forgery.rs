//! Forged tokens against the real authorizer binary. The test is the issuer, so it can sign anything.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use local::Options;
use serde_json::{Value, json};

use support::Service;
use support::forger::{Forger, jwk};
use support::service::options;

struct Trial {
    service: Service,
    forger: Forger,
}

impl Trial {
    async fn start() -> Self {
        let forger = Forger::start().await;
        let parameters = vec![("AuthorizerCacheSeconds".to_owned(), "0".to_owned())];
        let options = Options { issuer: Some(forger.url.clone()), parameters, ..options() };
        let trial = Self { service: Service::with_options(options).await, forger };
        let good = trial.forger.sign(&Forger::header(), &trial.forger.claims());
        assert_eq!(trial.status(&good).await, 200, "an honest token is taken");
        trial
    }

    async fn status(&self, token: &str) -> u16 {
        self.service.get_as("/protected", token).await.status
    }

    /// A valid signature over a header and claims with changed members; `null` removes a member.
    fn changed(&self, header: &Value, claims: &Value) -> String {
        self.forger.sign(&merged(Forger::header(), header), &merged(self.forger.claims(), claims))
    }
}

fn merged(mut base: Value, changes: &Value) -> Value {
    for (name, value) in changes.as_object().expect("an object") {
        match value {
            Value::Null => drop(base.as_object_mut().expect("an object").remove(name)),
            value => base[name] = value.clone(),
        }
    }
    base
}

#[tokio::test(flavor = "multi_thread")]
async fn misleading_headers_are_refused() {
    let trial = Trial::start().await;
    let key = jwk(&trial.forger.key);
    let headers = [
        json!({"typ": "JWT"}),
        json!({"typ": null}),
        json!({"typ": "logout+jwt"}),
        json!({"typ": "at+jwt "}),
        json!({"typ": ["at+jwt"]}),
        json!({"alg": "RS384"}),
        json!({"alg": "PS256"}),
        json!({"alg": null}),
        json!({"kid": null}),
        json!({"kid": "unknown"}),
        json!({"kid": "../forged"}),
        json!({"kid": ["forged"]}),
        json!({"crit": ["exp"]}),
        json!({"crit": [], "b64": true}),
        json!({"b64": false}),
        json!({"jwk": key}),
        json!({"jku": format!("{}/.well-known/jwks.json", trial.forger.url)}),
        json!({"x5c": ["AA=="]}),
        json!({"x5u": "https://evil.example/"}),
    ];
    for header in headers {
        assert_eq!(trial.status(&trial.changed(&header, &json!({}))).await, 403, "{header}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn invalid_claims_are_refused_although_the_signature_is_valid() {
    let trial = Trial::start().await;
    let now = trial.forger.claims()["iat"].as_u64().expect("iat");
    let mut cases = vec![
        json!({"iss": "https://evil.example"}),
        json!({"iss": format!("{}/", trial.forger.url)}),
        json!({"iss": [trial.forger.url]}),
        json!({"aud": "https://other.example"}),
        json!({"aud": []}),
        json!({"aud": {"0": trial.forger.url}}),
        json!({"aud": [1, trial.forger.url]}),
        json!({"exp": now - 10}),
        json!({"exp": (now + 600).to_string()}),
        json!({"exp": -1}),
        json!({"exp": 1e300}),
        json!({"nbf": now + 100}),
        json!({"nbf": "0"}),
        json!({"iat": now + 100}),
        json!({"sub": ""}),
        json!({"scope": ["account"]}),
    ];
    for claim in ["iss", "aud", "sub", "client_id", "exp", "iat", "jti"] {
        cases.push(json!({ claim: null }));
        cases.push(json!({ claim: {} }));
        cases.push(json!({ claim: true }));
    }
    for claims in cases {
        assert_eq!(trial.status(&trial.changed(&json!({}), &claims)).await, 403, "{claims}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn signatures_of_others_are_refused() {
    let trial = Trial::start().await;
    let good = trial.forger.sign(&Forger::header(), &trial.forger.claims());
    let (message, signature) = good.rsplit_once('.').expect("three parts");
    let other = Forger::start().await;
    let stranger = other.sign(&Forger::header(), &trial.forger.claims());
    let claims = URL_SAFE_NO_PAD.encode(merged(trial.forger.claims(), &json!({"sub": "admin"})).to_string());
    let header = |header: &Value| URL_SAFE_NO_PAD.encode(merged(Forger::header(), header).to_string());
    let forged = [
        stranger,
        format!("{message}."),
        message.to_owned(),
        format!("{}.{claims}.{signature}", header(&json!({}))),
        format!("{}.{claims}.", header(&json!({"alg": "none"}))),
        format!("{}.{claims}.", header(&json!({"alg": "nOnE"}))),
        format!(
            "{}.{claims}.{}",
            header(&json!({"alg": "HS256"})),
            hs256(&trial, &header(&json!({"alg": "HS256"})), &claims)
        ),
        format!("{good}="),
        format!("{good}.{good}"),
        format!("{message}.{}", STANDARD.encode(URL_SAFE_NO_PAD.decode(signature).expect("base64url"))),
        format!("{message}.{}", &signature[..signature.len() - 4]),
        format!("{message}.{signature}AAAA"),
        format!(".{message}.{signature}"),
        "x".repeat(9000),
    ];
    for token in forged {
        assert_eq!(trial.status(&token).await, 403, "{token}");
    }
    assert_eq!(trial.status(&good).await, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn ambiguous_tokens_are_refused() {
    let trial = Trial::start().await;
    let (header, claims) = (Forger::header().to_string(), trial.forger.claims().to_string());
    let with = |member: &str| format!("{},{member}}}", claims.trim_end_matches('}'));
    let texts = [
        (header.clone(), with(r#""sub":"admin""#)),
        (header.clone(), with(r#""aud":"x""#)),
        (header.clone(), with(r#""scope":"admin""#)),
        (format!("{},\"alg\":\"none\"}}", header.trim_end_matches('}')), claims.clone()),
        (header.clone(), format!("{claims}x")),
        (header.clone(), format!("[{claims}]")),
        (header.clone(), "[".repeat(4000)),
        (header.clone(), String::new()),
        (String::new(), claims.clone()),
    ];
    for (header, claims) in texts {
        assert_eq!(trial.status(&trial.forger.sign_text(&header, &claims)).await, 403, "{header} {claims}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn while_the_keys_are_unavailable_nobody_is_allowed_and_nobody_is_denied() {
    let forger = Forger::start().await;
    let options = Options { issuer: Some("http://127.0.0.1:9".to_owned()), ..options() };
    let service = Service::with_options(options).await;
    let token = forger.sign(
        &Forger::header(),
        &merged(forger.claims(), &json!({"iss": "http://127.0.0.1:9", "aud": "http://127.0.0.1:9"})),
    );
    assert_eq!(service.get_as("/protected", &token).await.status, 500);
}

/// The classic algorithm confusion: HMAC with the public key as the secret.
fn hs256(trial: &Trial, header: &str, claims: &str) -> String {
    let modulus = jwk(&trial.forger.key)["n"].as_str().expect("n").to_owned();
    let key = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, modulus.as_bytes());
    URL_SAFE_NO_PAD.encode(aws_lc_rs::hmac::sign(&key, format!("{header}.{claims}").as_bytes()))
}
