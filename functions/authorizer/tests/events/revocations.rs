//! Revoked tokens are refused in every shape of event; and what happens when the list is unavailable.

use std::time::{Duration, Instant};

use authorizer::{Authorizer, Failure, LAST_WAIT, MAX_UNSEEN, PAUSE, URGENT};
use futures_util::future::join_all;
use jwt::{AccessClaims, RevocationList};
use serde_json::{Value, json};

use crate::http_api::event;
use crate::issuer::{Issuer, KEY, NOW, Reply, ask, ask_at};

/// An HTTP API event with a token that is valid during all of these tests.
fn good(issuer: &Issuer) -> Value {
    let claims = AccessClaims { exp: NOW + 3000, ..issuer.claims() };
    event(&format!("Bearer {}", KEY.sign(&claims).unwrap()))
}

fn revoked(revoke: impl FnOnce(&mut RevocationList)) -> Reply {
    let mut list = RevocationList::default();
    revoke(&mut list);
    Reply::revocations(&list)
}

async fn allows(authorizer: &Authorizer, event: &Value, now: u64) -> bool {
    ask_at(authorizer, event, now).await.unwrap()["isAuthorized"] == true
}

#[tokio::test]
async fn a_session_a_token_a_person_and_a_client_can_be_revoked() {
    let issuer = Issuer::start().await;
    for (reply, allowed) in [
        (revoked(|list| list.session("s1")), false),
        (revoked(|list| list.token("j1")), false),
        (revoked(|list| list.person("0198c0de", 1, None, NOW)), false),
        (revoked(|list| list.registration("first-party", NOW - 60)), false),
        (revoked(|list| list.session("s2")), true),
        (revoked(|list| list.token("s1")), true),
        (revoked(|list| list.person("0198c0de", 1, Some("s1"), NOW)), true),
        (revoked(|list| list.person("0198c0de", 0, None, NOW)), true),
        (revoked(|list| list.registration("other", NOW)), true),
    ] {
        issuer.reply_revocations(reply);
        assert_eq!(allows(&issuer.authorizer(&[]), &good(&issuer), NOW).await, allowed);
    }
}

#[tokio::test]
async fn a_token_of_a_release_that_knew_no_epochs_works_and_can_be_revoked() {
    let issuer = Issuer::start().await;
    let before = AccessClaims { epoch: None, exp: NOW + 3000, ..issuer.claims() };
    let before = event(&format!("Bearer {}", KEY.sign(&before).unwrap()));
    for (reply, allowed) in [
        (revoked(|_| ()), true),
        (revoked(|list| list.person("0198c0de", 7, None, NOW - 61)), true),
        (revoked(|list| list.person("0198c0de", 7, Some("s1"), NOW)), true),
        (revoked(|list| list.person("0198c0de", 7, Some("s2"), NOW)), false),
        (revoked(|list| list.session("s1")), false),
    ] {
        issuer.reply_revocations(reply);
        assert_eq!(allows(&issuer.authorizer(&[]), &before, NOW).await, allowed);
    }
}

#[tokio::test]
async fn a_revoked_token_is_invalid_in_every_shape_of_event() {
    let issuer = Issuer::start().await;
    issuer.reply_revocations(revoked(|list| list.session("s1")));
    let bearer = format!("Bearer {}", issuer.token());
    let arn = "arn:aws:execute-api:eu-west-1:123456789012:a1b2c3/prod/GET/things";
    let headers = json!({"authorization": bearer});
    let shapes = [
        json!({"type": "TOKEN", "authorizationToken": bearer, "methodArn": arn}),
        json!({"type": "REQUEST", "methodArn": arn, "headers": headers,
            "requestContext": {"resourcePath": "/things", "stage": "prod"}}),
        json!({"type": "REQUEST", "methodArn": "arn:aws:execute-api:eu-west-1:123456789012:a1b2c3/prod/$connect",
            "headers": headers, "requestContext": {"eventType": "CONNECT", "routeKey": "$connect", "stage": "prod"}}),
    ];
    let authorizer = issuer.authorizer(&[]);
    for shape in &shapes {
        let answer = ask(&authorizer, shape).await;
        assert!(matches!(answer, Err(Failure::Unauthorized)), "{answer:?}");
    }
    let v1 = json!({"version": "1.0", "type": "REQUEST", "methodArn": arn, "headers": headers,
        "requestContext": {"resourcePath": "/things", "stage": "prod"}});
    let answer = ask(&authorizer, &v1).await.unwrap();
    assert_eq!(answer["policyDocument"]["Statement"][0]["Effect"], "Deny", "{answer}");
    let answer = ask(&issuer.authorizer(&[("RESPONSE", "policy")]), &event(&bearer)).await.unwrap();
    assert_eq!(answer["policyDocument"]["Statement"][0]["Effect"], "Deny", "{answer}");
}

