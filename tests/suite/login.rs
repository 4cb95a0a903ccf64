//! `POST /login`.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::refresh::table;
use support::{Answer, PASSWORD, Service};

/// The claims of a token, not verified.
pub fn claims(token: &str) -> Value {
    let part = token.split('.').nth(1).expect("three parts");
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).expect("base64url")).expect("JSON")
}

/// [`PASSWORD`] hashed with weaker parameters than those of new hashes.
const OLD_HASH: &str =
    "$argon2id$v=19$m=8192,t=1,p=1$MDEyMzQ1Njc4OWFiY2RlZg$UBy66Nhp0PvhvaENVZqNwnHo/CjaNewh6gBaaszpWGQ";

/// Replaces a person's password hash with one that has old parameters.
pub async fn age_password(service: &Service, user: &str) {
    let input = json!({
        "Key": {"pk": {"S": format!("FACTOR#{user}")}, "sk": {"S": "PASSWORD"}},
        "UpdateExpression": "SET #hash = :old", "ExpressionAttributeNames": {"#hash": "hash"},
        "ExpressionAttributeValues": {":old": {"S": OLD_HASH}},
    });
    table(service, "UpdateItem", input).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hash_with_old_parameters_is_renewed_at_sign_in_and_ends_nothing() {
    let service = Service::start().await;
    let first = service.token_of("alice").await;
    let user = claims(&first)["sub"].as_str().expect("an id").to_owned();
    age_password(&service, &user).await;
    let hash = async || {
        let key = json!({"pk": {"S": format!("FACTOR#{user}")}, "sk": {"S": "PASSWORD"}});
        table(&service, "GetItem", json!({"Key": key})).await["Item"]["hash"]["S"].as_str().expect("a hash").to_owned()
    };
    assert_eq!(service.sign_in("alice", "not the password at all").await.status, 401);
    assert_eq!(hash().await, OLD_HASH, "only the right password renews it");
    assert_eq!(service.sign_in("alice", PASSWORD).await.status, 200);
    let renewed = hash().await;
    assert!(renewed.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{renewed}");
    assert_eq!(service.get_as("/me", &first).await.status, 200);
    assert_eq!(service.sign_in("alice", PASSWORD).await.status, 200);
    assert_eq!(hash().await, renewed, "once");
}

#[tokio::test(flavor = "multi_thread")]
async fn signing_in_answers_with_an_rfc_9068_access_token() {
    let service = Service::start().await;
    let id = service.post("/register", json!({"username": "Alice", "password": PASSWORD})).await.json()["id"].clone();
    let answer = service.sign_in("alice", PASSWORD).await;
    assert_eq!((answer.status, answer.header("cache-control")), (200, "no-store"), "{answer:?}");
    let body = answer.json();
    assert_eq!(
        (&body["token_type"], &body["expires_in"], &body["scope"]),
        (&json!("Bearer"), &json!(900), &json!("account"))
    );
    let token = body["access_token"].as_str().expect("a token");
    let header = token.split('.').next().expect("a header");
    let header: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(header).unwrap()).unwrap();
    assert_eq!((&header["typ"], &header["alg"]), (&json!("at+jwt"), &json!("RS256")));
    let claims = claims(token);
    assert_eq!(claims["iss"], json!(service.stack.url()));
    assert_eq!(claims["aud"], json!(service.stack.url()));
    assert_eq!(
        (&claims["sub"], &claims["username"], &claims["client_id"]),
        (&id, &json!("Alice"), &json!("first-party"))
    );
    assert_eq!(claims["exp"].as_u64().unwrap() - claims["iat"].as_u64().unwrap(), 900);
    assert!(claims["jti"].is_string() && claims["auth_time"].is_u64());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_person_and_a_wrong_password_are_indistinguishable() {
    let service = Service::start().await;
    service.token_of("alice").await;
    let shape = |answer: &Answer| {
        let mut names: Vec<_> = answer.headers.keys().map(ToString::to_string).collect();
        names.sort();
        (answer.status, answer.text.clone(), answer.header("www-authenticate").to_owned(), names)
    };
    let wrong = service.sign_in("alice", "not the right one at all").await;
    assert_eq!((wrong.status, wrong.code().as_str()), (401, "invalid_credentials"));
    assert!(wrong.header("www-authenticate").starts_with("Bearer"));
    let long = "x".repeat(40_000);
    let guesses = [
        ("nobody", PASSWORD),
        ("alice", ""),
        ("", ""),
        ("a@b.example", PASSWORD),
        ("alice", &long),
        (&long, "x"),
        ("\u{0}", "\u{0}"),
    ];
    for (username, password) in guesses {
        assert_eq!(shape(&service.sign_in(username, password).await), shape(&wrong));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_scope_is_what_was_requested_and_never_more_than_allowed() {
    let service = Service::start().await;
    service.token_of("alice").await;
    let ask = |scope: Value| service.post("/login", json!({"username": "alice", "password": PASSWORD, "scope": scope}));
    assert_eq!(ask(json!("account")).await.json()["scope"], json!("account"));
    for scope in ["admin", "account admin", "acc\"ount"] {
        let answer = ask(json!(scope)).await;
        assert_eq!((answer.status, answer.code().as_str()), (400, "invalid_scope"), "{scope}");
    }
    assert_eq!(ask(json!(["account"])).await.problems(), ["scope: wrong_type"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_eleventh_wrong_guess_is_refused_with_a_retry_after() {
    let service = Service::start().await;
    service.token_of("alice").await;
    for _ in 0..10 {
        assert_eq!(service.sign_in("ALICE", "wrong wrong wrong").await.status, 401);
    }
    let walled = service.sign_in("alice", PASSWORD).await;
    assert_eq!((walled.status, walled.code().as_str()), (429, "too_many_requests"));
    let seconds: u64 = walled.header("retry-after").parse().expect("seconds");
    assert!((1..=900).contains(&seconds));
    // Another person is not affected.
    service.token_of("bob").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn concurrent_guesses_all_count() {
    let service = Service::start().await;
    service.token_of("alice").await;
    let guesses = (0..40).map(|_| service.sign_in("alice", "wrong wrong wrong"));
    let answers = futures_util::future::join_all(guesses).await;
    let count = |status| answers.iter().filter(|answer| answer.status == status).count();
    assert_eq!((count(401), count(429)), (10, 30));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_person_is_limited_like_a_known_one() {
    let service = Service::start().await;
    for _ in 0..10 {
        assert_eq!(service.sign_in("nobody-here", "wrong").await.status, 401);
    }
    assert_eq!(service.sign_in("nobody-here", "wrong").await.status, 429);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_who_signs_in_often_is_never_limited() {
    let service = Service::start().await;
    service.token_of("alice").await;
    for _ in 0..15 {
        assert_eq!(service.sign_in("alice", PASSWORD).await.status, 200);
    }
}
