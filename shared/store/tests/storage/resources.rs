//! Declared resources: all processes see the same list within seconds, and no change is lost.

use futures_util::future::join_all;
use oauth::Time;
use oauth::resource::Resource;
use store::{Declared, Resources};

use crate::engine::{Engine, START};

const HOME: &str = "https://id.example";

pub(crate) fn api(name: &str, scope: &str) -> Resource {
    let scopes = [(scope.to_owned(), "Read".to_owned())].into();
    let resource = format!("https://{name}.example");
    Resource { resource, scopes, access_token_seconds: None, claims: Vec::new(), introspection_clients: Vec::new() }
}

async fn names(resources: &Resources, now: Time) -> Vec<String> {
    let list = resources.list(now).await.expect("no fault");
    list.into_iter().map(|resource| resource.resource).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_declaration_is_created_updated_left_alone_and_removed() {
    let engine = Engine::start().await;
    let resources = Resources::new(&engine.table, HOME);
    let declare = async |resource| resources.declare(&resource, START).await.expect("no fault");
    assert_eq!(declare(api("notes", "read")).await, Declared::Created);
    assert_eq!(declare(api("notes", "read")).await, Declared::Unchanged);
    assert_eq!(declare(api("notes", "write")).await, Declared::Updated);
    assert_eq!(declare(api("tasks", "read")).await, Declared::Created);
    assert_eq!(names(&resources, START).await, ["https://notes.example", "https://tasks.example"]);
    assert!(resources.remove("https://notes.example", START).await.expect("no fault"));
    assert!(!resources.remove("https://notes.example", START).await.expect("no fault"));
    assert_eq!(resources.find("https://notes.example", START).await.expect("no fault"), None);
    assert_eq!(names(&resources, START).await, ["https://tasks.example"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_is_seen_after_ten_seconds_and_not_before() {
    let engine = Engine::start().await;
    let (writer, reader) = (Resources::new(&engine.table, HOME), Resources::new(&engine.table, HOME));
    let knows = async |now| reader.known(now).await.expect("no fault").declared("https://notes.example").is_some();
    assert!(!knows(START).await);
    writer.declare(&api("notes", "read"), START).await.expect("no fault");
    assert!(!knows(START.plus(9)).await, "it was read moments ago");
    assert!(knows(START.plus(10)).await);
    assert!(writer.remove("https://notes.example", START).await.expect("no fault"));
    assert!(knows(START.plus(19)).await);
    assert!(!knows(START.plus(20)).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_changes_at_once_none_gets_lost() {
    let engine = Engine::start().await;
    let resources = Resources::new(&engine.table, HOME);
    let declare = async |number: usize| {
        let api = api(&format!("api{number}"), "read");
        while resources.declare(&api, START).await.is_err() {} // others kept changing the list
    };
    join_all((0..8).map(declare)).await;
    assert_eq!(names(&resources, START).await.len(), 8);
}

#[tokio::test(flavor = "multi_thread")]
async fn there_are_at_most_200_and_a_removed_one_makes_room() {
    let engine = Engine::start().await;
    let resources = Resources::new(&engine.table, HOME);
    for number in 0..200 {
        let declared = resources.declare(&api(&format!("api{number}"), "read"), START).await;
        assert_eq!(declared.expect("no fault"), Declared::Created);
    }
    assert!(resources.declare(&api("one-more", "read"), START).await.is_err());
    assert_eq!(resources.declare(&api("api7", "write"), START).await.expect("no fault"), Declared::Updated);
    assert!(resources.remove("https://api7.example", START).await.expect("no fault"));
    assert_eq!(resources.declare(&api("one-more", "read"), START).await.expect("no fault"), Declared::Created);
}
