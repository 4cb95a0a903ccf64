//! People.

use aws_sdk_dynamodb::types::AttributeValue;
use futures_util::future::join_all;
use store::{Created, Users};

use crate::engine::{Engine, START, name_of, new_user};

#[tokio::test(flavor = "multi_thread")]
async fn of_64_concurrent_registrations_one_succeeds_and_the_others_write_nothing() {
    let engine = Engine::start().await;
    let users = Users::new(&engine.table);
    let tries: Vec<_> = (0..64)
        .map(|_| {
            let users = users.clone();
            tokio::spawn(async move { users.create(&new_user("alice"), START).await.expect("no fault") })
        })
        .collect();
    let created = join_all(tries).await.into_iter().filter(|tried| matches!(tried, Ok(Created::User(_)))).count();
    assert_eq!((created, engine.items().await), (1, 3));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_is_found_by_name_and_by_id_as_stored() {
    let engine = Engine::start().await;
    let users = Users::new(&engine.table);
    let alice = engine.user("alice").await;
    assert_eq!(users.id_of(name_of("alice"), START).await.expect("no fault").as_deref(), Some(alice.id.as_str()));
    assert_eq!(users.by_id(&alice.id, START).await.expect("no fault"), Some(alice.clone()));
    assert_eq!(users.id_of(name_of("bob"), START).await.expect("no fault"), None);
    assert_eq!(
        users.password(&alice.id, START).await.expect("no fault").map(|password| password.hash),
        Some("hash".into())
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_changes_of_the_same_password_one_succeeds() {
    let engine = Engine::start().await;
    let users = Users::new(&engine.table);
    let alice = engine.user("alice").await;
    let old = users.password(&alice.id, START).await.expect("no fault").expect("a password");
    assert!(engine.change_password(&alice, &old, "first", START).await);
    assert!(!engine.change_password(&alice, &old, "second", START).await);
    let new = users.password(&alice.id, START).await.expect("no fault").expect("a password");
    assert_eq!(new.hash, "first");
    assert!(new.changed_at > old.changed_at, "even in the same millisecond");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_expired_item_counts_as_absent_while_it_is_still_stored() {
    let engine = Engine::start().await;
    let users = Users::new(&engine.table);
    engine.user("alice").await;
    let end = AttributeValue::N(START.plus(10).seconds().to_string());
    engine.set("NAME#alice", "CLAIM", "expires_at", end).await;
    assert!(users.id_of(name_of("alice"), START.plus(9)).await.expect("no fault").is_some());
    assert!(users.id_of(name_of("alice"), START.plus(10)).await.expect("no fault").is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_item_of_a_later_release_with_more_fields_can_be_read() {
    let engine = Engine::start().await;
    let alice = engine.user("alice").await;
    engine.set(&format!("USER#{}", alice.id), "PROFILE", "invented_later", AttributeValue::Bool(true)).await;
    let users = Users::new(&engine.table);
    assert_eq!(users.by_id(&alice.id, START).await.expect("no fault"), Some(alice));
}
