//! Clients, and the tokens that permit a registration.

use aws_sdk_dynamodb::types::AttributeValue;
use futures_util::future::join_all;
use oauth::{AuthMethod, Client, FIRST_PARTY, Trust};
use store::{CLIENT_VIEW, Clients, InitialTokens, Registered, Revocations, Revoked, SecretHash, SecretKind};

use crate::engine::{Engine, START};

fn client(client_id: &str) -> Client {
    Client {
        client_id: client_id.to_owned(),
        trust: Trust::Unverified,
        token_endpoint_auth_method: AuthMethod::ClientSecretBasic,
        redirect_uris: vec!["https://app.example/cb".to_owned()],
        ..Client::first_party()
    }
}

fn secret(text: &str) -> SecretHash {
    SecretHash::of(SecretKind::ClientSecret, text)
}

fn manager(text: &str) -> SecretHash {
    SecretHash::of(SecretKind::RegistrationAccessToken, text)
}

fn initial(text: &str) -> SecretHash {
    SecretHash::of(SecretKind::InitialAccessToken, text)
}

fn registered(client_id: &str) -> Registered {
    Registered::new(client(client_id), Some(secret("s")), Some(manager("m")))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_is_stored_as_registered_and_its_secrets_match_by_kind() {
    let engine = Engine::start().await;
    let clients = Clients::new(&engine.table);
    assert!(clients.create(&registered("a")).await.expect("no fault"));
    let found = clients.find("a", START).await.expect("no fault").expect("the client");
    assert_eq!(found, registered("a"));
    assert!(found.has_secret(&secret("s")) && found.has_registration_access_token(&manager("m")));
    assert!(!found.has_secret(&manager("m")) && !found.has_registration_access_token(&secret("s")));
    assert!(!found.has_secret(&secret("m")) && !found.has_registration_access_token(&manager("s")));
    for nobody in ["b", "", "A", &"x".repeat(1025), &"x".repeat(60_000)] {
        assert_eq!(clients.find(nobody, START).await.expect("no fault"), None);
        assert_eq!(clients.known(nobody, START).await.expect("no fault"), None);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_built_in_client_exists_without_an_item_and_an_item_cannot_change_it() {
    let engine = Engine::start().await;
    let clients = Clients::new(&engine.table);
    let built_in = clients.find(FIRST_PARTY, START).await.expect("no fault").expect("the client");
    assert_eq!(built_in.client, Client::first_party());
    assert!(!clients.replace(&built_in.with(client(FIRST_PARTY), secret("s"))).await.expect("no fault"));
    assert!(!clients.remove(&built_in, START).await.expect("no fault"));
    assert_eq!(engine.items().await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_16_changes_to_the_same_version_one_succeeds() {
    let engine = Engine::start().await;
    let clients = Clients::new(&engine.table);
    clients.create(&registered("a")).await.expect("no fault");
    let changes: Vec<_> = (0..16)
        .map(|number| {
            let (clients, name) = (clients.clone(), format!("name {number}"));
            let next = registered("a").with(Client { client_name: Some(name), ..client("a") }, secret("new"));
            tokio::spawn(async move { clients.replace(&next).await.expect("no fault") })
        })
        .collect();
    let done = join_all(changes).await.into_iter().filter(|done| matches!(done, Ok(true))).count();
    assert_eq!(done, 1);
    assert!(!clients.remove(&registered("a"), START).await.expect("no fault"), "the version is outdated");
    let current = clients.find("a", START).await.expect("no fault").expect("the client");
    assert!(clients.remove(&current, START).await.expect("no fault"));
    let revoked = Revoked::Registration { client_id: "a".to_owned(), until: START.plus(CLIENT_VIEW).seconds() };
    assert_eq!(Revocations::new(&engine.table).list(START).await.expect("no fault"), [revoked]);
    assert!(!clients.remove(&current, START).await.expect("no fault"));
    assert!(
        !clients.replace(&current.with(client("a"), secret("new"))).await.expect("no fault"),
        "an outdated version cannot be written"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_is_kept_while_the_method_needs_one_and_removed_otherwise() {
    let public = Client { token_endpoint_auth_method: AuthMethod::None, ..client("a") };
    let post = Client { token_endpoint_auth_method: AuthMethod::ClientSecretPost, ..client("a") };
    let kept = registered("a").with(post, secret("new"));
    assert!(kept.has_secret(&secret("s")) && !kept.has_secret(&secret("new")));
    let gone = kept.with(public, secret("new"));
    assert!(!gone.has_secret(&secret("s")) && !gone.has_secret(&secret("new")));
    let back = gone.with(client("a"), secret("new"));
    assert!(back.has_secret(&secret("new")) && !back.has_secret(&secret("s")));
    assert!(back.has_registration_access_token(&manager("m")));
    let other = back.with_secret(secret("other"));
    assert!(other.has_secret(&secret("other")) && !other.has_secret(&secret("new")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_is_cached_for_a_few_seconds_and_never_beyond_its_end() {
    let engine = Engine::start().await;
    let (clients, elsewhere) = (Clients::new(&engine.table), Clients::new(&engine.table));
    let known = async |at| clients.known("a", at).await.expect("no fault").map(|known| known.client.clone());
    assert_eq!(known(START).await, None);
    clients.create(&registered("a").until(Some(START.plus(5).seconds()))).await.expect("no fault");
    assert!(known(START).await.is_some(), "absence is not cached");
    assert!(known(START.plus(4)).await.is_some() && known(START.plus(5)).await.is_none());
    elsewhere.create(&registered("b")).await.expect("no fault");
    let known = async |at| clients.known("b", at).await.expect("no fault");
    assert!(known(START).await.is_some());
    let current = elsewhere.find("b", START).await.expect("no fault").expect("the client");
    assert!(elsewhere.remove(&current, START).await.expect("no fault"));
    assert!(known(START.plus(CLIENT_VIEW - 1)).await.is_some() && known(START.plus(CLIENT_VIEW)).await.is_none());
    assert!(known(START.plus(1)).await.is_none(), "the cached client has ended");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_16_registrations_with_one_initial_token_one_succeeds() {
    let engine = Engine::start().await;
    let (clients, tokens) = (Clients::new(&engine.table), InitialTokens::new(&engine.table));
    tokens.issue(&initial("t"), START.plus(60).seconds()).await.expect("no fault");
    assert!(tokens.is_good(&initial("t"), START).await.expect("no fault"));
    let tries: Vec<_> = (0..16)
        .map(|number| {
            let (clients, registered) = (clients.clone(), registered(&number.to_string()));
            tokio::spawn(async move { clients.create_with(&registered, &initial("t"), START).await.expect("no fault") })
        })
        .collect();
    let done = join_all(tries).await.into_iter().filter(|done| matches!(done, Ok(true))).count();
    assert_eq!((done, engine.items().await), (1, 1), "one client, and the token is used up");
    assert!(!tokens.is_good(&initial("t"), START).await.expect("no fault"));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_initial_token_that_has_expired_or_is_of_another_kind_registers_nothing() {
    let engine = Engine::start().await;
    let (clients, tokens) = (Clients::new(&engine.table), InitialTokens::new(&engine.table));
    tokens.issue(&initial("t"), START.plus(60).seconds()).await.expect("no fault");
    let late = START.plus(60);
    assert!(!tokens.is_good(&initial("t"), late).await.expect("no fault"));
    assert!(!clients.create_with(&registered("a"), &initial("t"), late).await.expect("no fault"));
    for other in [secret("t"), manager("t"), SecretHash::of(SecretKind::Code, "t")] {
        assert!(!tokens.is_good(&other, START).await.expect("no fault"));
        assert!(!clients.create_with(&registered("a"), &other, START).await.expect("no fault"));
    }
    assert_eq!(engine.items().await, 1, "only the token");
    let end = AttributeValue::N(START.plus(120).seconds().to_string());
    engine.set(&format!("ONCE#INITIAL#{}", initial("t").text()), "ONCE", "expires_at", end).await;
    assert!(
        clients.create_with(&registered("a"), &initial("t"), late).await.expect("no fault"),
        "only its age was wrong"
    );
}
