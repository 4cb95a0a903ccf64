//! Browser sign-ins and consents.

use oauth::{Authentication, Method, Scopes};
use store::{Assertions, BrowserLifetime, Browsers, Consents, Users};

use crate::engine::{Engine, START};

const LIFETIME: BrowserLifetime = BrowserLifetime { idle: 100, max: 250 };

fn by_password() -> Authentication {
    Authentication::by_password(0, START, START)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sign_in_sets_a_new_cookie_and_ends_the_sign_in_of_the_old_one() {
    let engine = Engine::start().await;
    let browsers = Browsers::new(&engine.table, LIFETIME);
    let alice = engine.user("alice").await;
    let signed_in = by_password();
    let first = browsers.begin(&alice.id, &signed_in, None, START).await.expect("no fault").expect("welcome");
    let second = browsers.begin(&alice.id, &signed_in, Some(&first), START).await.expect("no fault").expect("welcome");
    assert!(first != second);
    assert!(browsers.find(&first, START).await.expect("no fault").is_none());
    let session = browsers.find(&second, START).await.expect("no fault").expect("signed in");
    assert_eq!((session.user, session.authentication.methods), (alice.id, vec![Method::Password]));
    browsers.end(&second, START).await.expect("no fault");
    assert!(browsers.find(&second, START).await.expect("no fault").is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_browser_that_is_used_stays_signed_in_until_its_maximum_lifetime() {
    let engine = Engine::start().await;
    let browsers = Browsers::new(&engine.table, LIFETIME);
    let alice = engine.user("alice").await;
    let signed_in = by_password();
    let cookie = browsers.begin(&alice.id, &signed_in, None, START).await.expect("no fault").expect("welcome");
    let lives = async |seconds| browsers.find(&cookie, START.plus(seconds)).await.expect("no fault").is_some();
    assert!(lives(90).await && lives(180).await && lives(249).await);
    assert!(!lives(250).await);
    let idle = browsers.begin(&alice.id, &signed_in, None, START).await.expect("no fault").expect("welcome");
    assert!(browsers.find(&idle, START.plus(100)).await.expect("no fault").is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_that_changed_in_the_meantime_signs_nobody_in() {
    let engine = Engine::start().await;
    let (browsers, users) = (Browsers::new(&engine.table, LIFETIME), Users::new(&engine.table));
    let alice = engine.user("alice").await;
    let stored = users.password(&alice.id, START).await.expect("no fault").expect("a password");
    assert!(engine.change_password(&alice, &stored, "new", START).await);
    let late = by_password();
    assert!(browsers.begin(&alice.id, &late, None, START).await.expect("no fault").is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn consents_add_up_even_when_they_are_concurrent() {
    let engine = Engine::start().await;
    let consents = Consents::new(&engine.table);
    let scope = |text| Scopes::parse(text).expect("a scope");
    let at = ["https://notes.example".to_owned()];
    let (one, other) = (scope("a b"), scope("c"));
    let (first, second) =
        tokio::join!(consents.add(("u", "app"), &one, &at, START), consents.add(("u", "app"), &other, &at, START));
    assert!(first.is_ok() && second.is_ok());
    let consent = consents.find("u", "app", START).await.expect("no fault").expect("an agreement");
    assert!(consent.covers(&scope("a b c"), &at) && !consent.covers(&scope("a"), &[]));
    assert!(consents.find("u", "other", START).await.expect("no fault").is_none());
    assert_eq!(consents.of("u", START).await.expect("no fault"), [consent]);
    assert!(
        consents.forget("u", "app").await.expect("no fault") && !consents.forget("u", "app").await.expect("no fault")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_assertion_is_used_once_by_each_client() {
    let engine = Engine::start().await;
    let assertions = Assertions::new(&engine.table);
    let uses =
        futures_util::future::join_all((0..16).map(|_| assertions.first_use("app", "jti", START.plus(60)))).await;
    assert_eq!(uses.into_iter().filter(|used| matches!(used, Ok(true))).count(), 1);
    assert!(assertions.first_use("other", "jti", START.plus(60)).await.expect("no fault"));
}
