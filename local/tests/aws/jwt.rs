//! An HTTP API's own JWT authorizer: what it takes, what it refuses and how, and which keys it uses.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::{KeyPair as _, RSA_PKCS1_SHA256, RsaEncoding};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::support::Fixture;

/// An issuer that publishes one RSA key, and counts who asks.
struct Issuer {
    url: String,
    key: KeyPair,
    asked: Arc<AtomicUsize>,
}

impl Issuer {
    async fn start() -> Self {
        let key = KeyPair::generate(KeySize::Rsa2048).expect("a key");
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        // RSAPublicKey (RFC 8017 appendix A.1.1) of 2,048 bits: 9 bytes of lengths and sign, then the modulus; e is 65537.
        let modulus = BASE64_URL_SAFE_NO_PAD.encode(&key.public_key().as_ref()[9..265]);
        let keys = json!({"keys": [{"kty": "RSA", "kid": "k", "n": modulus, "e": "AQAB"}]}).to_string();
        let discovery = json!({"issuer": url, "jwks_uri": format!("{url}/keys")}).to_string();
        let asked = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&asked);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (keys, discovery, counter) = (keys.clone(), discovery.clone(), Arc::clone(&counter));
                let service = service_fn(move |request: Request<Incoming>| {
                    let text = match request.uri().path() {
                        "/.well-known/openid-configuration" => discovery.clone(),
                        _ => keys.clone(),
                    };
                    counter.fetch_add(1, Ordering::SeqCst);
                    async { Ok::<_, std::convert::Infallible>(Response::new(Full::new(Bytes::from(text)))) }
                });
                let server = hyper::server::conn::http1::Builder::new();
                tokio::spawn(async move { drop(server.serve_connection(TokioIo::new(stream), service).await) });
            }
        });
        Self { url, key, asked }
    }

    fn claims(&self) -> Value {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("now").as_secs();
        json!({"iss": self.url, "aud": "api", "sub": "s", "iat": now, "exp": now + 60, "scope": "a b", "roles": ["x", "y"], "n": 7})
    }

    fn sign(&self, header: &Value, claims: &Value) -> String {
        let encode = |part: &Value| BASE64_URL_SAFE_NO_PAD.encode(part.to_string());
        let message = format!("{}.{}", encode(header), encode(claims));
        let mut signature = vec![0; self.key.public_modulus_len()];
        let encoding: &'static dyn RsaEncoding = &RSA_PKCS1_SHA256;
        self.key.sign(encoding, &SystemRandom::new(), message.as_bytes(), &mut signature).expect("a signature");
        format!("{message}.{}", BASE64_URL_SAFE_NO_PAD.encode(signature))
    }

    fn token(&self, change: impl FnOnce(&mut Value)) -> String {
        let mut claims = self.claims();
        change(&mut claims);
        self.sign(&json!({"alg": "RS256", "kid": "k"}), &claims)
    }
}

async fn fixture(issuer: &str) -> Fixture {
    let event = |path: &str, scopes: Value| {
        let auth = json!({"Authorizer": "Jwt", "AuthorizationScopes": scopes});
        json!({"Type": "HttpApi", "Properties": {"ApiId": {"Ref": "Api"}, "Method": "GET", "Path": path, "Auth": auth}})
    };
    let jwt = json!({
        "IdentitySource": "$request.header.Authorization",
        "JwtConfiguration": {"issuer": issuer, "audience": ["api", "other"]},
    });
    let function = json!({
        "CodeUri": "echo", "Runtime": "provided.al2023", "Handler": "bootstrap",
        "Events": {"Any": event("/any", json!([])), "Some": event("/some", json!(["b", "c"])), "None": event("/none", json!(["c"]))},
    });
    Fixture::of_template(&json!({"Transform": "AWS::Serverless-2016-10-31", "Resources": {
        "Api": {"Type": "AWS::Serverless::HttpApi", "Properties": {"Auth": {"Authorizers": {"Jwt": jwt}}}},
        "EchoFunction": {"Type": "AWS::Serverless::Function", "Properties": function},
    }}))
    .await
}

