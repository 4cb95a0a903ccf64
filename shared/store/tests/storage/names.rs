//! Usernames: forms that look alike, and names of earlier releases.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use store::{Created, Name, NewUser, Place, Renaming, Users};

use crate::engine::{Engine, START, new_user};

/// Skeleton and folded form of the names in these tests: `1` looks like `l`, and `X` is `x`.
fn forms(former: &str) -> Option<(String, String)> {
    let folded = former.to_lowercase();
    (former != "no name").then(|| (folded.replace('1', "l"), folded))
}

async fn create(engine: &Engine, username: &str) -> Option<String> {
    let (skeleton, folded) = forms(username).expect("a name");
    let found_by = Name { skeleton: &skeleton, shown: &skeleton, folded: &folded, former: username };
    match Users::new(&engine.table)
        .create(&NewUser { found_by: Some(found_by), ..new_user(username) }, START)
        .await
        .expect("no fault")
    {
        Created::User(user) => Some(user.id),
        Created::UsernameTaken => None,
    }
}

async fn owner(engine: &Engine, username: &str) -> Option<String> {
    let (skeleton, folded) = forms(username).expect("a name");
    let name = Name { skeleton: &skeleton, shown: &skeleton, folded: &folded, former: username };
    let (users, taken) = (Users::new(&engine.table), Users::new(&engine.table));
    let owner = users.id_of(name, START).await.expect("no fault");
    assert!(owner.is_none() || taken.is_taken(name, START).await.expect("no fault"));
    owner
}

/// A claim as an earlier release stored it.
async fn of_earlier_release(engine: &Engine, username: &str) -> String {
    let id = format!("id-of-{username}");
    engine.set(&format!("NAME#{username}"), "CLAIM", "user", AttributeValue::S(id.clone())).await;
    id
}

#[tokio::test(flavor = "multi_thread")]
async fn of_names_that_look_alike_only_one_can_exist_and_it_leads_to_its_owner_alone() {
    let engine = Engine::start().await;
    let alice = create(&engine, "al1ce").await;
    assert!(alice.is_some());
    assert_eq!(create(&engine, "allce").await, None);
    assert_eq!(create(&engine, "al1ce").await, None);
    assert_eq!(owner(&engine, "al1ce").await, alice);
    assert_eq!(owner(&engine, "allce").await, None, "a name that looks like hers is not hers");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_of_an_earlier_release_leads_to_its_owner_and_cannot_be_registered_again() {
    let engine = Engine::start().await;
    let one = of_earlier_release(&engine, "user1").await;
    let bob = of_earlier_release(&engine, "bob").await;
    assert_eq!(owner(&engine, "user1").await, Some(one));
    assert_eq!(owner(&engine, "bob").await, Some(bob));
    assert_eq!(create(&engine, "user1").await, None);
    assert_eq!(create(&engine, "bob").await, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_people_of_an_earlier_release_whose_names_look_alike_both_keep_them() {
    let engine = Engine::start().await;
    let mut people = HashMap::new();
    for name in ["user1", "userl", "bob", "X-ray", "x-ray"] {
        people.insert(name, of_earlier_release(&engine, name).await);
    }
    let mut confusable = rename(&engine, 100, usize::MAX).await;
    confusable.sort();
    assert_eq!(confusable.len(), 2, "{confusable:?}");
    for (name, id) in people {
        assert_eq!(owner(&engine, name).await, Some(id), "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_was_interrupted_is_completed_by_another_and_nobody_loses_a_name() {
    let engine = Engine::start().await;
    let mut people = HashMap::new();
    for number in 0..40 {
        let name = format!("user{number}");
        people.insert(name.clone(), of_earlier_release(&engine, &name).await);
    }
    create(&engine, "carol1").await.expect("a new person");
    of_earlier_release(&engine, "no name").await; // it stays, and stops nothing
    let items = engine.items().await;
    rename(&engine, 7, 2).await;
    for (name, id) in &people {
        assert_eq!(owner(&engine, name).await.as_ref(), Some(id), "{name}, in between");
    }
    assert!(rename(&engine, 7, usize::MAX).await.is_empty());
    assert_eq!(engine.items().await, items);
    for (name, id) in &people {
        assert_eq!(owner(&engine, name).await.as_ref(), Some(id), "{name}, afterwards");
        assert_eq!(create(&engine, name).await, None);
    }
    assert_eq!(create(&engine, "userl2").await, None, "it looks like user12, which has moved");
    let again = Renaming::new(&engine.table).page(1000, None, forms).await.expect("no fault");
    assert_eq!(again.moved, 0, "a repetition changes nothing");
}

/// Moves names until `pages` pages are done. Returns those that look like another one.
async fn rename(engine: &Engine, limit: u16, pages: usize) -> Vec<String> {
    let renaming = Renaming::new(&engine.table);
    let (mut from, mut confusable): (Option<Place>, _) = (None, Vec::new());
    for _ in 0..pages {
        let page = renaming.page(limit, from, forms).await.expect("no fault");
        confusable.extend(page.confusable);
        from = page.next;
        if from.is_none() {
            break;
        }
    }
    confusable
}
