//! Signing keys rotate under load without errors, and a withdrawn key is removed.

use std::cell::Cell;
use std::collections::HashSet;
use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use local::{Options, Stack};
use serde_json::{Value, json};

use super::refresh::table;
use support::faulty::{Fault, Faulty};
use support::service::options;
use support::{PASSWORD, Service};

pub(crate) async fn rotate(service: &Service, event: Value) -> Value {
    service.stack.invoke("RotateFunction", event).await.expect("the function answers")
}

fn kid(token: &str) -> String {
    header(token)["kid"].as_str().expect("a kid").to_owned()
}

/// The header of a token.
pub(crate) fn header(token: &str) -> Value {
    let header = URL_SAFE_NO_PAD.decode(token.split('.').next().expect("a header")).expect("base64url");
    serde_json::from_slice(&header).expect("JSON")
}

pub(crate) async fn sign_in(service: &Service) -> (String, String) {
    let body = service.sign_in("alice", PASSWORD).await.json();
    let text = |name: &str| body[name].as_str().unwrap_or_else(|| panic!("{body}")).to_owned();
    (text("access_token"), text("refresh_token"))
}

pub(crate) async fn refresh(service: &Service, token: &str) -> (String, String) {
    let form = service.request("POST", "/token").header("content-type", "application/x-www-form-urlencoded");
    let form = form.body(format!("grant_type=refresh_token&client_id=first-party&refresh_token={token}"));
    let answer = service.send(form).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let text = |name: &str| answer.json()[name].as_str().expect("a token").to_owned();
    (text("access_token"), text("refresh_token"))
}

