//! An issuer whose keys the test has, for sending forged tokens to the real authorizer.

use std::sync::Arc;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::{KeyPair as _, RSA_PKCS1_SHA256, RsaEncoding};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http_body_util::Full;
use hyper::body::Bytes;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::net::TcpListener;

/// An RSA key, and a server that publishes it at `{url}/.well-known/jwks.json` with an empty list of revocations.
pub struct Forger {
    pub url: String,
    pub key: KeyPair,
}

impl Forger {
    /// Publishes a new key with the `kid` "forged", and serves until the test's runtime ends.
    pub async fn start() -> Self {
        let key = KeyPair::generate(KeySize::Rsa2048).expect("a key");
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("address"));
        let jwks = Arc::new(json!({"keys": [jwk(&key)]}).to_string());
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let jwks = jwks.clone();
                let service = service_fn(move |request: Request<hyper::body::Incoming>| {
                    let body = match request.uri().path() {
                        "/revocations" => r#"{"sessions":[],"tokens":[],"users":{},"clients":{}}"#,
                        _ => &jwks,
                    };
                    let body = Full::new(Bytes::from(body.as_bytes().to_vec()));
                    async { Ok::<_, std::convert::Infallible>(Response::new(body)) }
                });
                let connection =
                    hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service);
                tokio::spawn(async move { drop(connection.await) });
            }
        });
        Self { url, key }
    }

    /// The header of a valid access token.
    pub fn header() -> Value {
        json!({"alg": "RS256", "typ": "at+jwt", "kid": "forged"})
    }

    /// The claims of a valid access token.
    pub fn claims(&self) -> Value {
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).expect("now").as_secs();
        json!({
            "iss": self.url, "aud": self.url, "sub": "somebody", "client_id": "first-party", "scope": "account",
            "iat": now, "exp": now + 600, "jti": "1", "username": "somebody"
        })
    }

    /// A token with this header, these claims and a valid signature.
    pub fn sign(&self, header: &Value, claims: &Value) -> String {
        self.sign_text(&header.to_string(), &claims.to_string())
    }

    /// The same for texts that may not be JSON.
    pub fn sign_text(&self, header: &str, claims: &str) -> String {
        let message = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(claims));
        let mut signature = vec![0; self.key.public_modulus_len()];
        let encoding: &'static dyn RsaEncoding = &RSA_PKCS1_SHA256;
        self.key.sign(encoding, &SystemRandom::new(), message.as_bytes(), &mut signature).expect("a signature");
        format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature))
    }
}

/// The public half of `key` as a JWK.
pub fn jwk(key: &KeyPair) -> Value {
    // RSAPublicKey (RFC 8017 appendix A.1.1) of 2,048 bits: 9 bytes of lengths and sign, then the modulus; e is 65537.
    let modulus = URL_SAFE_NO_PAD.encode(&key.public_key().as_ref()[9..265]);
    json!({
        "kty": "RSA", "use": "sig", "alg": "RS256", "kid": "forged",
        "n": modulus, "e": "AQAB",
    })
}
