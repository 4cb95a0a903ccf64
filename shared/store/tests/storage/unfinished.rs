//! Sign-ins that lack their second factor, and devices on which none is asked for.

use futures_util::future::join_all;
use oauth::{Authentication, AuthorizationRequest, Client, Scopes, Second};
use store::{
    BrowserLifetime, Browsers, Devices, MFA_SECONDS, MfaTokens, Person, Proven, RefreshLifetime, Requests, Session,
    Sessions, Stage, StoredRequest, Unfinished, User, Users, Visitor,
};

use crate::engine::{Engine, START};

const BROWSER: &str = "browser";
const LIFETIME: BrowserLifetime = BrowserLifetime { idle: 100, max: 250 };

fn by_password() -> Authentication {
    Authentication::by_password(0, START, START)
}

fn scope() -> Scopes {
    Scopes::parse("account").expect("a scope")
}

/// Whether a session begins that uses up the token.
async fn begins(sessions: &Sessions, user: &User, unfinished: &Unfinished, seconds: u64) -> bool {
    let now = START.plus(seconds);
    let lifetime = RefreshLifetime { grace: 30, idle: 100, max: 300 };
    let authentication = unfinished.authentication.clone().and(Second::OneTimePassword, now);
    let person = Person::of(user.clone(), now);
    let session = Session::beginning(person, "first-party", authentication, lifetime, now).expect("random");
    sessions.begin_with(&session, unfinished.spend(now)).await.expect("no fault").is_some()
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_parallel_uses_of_an_mfa_token_one_begins_a_session() {
    let engine = Engine::start().await;
    let (tokens, sessions) = (MfaTokens::new(&engine.table), Sessions::new(&engine.table));
    let alice = engine.user("alice").await;
    let token = tokens.issue(&alice.id, by_password(), scope(), START).await.expect("no fault");
    assert!(tokens.find("another", START).await.expect("no fault").is_none());
    let unfinished = tokens.find(&token, START).await.expect("no fault").expect("it lives");
    assert_eq!((&unfinished.user, &unfinished.scope), (&alice.id, &scope()));
    let uses = join_all((0..50).map(|_| begins(&sessions, &alice, &unfinished, 1))).await;
    assert_eq!(uses.iter().filter(|begun| **begun).count(), 1);
    assert!(tokens.find(&token, START).await.expect("no fault").is_none(), "it is used up");
    assert_eq!(sessions.of(&alice.id, START).await.expect("no fault").len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_mfa_token_ends_after_ten_minutes_and_with_the_password_that_was_proven() {
    let engine = Engine::start().await;
    let (tokens, sessions, users) =
        (MfaTokens::new(&engine.table), Sessions::new(&engine.table), Users::new(&engine.table));
    let alice = engine.user("alice").await;
    let token = tokens.issue(&alice.id, by_password(), scope(), START).await.expect("no fault");
    let unfinished = tokens.find(&token, START).await.expect("no fault").expect("it lives");
    assert!(tokens.find(&token, START.plus(MFA_SECONDS)).await.expect("no fault").is_none());
    assert!(!begins(&sessions, &alice, &unfinished, MFA_SECONDS).await, "its time is over");
    let stored = users.password(&alice.id, START).await.expect("no fault").expect("a password");
    assert!(engine.change_password(&alice, &stored, "new", START).await);
    assert!(!begins(&sessions, &alice, &unfinished, 1).await, "the password is another one");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proof_for_a_request_begins_one_sign_in_of_a_browser() {
    let engine = Engine::start().await;
    let (requests, browsers) = (Requests::new(&engine.table), Browsers::new(&engine.table, LIFETIME));
    let alice = engine.user("alice").await;
    let asked = AuthorizationRequest::of_ourselves("https://id.example/account".to_owned());
    let id = requests.begin(&StoredRequest::started(asked, &Client::first_party(), BROWSER, START)).await;
    let id = id.expect("no fault");
    let stored = async || requests.find(&id, &[BROWSER], START).await.expect("no fault").expect("it lives").0;
    let proven = Proven { user: alice.id.clone(), authentication: by_password(), is_on_known_device: true };
    let begin = async |proven: &Proven, seconds: u64| {
        let now = START.plus(seconds);
        let authentication = proven.authentication.clone().and(Second::OneTimePassword, now);
        let visitor = Visitor { spent: proven.spend(&id, now), ..Visitor::default() };
        browsers.begin(&alice.id, &authentication, visitor, now).await.expect("no fault").is_some()
    };
    assert!(!begin(&proven, 1).await, "nobody has proven anything yet");
    assert!(requests.prove(&id, &proven, START).await.expect("no fault"));
    assert_eq!(stored().await.proven.as_ref(), Some(&proven));
    let later = Proven { authentication: Authentication { at: START.plus(1), ..by_password() }, ..proven.clone() };
    assert!(!begin(&later, 1).await, "another proof than the stored one");
    let uses = join_all((0..20).map(|_| begin(&proven, 1))).await;
    assert_eq!(uses.iter().filter(|begun| **begun).count(), 1);
    assert_eq!(stored().await.proven, None);
    assert!(requests.decide(&id, &Stage::Denied, START).await.expect("no fault"));
    assert!(!requests.prove(&id, &proven, START).await.expect("no fault"), "the request has ended");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_is_trusted_for_30_days_at_one_epoch_and_only_by_its_person() {
    let engine = Engine::start().await;
    let devices = Devices::new(&engine.table);
    let cookie = devices.remember("alice", None, None, START).await.expect("no fault");
    let trusted = async |person: &str, epoch, seconds| {
        devices.is_trusted(person, &cookie, epoch, START.plus(seconds)).await.expect("no fault")
    };
    assert!(!trusted("alice", 3, 0).await, "known is not trusted");
    devices.trust("bob", &cookie, 3, START).await.expect("no fault");
    assert!(!trusted("bob", 3, 0).await, "what is not known is not trusted");
    devices.trust("alice", &cookie, 3, START).await.expect("no fault");
    assert!(trusted("alice", 3, Devices::MAX_AGE - 1).await);
    assert!(!trusted("alice", 4, 0).await, "a new password");
    assert!(!trusted("alice", 3, Devices::MAX_AGE).await && !trusted("bob", 3, 0).await);
    devices.remember("alice", Some(&cookie), None, START).await.expect("no fault");
    assert!(!trusted("alice", 3, 0).await, "a device that was unknown in between");
}
