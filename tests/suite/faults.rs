//! Faults of ours are never reported as the caller's: a 503 with `Retry-After`, or no visible effect.

use std::time::Duration;

use local::{Options, Stack};
use serde_json::json;

use support::browser::{CALLBACK, CHALLENGE, authorize, form};
use support::engine::Disturbed;
use support::faulty::{Fault, Faulty};
use support::party::{Party, reply};
use support::service::options;
use support::{Answer, PASSWORD, Service};

fn assert_unavailable(answer: &Answer) {
    assert_eq!((answer.status, answer.code().as_str()), (503, "temporarily_unavailable"), "{answer:?}");
    assert!(!answer.header("retry-after").is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_passing_fault_is_not_noticed() {
    let disturbed = Disturbed::start().await;
    let service = &disturbed.service;
    let faults = [
        Fault::Error(400, "ThrottlingException"),
        Fault::Error(400, "ProvisionedThroughputExceededException"),
        Fault::Error(500, "InternalServerError"),
        Fault::LostReply,
        Fault::Silence(Duration::from_secs(2)),
    ];
    for (number, fault) in faults.into_iter().enumerate() {
        let username = format!("person-{number}");
        disturbed.store.plan(Some("TransactWriteItems"), fault.clone(), 1);
        let answer = service.post("/register", json!({"username": username, "password": PASSWORD})).await;
        assert_eq!(answer.status, 201, "{fault:?}: {answer:?}");
        disturbed.store.plan(Some("GetItem"), fault.clone(), 1);
        disturbed.store.plan(Some("UpdateItem"), fault.clone(), 1);
        assert_eq!(service.sign_in(&username, PASSWORD).await.status, 200, "{fault:?}");
        disturbed.store.heal();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn conflicting_transactions_are_retried() {
    let disturbed = Disturbed::start().await;
    disturbed.store.plan(Some("TransactWriteItems"), Fault::Cancelled("TransactionConflict"), 3);
    let answer = disturbed.service.post("/register", json!({"username": "alice", "password": PASSWORD})).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    disturbed.store.plan(Some("TransactWriteItems"), Fault::Cancelled("TransactionConflict"), usize::MAX);
    assert_unavailable(&disturbed.service.post("/register", json!({"username": "bob-2", "password": PASSWORD})).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lasting_fault_is_a_503_for_valid_and_invalid_requests() {
    let disturbed = Disturbed::start().await;
    let service = &disturbed.service;
    service.token_of("alice").await;
    let faults = [
        Fault::Error(400, "ThrottlingException"),
        Fault::Error(500, "InternalServerError"),
        Fault::Error(400, "AccessDeniedException"),
        Fault::Error(400, "ResourceNotFoundException"),
        Fault::Silence(Duration::from_secs(10)),
    ];
    for fault in faults {
        disturbed.store.plan(None, fault.clone(), usize::MAX);
        let register = service.post("/register", json!({"username": "bob-3", "password": PASSWORD}));
        let (register, right, wrong, taken) = tokio::join!(
            register,
            service.sign_in("alice", PASSWORD),
            service.sign_in("alice", "wrong wrong wrong"),
            service.post("/register", json!({"username": "alice", "password": PASSWORD}))
        );
        [register, right, wrong, taken].iter().for_each(assert_unavailable);
        disturbed.store.heal();
    }
    assert_eq!(service.sign_in("alice", PASSWORD).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn lost_replies_never_turn_a_success_into_a_conflict() {
    let disturbed = Disturbed::start().await;
    let service = &disturbed.service;
    for number in 0..10 {
        disturbed.store.plan(Some("TransactWriteItems"), Fault::LostReply, 1);
        let body = json!({"username": format!("person-{number}"), "password": PASSWORD});
        assert_eq!(service.post("/register", body).await.status, 201);
    }
    // An attempt that was counted, but whose reply was lost, counts once.
    for _ in 0..10 {
        disturbed.store.plan(Some("UpdateItem"), Fault::LostReply, 1);
        assert_eq!(service.sign_in("person-1", "wrong wrong wrong").await.status, 401);
    }
    assert_eq!(service.sign_in("person-1", "wrong wrong wrong").await.status, 429);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fault_of_the_key_service_is_a_503_and_leaves_nothing_behind() {
    let disturbed = Disturbed::start().await;
    let service = &disturbed.service;
    disturbed.kms.plan(None, Fault::Error(500, "KMSInternalException"), usize::MAX);
    assert_unavailable(&service.get("/.well-known/jwks.json").await);
    let registered = service.post("/register", json!({"username": "alice", "password": PASSWORD})).await;
    assert_eq!(registered.status, 201);
    assert_unavailable(&service.sign_in("alice", PASSWORD).await);
    disturbed.kms.heal();
    assert_eq!(service.sign_in("alice", PASSWORD).await.status, 200);
    assert_eq!(service.get("/.well-known/jwks.json").await.json()["keys"].as_array().map(Vec::len), Some(1));
}

#[tokio::test(flavor = "multi_thread")]
async fn known_documents_are_served_while_the_database_is_down() {
    let disturbed = Disturbed::start().await;
    let service = &disturbed.service;
    let token = service.token_of("alice").await;
    let known = service.get("/.well-known/jwks.json").await;
    let metadata = service.get("/.well-known/oauth-authorization-server").await;
    assert_eq!(service.get_as("/protected", &token).await.status, 200);
    disturbed.store.plan(None, Fault::Error(500, "InternalServerError"), usize::MAX);
    assert_eq!(service.get("/.well-known/jwks.json").await.text, known.text);
    assert_eq!(service.get("/.well-known/oauth-authorization-server").await.text, metadata.text);
    assert_eq!(service.get_as("/protected", &token).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn each_request_stays_within_its_budget_of_round_trips() {
    // Counting an address that registered somebody a moment ago takes another call.
    let disturbed = Disturbed::with_parameters(&[("AccountsPerAddress", "1000000")]).await;
    let service = &disturbed.service;
    let token = service.token_of("warm").await;
    service.get_as("/protected", &token).await;
    disturbed.store.take_seen();
    service.post("/register", json!({"username": "alice", "password": PASSWORD})).await;
    // The last one is the security event.
    assert_eq!(disturbed.store.take_seen(), ["UpdateItem", "TransactWriteItems", "PutItem"]);
    service.sign_in("alice", PASSWORD).await;
    let mut seen = disturbed.store.take_seen();
    seen.sort();
    // Two reads for the name, whose letters look like others, and one for the profile. One query reads all factors, the other
    // how many sessions the person has, beside the transaction that begins one.
    let reads = ["GetItem"; 3].into_iter();
    let rest =
        ["PutItem", "Query", "Query", "TransactWriteItems", "UpdateItem", "UpdateItem", "UpdateItem", "UpdateItem"];
    assert_eq!(seen, reads.chain(rest).collect::<Vec<_>>());
    service.get_as("/protected", &token).await;
    assert_eq!(disturbed.store.take_seen(), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fault_of_ours_uses_up_no_attempts() {
    let disturbed = Disturbed::start().await;
    let service = &disturbed.service;
    service.token_of("alice").await;
    for _ in 0..12 {
        disturbed.store.plan(Some("GetItem"), Fault::Error(400, "AccessDeniedException"), 1);
        assert_unavailable(&service.sign_in("alice", PASSWORD).await);
        disturbed.store.heal();
    }
    assert_eq!(service.sign_in("alice", PASSWORD).await.status, 200);
}

/// A party with a store that can be made to fail.
async fn disturbed_party() -> (Party, Faulty, Stack) {
    let engine = Stack::start(options()).await.expect("the engine starts");
    let store = Faulty::before(engine.dynamodb_endpoint()).await;
    let settings = Options { dynamodb_endpoint: Some(store.url.clone()), ..options().over(&engine) };
    let metadata = json!({"token_endpoint_auth_method": "client_secret_post"});
    (Party::on(Service::with_options(settings).await, metadata).await, store, engine)
}

/// The calls of the run, out of several, in which no cache had to be refreshed.
fn fewest(tries: Vec<Vec<String>>) -> Vec<String> {
    tries.into_iter().min_by_key(Vec::len).expect("a try")
}

fn assert_page_unavailable(answer: &Answer) {
    assert_eq!((answer.status, answer.header("location")), (503, ""), "{answer:?}");
    assert!(!answer.header("retry-after").is_empty() && answer.text.contains("<h1"), "{answer:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_is_down_during_a_flow_loses_no_step_and_blames_nobody() {
    let (party, store, _engine) = disturbed_party().await;
    let mut browser = party.browser();
    let dark = || store.plan(None, Fault::Error(500, "InternalServerError"), usize::MAX);
    let fields = [("username", "alice"), ("password", PASSWORD)];

    dark();
    assert_page_unavailable(&browser.get(&authorize(&party.client_id, &[("scope", "openid")])).await);
    store.heal();
    let id = browser.begin(&party.client_id, "openid").await;
    let page = browser.get(&format!("/sign-in?request={id}")).await;
    let filled = [&fields[..], &[("csrf", page.token().leak() as &str)]].concat();
    dark();
    assert_page_unavailable(&browser.post(&format!("/sign-in?request={id}"), &filled).await);
    store.heal();
    assert_eq!(browser.post(&format!("/sign-in?request={id}"), &filled).await.status, 303);

    let address = format!("/consent?request={id}");
    let allow = [("decision", "allow"), ("csrf", browser.get(&address).await.token().leak() as &str)];
    dark();
    assert_page_unavailable(&browser.post(&address, &allow).await);
    store.heal();
    let allowed = browser.post(&address, &allow).await;
    assert_eq!(allowed.status, 303, "{allowed:?}");
    dark();
    assert_page_unavailable(&browser.get(allowed.header("location")).await);
    store.heal();
    let code = reply(&browser.get(allowed.header("location")).await)["code"].clone();

    dark();
    let unavailable = party.redeem(&code).await;
    assert_eq!((unavailable.status, &unavailable.json()["error"]), (503, &json!("temporarily_unavailable")));
    store.heal();
    for fault in [Fault::LostReply, Fault::Cancelled("TransactionConflict")] {
        store.plan(Some("TransactWriteItems"), fault, 1);
    }
    let redeemed = party.redeem(&code).await;
    assert_eq!(redeemed.status, 200, "a lost reply is not taken for a second use: {redeemed:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_code_flow_stays_within_its_budget_of_round_trips() {
    let (party, store, _engine) = disturbed_party().await;
    // Caches are refreshed every few seconds, so of several runs the one without a refresh counts.
    let (mut redemption, mut introspection) = (Vec::new(), Vec::new());
    for _ in 0..4 {
        let code = party.code(&[("scope", "openid")]).await;
        party.redeem("a code that warms the function").await;
        store.take_seen();
        let tokens = party.redeem(&code).await.json();
        redemption.push(store.take_seen());
        let access = tokens["access_token"].as_str().expect("a token");
        party.post("/introspect", &[("token", access)]).await;
        introspection.push(store.take_seen());
    }
    // Two round trips: the query reads how many sessions the person has, beside the transaction that begins one.
    let mut redemption = fewest(redemption);
    redemption.sort();
    assert_eq!(redemption, ["GetItem", "Query", "TransactWriteItems"]);
    // Token, session and profile are read at the same time.
    let introspection = fewest(introspection);
    assert!(introspection.iter().filter(|call| *call != "Query").count() <= 3, "{introspection:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_without_pages_is_counted_and_writes_its_code_and_a_refused_one_writes_nothing() {
    let (party, store, _engine) = disturbed_party().await;
    let (mut browser, mut stranger) = (party.browser(), party.browser());
    party.ask(&mut browser, &[("scope", "openid")]).await;
    let (mut granted, mut refused) = (Vec::new(), Vec::new());
    for _ in 0..4 {
        store.take_seen();
        let answer = browser.get(&authorize(&party.client_id, &[("scope", "openid"), ("prompt", "none")])).await;
        assert!(reply(&answer).contains_key("code"), "{answer:?}");
        granted.push(store.take_seen());
        let answer = stranger.get(&authorize(&party.client_id, &[("scope", "openid"), ("prompt", "none")])).await;
        assert_eq!(reply(&answer)["error"], "login_required");
        assert_eq!(answer.header("set-cookie"), "", "nothing is under way in that browser");
        refused.push(store.take_seen());
    }
    assert_eq!(fewest(granted), ["GetItem", "GetItem", "GetItem", "UpdateItem", "PutItem"]);
    assert_eq!(fewest(refused), [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_delayed_write_makes_nothing_usable_again() {
    let (party, store, _engine) = disturbed_party().await;
    let mut browser = party.browser();
    party.ask(&mut browser, &[("scope", "openid")]).await;
    for fault in [Fault::LostReply, Fault::Late] {
        let code = reply(&{
            store.plan(Some("PutItem"), fault, 1);
            browser.get(&authorize(&party.client_id, &[("scope", "openid"), ("prompt", "none")])).await
        });
        assert_eq!(party.redeem(&code["code"]).await.status, 200, "the second try was in time");
        store.deliver().await;
        assert_eq!(party.redeem(&code["code"]).await.json()["error"], "invalid_grant");

        store.plan(Some("PutItem"), Fault::Late, 1);
        let asked = [
            ("response_type", "code"),
            ("redirect_uri", CALLBACK),
            ("code_challenge", CHALLENGE),
            ("code_challenge_method", "S256"),
            ("scope", "openid"),
        ];
        let pushed = party.post("/par", &asked).await.json();
        let uri = pushed["request_uri"].as_str().expect("a reference");
        let address = format!("/authorize?{}", form(&[("client_id", &party.client_id), ("request_uri", uri)]));
        assert!(reply(&browser.get(&address).await).contains_key("code"), "answered at once");
        store.deliver().await;
        assert_eq!(browser.get(&address).await.status, 400, "it was used");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_reaches_the_app_in_spite_of_conflicts_and_network_faults() {
    let (party, store, _engine) = disturbed_party().await;
    let mut browser = party.browser();
    party.ask(&mut browser, &[("scope", "openid")]).await;
    for (fault, times) in [(Fault::Error(400, "TransactionConflictException"), 3), (Fault::LostReply, 1)] {
        let id = browser.begin_with(&party.client_id, &[("scope", "openid"), ("prompt", "consent")]).await;
        let denied = browser.fill("/consent", &id, &[("decision", "deny")]).await;
        store.plan(Some("DeleteItem"), fault, times);
        let answer = browser.get(denied.header("location")).await;
        assert_eq!(reply(&answer)["error"], "access_denied", "{answer:?}");
    }
}
