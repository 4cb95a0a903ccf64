//! When keys are fetched, and what happens when they are unavailable.

use std::time::Duration;

use authorizer::{Authorizer, DEFAULT_FRESH, Failure, LAST_WAIT, MAX_FRESH, MAX_STALE, MIN_FRESH, PAUSE};
use futures_util::future::join_all;
use jwt::{AccessClaims, SigningKey};
use serde_json::Value;

use crate::http_api::event;
use crate::issuer::{Issuer, KEY, NEXT_KEY, NOW, Reply, ask, ask_at};

/// A token of `key` that is valid at `now`.
fn signed(issuer: &Issuer, key: &SigningKey, now: u64) -> Value {
    let claims = AccessClaims { iat: now - 60, exp: now + 600, ..issuer.claims() };
    event(&format!("Bearer {}", key.sign(&claims).unwrap()))
}

async fn allows(authorizer: &Authorizer, event: &Value, now: u64) -> bool {
    ask_at(authorizer, event, now).await.unwrap()["isAuthorized"] == true
}

#[tokio::test(flavor = "multi_thread")]
async fn sixty_four_concurrent_events_share_one_fetch() {
    let issuer = Issuer::with(Reply::keys(&[&KEY]).after(Duration::from_millis(100))).await;
    let authorizer = issuer.authorizer(&[]);
    let event = signed(&issuer, &KEY, NOW);
    let answers = join_all((0..64).map(|_| allows(&authorizer, &event, NOW))).await;
    assert_eq!((answers, issuer.asked()), (vec![true; 64], 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn sixty_four_concurrent_events_share_one_failure() {
    let issuer = Issuer::with(Reply::text("503 Service Unavailable", "").after(Duration::from_millis(100))).await;
    let authorizer = issuer.authorizer(&[]);
    let event = signed(&issuer, &KEY, NOW);
    let answers = join_all((0..64).map(|_| ask(&authorizer, &event))).await;
    assert!(answers.iter().all(|answer| matches!(answer, Err(Failure::Keys(_)))));
    assert_eq!(issuer.asked(), 1);
}

#[tokio::test]
async fn keys_are_fetched_on_demand_and_cached_while_they_are_fresh() {
    for (header, fresh) in [
        (None, DEFAULT_FRESH),
        (Some("max-age=300"), 300),
        (Some("public, max-age=0"), MIN_FRESH),
        (Some("no-store"), MIN_FRESH),
        (Some("max-age=31536000"), MAX_FRESH),
        (Some("max-age=nonsense"), DEFAULT_FRESH),
    ] {
        let reply = Reply::keys(&[&KEY]);
        let reply = header.map_or(reply.clone(), |value| reply.header(&format!("Cache-Control: {value}")));
        let issuer = Issuer::with(reply).await;
        let authorizer = issuer.authorizer(&[]);
        assert_eq!(issuer.asked(), 0);
        for (now, asked) in [(NOW, 1), (NOW, 1), (NOW + fresh - 1, 1), (NOW + fresh, 2), (NOW + 2 * fresh - 1, 2)] {
            assert!(allows(&authorizer, &signed(&issuer, &KEY, now), now).await);
            assert_eq!(issuer.asked(), asked, "{header:?} after {}", now - NOW);
        }
    }
}

#[tokio::test]
async fn a_new_key_is_found_while_the_old_keys_are_still_fresh() {
    let issuer = Issuer::start().await;
    let authorizer = issuer.authorizer(&[]);
    assert!(allows(&authorizer, &signed(&issuer, &KEY, NOW), NOW).await);
    issuer.reply(Reply::keys(&[&KEY, &NEXT_KEY]));
    let later = NOW + PAUSE;
    assert!(allows(&authorizer, &signed(&issuer, &NEXT_KEY, later), later).await);
    assert!(allows(&authorizer, &signed(&issuer, &KEY, later), later).await);
    assert_eq!(issuer.asked(), 2);
}

#[tokio::test]
async fn many_unknown_keys_cause_few_fetches() {
    let issuer = Issuer::start().await;
    let authorizer = issuer.authorizer(&[]);
    for second in 0..60 {
        let now = NOW + second;
        let unknown = signed(&issuer, &NEXT_KEY, now);
        let answers = join_all((0..20).map(|_| allows(&authorizer, &unknown, now))).await;
        assert!(answers.iter().all(|answer| !answer));
        assert!(allows(&authorizer, &signed(&issuer, &KEY, now), now).await);
    }
    assert_eq!(issuer.asked(), 60 / usize::try_from(PAUSE).unwrap());
}

#[tokio::test]
async fn a_malformed_token_causes_no_fetch() {
    let issuer = Issuer::start().await;
    let authorizer = issuer.authorizer(&[]);
    for second in 0..30 {
        let now = NOW + second;
        for token in ["a.b.c", "eyJhbGciOiJub25lIiwidHlwIjoiYXQrand0Iiwia2lkIjoieCJ9.e30.", "x"] {
            assert!(!allows(&authorizer, &event(&format!("Bearer {token}")), now).await);
        }
    }
    assert_eq!(issuer.asked(), 1);
}

#[tokio::test]
async fn old_keys_remain_in_use_for_a_day_while_the_issuer_is_down() {
    let issuer = Issuer::start().await;
    let authorizer = issuer.authorizer(&[]);
    assert!(allows(&authorizer, &signed(&issuer, &KEY, NOW), NOW).await);
    issuer.reply(Reply::text("500 Internal Server Error", "oh"));
    for after in [DEFAULT_FRESH, DEFAULT_FRESH + PAUSE - 1, 5000, MAX_STALE - 1] {
        assert!(allows(&authorizer, &signed(&issuer, &KEY, NOW + after), NOW + after).await, "after {after}");
    }
    assert_eq!(issuer.asked(), 4, "fetching is retried, but not during the pause");
    let too_old = NOW + MAX_STALE;
    let answer = ask_at(&authorizer, &signed(&issuer, &KEY, too_old), too_old).await;
    assert!(matches!(answer, Err(Failure::Keys(_))), "neither allowed nor denied: {answer:?}");

    issuer.reply(Reply::keys(&[&KEY]));
    let back = too_old + PAUSE;
    assert!(allows(&authorizer, &signed(&issuer, &KEY, back), back).await);
}

#[tokio::test]
async fn an_unknown_key_while_the_issuer_is_down_is_a_failure_not_a_denial() {
    let issuer = Issuer::start().await;
    let authorizer = issuer.authorizer(&[]);
    assert!(allows(&authorizer, &signed(&issuer, &KEY, NOW), NOW).await);
    issuer.reply(Reply::text("500 Internal Server Error", "oh"));
    for now in [NOW + PAUSE, NOW + PAUSE + 1, NOW + 3 * PAUSE] {
        let answer = ask_at(&authorizer, &signed(&issuer, &NEXT_KEY, now), now).await;
        assert!(matches!(answer, Err(Failure::Keys(_))), "{answer:?}");
        assert!(allows(&authorizer, &signed(&issuer, &KEY, now), now).await, "the known key remains in use");
    }
    assert_eq!(issuer.asked(), 3);
}

#[tokio::test]
async fn without_any_keys_every_event_fetches_and_fails() {
    let issuer = Issuer::with(Reply::text("404 Not Found", "")).await;
    let authorizer = issuer.authorizer(&[]);
    for asked in 1..4 {
        assert!(matches!(ask(&authorizer, &signed(&issuer, &KEY, NOW)).await, Err(Failure::Keys(_))));
        assert_eq!(issuer.asked(), asked);
    }
    issuer.reply(Reply::keys(&[&KEY]));
    assert!(allows(&authorizer, &signed(&issuer, &KEY, NOW), NOW).await);
}

#[tokio::test]
async fn an_unusable_document_does_not_replace_the_keys() {
    let issuer = Issuer::start().await;
    let authorizer = issuer.authorizer(&[]);
    assert!(allows(&authorizer, &signed(&issuer, &KEY, NOW), NOW).await);
    let private = r#"{"keys":[{"kty":"RSA","d":"AQAB"}]}"#;
    let large = format!(r#"{{"keys":[],"pad":"{}"}}"#, "x".repeat(200_000));
    let keys = Reply::keys(&[&NEXT_KEY]);
    let replies = [
        Reply::text("200 OK", "<html>captive portal</html>"),
        Reply::text("200 OK", r#"{"keys":[]}"#),
        Reply::text("200 OK", private),
        Reply::text("200 OK", &large),
        Reply::text("200 OK", "").header("transfer-encoding: nonsense"),
        Reply::text("204 No Content", ""),
        keys.clone().status("301 Moved Permanently").header("location: https://evil.example/jwks.json"),
        keys.clone().status("302 Found").header("location: /jwks.json"),
        keys.clone().status("404 Not Found"),
        keys.clone().status("503 Service Unavailable"),
        keys.clone().status("203 Non-Authoritative Information"),
        keys.clone().after(Duration::from_secs(5)),
    ];
    let mut now = NOW + DEFAULT_FRESH;
    for (count, reply) in replies.into_iter().enumerate() {
        issuer.reply(reply);
        assert!(allows(&authorizer, &signed(&issuer, &KEY, now), now).await, "reply {count}");
        assert_eq!(issuer.asked(), count + 2);
        now += PAUSE;
    }
    issuer.reply(keys);
    assert!(allows(&authorizer, &signed(&issuer, &NEXT_KEY, now), now).await);
    assert!(
        !allows(&authorizer, &signed(&issuer, &KEY, now), now).await,
        "a withdrawn key is refused after the next fetch"
    );
}

#[tokio::test]
#[expect(clippy::disallowed_methods, reason = "a test that measures time")]
async fn fetching_from_an_issuer_that_does_not_answer_times_out() {
    let silent = Issuer::with(Reply::keys(&[&KEY]).after(Duration::from_mins(1))).await;
    let begin = std::time::Instant::now();
    assert!(matches!(ask(&silent.authorizer(&[]), &signed(&silent, &KEY, NOW)).await, Err(Failure::Keys(_))));
    assert!(begin.elapsed() < LAST_WAIT + Duration::from_secs(1));
}

#[tokio::test]
async fn an_unreachable_issuer_is_a_failure() {
    let port = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let nobody = crate::issuer::authorizer(&format!("http://{port}"), &[], fetch::Roots::none());
    let issuer = Issuer::start().await;
    assert!(matches!(ask(&nobody, &signed(&issuer, &KEY, NOW)).await, Err(Failure::Keys(_))));
}
