//! Performs every counted operation as one person.
//!
//! Processes refresh their caches after 5 seconds (keys) or 10 seconds (clients, revocations). So that warm operations
//! find fresh caches, a request that uses the same caches precedes each of them.

use std::time::Duration;

use serde_json::{Value, json};

use super::Counter;
use support::browser::{Browser, authorize};
use support::party::{NOTES, Party, reply};
use support::{Answer, PASSWORD, Service};

const ANOTHER_PASSWORD: &str = "a lantern on the south pier";
const SCOPES: (&str, &str) = ("scope", "openid profile email");

/// The first round begins with the requests of processes that have just started.
pub(super) async fn round(party: &Party, counter: &mut Counter, round: usize) {
    let service = &party.service;
    // With a digit that looks like a letter, so that each round uses both keys of a name.
    let name = format!("person1{round}");
    if round == 0 {
        first(party, counter).await;
        rotations(service, counter).await; // there is room for few keys
    }
    documents(service, counter).await;
    account(service, counter, &name).await;
    browser(party, counter, &name).await;
    clients(party, counter).await;
}

fn good(answer: Answer) -> Answer {
    assert!(answer.status < 400, "{answer:?}");
    answer
}

fn text(json: &Value, name: &str) -> String {
    json[name].as_str().unwrap_or_else(|| panic!("no {name}: {json}")).to_owned()
}

/// Signs in with the JSON API and returns the access token.
async fn login(service: &Service, name: &str, password: &str) -> String {
    text(&good(service.sign_in(name, password).await).json(), "access_token")
}

/// The first request of each function. The signing key exists already.
async fn first(party: &Party, counter: &mut Counter) {
    let service = &party.service;
    service.stack.invoke("RotateFunction", json!({})).await.expect("a key is made");
    let token = counter.of("first `POST /login`", login(service, "alice", PASSWORD)).await;
    good(counter.of("first `GET /me`", service.get_as("/me", &token)).await);
    good(counter.of("first `GET /protected`", service.get_as("/protected", &token)).await);
    counter.of("first `POST /token`, client credentials", credentials(party)).await;
    let token = text(&party.tokens("openid").await, "access_token");
    good(counter.of("first `GET /userinfo`", service.get_as("/userinfo", &token)).await);
}

async fn documents(service: &Service, counter: &mut Counter) {
    for (operation, path) in [
        ("`GET /.well-known/openid-configuration`", "/.well-known/openid-configuration"),
        ("`GET /.well-known/jwks.json`", "/.well-known/jwks.json"),
        ("`GET /revocations`", "/revocations"),
    ] {
        good(service.get(path).await);
        good(counter.of(operation, service.get(path)).await);
    }
}

async fn account(service: &Service, counter: &mut Counter, name: &str) {
    let person = json!({"username": name, "password": PASSWORD});
    good(counter.of("`POST /register`", service.post("/register", person)).await);
    let before = login(service, name, PASSWORD).await;
    // Right sign-ins drain within a moment.
    tokio::time::sleep(Duration::from_millis(300)).await;
    let token = counter.of("`POST /login`", login(service, name, PASSWORD)).await;
    protected(service, counter, [&before, &token]).await;
    good(service.get_as("/me", &token).await);
    good(counter.of("`GET /me`", service.get_as("/me", &token)).await);
    good(counter.of("`GET /me/sessions`", service.get_as("/me/sessions", &token)).await);
    let change = service.request("POST", "/me/password").bearer_auth(&token);
    let change = change.json(&json!({"current_password": PASSWORD, "password": ANOTHER_PASSWORD}));
    good(counter.of("`POST /me/password`", service.send(change)).await);
}

/// The first token makes the authorizer fetch what it needs, so that the second finds it cached.
async fn protected(service: &Service, counter: &mut Counter, [before, token]: [&str; 2]) {
    good(service.get_as("/protected", before).await);
    good(counter.of("`GET /protected`, a new token", service.get_as("/protected", token)).await);
    good(counter.of("`GET /protected`, a token seen before", service.get_as("/protected", token)).await);
}