/// Status, `www-authenticate` and body of a GET.
async fn get(fixture: &Fixture, path: &str, authorization: &str) -> (u16, String, Value) {
    let request = fixture.request("GET", path).header("authorization", authorization);
    let response = request.send().await.expect("an answer");
    let asks = response.headers().get("www-authenticate").map_or("", |value| value.to_str().expect("text")).to_owned();
    (response.status().as_u16(), asks, response.json().await.expect("JSON"))
}

#[tokio::test]
async fn a_good_token_passes_and_its_claims_reach_the_function_as_text() {
    let issuer = Issuer::start().await;
    let fixture = fixture(&issuer.url).await;
    let token = issuer.token(|_| ());
    for (path, scopes) in [("/any", json!(null)), ("/some", json!(["b"]))] {
        for value in [format!("Bearer {token}"), token.clone()] {
            let (status, _, seen) = get(&fixture, path, &value).await;
            let jwt = &seen["event"]["requestContext"]["authorizer"]["jwt"];
            assert_eq!((status, &jwt["scopes"]), (200, &scopes));
            assert_eq!((&jwt["claims"]["sub"], &jwt["claims"]["n"]), (&json!("s"), &json!("7")));
            assert_eq!(jwt["claims"]["roles"], "[x y]");
        }
    }
    assert_eq!(issuer.asked.load(Ordering::SeqCst), 2, "one discovery, one key set");
}

#[tokio::test]
async fn what_is_wrong_is_a_401_and_a_missing_scope_a_403() {
    let issuer = Issuer::start().await;
    let fixture = fixture(&issuer.url).await;
    let (status, asks, body) = get(&fixture, "/none", &issuer.token(|_| ())).await;
    assert_eq!((status, body), (403, json!({"message": "Forbidden"})));
    assert!(asks.contains(r#"error="insufficient_scope""#), "{asks}");
    let claims = issuer.claims();
    let stranger = Issuer::start().await;
    for token in [
        issuer.token(|claims| claims["iss"] = json!("https://elsewhere.example")),
        issuer.token(|claims| claims["aud"] = json!("elsewhere")),
        issuer.token(|claims| claims["exp"] = json!(1_700_000_000)),
        issuer.token(|claims| claims["nbf"] = json!(4_000_000_000_u64)),
        issuer.sign(&json!({"alg": "ES256", "kid": "k"}), &claims),
        issuer.sign(&json!({"alg": "none", "kid": "k"}), &claims),
        issuer.sign(&json!({"alg": "HS256", "kid": "k"}), &claims),
        issuer.sign(&json!({"alg": "RS256", "kid": "other"}), &claims),
        issuer.sign(&json!({"alg": "RS256"}), &claims),
        stranger.sign(&json!({"alg": "RS256", "kid": "k"}), &claims),
        "a.b.c".to_owned(),
        "x".to_owned(),
    ] {
        let (status, asks, body) = get(&fixture, "/any", &format!("Bearer {token}")).await;
        assert_eq!((status, body), (401, json!({"message": "Unauthorized"})), "{token}");
        assert!(asks.starts_with(r#"Bearer scope="" error="invalid_token" error_description=""#), "{asks}");
    }
}

#[tokio::test]
async fn client_id_stands_in_for_a_missing_audience() {
    let issuer = Issuer::start().await;
    let fixture = fixture(&issuer.url).await;
    let without = |client: &str| {
        issuer.token(|claims| {
            claims.as_object_mut().expect("claims").remove("aud");
            claims["client_id"] = json!(client);
        })
    };
    assert_eq!(get(&fixture, "/any", &without("other")).await.0, 200);
    assert_eq!(get(&fixture, "/any", &without("elsewhere")).await.0, 401);
}
