//! Operator orders about people, and the consents of people.

use serde_json::{Value, json};

use crate::login::claims;
use support::browser::authorize;
use support::party::{NOTES, Party, reply};
use support::{PASSWORD, Service};

async fn order(service: &Service, order: Value) -> Value {
    service.operator(order.clone()).await.unwrap_or_else(|failure| panic!("{order}: {failure}"))
}

fn roles(token: &Value) -> Value {
    claims(token.as_str().expect("a token"))["roles"].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn roles_are_in_the_tokens_of_resources_that_request_them() {
    let party = Party::start().await;
    let before = party.service.sign_in("alice", PASSWORD).await.json();
    assert_eq!(roles(&before["access_token"]), Value::Null);
    let shown =
        order(&party.service, json!({"action": "set_roles", "username": "ALICE", "roles": ["admin", "editor"]}));
    assert_eq!(shown.await["roles"], json!(["admin", "editor"]));
    let fields = [
        ("grant_type", "refresh_token"),
        ("client_id", "first-party"),
        ("refresh_token", before["refresh_token"].as_str().expect("a token")),
    ];
    let refreshed = support::party::post_form(&party.service, "/token", &fields).await.json();
    assert_eq!(roles(&refreshed["access_token"]), json!(["admin", "editor"]), "sessions that live have them too");
    let code = party.code(&[("scope", "openid notes:read"), ("resource", NOTES)]).await;
    assert_eq!(roles(&party.redeem(&code).await.json()["access_token"]), json!(["admin", "editor"]));
    let me = party.service.get_as("/me", refreshed["access_token"].as_str().expect("a token")).await.json();
    assert_eq!(me["roles"], json!(["admin", "editor"]));
}

#[tokio::test(flavor = "multi_thread")]
async fn disabling_a_person_ends_everything() {
    let party = Party::start().await;
    let mut browser = party.browser();
    let code = party.ask(&mut browser, &[("scope", "openid")]).await["code"].clone();
    let tokens = party.tokens("openid offline_access").await;
    let disabled = order(&party.service, json!({"action": "disable", "username": "alice"})).await;
    assert_eq!(disabled["status"], json!("disabled"));
    assert_eq!(party.redeem(&code).await.json()["error"], json!("invalid_grant"));
    assert_eq!(
        party.refresh(tokens["refresh_token"].as_str().expect("it")).await.json()["error"],
        json!("invalid_grant")
    );
    let userinfo = party.service.get_as("/userinfo", tokens["access_token"].as_str().expect("it")).await;
    assert_eq!(userinfo.status, 401);
    let silent = browser.get(&authorize(&party.client_id, &[("scope", "openid"), ("prompt", "none")])).await;
    assert_eq!(reply(&silent)["error"], "login_required");
    assert_eq!(party.service.sign_in("alice", PASSWORD).await.status, 401);
    order(&party.service, json!({"action": "enable", "username": "alice"})).await;
    assert_eq!(party.service.sign_in("alice", PASSWORD).await.status, 200);
    assert_eq!(party.refresh(tokens["refresh_token"].as_str().expect("it")).await.status, 400, "what ended stays so");
}

#[tokio::test(flavor = "multi_thread")]
async fn mistaken_orders_change_nothing() {
    let service = Service::start().await;
    let token = service.token_of("alice").await;
    let long = "r".repeat(65);
    for order in [
        json!({}),
        json!({"action": "set_roles", "username": "alice"}),
        json!({"action": "set_roles", "username": "alice", "roles": ["two words"]}),
        json!({"action": "set_roles", "username": "alice", "roles": [long]}),
        json!({"action": "set_roles", "username": "alice", "roles": [""]}),
        json!({"action": "disable", "username": "alice", "roles": []}),
        json!({"action": "disable", "username": "nobody"}),
        json!({"action": "delete", "username": "alice"}),
        json!({"action": "disable", "username": "alice", "force": true}),
    ] {
        assert!(service.operator(order.clone()).await.is_err(), "{order}");
    }
    assert_eq!(service.get_as("/me", &token).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn people_can_list_and_withdraw_their_consents() {
    let party = Party::start().await;
    let mut browser = party.browser();
    let code = party.ask(&mut browser, &[("scope", "openid profile")]).await["code"].clone();
    let tokens = party.redeem(&code).await.json();
    let own = party.service.sign_in("alice", PASSWORD).await.json()["access_token"].as_str().expect("it").to_owned();
    let consents = party.service.get_as("/me/consents", &own).await.json();
    let only = &consents["consents"][0];
    assert_eq!((&only["client_id"], &only["scopes"]), (&json!(party.client_id), &json!("openid profile")));
    let address = format!("/me/consents/{}", party.client_id);
    let forget = || party.service.request("DELETE", &address).bearer_auth(&own);
    assert_eq!(party.service.send(forget()).await.status, 204);
    assert_eq!(party.service.send(forget()).await.status, 404);
    assert_eq!(party.refresh(tokens["refresh_token"].as_str().expect("it")).await.status, 400);
    let again = browser.get(&authorize(&party.client_id, &[("scope", "openid")])).await;
    assert!(again.header("location").starts_with("/consent"), "asked again: {again:?}");
    assert_eq!(party.service.get_as("/me/consents", &own).await.json(), json!({"consents": []}));
    let access = tokens["access_token"].as_str().expect("it");
    assert_eq!(party.service.get_as("/userinfo", access).await.status, 401, "the app's session is over");
}