/// A new browser signs in to an app with a person's username and password.
async fn browser(party: &Party, counter: &mut Counter, name: &str) {
    party.browser().begin_with(&party.client_id, &[SCOPES]).await;
    let mut browser = party.browser();
    let beginning = authorize(&party.client_id, &[SCOPES]);
    let answer = counter.of("`GET /authorize`, nobody is signed in", browser.get(&beginning)).await;
    let sign_in = answer.header("location").to_owned();
    let page = good(counter.of("`GET /sign-in`", browser.get(&sign_in)).await);
    let person = [("username", name), ("password", ANOTHER_PASSWORD), ("csrf", &page.token())];
    let answer = good(counter.of("`POST /sign-in`", browser.post(&sign_in, &person)).await);
    let on = answer.header("location").to_owned();
    let answer = good(counter.of("`GET /authorize` after it, on to the consent", browser.get(&on)).await);
    let consent = answer.header("location").to_owned();
    let page = good(counter.of("`GET /consent`", browser.get(&consent)).await);
    let decision = [("decision", "allow"), ("csrf", &page.token())];
    let answer = good(counter.of("`POST /consent`", browser.post(&consent, &decision)).await);
    let on = answer.header("location").to_owned();
    let answer = counter.of("`GET /authorize` after it, on to the app", browser.get(&on)).await;
    tokens(party, counter, &reply(&answer)["code"]).await;
    again(party, counter, &mut browser).await;
}

async fn credentials(party: &Party) -> Answer {
    let fields = [("grant_type", "client_credentials"), ("scope", "notes:read"), ("resource", NOTES)];
    good(party.post("/token", &fields).await)
}

async fn introspect(party: &Party, token: &str) -> Answer {
    let answer = good(party.post("/introspect", &[("token", token)]).await);
    assert_eq!(answer.json()["active"], true, "{answer:?}");
    answer
}

async fn revoke(party: &Party, token: &str) -> Answer {
    good(party.post("/revoke", &[("token", token)]).await)
}

/// Uses a code and the tokens that are issued for it.
async fn tokens(party: &Party, counter: &mut Counter, code: &str) {
    let service = &party.service;
    credentials(party).await;
    let issued = good(counter.of("`POST /token`, code", party.redeem(code)).await).json();
    let refresh = text(&issued, "refresh_token");
    let issued = good(counter.of("`POST /token`, refresh", party.refresh(&refresh)).await).json();
    let (access, refresh) = (text(&issued, "access_token"), text(&issued, "refresh_token"));
    counter.of("`POST /token`, client credentials", credentials(party)).await;
    introspect(party, &access).await;
    counter.of("`POST /introspect`, access token", introspect(party, &access)).await;
    counter.of("`POST /introspect`, refresh token", introspect(party, &refresh)).await;
    good(service.get_as("/userinfo", &access).await);
    good(counter.of("`GET /userinfo`", service.get_as("/userinfo", &access)).await);
    counter.of("`POST /revoke`, access token", revoke(party, &access)).await;
    counter.of("`POST /revoke`, refresh token", revoke(party, &refresh)).await;
}

/// The browser returns to the app, and signs out.
async fn again(party: &Party, counter: &mut Counter, browser: &mut Browser<'_>) {
    let beginning = authorize(&party.client_id, &[SCOPES]);
    let answer = counter.of("`GET /authorize`, signed in and agreed before", browser.get(&beginning)).await;
    let issued = good(party.redeem(&reply(&answer)["code"]).await).json();
    let address = format!("/end_session?id_token_hint={}", text(&issued, "id_token"));
    good(counter.of("`GET /end_session`, with an ID token", browser.get(&address)).await);
}

async fn clients(party: &Party, counter: &mut Counter) {
    let metadata = json!({"client_name": "Notes", "redirect_uris": ["https://notes.example/callback"]});
    good(counter.of("`POST /clients`", party.service.register_client(&metadata, None)).await);
}

async fn rotations(service: &Service, counter: &mut Counter) {
    for (operation, order) in
        [("`RotateFunction`, nothing due", json!({})), ("`RotateFunction`, a rotation", json!({"action": "rotate"}))]
    {
        service.stack.invoke("RotateFunction", json!({})).await.expect("nothing is due");
        counter.of(operation, service.stack.invoke("RotateFunction", order)).await.expect("a rotation");
    }
}
