//! The ring of signing algorithms: what clients may register for, what metadata lists, and changes of the ring of a
//! running service, which refuse nobody.

use std::net::TcpListener;
use std::time::{Duration, Instant};

use local::{Options, Stack};
use serde_json::{Value, json};

use super::login::claims;
use super::rotation::{header, make_keys_older, refresh, rotate, sign_in};
use support::browser::CALLBACK;
use support::party::Party;
use support::service::options;
use support::{PASSWORD, Service};

/// Two hours and a minute, in milliseconds: longer than a key is published before the schedule lets it sign.
const LEAD: u64 = 7_260_000;

#[tokio::test(flavor = "multi_thread")]
async fn rsa_tokens_stay_valid_after_a_change_to_an_elliptic_curve() {
    change("RS256", "ES256", 20_000).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn elliptic_curve_tokens_stay_valid_after_a_change_to_an_edwards_curve() {
    change("ES256", "EdDSA", 26_000).await;
}

/// Deploys the service with one algorithm, then with another over the same table, and uses it all the time.
async fn change(old: &str, new: &str, ports: u16) {
    let settings = options();
    let engine = Stack::start(settings.clone()).await.expect("the engine starts");
    let settings = Options { port: Some(free(ports)), ..settings.over(&engine) };
    let before = deploy(settings.clone(), ("SigningAlgorithm", old)).await;
    before.token_of("alice").await;
    let (first, mut session) = sign_in(&before).await;
    rotate(&before, json!({})).await;
    before.stack.stop().await;

    let service = deploy(settings, ("SigningAlgorithm", new)).await;
    assert_eq!(algorithms(&[&first, &sign_in(&service).await.0]), [old, old], "nothing has rotated yet");
    // The schedule publishes a key of the new algorithm, which would sign after two hours. The operator's order lets it
    // sign now.
    rotate(&service, json!({})).await;
    rotate(&service, json!({"action": "rotate"})).await;
    let late = Instant::now() + Duration::from_mins(3);
    loop {
        let (refreshed, next) = refresh(&service, &session).await;
        let (fresh, _) = sign_in(&service).await;
        for token in [&first, &refreshed, &fresh] {
            accepts(&service, token).await;
        }
        if algorithms(&[&refreshed, &fresh]) == [new, new] {
            break;
        }
        assert!(Instant::now() < late, "no token of the new kind: {:?}", algorithms(&[&refreshed, &fresh]));
        session = next;
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    let keys = service.get("/.well-known/jwks.json").await.json();
    let published: Vec<_> = keys["keys"].as_array().expect("keys").iter().map(|key| &key["alg"]).collect();
    assert!(published.contains(&&json!(old)) && published.contains(&&json!(new)), "{keys}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ring_changes_from_rsa_to_both_to_the_curve_and_every_token_stays_valid() {
    let engine = Stack::start(options()).await.expect("the engine starts");
    let settings = options();
    let settings = Options { port: Some(free(25_500)), ..settings.over(&engine) };
    let service = deploy(settings.clone(), ("SigningAlgorithms", "RS256")).await;
    let party = Party::on(service, json!({"token_endpoint_auth_method": "client_secret_post"})).await;
    rotate(&party.service, json!({})).await;
    let mut held = vec![accepted(&party, ("RS256", "RS256")).await];
    assert_eq!(listed(&party.service).await, json!(["RS256"]));

    let mut party = moved(party, settings.clone(), "ES256, RS256").await;
    assert_eq!(listed(&party.service).await, json!(["RS256"]), "no key for ES256 exists");
    rotate(&party.service, json!({})).await;
    held.push(accepted(&party, ("RS256", "RS256")).await);
    assert_eq!(
        rotate(&party.service, json!({})).await["outcome"],
        "nothing was due",
        "its key is not known long enough"
    );
    assert_eq!(listed(&party.service).await, json!(["RS256"]), "it is published, and does not sign");
    make_keys_older(&party.service, LEAD).await;
    rotate(&party.service, json!({})).await;
    tokio::time::sleep(Duration::from_secs(6)).await; // every function reads the ring again after five seconds
    assert_eq!(listed(&party.service).await, json!(["ES256", "RS256"]));
    held.push(accepted(&party, ("ES256", "RS256")).await);
    let curve = json!({"token_endpoint_auth_method": "client_secret_post", "redirect_uris": [CALLBACK],
        "grant_types": ["authorization_code", "refresh_token"], "scope": "openid", "id_token_signed_response_alg": "ES256"});
    (party.client_id, party.secret) = party.service.client(curve).await;
    held.push(accepted(&party, ("ES256", "ES256")).await);

    let party = moved(party, settings, "ES256").await;
    held.push(accepted(&party, ("ES256", "ES256")).await);
    assert_eq!(listed(&party.service).await, json!(["ES256"]));
    let report = rotate(&party.service, json!({})).await;
    let keys = report["keys"].as_array().expect("keys");
    let rsa: Vec<_> = keys.iter().filter(|key| key["alg"] == "RS256").map(|key| &key["state"]).collect();
    assert_eq!(rsa, ["retired"], "published for what was signed: {report}");
    for tokens in &held {
        for path in ["/protected", "/userinfo"] {
            let answer = party.service.get_as(path, tokens["access_token"].as_str().expect("a token")).await;
            assert_eq!(answer.status, 200, "{path}: {answer:?}");
        }
        let hint = tokens["id_token"].as_str().expect("an ID token");
        let answer = party.service.get(&format!("/end_session?id_token_hint={hint}")).await;
        assert_eq!(answer.status, 200, "a hint of any key of the ring is read: {answer:?}");
    }
}

/// Tokens of a code flow, which every verifier accepts. Their access and ID token are signed with these algorithms.
async fn accepted(party: &Party, (access, id): (&str, &str)) -> Value {
    let tokens = party.tokens("openid").await;
    let text = |name: &str| tokens[name].as_str().unwrap_or_else(|| panic!("no {name}: {tokens}")).to_owned();
    assert_eq!(algorithms(&[&text("access_token"), &text("id_token")]), [access, id]);
    let answer = party.service.get_as("/userinfo", &text("access_token")).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    assert!(claims(&text("id_token"))["at_hash"].is_string());
    tokens
}

/// The same people and clients after a deployment with another ring.
async fn moved(party: Party, settings: Options, ring: &str) -> Party {
    let Party { service, client_id, secret } = party;
    service.stack.stop().await;
    Party { service: deploy(settings, ("SigningAlgorithms", ring)).await, client_id, secret }
}

async fn listed(service: &Service) -> Value {
    service.get("/.well-known/openid-configuration").await.json()["id_token_signing_alg_values_supported"].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_registers_for_an_algorithm_of_the_ring_and_for_no_other() {
    let parameters = [("SigningAlgorithms", "ES256,RS256"), ("ClientRegistration", "open")];
    let service = Service::with_parameters(&parameters).await;
    let before = service.get("/.well-known/jwks.json").await.json();
    assert_eq!(listed(&service).await, json!(["ES256", "RS256"]));
    let metadata = |algorithm: Value| json!({"redirect_uris": ["https://notes.example/callback"], "id_token_signed_response_alg": algorithm});
    for (wanted, shown) in [(json!("ES256"), "ES256"), (json!("RS256"), "RS256"), (Value::Null, "RS256")] {
        let client = service.register_client(&metadata(wanted.clone()), None).await.json();
        assert_eq!(client["id_token_signed_response_alg"], shown, "registered for {wanted}");
    }
    let client = service.register_client(&metadata(json!("ES256")), None).await.json();
    for wrong in ["EdDSA", "HS256", "none"] {
        let refused = service.register_client(&metadata(json!(wrong)), None).await;
        assert_eq!((refused.status, &refused.json()["error"]), (400, &json!("invalid_client_metadata")), "{wrong}");
        let path = format!("/clients/{}", client["client_id"].as_str().expect("an id"));
        let token = client["registration_access_token"].as_str().expect("a token");
        let update = service.request("PUT", &path).bearer_auth(token).json(&metadata(json!(wrong)));
        assert_eq!(service.send(update).await.status, 400, "{wrong}");
        let order = json!({"action": "create_client", "client": metadata(json!(wrong))});
        assert!(service.operator(order).await.expect_err("refused").contains("ES256, RS256"), "{wrong}");
    }
    assert_eq!(service.get("/.well-known/jwks.json").await.json(), before, "no registration creates a key");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_withdrawn_key_of_one_algorithm_leaves_the_others_alone() {
    let parameters = [("SigningAlgorithms", "EdDSA,RS256"), ("AuthorizerCacheSeconds", "0")];
    let service = Service::with_parameters(&parameters).await;
    assert_eq!(service.post("/register", json!({"username": "alice", "password": PASSWORD})).await.status, 201);
    let ring = rotate(&service, json!({})).await;
    let current = |report: &Value, alg: &str| {
        let keys = report["keys"].as_array().expect("keys");
        let key = keys.iter().find(|key| key["alg"] == alg && key["state"] == "current");
        key.unwrap_or_else(|| panic!("no current {alg}: {report}"))["kid"].clone()
    };
    let report = rotate(&service, json!({"action": "withdraw", "kid": current(&ring, "EdDSA")})).await;
    assert_eq!(current(&report, "RS256"), current(&ring, "RS256"));
    assert_ne!(current(&report, "EdDSA"), current(&ring, "EdDSA"));
    let body = service.post("/login", json!({"username": "alice", "password": PASSWORD})).await.json();
    accepts(&service, body["access_token"].as_str().expect("a token")).await;
}

/// The service with the table, key and address of `settings`, so that the issuer stays the same.
async fn deploy(settings: Options, ring: (&str, &str)) -> Service {
    // A short grace: the test refreshes more often than a client may within a long one.
    let parameters = [ring, ("AuthorizerCacheSeconds", "0"), ("RefreshGraceSeconds", "1")];
    let parameters = parameters.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
    Service::with_options(Options { parameters, ..settings }).await
}

/// A free port from `ports` on. It is below the ephemeral range, so that it stays free.
fn free(ports: u16) -> u16 {
    let first = ports + u16::try_from(std::process::id() % 5_000).expect("it fits");
    (first..first + 1_000).find(|port| TcpListener::bind(("127.0.0.1", *port)).is_ok()).expect("a free port")
}

async fn accepts(service: &Service, token: &str) {
    for path in ["/protected", "/me"] {
        let answer = service.get_as(path, token).await;
        assert_eq!(answer.status, 200, "{path} refused a good token, {}: {answer:?}", header(token));
    }
}

fn algorithms(tokens: &[&String]) -> Vec<Value> {
    tokens.iter().map(|token| header(token)["alg"].clone()).collect()
}
