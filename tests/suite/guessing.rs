//! Guessing at passwords, by one address and by many, and what the owner of the account notices of it.

use futures_util::future::join_all;
use serde_json::json;

use super::mailed::{MAIL, person};
use super::refresh::{Tokens, sign_up};
use super::strangers::{HASHES, SECRETS, app};
use support::browser::Browser;
use support::{Answer, PASSWORD, Service};

/// A service behind an edge, so that tests choose the addresses of callers.
async fn behind_an_edge(parameters: &[(&str, &str)]) -> Service {
    let edge = [("OriginSecretHashes", HASHES[0])];
    Service::with_parameters(&[parameters, &edge].concat()).await
}

/// The address of one of many callers.
fn address(number: usize) -> String {
    format!("198.51.100.{number}:443")
}

/// The headers that the edge adds for a caller at `address`.
fn through(address: &str) -> [(&'static str, &str); 2] {
    [("x-origin-secret", SECRETS[0]), ("cloudfront-viewer-address", address)]
}

async fn post_from(service: &Service, address: &str, path: &str, username: &str, password: &str) -> Answer {
    let mut request = service.request("POST", path).json(&json!({"username": username, "password": password}));
    for (name, value) in through(address) {
        request = request.header(name, value);
    }
    service.send(request).await
}

async fn guess(service: &Service, address: &str, username: &str) -> u16 {
    post_from(service, address, "/login", username, "wrong wrong wrong").await.status
}

/// Signs in on the page.
async fn sign_in(browser: &mut Browser<'_>, client_id: &str, password: &str) -> Answer {
    let id = browser.begin_with(client_id, &[("scope", "openid"), ("prompt", "login")]).await;
    browser.fill("/sign-in", &id, &[("username", "alice"), ("password", password)]).await
}

#[tokio::test(flavor = "multi_thread")]
async fn while_an_account_is_under_attack_from_50_addresses_its_owner_signs_in_from_a_known_device() {
    let service = behind_an_edge(&[]).await;
    let client_id = app(&service).await;
    assert_eq!(post_from(&service, &address(200), "/register", "alice", PASSWORD).await.status, 201);
    let (home, elsewhere) = (address(201), address(202));
    let mut known = Browser::behind(&service, &through(&home));
    assert_eq!(sign_in(&mut known, &client_id, PASSWORD).await.status, 303);

    let addresses: Vec<_> = (0..50).map(address).collect();
    let attack = async || join_all(addresses.iter().map(|address| guess(&service, address, "alice"))).await;
    let answers = attack().await;
    assert_eq!(answers.iter().filter(|status| **status == 401).count(), 25, "{answers:?}");
    for _ in 0..3 {
        assert!(attack().await.iter().all(|status| *status == 429), "the attack goes on");
        assert_eq!(sign_in(&mut known, &client_id, PASSWORD).await.status, 303, "and the owner signs in");
    }
    let mut unknown = Browser::behind(&service, &through(&elsewhere));
    let waits = sign_in(&mut unknown, &client_id, PASSWORD).await;
    assert_eq!(waits.status, 429, "any other browser waits");
    assert!(waits.text.contains("Too many attempts") && !waits.header("retry-after").is_empty(), "{waits:?}");
}

/// Whoever could see that guesses at a name use up the guesses at an address would know that they belong together.
#[tokio::test(flavor = "multi_thread")]
async fn guesses_at_a_username_say_nothing_about_the_address_of_its_owner() {
    let service = &Service::with_parameters(MAIL).await;
    person(service, "alice", "alice@people.example").await;
    let guess = async |name: &str| service.sign_in(name, "wrong wrong wrong").await.status;
    while guess("alice").await == 401 {}
    for name in ["alice@people.example", "bob@people.example", "nobody"] {
        assert_eq!(guess(name).await, 401, "{name}");
    }
    assert_eq!(service.sign_in("alice@people.example", PASSWORD).await.status, 200);
    let tokens = Tokens::of(&service.sign_in("alice@people.example", PASSWORD).await);
    let refused = service.get_as("/me/events", &tokens.access).await.json()["refused_sign_ins"]["count"].clone();
    assert_eq!(refused, 11, "she sees all of them");
}

#[tokio::test(flavor = "multi_thread")]
async fn browsers_without_cookies_leave_no_more_than_30_known_devices() {
    let service = &Service::with_parameters(&[("SignInsPerMinute", "600")]).await;
    let client_id = app(service).await;
    let tokens = sign_up(service, "alice").await;
    for _ in 0..33 {
        assert_eq!(sign_in(&mut Browser::new(service), &client_id, PASSWORD).await.status, 303);
    }
    let export = service.get_as("/me/export", &tokens.access).await.json();
    let devices = export["devices"].as_array().expect("a list").len();
    assert!((30..=31).contains(&devices), "{devices}: the last one may come while others are forgotten");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_known_device_has_ten_guesses_and_helps_with_no_other_account() {
    let service = behind_an_edge(&[]).await;
    let client_id = app(&service).await;
    for name in ["alice", "bob-the-other"] {
        assert_eq!(post_from(&service, &address(200), "/register", name, PASSWORD).await.status, 201);
    }
    let home = address(201);
    let mut known = Browser::behind(&service, &through(&home));
    assert_eq!(sign_in(&mut known, &client_id, PASSWORD).await.status, 303);
    let mut statuses = Vec::new();
    for _ in 0..11 {
        statuses.push(sign_in(&mut known, &client_id, "wrong wrong wrong").await.status);
    }
    assert_eq!(statuses, [vec![401; 10], vec![429]].concat());
    assert_eq!(guess(&service, &address(1), "alice").await, 401, "the account has its guesses still");
    while guess(&service, &home, "bob-the-other").await == 401 {}
    let id = known.begin_with(&client_id, &[("scope", "openid"), ("prompt", "login")]).await;
    let bob = [("username", "bob-the-other"), ("password", PASSWORD)];
    assert_eq!(known.fill("/sign-in", &id, &bob).await.status, 429, "it is unknown to Bob");
}

#[tokio::test(flavor = "multi_thread")]
async fn spraying_one_password_from_one_address_over_many_accounts_is_stopped() {
    let service = behind_an_edge(&[("GuessesPerAddress", "12")]).await;
    let mut answers = Vec::new();
    for round in 0..4 {
        let names: Vec<_> = (0..4).map(|number| format!("person{round}{number}")).collect();
        answers.extend(join_all(names.iter().map(|name| guess(&service, "198.51.100.7:443", name))).await);
    }
    let count = |wanted| answers.iter().filter(|status| **status == wanted).count();
    assert_eq!((count(401), count(429)), (6, 10), "known and unknown people alike");
    assert_eq!(guess(&service, "198.51.100.8:443", "person1").await, 401, "another address");
}
