//! Clients that an operator registers.

use serde_json::{Value, json};

use support::Service;

/// Metadata of a web application.
fn web() -> Value {
    json!({"client_name": "Notes", "redirect_uris": ["https://notes.example/callback"]})
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_creates_a_client_with_the_example_event() {
    let service = Service::start().await;
    let event = include_str!("../../events/operator.json");
    let created = service.operator(serde_json::from_str(event).expect("JSON")).await.expect("a client");
    assert_eq!(created["client_secret"].as_str().map(str::len), Some(43), "{created}");
    assert_eq!(
        (&created["trust"], &created["client_secret_expires_at"], &created["client_name"]),
        (&json!("verified"), &json!(0), &json!("Notes"))
    );
    assert!(created["registration_access_token"].is_null(), "the operator manages it: {created}");
    let shown =
        service.operator(json!({"action": "show_client", "client_id": created["client_id"]})).await.expect("it");
    assert!(shown["client_secret"].is_null(), "{shown}");
    assert_eq!((&shown["redirect_uris"], &shown["scope"]), (&created["redirect_uris"], &created["scope"]));
}

#[tokio::test(flavor = "multi_thread")]
async fn mistakes_in_an_operators_order_are_named() {
    let service = Service::start().await;
    let mistake = async |order: Value| service.operator(order).await.expect_err("a mistake");
    let created =
        mistake(json!({"action": "create_client", "client": {"redirect_uri": "https://notes.example"}})).await;
    assert!(created.contains("redirect_uris: Name at least one") && created.contains("redirect_uri: "), "{created}");
    for order in [
        json!({}),
        json!([]),
        json!(null),
        json!("create_client"),
        json!({"action": "list"}),
        json!({"action": "create_client"}),
        json!({"action": "create_client", "client": web(), "trust": "unverified"}),
        json!({"action": "create_client", "client": web(), "Trust": "first_party"}),
        json!({"action": "create_client", "client": web(), "client_id": "mine"}),
        json!({"action": "show_client"}),
        json!({"action": "initial_access_token", "expires_in": 0}),
        json!({"action": "initial_access_token", "expires_in": 31 * 86_400}),
        json!({"action": "delete_client", "client_id": "first-party"}),
        json!({"action": "update_client", "client_id": "first-party", "client": web()}),
    ] {
        let told = mistake(order.clone()).await;
        assert!(told.contains(r#""errorType":"invalid_request""#), "{order}: {told}");
    }
    let told = mistake(json!({"action": "show_client", "client_id": "nobody"})).await;
    assert!(told.contains(r#""errorType":"not_found""#), "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_changes_clients_and_removes_them() {
    let service = Service::start().await;
    let (client_id, secret) = service.client(web()).await;
    let order = async |order: Value| service.operator(order).await.expect("done");
    let rotated = order(json!({"action": "rotate_secret", "client_id": client_id})).await;
    assert!(rotated["client_secret"].as_str().is_some_and(|new| new.len() == 43 && new != secret), "{rotated}");
    let public = json!({"redirect_uris": ["com.notes.app:/callback"], "token_endpoint_auth_method": "none",
        "scope": "openid account"});
    let update = json!({"action": "update_client", "client_id": client_id, "client": public, "trust": "first_party"});
    let updated = order(update.clone()).await;
    assert_eq!((&updated["trust"], &updated["client_name"]), (&json!("first_party"), &Value::Null), "{updated}");
    assert!(
        service.operator(json!({"action": "rotate_secret", "client_id": client_id})).await.is_err(),
        "none to rotate"
    );
    let back = order(json!({"action": "update_client", "client_id": client_id, "client": web()})).await;
    assert_eq!((back["client_secret"].as_str().map(str::len), &back["trust"]), (Some(43), &json!("first_party")));
    assert_eq!(order(json!({"action": "delete_client", "client_id": client_id})).await["outcome"], "deleted");
    for action in ["show_client", "delete_client", "rotate_secret"] {
        let told = service.operator(json!({"action": action, "client_id": client_id})).await.expect_err("it is gone");
        assert!(told.contains(r#""errorType":"not_found""#), "{action}: {told}");
    }
    assert!(service.operator(update).await.is_err());
}
