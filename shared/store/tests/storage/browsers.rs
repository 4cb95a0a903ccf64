//! Browser sign-ins and consents.

use oauth::{Authentication, Method, Scopes};
use store::{Assertions, BrowserLifetime, Browsers, Change, Consents, Sessions, SignOut, Status, Users, Visitor};

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
    let first =
        browsers.begin(&alice.id, &signed_in, Visitor::default(), START).await.expect("no fault").expect("welcome");
    let visitor = Visitor { old: Some(&first), user_agent: Some("Lighthouse/1.0".to_owned()), ..Visitor::default() };
    let second = browsers.begin(&alice.id, &signed_in, visitor, START).await.expect("no fault").expect("welcome");
    assert!(first != second);
    assert!(browsers.find(&first, START).await.expect("no fault").is_none());
    let session = browsers.find(&second, START).await.expect("no fault").expect("signed in");
    assert_eq!((session.user.as_str(), &session.authentication.methods), (alice.id.as_str(), &vec![Method::Password]));
    assert_eq!(browsers.of(&alice.id, START).await.expect("no fault"), [session], "it is the only one");
    browsers.end(&second, START).await.expect("no fault");
    assert!(browsers.find(&second, START).await.expect("no fault").is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_browser_that_is_used_stays_signed_in_until_its_maximum_lifetime() {
    let engine = Engine::start().await;
    let browsers = Browsers::new(&engine.table, LIFETIME);
    let alice = engine.user("alice").await;
    let signed_in = by_password();
    let cookie =
        browsers.begin(&alice.id, &signed_in, Visitor::default(), START).await.expect("no fault").expect("welcome");
    let lives = async |seconds| browsers.find(&cookie, START.plus(seconds)).await.expect("no fault").is_some();
    assert!(lives(90).await && lives(180).await && lives(249).await);
    assert!(!lives(250).await);
    let idle =
        browsers.begin(&alice.id, &signed_in, Visitor::default(), START).await.expect("no fault").expect("welcome");
    assert!(browsers.find(&idle, START.plus(100)).await.expect("no fault").is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_browsers_of_a_person_are_listed_and_ended_one_by_one_and_nobody_elses_are() {
    let engine = Engine::start().await;
    let browsers = Browsers::new(&engine.table, LIFETIME);
    let (alice, bob) = (engine.user("alice").await, engine.user("bob").await);
    let begin = async |user: &str| {
        let begun = browsers.begin(user, &by_password(), Visitor::default(), START).await;
        begun.expect("no fault").expect("welcome")
    };
    let (first, second, other) = (begin(&alice.id).await, begin(&alice.id).await, begin(&bob.id).await);
    let used = START.plus(50);
    let first = browsers.find(&first, used).await.expect("no fault").expect("signed in");
    let listed = browsers.of(&alice.id, used).await.expect("no fault");
    let first = listed.iter().find(|browser| browser.id == first.id).expect("it is listed");
    assert_eq!((listed.len(), first.used_at()), (2, used));
    browsers.end_at(&first.place, used).await.expect("no fault");
    let left = browsers.of(&alice.id, used).await.expect("no fault");
    assert_eq!(left.len(), 1);
    assert!(browsers.find(&second, used).await.expect("no fault").is_some());
    let stolen = other.replace(&bob.id, &alice.id);
    assert!(browsers.find(&stolen, used).await.expect("no fault").is_none(), "a cookie is of one person");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_has_at_most_fifty_browsers_and_those_unused_longest_end() {
    let engine = Engine::start().await;
    let browsers = Browsers::new(&engine.table, LIFETIME);
    let alice = engine.user("alice").await;
    let mut cookies = Vec::new();
    for number in 0..55 {
        let visitor = Visitor { user_agent: Some(number.to_string()), ..Visitor::default() };
        let at = START.plus(number);
        cookies.push(browsers.begin(&alice.id, &by_password(), visitor, at).await.expect("no fault").expect("welcome"));
    }
    let now = START.plus(60);
    browsers.find(&cookies[0], now).await.expect("no fault").expect("signed in");
    browsers.make_room(&alice.id, now).await;
    let left = browsers.of(&alice.id, now).await.expect("no fault");
    let names: Vec<_> = left.iter().filter_map(|browser| browser.user_agent.as_deref()).collect();
    assert_eq!(names.len(), 50);
    assert!(
        names.contains(&"0") && names.contains(&"6") && !names.contains(&"1") && !names.contains(&"5"),
        "{names:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_that_changed_in_the_meantime_signs_nobody_in() {
    let engine = Engine::start().await;
    let (browsers, users) = (Browsers::new(&engine.table, LIFETIME), Users::new(&engine.table));
    let alice = engine.user("alice").await;
    let stored = users.password(&alice.id, START).await.expect("no fault").expect("a password");
    assert!(engine.change_password(&alice, &stored, "new", START).await);
    let late = by_password();
    assert!(browsers.begin(&alice.id, &late, Visitor::default(), START).await.expect("no fault").is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn consents_add_up_even_when_they_are_concurrent() {
    let engine = Engine::start().await;
    let consents = Consents::new(&engine.table);
    let alice = engine.user("alice").await;
    let alice = alice.id.as_str();
    let scope = |text| Scopes::parse(text).expect("a scope");
    let at = ["https://notes.example".to_owned()];
    let (one, other) = (scope("a b"), scope("c"));
    let (first, second) =
        tokio::join!(consents.add((alice, "app"), &one, &at, START), consents.add((alice, "app"), &other, &at, START));
    assert!(first.is_ok() && second.is_ok());
    let consent = consents.find(alice, "app", START).await.expect("no fault").expect("an agreement");
    assert!(consent.covers(&scope("a b c"), &at) && !consent.covers(&scope("a"), &[]));
    assert!(consents.find(alice, "other", START).await.expect("no fault").is_none());
    assert_eq!(consents.of(alice, START).await.expect("no fault"), [consent]);
    assert!(
        consents.forget(alice, "app").await.expect("no fault")
            && !consents.forget(alice, "app").await.expect("no fault")
    );
    consents.add(("nobody", "app"), &scope("a"), &at, START).await.expect("no fault");
    assert!(consents.of("nobody", START).await.expect("no fault").is_empty(), "nobody consents");
}

/// Nothing that names them may be stored after a deletion has begun.
#[tokio::test(flavor = "multi_thread")]
async fn somebody_who_may_not_sign_in_consents_to_nothing() {
    let engine = Engine::start().await;
    let (consents, alice) = (Consents::new(&engine.table), engine.user("alice").await);
    let disable = SignOut { stays: None, change: Change::Status(Status::Disabled), mail: None };
    assert!(Sessions::new(&engine.table).sign_out(alice.clone(), &disable, START).await.expect("no fault"));
    let scope = Scopes::parse("a").expect("a scope");
    consents.add((&alice.id, "app"), &scope, &[], START).await.expect("no fault");
    assert!(consents.of(&alice.id, START).await.expect("no fault").is_empty());
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
