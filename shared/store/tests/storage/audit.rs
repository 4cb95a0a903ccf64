//! The history of people and of the service.

use aws_sdk_dynamodb::types::AttributeValue;
use oauth::{Action, Reason, SecurityEvent};
use store::{Asker, Audit, Change, Deletion, Deletions, Recorded, Sessions, SignOut, Status, Users};

use crate::engine::{Engine, START, name_of};

const DAYS: u64 = 90;

/// A sign-in with texts that are as long as possible.
fn sign_in(person: &str) -> SecurityEvent {
    let long = "x".repeat(1000);
    let event = SecurityEvent::of(Action::SignedOutEverywhere).because(Reason::ExceptThisSession).for_person(person);
    event.from_address("2001:db8:1111:2222:3333:4444:5555:6666", Some(&long)).by_client("first-party")
}

async fn ids(audit: &Audit, person: Option<&str>, most: usize, before: Option<&str>) -> Vec<String> {
    let events = audit.of(person, most, before, START).await.expect("no fault");
    events.into_iter().map(|recorded| recorded.id).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_has_their_own_events_and_the_newest_come_first() {
    let engine = Engine::start().await;
    let audit = Audit::kept(&engine.table, DAYS);
    for second in 0..5 {
        audit.record(sign_in("alice"), START.plus(second)).await;
        audit.record(sign_in("bob"), START.plus(second)).await;
    }
    audit.record(SecurityEvent::of(Action::KeysRotated), START).await;
    let all = audit.of(Some("alice"), 10, None, START).await.expect("no fault");
    let times: Vec<u64> = all.iter().map(|recorded| recorded.at.seconds() - START.seconds()).collect();
    assert_eq!(times, [4, 3, 2, 1, 0]);
    assert!(all.iter().all(|recorded| recorded.event == sign_in("alice")), "{all:?}");
    let service = audit.of(None, 10, None, START).await.expect("no fault");
    let [Recorded { event, .. }] = service.as_slice() else { panic!("one: {service:?}") };
    assert_eq!(event.action, Action::KeysRotated);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_history_is_read_page_by_page() {
    let engine = Engine::start().await;
    let audit = Audit::kept(&engine.table, DAYS);
    for millis in 0..7 {
        audit.record(sign_in("alice"), oauth::Time::from_millis(START.millis() + millis)).await;
    }
    let all = ids(&audit, Some("alice"), 10, None).await;
    let first = ids(&audit, Some("alice"), 4, None).await;
    let second = ids(&audit, Some("alice"), 4, first.last().map(String::as_str)).await;
    assert_eq!(([first, second.clone()].concat(), second.len()), (all, 3));
    assert!(ids(&audit, Some("alice"), 4, second.last().map(String::as_str)).await.is_empty());
    assert_eq!(ids(&audit, Some("alice"), 10, Some("")).await.len(), 7, "an empty text is no place");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_ends_after_the_days_that_are_configured() {
    let engine = Engine::start().await;
    let audit = Audit::kept(&engine.table, 2);
    audit.record(sign_in("alice"), START).await;
    let seen_at = async |seconds| audit.of(Some("alice"), 10, None, START.plus(seconds)).await.expect("no fault").len();
    assert_eq!((seen_at(2 * 86_400 - 1).await, seen_at(2 * 86_400).await), (1, 0));
    let item = engine.dump().await.remove(0);
    assert_eq!(item["expires_at"], AttributeValue::N(START.plus(2 * 86_400).seconds().to_string()));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_about_an_account_that_ends_lasts_no_longer_than_the_account() {
    let engine = Engine::start().await;
    let audit = Audit::kept(&engine.table, 2);
    for end in [Some(START.plus(60).seconds()), Some(START.plus(9 * 86_400).seconds()), None] {
        audit.record_until(sign_in("alice"), end, START).await;
    }
    let all = audit.of(Some("alice"), 10, None, START).await.expect("no fault");
    let mut ends: Vec<u64> = all.iter().map(|recorded| recorded.until - START.seconds()).collect();
    ends.sort_unstable();
    assert_eq!(ends, [60, 2 * 86_400, 2 * 86_400]);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_days_nothing_is_stored() {
    let engine = Engine::start().await;
    Audit::kept(&engine.table, 0).record(sign_in("alice"), START).await;
    assert_eq!(engine.items().await, 0);
}

/// DynamoDB charges a write for each kilobyte that it begins.
#[tokio::test(flavor = "multi_thread")]
async fn the_largest_event_of_a_person_costs_one_write_unit() {
    let engine = Engine::start().await;
    let audit = Audit::kept(&engine.table, DAYS);
    let (id, long) = ("018f0000-0000-7000-8000-000000000001", "x".repeat(1000));
    audit
        .record(sign_in(id).by_client(&long).of_session(id).in_request(id).by_order("initial_access_token"), START)
        .await;
    let size = engine.largest_item("AUDIT#").await;
    assert!(size <= 1024, "{size}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deletion_removes_a_history_however_long_it_is() {
    let engine = Engine::start().await;
    let (alice, audit) = (engine.user("alice").await, Audit::kept(&engine.table, DAYS));
    for _ in 0..230 {
        audit.record(sign_in(&alice.id), START).await;
    }
    audit.record(sign_in("bob"), START).await;
    let deletions = Deletions::new(&engine.table, Sessions::new(&engine.table));
    let deletion = Deletion { name: Some(name_of("alice")), by: Asker::Operator, mail: None, end: None };
    assert!(deletions.delete(alice.clone(), deletion, START).await.expect("no fault"));
    assert!(ids(&audit, Some(&alice.id), 10, None).await.is_empty());
    assert_eq!(ids(&audit, Some("bob"), 10, None).await.len(), 1);
}

/// A thief could remove traces with a deletion that cannot succeed.
#[tokio::test(flavor = "multi_thread")]
async fn a_deletion_that_is_refused_leaves_the_history() {
    let engine = Engine::start().await;
    let (alice, audit) = (engine.user("alice").await, Audit::kept(&engine.table, DAYS));
    let (sessions, users) = (Sessions::new(&engine.table), Users::new(&engine.table));
    audit.record(sign_in(&alice.id), START).await;
    let old = users.password(&alice.id, START).await.expect("no fault").expect("a password");
    let change = Change::Password { proven: &old, hash: "another hash" };
    let changed = sessions.sign_out(alice.clone(), &SignOut { stays: None, change, mail: None }, START).await;
    assert!(changed.expect("no fault"));
    let deletions = Deletions::new(&engine.table, sessions);
    for end in [None, Some(START.plus(86_400).seconds())] {
        let by = Asker::Browser(&old);
        let deletion = Deletion { name: Some(name_of("alice")), by, mail: None, end };
        assert!(!deletions.delete(alice.clone(), deletion, START).await.expect("no fault"));
        assert_eq!(ids(&audit, Some(&alice.id), 10, None).await.len(), 1);
        let later = audit.of(Some(&alice.id), 10, None, START.plus(2 * 86_400)).await.expect("no fault");
        assert_eq!(later.len(), 1, "nor does it end sooner");
    }
}

/// They could keep the account, or take its name again.
#[tokio::test(flavor = "multi_thread")]
async fn somebody_who_was_disabled_meanwhile_does_not_come_back_by_a_deletion() {
    let engine = Engine::start().await;
    let alice = engine.user("alice").await;
    let (sessions, users) = (Sessions::new(&engine.table), Users::new(&engine.table));
    let password = users.password(&alice.id, START).await.expect("no fault").expect("a password");
    let disable = SignOut { stays: None, change: Change::Status(Status::Disabled), mail: None };
    assert!(sessions.sign_out(alice.clone(), &disable, START).await.expect("no fault"));
    let deletions = Deletions::new(&engine.table, sessions);
    for end in [None, Some(START.plus(86_400).seconds())] {
        let by = Asker::Browser(&password);
        let deletion = Deletion { name: Some(name_of("alice")), by, mail: None, end };
        assert!(!deletions.delete(alice.clone(), deletion, START).await.expect("no fault"));
        let user = users.by_id(&alice.id, START).await.expect("no fault").expect("a person");
        assert_eq!(user.status, Status::Disabled);
    }
}