#[tokio::test]
async fn a_revocation_takes_effect_after_the_configured_seconds() {
    for (setting, seconds) in [("", 10), ("1", 1), ("300", 300)] {
        let issuer = Issuer::start().await;
        let authorizer = issuer.authorizer(&[("REVOCATION_SECONDS", setting)]);
        assert!(allows(&authorizer, &good(&issuer), NOW).await);
        issuer.reply_revocations(revoked(|list| list.session("s1")));
        assert!(allows(&authorizer, &good(&issuer), NOW + seconds - 1).await);
        assert_eq!(issuer.asked_for_revocations(), 1);
        assert!(!allows(&authorizer, &good(&issuer), NOW + seconds).await);
        assert_eq!(issuer.asked_for_revocations(), 2);
    }
}

#[tokio::test]
async fn with_zero_seconds_every_decision_fetches_the_list() {
    let issuer = Issuer::start().await;
    let authorizer = issuer.authorizer(&[("REVOCATION_SECONDS", "0")]);
    for asked in 1..4 {
        assert!(allows(&authorizer, &good(&issuer), NOW).await);
        assert_eq!(issuer.asked_for_revocations(), asked);
    }
    issuer.reply_revocations(revoked(|list| list.token("j1")));
    assert!(!allows(&authorizer, &good(&issuer), NOW).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn sixty_four_requests_that_find_it_stale_share_one_fetch() {
    let issuer = Issuer::start().await;
    let authorizer = issuer.authorizer(&[]);
    let event = good(&issuer);
    assert!(allows(&authorizer, &event, NOW).await);
    issuer.reply_revocations(revoked(|list| list.session("s1")).after(Duration::from_millis(100)));
    let answers = join_all((0..64).map(|_| allows(&authorizer, &event, NOW + 10))).await;
    assert_eq!((answers, issuer.asked_for_revocations()), (vec![false; 64], 2));
}

#[tokio::test]
async fn an_invalid_token_causes_no_fetch() {
    let issuer = Issuer::start().await;
    let authorizer = issuer.authorizer(&[("REVOCATION_SECONDS", "0")]);
    let expired = AccessClaims { exp: NOW - 60, ..issuer.claims() };
    for token in ["x".to_owned(), KEY.sign(&expired).unwrap()] {
        assert!(!allows(&authorizer, &event(&format!("Bearer {token}")), NOW).await);
    }
    assert_eq!(issuer.asked_for_revocations(), 0);
}

#[tokio::test]
async fn the_last_list_remains_in_use_for_five_minutes_while_the_issuer_is_down() {
    let issuer = Issuer::start().await;
    let authorizer = issuer.authorizer(&[("REVOCATION_SECONDS", "0")]);
    let other = AccessClaims { exp: NOW + 3000, sid: Some("s2".into()), ..issuer.claims() };
    let other = event(&format!("Bearer {}", KEY.sign(&other).unwrap()));
    issuer.reply_revocations(revoked(|list| list.session("s2")));
    assert!(allows(&authorizer, &good(&issuer), NOW).await);
    issuer.reply_revocations(Reply::text("503 Service Unavailable", ""));
    for second in 1..=PAUSE {
        assert!(allows(&authorizer, &good(&issuer), NOW + second).await);
        assert!(!allows(&authorizer, &other, NOW + second).await, "a revoked token stays revoked");
    }
    assert_eq!(issuer.asked_for_revocations(), 2, "one attempt per pause");
    assert!(allows(&authorizer, &good(&issuer), NOW + MAX_UNSEEN - 1).await);
    for second in MAX_UNSEEN..MAX_UNSEEN + 2 {
        let answer = ask_at(&authorizer, &good(&issuer), NOW + second).await;
        assert!(matches!(answer, Err(Failure::Revocations(_))), "neither allowed nor denied: {answer:?}");
    }
    issuer.reply_revocations(revoked(|_| ()));
    assert!(allows(&authorizer, &good(&issuer), NOW + MAX_UNSEEN + 2 * PAUSE).await, "the issuer is back");
}

#[tokio::test]
async fn without_any_list_a_valid_token_is_a_failure_and_every_event_fetches() {
    let issuer = Issuer::start().await;
    let authorizer = issuer.authorizer(&[]);
    let list = revoked(|list| list.session("other"));
    let replies = [
        Reply::text("404 Not Found", ""),
        Reply::text("200 OK", "{}"),
        Reply::text("200 OK", "<html>"),
        Reply::text("200 OK", &" ".repeat(7 << 20)),
        list.clone().status("203 Non-Authoritative Information"),
        list.clone().after(LAST_WAIT + Duration::from_millis(300)),
    ];
    for (count, reply) in replies.into_iter().enumerate() {
        issuer.reply_revocations(reply);
        let answer = ask(&authorizer, &good(&issuer)).await;
        assert!(matches!(answer, Err(Failure::Revocations(_))), "{answer:?}");
        assert_eq!(issuer.asked_for_revocations(), count + 1);
        assert!(!allows(&authorizer, &event("Bearer x"), NOW).await, "an invalid token is denied without a list");
    }
    issuer.reply_revocations(list);
    assert!(allows(&authorizer, &good(&issuer), NOW).await);
}

#[tokio::test]
#[expect(clippy::disallowed_methods, reason = "a test that measures time")]
async fn a_hanging_issuer_delays_one_request_per_pause_and_fails_none_within_five_minutes() {
    let issuer = Issuer::start().await;
    let authorizer = issuer.authorizer(&[]);
    assert!(allows(&authorizer, &good(&issuer), NOW).await);
    issuer.reply_revocations(revoked(|_| ()).after(Duration::from_mins(10)));
    for (now, most) in [(NOW + PAUSE, 1), (NOW + MAX_UNSEEN - URGENT, 3)] {
        let begin = Instant::now();
        assert!(allows(&authorizer, &good(&issuer), now).await, "it goes on with the list that it has");
        let waited = begin.elapsed();
        assert!((most..most + 2).contains(&waited.as_secs()), "{waited:?}");
        let begin = Instant::now();
        for second in 0..PAUSE {
            assert!(allows(&authorizer, &good(&issuer), now + second).await);
        }
        assert!(begin.elapsed() < Duration::from_secs(1), "the others do not wait");
    }
    let answer = ask_at(&authorizer, &good(&issuer), NOW + MAX_UNSEEN).await;
    assert!(matches!(answer, Err(Failure::Revocations(_))), "{answer:?}");
}

#[tokio::test]
async fn a_slow_list_arrives_before_the_last_one_is_too_old() {
    let issuer = Issuer::start().await;
    let authorizer = issuer.authorizer(&[]);
    issuer.reply_revocations(revoked(|_| ()).after(Duration::from_millis(1500)));
    assert!(allows(&authorizer, &good(&issuer), NOW).await, "a new process waits for its first list");
    issuer.reply_revocations(revoked(|list| list.session("s1")).after(Duration::from_millis(1500)));
    assert!(allows(&authorizer, &good(&issuer), NOW + PAUSE).await);
    assert!(!allows(&authorizer, &good(&issuer), NOW + MAX_UNSEEN - URGENT).await, "the new list");
    assert_eq!(issuer.asked_for_revocations(), 3);
}
