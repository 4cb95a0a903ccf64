//! Operator orders: who may give which, and orders that can be repeated.

use serde_json::{Value, json};

use support::browser::CALLBACK;
use support::{PASSWORD, Service};

use crate::mailed::{Letter, MAIL};

const SECRET: &str = "a secret of sixteen";
const API: &str = "https://notes.example/api";

async fn order(service: &Service, order: Value) -> Value {
    service.operator(order.clone()).await.unwrap_or_else(|why| panic!("{order}: {why}"))
}

async fn refusal(service: &Service, order: Value) -> String {
    service.operator(order.clone()).await.expect_err(&order.to_string())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_alias_decides_which_orders_are_allowed() {
    let service = Service::start().await;
    service.token_of("alice").await;
    let orders = [
        json!({"action": "show_user", "username": "alice"}),
        json!({"action": "sign_out", "username": "alice"}),
        json!({"action": "set_roles", "username": "alice", "roles": []}),
    ];
    for (function, allowed) in [
        ("OperatorFunction:read", [true, false, false]),
        ("OperatorFunction:support", [true, true, false]),
        ("OperatorFunction:admin", [true, true, true]),
        ("OperatorFunction", [true, true, true]),
    ] {
        for (order, allowed) in orders.iter().zip(allowed) {
            let answer = service.stack.invoke(function, order.clone()).await.map_err(|failure| failure.to_string());
            let refused = answer.as_ref().is_err_and(|why| why.contains(r#""errorType":"access_denied""#));
            assert!(answer.is_ok() == allowed && refused != allowed, "{function} {order}: {answer:?}");
        }
    }
    let other = service.stack.invoke("OperatorFunction:live", orders[0].clone()).await;
    assert!(other.is_err(), "the template has no such alias");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_help_desk_cannot_reset_the_password_of_a_person_with_roles() {
    let service = Service::start().await;
    service.token_of("alice").await;
    let reset = json!({"action": "reset_password", "username": "alice"});
    let support = async || service.stack.invoke("OperatorFunction:support", reset.clone()).await;
    let password = support().await.expect("a password")["password"].as_str().expect("text").to_owned();
    assert_eq!(service.sign_in("alice", PASSWORD).await.status, 401);
    assert_eq!(service.sign_in("alice", &password).await.status, 200);
    order(&service, json!({"action": "set_roles", "username": "alice", "roles": ["admin"]})).await;
    let refused = support().await.expect_err("alice has a role").to_string();
    assert!(refused.contains("access_denied") && refused.contains("alias admin"), "{refused}");
    order(&service, reset.clone()).await;
    assert_eq!(service.sign_in("alice", &password).await.status, 401);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_identifies_a_person_by_username_or_id_but_not_by_an_unverified_address() {
    let service = Service::start().await;
    let alice = json!({"action": "create_user", "username": "Alice", "email": "alice@people.example"});
    let alice = order(&service, alice).await;
    assert_eq!((&alice["unverified_email"], alice.get("email")), (&json!("alice@people.example"), None), "{alice}");
    for name in [("username", &json!("ALICE")), ("id", &alice["id"])] {
        let shown = order(&service, json!({"action": "show_user", name.0: name.1})).await;
        assert_eq!((&shown["id"], &shown["username"]), (&alice["id"], &json!("Alice")), "{name:?}");
    }
    let by_email = refusal(&service, json!({"action": "disable", "email": "alice@people.example"})).await;
    assert!(by_email.contains("not_found") && by_email.contains("verified"), "{by_email}");
    let by_two = json!({"action": "disable", "username": "alice", "id": alice["id"]});
    assert!(refusal(&service, by_two).await.contains("one of username, email and id"));
}

#[tokio::test(flavor = "multi_thread")]
async fn put_user_can_be_repeated() {
    let service = Service::start().await;
    let id = "01a20b06-1f26-7abd-af25-d8a323629590";
    let alice = json!({"action": "put_user", "id": id, "username": "alice", "password": PASSWORD, "name": "Alice L.",
        "roles": ["editor"]});
    let created = order(&service, alice.clone()).await;
    assert_eq!(
        (&created["outcome"], &created["id"], &created["roles"]),
        (&json!("created"), &json!(id), &json!(["editor"]))
    );
    assert!(created["password"].is_null(), "the order chose it: {created}");
    assert_eq!(order(&service, alice.clone()).await["outcome"], "unchanged");
    let token = service.sign_in("alice", PASSWORD).await.json()["access_token"].as_str().expect("it").to_owned();
    let mut changed = alice;
    changed["name"] = json!("Alice Liddell");
    assert_eq!(order(&service, changed.clone()).await["outcome"], "updated");
    assert_eq!(service.get_as("/me", &token).await.json()["name"], "Alice Liddell", "a session goes on");
    changed["password"] = json!("a foghorn on the south pier");
    assert_eq!(order(&service, changed.clone()).await["outcome"], "updated");
    assert_eq!(service.get_as("/me", &token).await.status, 401, "a session does not outlive the password");
    assert_eq!(order(&service, changed.clone()).await["outcome"], "unchanged");
    assert_eq!(service.sign_in("alice", "a foghorn on the south pier").await.status, 200);
    changed["action"] = json!("create_user");
    assert!(refusal(&service, changed.clone()).await.contains("username_taken"));
    changed["username"] = json!("bob");
    assert!(refusal(&service, changed).await.contains("username_taken"), "the id is in use");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_can_vouch_for_an_address() {
    let service = Service::with_parameters(&[("MailFrom", "id@people.example")]).await;
    let vouched = |name: &str, email: &str| json!({"action": "put_user", "username": name, "password": PASSWORD, "email": email, "email_verified": true});
    let (first, second) = (vouched("alice", "Alice@people.example"), vouched("alice", "liddell@people.example"));
    let alice = order(&service, first.clone()).await;
    let address = (&json!("Alice@people.example"), &json!(true));
    assert_eq!((&alice["email"], &alice["email_verified"]), address);
    assert_eq!(order(&service, first).await["outcome"], "unchanged");
    let unsaid = json!({"action": "put_user", "username": "alice", "email": "alice@people.example"});
    assert_eq!(order(&service, unsaid).await["outcome"], "unchanged", "it is verified already");
    assert_eq!(service.sign_in("alice@PEOPLE.example", PASSWORD).await.status, 200);
    order(&service, json!({"action": "put_user", "username": "bob", "password": PASSWORD})).await;
    for name in ["mallory", "bob"] {
        let mut order = vouched(name, "alice@people.example");
        order["password"] = json!("a foghorn on the south pier");
        let taken = refusal(&service, order).await;
        assert!(taken.contains("email: Another person has this address"), "{taken}");
    }
    assert_eq!(service.sign_in("bob", PASSWORD).await.status, 200, "a refused order changes nothing");
    assert_eq!(order(&service, second).await["outcome"], "updated");
    assert_eq!(service.sign_in("alice@people.example", PASSWORD).await.status, 401);
    assert_eq!(service.sign_in("liddell@people.example", PASSWORD).await.status, 200);
    assert_eq!(order(&service, vouched("mallory", "alice@people.example")).await["email_verified"], true, "it is free");
    let nothing = json!({"action": "put_user", "username": "alice", "email_verified": true});
    assert!(refusal(&service, nothing).await.contains("email_verified: "));
    order(&service, json!({"action": "disable", "username": "alice"})).await;
    let disabled = refusal(&service, vouched("alice", "new@people.example")).await;
    assert!(disabled.contains("email: Only a person who may sign in"), "{disabled}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_is_told_by_mail_when_an_operator_sets_the_password_or_replaces_the_address() {
    let service = &Service::with_parameters(MAIL).await;
    let (old, new) = ("alice@people.example", "liddell@people.example");
    let vouched =
        |address: &str| json!({"action": "put_user", "username": "alice", "email": address, "email_verified": true});
    order(service, vouched(old)).await;
    order(service, json!({"action": "reset_password", "username": "alice"})).await;
    let told = Letter::to(service, old, 1).await.text;
    assert!(told.starts_with("Your password was changed") && told.contains("/account"), "{told}");
    order(service, json!({"action": "put_user", "username": "alice", "password": PASSWORD})).await;
    assert!(Letter::to(service, old, 2).await.text.starts_with("Your password was changed"));
    let unchanged = order(service, json!({"action": "put_user", "username": "alice", "password": PASSWORD})).await;
    assert_eq!(unchanged["outcome"], "unchanged");
    order(service, vouched("Alice@people.example")).await;
    order(service, vouched(new)).await;
    let told = Letter::to(service, "Alice@people.example", 1).await.text;
    assert!(told.starts_with("Your e-mail address was changed") && told.contains("l…@people.example"), "{told}");
    assert!(!told.contains(new), "not the whole address: {told}");
    order(service, json!({"action": "reset_password", "username": "alice"})).await;
    assert!(Letter::to(service, new, 1).await.text.starts_with("Your password was changed"));
    assert_eq!((service.mails(old).await.len(), service.mails("Alice@people.example").await.len()), (2, 1));
}

/// Both would prove the address.
#[tokio::test(flavor = "multi_thread")]
async fn somebody_whose_address_is_not_proven_cannot_be_disabled_or_enabled() {
    let service = Service::with_parameters(&[("MailFrom", "id@people.example")]).await;
    let mallory = json!({"username": "mallory", "password": PASSWORD, "email": "alice@people.example"});
    assert_eq!(service.post("/register", mallory).await.status, 202);
    let refused = refusal(&service, json!({"action": "disable", "username": "mallory"})).await;
    assert!(refused.contains("delete_user"), "{refused}");
    let refused = refusal(&service, json!({"action": "enable", "username": "mallory"})).await;
    assert!(refused.contains("delete_user"), "{refused}");
    let events = order(&service, json!({"action": "list_events", "username": "mallory"})).await;
    assert_eq!(events["events"], json!([]), "nothing happened");
    assert_eq!(service.sign_in("mallory", PASSWORD).await.status, 401);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_without_a_password_gets_one_in_the_report() {
    let service = Service::start().await;
    let created = order(&service, json!({"action": "put_user", "username": "alice"})).await;
    let password = created["password"].as_str().expect("a password");
    assert_eq!(service.sign_in("alice", password).await.status, 200);
    let again = order(&service, json!({"action": "put_user", "username": "alice"})).await;
    assert_eq!((&again["outcome"], &again["password"]), (&json!("unchanged"), &Value::Null));
    assert_eq!(service.sign_in("alice", password).await.status, 200);
    assert!(!service.stop().await.contains("password\":\""), "nor does a log");
}

#[tokio::test(flavor = "multi_thread")]
async fn all_problems_of_a_person_are_named_at_once() {
    let service = Service::start().await;
    let person = json!({"action": "put_user", "username": "a@b", "password": "short", "email": "nobody", "id": "7"});
    let why = refusal(&service, person).await;
    for field in ["username: ", "password: ", "email: ", "id: Use a UUID"] {
        assert!(why.contains(field), "{field} in {why}");
    }
    assert!(!why.contains("short"), "a password is not repeated: {why}");
}

#[tokio::test(flavor = "multi_thread")]
async fn put_client_can_be_repeated() {
    let service = Service::start().await;
    let metadata = json!({"redirect_uris": [CALLBACK], "grant_types": ["authorization_code", "refresh_token"],
        "token_endpoint_auth_method": "client_secret_post"});
    let put = |secret: Value| {
        json!({"action": "put_client", "client_id": "notes", "client": metadata,
        "trust": "first_party", "client_secret": secret})
    };
    let proves = async |secret: &str| {
        let fields = [("client_id", "notes"), ("client_secret", secret), ("token", "unknown")];
        support::party::post_form(&service, "/introspect", &fields).await.status == 200
    };
    let created = order(&service, put(json!(SECRET))).await;
    assert_eq!((&created["outcome"], &created["client_id"]), (&json!("created"), &json!("notes")), "{created}");
    assert!(created["client_secret"].is_null(), "the order chose it: {created}");
    assert!(proves(SECRET).await);
    for secret in [json!(SECRET), json!(null)] {
        assert_eq!(order(&service, put(secret.clone())).await["outcome"], "unchanged", "{secret}");
    }
    let other = order(&service, put(json!("another secret, too"))).await;
    assert_eq!(
        (&other["outcome"], &other["client_id_issued_at"]),
        (&json!("updated"), &created["client_id_issued_at"])
    );
    let shown = order(&service, json!({"action": "show_client", "client_id": "notes"})).await;
    assert_eq!((&shown["trust"], &shown["redirect_uris"]), (&json!("first_party"), &json!([CALLBACK])));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_is_put_without_a_secret_gets_one() {
    let service = Service::start().await;
    let put = json!({"action": "put_client", "client_id": "notes", "client": {"redirect_uris": [CALLBACK]}});
    let created = order(&service, put.clone()).await;
    assert_eq!(created["client_secret"].as_str().map(str::len), Some(43), "{created}");
    let again = order(&service, put).await;
    assert_eq!((&again["outcome"], &again["client_secret"]), (&json!("unchanged"), &Value::Null));
}

#[tokio::test(flavor = "multi_thread")]
async fn put_client_refuses_unusable_ids_and_secrets() {
    let service = Service::start().await;
    let put = |id: &str, secret: &str, more: Value| {
        let mut order = json!({"action": "put_client", "client_id": id, "client": {"redirect_uris": [CALLBACK]},
            "client_secret": secret});
        order.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
        order
    };
    for id in ["", "https://notes.example/client", "a#b", "a b", "first-party", &"a".repeat(129)] {
        assert!(refusal(&service, put(id, SECRET, json!({}))).await.contains("invalid_request"), "{id}");
    }
    for secret in ["", "fifteen-letters", "a\nsecret of sixteen", &"s".repeat(257)] {
        assert!(
            refusal(&service, put("notes", secret, json!({}))).await.contains("client_secret must have"),
            "{secret}"
        );
    }
    let public = json!({"client": {"redirect_uris": [CALLBACK], "token_endpoint_auth_method": "none"}});
    assert!(refusal(&service, put("notes", SECRET, public)).await.contains("has no secret"));
    order(&service, put("notes", "short", json!({"allow_short_secret": true}))).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn put_resource_can_be_repeated() {
    let service = Service::start().await;
    let mut api = json!({"action": "put_resource", "resource": API, "scopes": {"notes:read": "Read your notes"},
        "claims": ["roles"], "access_token_seconds": 120, "introspection_clients": ["notes"]});
    assert_eq!(order(&service, api.clone()).await["outcome"], "created");
    assert_eq!(order(&service, api.clone()).await["outcome"], "unchanged");
    api["scopes"] = json!({"notes:read": "See your notes"});
    assert_eq!(order(&service, api.clone()).await["outcome"], "updated");
    let mut shown = order(&service, json!({"action": "show_resource", "resource": API})).await;
    shown["action"] = json!("put_resource");
    assert_eq!(shown, api, "what is shown can be put");
    order(&service, json!({"action": "put_resource", "resource": "urn:tasks"})).await;
    let list = order(&service, json!({"action": "list_resources"})).await;
    let names: Vec<_> = list["resources"].as_array().expect("a list").iter().map(|one| &one["resource"]).collect();
    assert_eq!(names, [API, "urn:tasks"]);
    assert_eq!(order(&service, json!({"action": "delete_resource", "resource": API})).await["outcome"], "deleted");
    for action in ["delete_resource", "show_resource"] {
        assert!(refusal(&service, json!({"action": action, "resource": API})).await.contains("not_found"), "{action}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invalid_declaration_is_refused() {
    let service = Service::start().await;
    let put = |members: Value| {
        let mut order = json!({"action": "put_resource", "resource": API});
        order.as_object_mut().expect("an object").extend(members.as_object().expect("an object").clone());
        order
    };
    for (members, named) in [
        (json!({"resource": "notes"}), "resource: "),
        (json!({"resource": "https://notes.example/#api"}), "resource: "),
        (json!({"resource": "#VERSION"}), "resource: "),
        (json!({"scopes": {"openid": "x"}}), "scopes: "),
        (json!({"scopes": {"two words": "x"}}), "scopes: "),
        (json!({"scopes": {"notes": "x\ny"}}), "scopes: "),
        (json!({"access_token_seconds": 7200}), "access_token_seconds: "),
        (json!({"scope": "notes"}), "unknown field `scope`"),
    ] {
        let why = refusal(&service, put(members.clone())).await;
        assert!(why.contains("invalid_request") && why.contains(named), "{members}: {why}");
    }
}
