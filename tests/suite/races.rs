//! Concurrent requests.

use futures_util::future::join_all;
use serde_json::json;

use support::{PASSWORD, Service};

#[tokio::test(flavor = "multi_thread")]
async fn of_64_registrations_of_one_username_exactly_one_succeeds() {
    let service = Service::with_parameters(&[("AccountsPerAddress", "200")]).await;
    let spelling = |number: usize| if number.is_multiple_of(2) { "Alice" } else { "alice" };
    let registrations =
        (0..64).map(|number| service.post("/register", json!({"username": spelling(number), "password": PASSWORD})));
    let answers = join_all(registrations).await;
    let count = |status| answers.iter().filter(|answer| answer.status == status).count();
    assert_eq!((count(201), count(409)), (1, 63), "{answers:?}");
    let id = answers.iter().find(|answer| answer.status == 201).expect("one").json()["id"].clone();
    let token = service.sign_in("alice", PASSWORD).await.json()["access_token"].as_str().expect("a token").to_owned();
    assert_eq!(super::login::claims(&token)["sub"], id);
}

#[tokio::test(flavor = "multi_thread")]
async fn many_people_register_and_sign_in_at_once() {
    let service = Service::start().await;
    let people: Vec<String> = (0..24).map(|number| format!("person-{number}")).collect();
    let tokens = join_all(people.iter().map(|person| service.token_of(person))).await;
    let answers = join_all(tokens.iter().map(|token| service.get_as("/protected", token))).await;
    for (person, answer) in people.iter().zip(answers) {
        assert_eq!(answer.json()["user"]["username"], json!(person));
    }
}
