//! APIs that an operator declares: only they can be the audience of a token.

use serde_json::json;

use support::party::{NOTES, Party, TASKS, reply};

async fn order(party: &Party, order: serde_json::Value) {
    party.service.operator(order.clone()).await.unwrap_or_else(|why| panic!("{order}: {why}"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_scope_of_two_apis_is_described_as_the_requested_api_declares_it() {
    let party = Party::with(json!({"scope": "openid notes:read tasks"}), &[]).await;
    let scopes = json!({"tasks": "see the tasks in your notes", "notes:read": "read your notes"});
    order(&party, json!({"action": "put_resource", "resource": NOTES, "scopes": scopes})).await;
    for (resource, shown, hidden) in [
        (NOTES, "see the tasks in your notes", "see your tasks"),
        (TASKS, "see your tasks", "see the tasks in your notes"),
    ] {
        let mut browser = party.browser();
        let more = [("scope", "openid tasks"), ("resource", resource)];
        let id = browser.begin_with(&party.client_id, &more).await;
        let alice = [("username", "alice"), ("password", support::PASSWORD)];
        assert_eq!(browser.fill("/sign-in", &id, &alice).await.status, 303);
        let page = browser.get(&format!("/consent?request={id}")).await;
        assert!(page.text.contains(shown) && !page.text.contains(hidden), "{resource}: {}", page.text);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_error_for_an_undeclared_api_says_how_to_declare_it() {
    let party = Party::start().await;
    let mut browser = party.browser();
    let address = support::browser::authorize(&party.client_id, &[("resource", "https://undeclared.example")]);
    let answer = reply(&browser.get(&address).await);
    assert_eq!(answer["error"], "invalid_target");
    assert!(answer["error_description"].contains("put_resource"), "{answer:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_declaration_is_removed_no_more_tokens_are_issued_for_the_api() {
    let party = Party::start().await;
    let code = party.code(&[("scope", "openid notes:read offline_access"), ("resource", NOTES)]).await;
    let tokens = party.redeem(&code).await.json();
    order(&party, json!({"action": "delete_resource", "resource": NOTES})).await;
    tokio::time::sleep(std::time::Duration::from_secs(11)).await; // until every function has refreshed its list
    let refused = party.refresh(tokens["refresh_token"].as_str().expect("a token")).await;
    assert_eq!((refused.status, &refused.json()["error"]), (400, &json!("invalid_target")), "{refused:?}");
    let metadata = party.service.get("/.well-known/openid-configuration").await.json();
    assert_eq!(metadata["scopes_supported"], json!(["email", "offline_access", "openid", "profile", "tasks"]));
}
