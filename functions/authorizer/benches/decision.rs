//! `cargo bench -p authorizer`: the whole warm decision, from event bytes to answer bytes, compared with AWS-LC's bare
//! check of the same signature.
#![expect(clippy::unwrap_used, reason = "a bench fails when its setup does")]

#[path = "../../../shared/jwt/benches/compare/mod.rs"]
mod compare;

use std::hint::black_box;
use std::io::{Read, Write};
use std::net::TcpListener;

use authorizer::{Authorizer, Event, Settings};
use aws_lc_rs::signature::{KeyPair, ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256, RsaKeyPair};
use compare::compare;
use fetch::Roots;
use jwt::{AccessClaims, Algorithm, Audience, Jwks, RevocationList, SigningKey};
use oauth::{Scopes, Time};
use serde_json::{Value, json};

const NOW: Time = Time::from_seconds(1_800_000_000);

fn main() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let (key, pkcs8) = SigningKey::generate(Algorithm::RS256).unwrap();
    let url = publish(&key);
    let token = key.sign(&claims(&url)).unwrap();

    let pair = RsaKeyPair::from_pkcs8(&pkcs8).unwrap();
    let bare = ParsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, pair.public_key()).unwrap();
    let message = token.rsplit_once('.').unwrap().0;
    let mut signature = vec![0; pair.public_modulus_len()];
    let rng = aws_lc_rs::rand::SystemRandom::new();
    pair.sign(&aws_lc_rs::signature::RSA_PKCS1_SHA256, &rng, message.as_bytes(), &mut signature).unwrap();

    let authorizer =
        Authorizer::new(Settings::read(|name| (name == "ISSUER").then(|| url.clone()), Roots::none()).unwrap());
    let decide = |event: &[u8]| {
        let event: Event = serde_json::from_slice(event).unwrap();
        let answer = runtime.block_on(authorizer.answer(event, NOW)).unwrap();
        serde_json::to_vec(&answer).unwrap()
    };
    let (http, rest) = (http_api(&token).to_string(), rest_token(&token).to_string());
    assert!(String::from_utf8(decide(http.as_bytes())).unwrap().contains(r#""isAuthorized":true"#));

    compare(
        "decide RS256",
        &mut [
            ("AWS-LC's check alone, parsed key", &mut || bare.verify_sig(message.as_bytes(), &signature).unwrap()),
            ("HTTP API 2.0, simple", &mut || {
                black_box(decide(http.as_bytes()));
            }),
            ("REST API TOKEN, policy", &mut || {
                black_box(decide(rest.as_bytes()));
            }),
        ],
    );
}

/// Publishes the key and an empty list of revocations.
fn publish(key: &SigningKey) -> String {
    let keys = serde_json::to_string(&Jwks { keys: vec![key.public_jwk().clone()] }).unwrap();
    let revocations = serde_json::to_string(&RevocationList::default()).unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let (mut stream, mut request) = (stream.unwrap(), [0; 1024]);
            let read = stream.read(&mut request).unwrap();
            let body = if request[..read].starts_with(b"GET /revocations ") { &revocations } else { &keys };
            let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n", body.len());
            stream.write_all(format!("{head}{body}").as_bytes()).unwrap();
        }
    });
    url
}

fn http_api(token: &str) -> Value {
    json!({
        "version": "2.0",
        "type": "REQUEST",
        "routeArn": "arn:aws:execute-api:eu-west-1:123456789012:a1b2c3/$default/GET/protected",
        "identitySource": [format!("Bearer {token}"), "ANY /protected"],
        "routeKey": "ANY /protected",
        "rawPath": "/protected",
        "rawQueryString": "",
        "headers": {
            "accept": "*/*",
            "authorization": format!("Bearer {token}"),
            "content-length": "0",
            "host": "a1b2c3.execute-api.eu-west-1.amazonaws.com",
            "user-agent": "curl/8.5.0",
            "x-amzn-trace-id": "Root=1-67a0b0c0-0123456789abcdef01234567",
            "x-forwarded-for": "192.0.2.7",
            "x-forwarded-port": "443",
            "x-forwarded-proto": "https"
        },
        "requestContext": {
            "accountId": "123456789012",
            "apiId": "a1b2c3",
            "domainName": "a1b2c3.execute-api.eu-west-1.amazonaws.com",
            "domainPrefix": "a1b2c3",
            "http": {"method": "GET", "path": "/protected", "protocol": "HTTP/1.1", "sourceIp": "192.0.2.7", "userAgent": "curl/8.5.0"},
            "requestId": "JKJaXmPLvHcESHA=",
            "routeKey": "ANY /protected",
            "stage": "$default",
            "time": "10/Mar/2027:05:16:23 +0000",
            "timeEpoch": 1_800_000_000_000_u64
        }
    })
}

fn rest_token(token: &str) -> Value {
    json!({
        "type": "TOKEN",
        "authorizationToken": format!("Bearer {token}"),
        "methodArn": "arn:aws:execute-api:eu-west-1:123456789012:a1b2c3/prod/GET/protected"
    })
}

fn claims(issuer: &str) -> AccessClaims {
    AccessClaims {
        iss: issuer.to_owned(),
        sub: "0198c0de-7a3b-7c1d-8e2f-0123456789ab".to_owned(),
        aud: Audience::one(issuer),
        client_id: "first-party".to_owned(),
        iat: NOW.seconds() - 60,
        exp: NOW.seconds() + 840,
        nbf: None,
        jti: "0198c0de-7a3b-7c1d-8e2f-fedcba987654".to_owned(),
        scope: Scopes::parse("account things:read").unwrap(),
        sid: Some("0198c0de-7a3b-7c1d-8e2f-000000000000".to_owned()),
        auth_time: Some(NOW.seconds() - 60),
        acr: Some("1".to_owned()),
        epoch: Some(0),
        username: Some("alice".to_owned()),
        roles: vec!["admin".to_owned()],
    }
}