/// Refreshes and uses tokens all the time, and returns the ids of the keys that signed them.
async fn load(service: &Service, until: Instant, pause: Duration) -> HashSet<String> {
    let (first, mut token) = sign_in(service).await;
    let mut kids = HashSet::new();
    while Instant::now() < until {
        let (access, next) = refresh(service, &token).await;
        let (fresh, _) = sign_in(service).await;
        for access in [&first, &access, &fresh] {
            let answer = service.get_as("/protected", access).await;
            assert_eq!(answer.status, 200, "a valid token of key {} was refused: {answer:?}", kid(access));
            kids.insert(kid(access));
        }
        token = next;
        tokio::time::sleep(pause).await;
    }
    kids
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rotation_every_second_for_a_minute_refuses_no_valid_token() {
    let service = Service::with_parameters(&[
        ("AuthorizerCacheSeconds", "0"),
        ("RefreshGraceSeconds", "1"),
        ("SignInsPerMinute", "1000"),
    ])
    .await;
    service.token_of("alice").await;
    let until = Instant::now() + Duration::from_mins(1);
    let rotations = async {
        let mut count = 0;
        let mut ticks = tokio::time::interval(Duration::from_secs(1));
        while Instant::now() < until {
            ticks.tick().await;
            assert_eq!(rotate(&service, json!({"action": "rotate"})).await["outcome"], "done");
            count += 1;
        }
        count
    };
    // A key signs thirty seconds after it was published. The load continues after the rotations until the newest key
    // signs.
    let (pause, end) = (Duration::from_millis(100), until + Duration::from_secs(12));
    let loads = futures_util::future::join_all((0..3).map(|_| load(&service, end, pause)));
    let (count, kids) = tokio::join!(rotations, loads);
    let kids: HashSet<String> = kids.into_iter().flatten().collect();
    assert!(kids.len() >= 2, "only {kids:?} signed");
    assert!(count >= 50, "{count} rotations");
    let published = rotate(&service, json!({})).await["keys"].as_array().map(Vec::len);
    assert_eq!(published, Some(count + 2), "all that signed or will sign are still published");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_schedule_publishes_a_next_key_and_then_changes_nothing() {
    let service = Service::start().await;
    let token = service.token_of("alice").await;
    let first = rotate(&service, json!({})).await;
    let states: Vec<_> = first["keys"].as_array().expect("keys").iter().map(|key| key["state"].clone()).collect();
    assert_eq!((&first["outcome"], states.len()), (&json!("done"), 2), "{first}");
    assert!(states.contains(&json!("current")) && states.contains(&json!("next")));
    let event = json!({"source": "aws.events", "detail-type": "Scheduled Event", "detail": {}});
    for event in [json!({}), event] {
        let again = rotate(&service, event).await;
        assert_eq!((&again["outcome"], &again["keys"]), (&json!("nothing was due"), &first["keys"]));
    }
    assert_eq!(kid(&sign_in(&service).await.0), kid(&token), "the next key does not sign yet");
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_withdrawal_people_sign_in_and_the_key_is_not_published() {
    let service = Service::with_parameters(&[("AuthorizerCacheSeconds", "0")]).await;
    // No process has verified or signed when the key is withdrawn, so none has it cached.
    let withdrawn = service.get("/.well-known/jwks.json").await.json()["keys"][0]["kid"].clone();
    let after = rotate(&service, json!({"action": "withdraw", "kid": withdrawn})).await;
    assert!(after["keys"].as_array().expect("keys").iter().all(|key| key["kid"] != withdrawn), "{after}");
    let token = service.token_of("alice").await;
    assert_ne!(json!(kid(&token)), withdrawn);
    tokio::time::sleep(Duration::from_secs(6)).await; // the published keys are at most five seconds old
    let published = service.get("/.well-known/jwks.json").await.json();
    assert!(published["keys"].as_array().expect("keys").iter().all(|key| key["kid"] != withdrawn), "{published}");
    assert_eq!(service.get_as("/protected", &token).await.status, 200);
    let again = service.stack.invoke("RotateFunction", json!({"action": "withdraw", "kid": withdrawn})).await;
    assert!(again.is_err(), "it is gone: {again:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_tokens_of_a_withdrawn_key_are_refused() {
    let service = Service::with_parameters(&[("AuthorizerCacheSeconds", "0")]).await;
    let token = service.token_of("alice").await;
    for path in ["/me", "/protected"] {
        assert_eq!(service.get_as(path, &token).await.status, 200, "{path}");
    }
    rotate(&service, json!({"action": "withdraw", "kid": kid(&token)})).await;
    let refused = async || service.get_as("/me", &token).await.status == 401;
    eventually("/me refuses the token", refused).await;
    let fresh = Cell::new(String::new());
    let signs = async || {
        let answer = service.sign_in("alice", PASSWORD).await;
        let signed = if answer.status == 200 { answer.json()["access_token"].clone() } else { Value::Null };
        fresh.set(signed.as_str().unwrap_or_default().to_owned());
        signed.as_str().is_some_and(|signed| kid(signed) != kid(&token))
    };
    eventually("another key signs", signs).await;
    // An unknown key makes the authorizer fetch the key set long before it is stale.
    let fresh = fresh.take();
    eventually("the authorizer knows the new key", async || service.get_as("/protected", &fresh).await.status == 200)
        .await;
    let answer = service.get_as("/protected", &token).await;
    assert_eq!((answer.status, answer.text.as_str()), (403, r#"{"message":"Forbidden"}"#));
}

/// Waits until something has happened. Fails after a minute.
async fn eventually(what: &str, happened: impl AsyncFn() -> bool) {
    let late = Instant::now() + Duration::from_mins(1);
    while !happened().await {
        assert!(Instant::now() < late, "not within a minute: {what}");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_warm_authorizer_continues_while_the_issuer_is_down() {
    let engine = Stack::start(options()).await.expect("the engine starts");
    let store = Faulty::before(engine.dynamodb_endpoint()).await;
    let service = &Service::with_options(Options {
        dynamodb_endpoint: Some(store.url.clone()),
        parameters: vec![("AuthorizerCacheSeconds".into(), "0".into())],
        ..options().over(&engine)
    })
    .await;
    let token = service.token_of("alice").await;
    assert_eq!(service.get_as("/protected", &token).await.status, 200);
    store.plan(None, Fault::Error(500, "InternalServerError"), usize::MAX);
    let fresh = Instant::now() + Duration::from_secs(13); // longer than the list of revocations is cached
    while Instant::now() < fresh {
        let answer = service.get_as("/protected", &token).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    assert_eq!(service.sign_in("alice", PASSWORD).await.status, 503);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_rotation_interval_is_configurable() {
    for (days, outcome) in [("1", "done"), ("30", "nothing was due")] {
        let service = Service::with_parameters(&[("KeyRotationDays", days)]).await;
        rotate(&service, json!({})).await;
        make_keys_older(&service, 2 * 86_400_000).await;
        let report = rotate(&service, json!({})).await;
        assert_eq!(report["outcome"], outcome, "{days}: {report}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_that_is_not_exactly_one_of_ours_is_refused() {
    let service = Service::start().await;
    for event in [
        json!({"kid": "x"}),
        json!({"action": 1}),
        json!({"action": "withdraw"}),
        json!({"Action": "rotate"}),
        json!([]),
    ] {
        assert!(service.stack.invoke("RotateFunction", event.clone()).await.is_err(), "{event}");
    }
}

/// Makes the keys look older, directly in the table, because tests cannot change the clock.
pub(crate) async fn make_keys_older(service: &Service, millis: u64) {
    let key = json!({"pk": {"S": "KEYS"}, "sk": {"S": "RING"}});
    let mut item = table(service, "GetItem", json!({ "Key": key })).await["Item"].clone();
    for key in item["keys"]["L"].as_array_mut().expect("keys") {
        for name in ["since", "published_at"] {
            let time: u64 = key["M"][name]["N"].as_str().and_then(|time| time.parse().ok()).expect("a time");
            key["M"][name]["N"] = json!((time - millis).to_string());
        }
    }
    table(service, "PutItem", json!({ "Item": item })).await;
}
