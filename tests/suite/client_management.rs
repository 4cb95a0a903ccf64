//! `GET`, `PUT` and `DELETE /clients/{id}` (RFC 7592): clients manage their own registrations.

use futures_util::future::join_all;
use serde_json::{Value, json};

use super::client_registration::{item, open};
use support::engine::Disturbed;
use support::faulty::Fault;
use support::{Answer, Service};

/// The response to a registration.
struct Client(Value);

impl Client {
    async fn register(service: &Service) -> Self {
        let metadata = json!({"redirect_uris": ["https://notes.example/callback"], "client_name": "Notes"});
        let answer = service.register_client(&metadata, None).await;
        assert_eq!(answer.status, 201, "{answer:?}");
        Self(answer.json())
    }

    fn text(&self, name: &str) -> &str {
        self.0[name].as_str().unwrap_or_else(|| panic!("no {name} in {}", self.0))
    }

    fn id(&self) -> &str {
        self.text("client_id")
    }

    fn token(&self) -> &str {
        self.text("registration_access_token")
    }

    async fn call(&self, service: &Service, method: &str, body: Option<&Value>) -> Answer {
        call(service, method, self.id(), Some(self.token()), body).await
    }

    /// Whether the client's secret works at the token endpoint.
    async fn is_known(&self, service: &Service, secret: &str) -> bool {
        let form = service.request("POST", "/revoke").basic_auth(self.id(), Some(secret));
        let form = form.header("content-type", "application/x-www-form-urlencoded").body("token=x");
        let answer = service.send(form).await;
        assert!([200, 401].contains(&answer.status), "{answer:?}");
        answer.status == 200
    }
}

async fn call(service: &Service, method: &str, id: &str, token: Option<&str>, body: Option<&Value>) -> Answer {
    let mut request = service.request(method, &format!("/clients/{id}"));
    if let Some(token) = token {
        request = request.bearer_auth(token);
    }
    if let Some(body) = body {
        request = request.json(body);
    }
    service.send(request).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_reads_its_registration_without_its_secret() {
    let service = open().await;
    let client = Client::register(&service).await;
    let answer = client.call(&service, "GET", None).await;
    assert_eq!((answer.status, answer.header("cache-control")), (200, "no-store"), "{answer:?}");
    let mut expected = client.0.clone();
    expected.as_object_mut().expect("an object").remove("client_secret");
    assert_eq!(answer.json(), expected);
    let there = client.text("registration_client_uri");
    assert_eq!(there, service.url(&format!("/clients/{}", client.id())), "the address that it was told");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_put_replaces_everything_except_what_only_an_operator_can_set() {
    let service = open().await;
    let client = Client::register(&service).await;
    let before = item(&service, &client.0["client_id"]).await;
    let answer = client
        .call(
            &service,
            "PUT",
            Some(&json!({
                "client_id": client.id(), "client_secret": client.text("client_secret"),
                "redirect_uris": ["https://notes.example/new"], "trust": "verified", "expires_at": 0, "version": 99,
                "client_id_issued_at": 1, "registration_access_token": "chosen", "client_secret_expires_at": 0,
            })),
        )
        .await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let body = answer.json();
    assert_eq!(body["redirect_uris"], json!(["https://notes.example/new"]));
    assert!(body["client_name"].is_null(), "what is left out is gone: {body}");
    assert!(body["client_secret"].is_null(), "it has its secret already: {body}");
    assert_eq!(body["client_id_issued_at"], client.0["client_id_issued_at"]);
    let after = item(&service, &client.0["client_id"]).await;
    for name in ["trust", "secret", "registration_access_token", "client_id_issued_at"] {
        assert_eq!(after[name], before[name], "{name}");
    }
    assert_eq!(after["version"]["N"], "2");
    let end = |item: &Value| item["expires_at"]["N"].as_str().and_then(|end| end.parse::<u64>().ok());
    assert!(end(&after) >= end(&before) && end(&before).is_some(), "a change renews: {after}");
    assert_eq!(body["client_secret_expires_at"].as_u64(), end(&after));
    assert_eq!(client.call(&service, "GET", None).await.json(), body);
    assert!(client.is_known(&service, client.text("client_secret")).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invalid_put_changes_nothing() {
    let service = open().await;
    let client = Client::register(&service).await;
    let before = item(&service, &client.0["client_id"]).await;
    let good = json!({"client_id": client.id(), "redirect_uris": ["https://notes.example/callback"]});
    let with = |name: &str, value: Value| {
        let mut metadata = good.clone();
        metadata[name] = value;
        metadata
    };
    for (metadata, error) in [
        (with("client_id", json!("first-party")), "invalid_client_metadata"),
        (with("client_id", Value::Null), "invalid_client_metadata"),
        (with("client_secret", json!("chosen")), "invalid_client_metadata"),
        (with("client_secret", json!(1)), "invalid_client_metadata"),
        (with("redirect_uris", json!(["javascript:x"])), "invalid_redirect_uri"),
        (with("redirect_uris", Value::Null), "invalid_redirect_uri"),
        (with("scope", json!("account")), "invalid_client_metadata"),
        (with("grant_types", json!(["client_credentials"])), "invalid_client_metadata"),
        (with("dpop_bound_access_tokens", json!(true)), "invalid_client_metadata"),
        (json!([]), "invalid_client_metadata"),
    ] {
        let answer = client.call(&service, "PUT", Some(&metadata)).await;
        assert_eq!((answer.status, answer.json()["error"].as_str()), (400, Some(error)), "{metadata}");
    }
    assert_eq!(item(&service, &client.0["client_id"]).await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_response_can_be_sent_back_as_an_update() {
    let service = open().await;
    let client = Client::register(&service).await;
    let shown = client.call(&service, "GET", None).await.json();
    let mut changed = shown.clone();
    changed["client_name"] = json!("Notes 2");
    for metadata in [&client.0, &shown, &changed] {
        let answer = client.call(&service, "PUT", Some(metadata)).await;
        assert_eq!(answer.status, 200, "{metadata}: {answer:?}");
        assert_eq!(answer.json()["client_name"], metadata["client_name"]);
    }
    for metadata in [
        json!({"redirect_uris": ["https://notes.example/callback"], "software_id": "x", "client_name#ja": "ノート"}),
        json!({"grant_types": ["client_credentials"]}),
        json!({"redirect_uris": ["com.notes.app:/cb"], "token_endpoint_auth_method": "none"}),
    ] {
        let order = json!({"action": "create", "client": metadata});
        let created = service.operator(order).await.expect("a client");
        let update = |client: &Value| json!({"action": "update", "client_id": created["client_id"], "client": client});
        let shown = service.operator(json!({"action": "show", "client_id": created["client_id"]})).await.expect("it");
        assert_eq!(service.operator(update(&created)).await.expect("as it was created").get("client_secret"), None);
        assert_eq!(service.operator(update(&shown)).await.expect("as it is shown"), shown);
        let mut mistaken = shown.clone();
        mistaken["client_id_issued_at"] = json!(1);
        let told = service.operator(update(&mistaken)).await.expect_err("it cannot be set");
        assert!(told.contains("client_id_issued_at"), "{told}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_is_created_and_removed_with_the_method_that_needs_it() {
    let service = open().await;
    let client = Client::register(&service).await;
    let put = async |method: &str| {
        let metadata = json!({"client_id": client.id(), "redirect_uris": ["https://notes.example/callback"],
            "token_endpoint_auth_method": method});
        client.call(&service, "PUT", Some(&metadata)).await.json()
    };
    assert!(put("client_secret_post").await["client_secret"].is_null(), "the same secret, sent another way");
    assert!(put("none").await["client_secret"].is_null());
    let back = put("client_secret_basic").await;
    assert!(back["client_secret_expires_at"].as_u64() > client.0["client_id_issued_at"].as_u64(), "{back}");
    let fresh = back["client_secret"].as_str().expect("a new secret");
    assert!(client.is_known(&service, fresh).await);
    assert!(!client.is_known(&service, client.text("client_secret")).await, "the old one is gone");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_client_is_gone() {
    let service = open().await;
    let client = Client::register(&service).await;
    assert!(client.is_known(&service, client.text("client_secret")).await);
    let answer = client.call(&service, "DELETE", None).await;
    assert_eq!((answer.status, answer.text.as_str()), (204, ""), "{answer:?}");
    for method in ["GET", "DELETE"] {
        assert_eq!(client.call(&service, method, None).await.status, 401, "{method}");
    }
    let metadata = json!({"client_id": client.id(), "redirect_uris": ["https://notes.example/callback"]});
    assert_eq!(client.call(&service, "PUT", Some(&metadata)).await.status, 401);
    assert_eq!(item(&service, &client.0["client_id"]).await, Value::Null);
    // A process that has read the client caches it for ten seconds.
    tokio::time::sleep(std::time::Duration::from_secs(11)).await;
    assert!(!client.is_known(&service, client.text("client_secret")).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn tokens_of_a_deleted_client_are_refused() {
    let service = Service::with_parameters(&[("AuthorizerCacheSeconds", "0"), ("RevocationSeconds", "0")]).await;
    let machine = json!({"grant_types": ["client_credentials"], "scope": "openid"});
    let mut tokens = Vec::new();
    let (gone, kept) = (service.client(machine.clone()).await, service.client(machine).await);
    for (id, secret) in [&gone, &kept] {
        let form = service.request("POST", "/token").basic_auth(id, Some(secret));
        let form = form.header("content-type", "application/x-www-form-urlencoded");
        let answer = service.send(form.body("grant_type=client_credentials")).await;
        tokens.push(answer.json()["access_token"].as_str().expect("a token").to_owned());
    }
    for token in &tokens {
        assert_eq!(service.get_as("/protected", token).await.status, 200);
    }
    service.operator(json!({"action": "delete_client", "client_id": gone.0})).await.expect("deleted");
    tokio::time::sleep(std::time::Duration::from_secs(2)).await; // the published list is at most a second old
    assert_eq!(service.get_as("/protected", &tokens[0]).await.status, 403);
    assert_eq!(service.get_as("/protected", &tokens[1]).await.status, 200, "another client's");
}

#[tokio::test(flavor = "multi_thread")]
async fn only_its_own_token_manages_a_registration() {
    let service = open().await;
    let (client, other) = (Client::register(&service).await, Client::register(&service).await);
    let access = service.token_of("alice").await;
    let initial = service.operator(json!({"action": "initial_access_token"})).await.expect("a token");
    let initial = initial["initial_access_token"].as_str().expect("a token");
    let (operators, operators_secret) = service.client(json!({"redirect_uris": ["https://a.example/"]})).await;
    let metadata = json!({"client_id": client.id(), "redirect_uris": ["https://evil.example/"]});
    let wrong = [other.token(), client.text("client_secret"), client.id(), &access, initial, "", "x"];
    for (method, body) in [("GET", None), ("PUT", Some(&metadata)), ("DELETE", None)] {
        for token in wrong {
            let answer = call(&service, method, client.id(), Some(token), body).await;
            assert_eq!(answer.status, 401, "{method} {token}: {answer:?}");
            assert!(answer.header("www-authenticate").starts_with("Bearer realm="), "{answer:?}");
        }
        let without = call(&service, method, client.id(), None, body).await;
        assert_eq!((without.status, without.header("www-authenticate")), (401, "Bearer realm=\"gatewright\""));
        // Unknown clients get the same answer, and so do those that cannot be managed over HTTP.
        let refused = call(&service, method, client.id(), Some("x"), body).await;
        for id in ["nobody", "first-party", &operators, "a%20b", "CLIENT%23x", &"x".repeat(5000)] {
            for token in [client.token(), &operators_secret] {
                let answer = call(&service, method, id, Some(token), body).await;
                assert_eq!((answer.status, &answer.text), (401, &refused.text), "{method} {id}");
            }
        }
    }
    assert_eq!(client.call(&service, "GET", None).await.status, 200, "nothing happened to it");
}

#[tokio::test(flavor = "multi_thread")]
async fn concurrent_changes_are_all_kept_and_none_undoes_a_removal() {
    let service = open().await;
    let client = Client::register(&service).await;
    let puts = (0..4).map(|number| {
        let metadata = json!({"client_id": client.id(), "client_name": format!("Notes {number}"),
            "redirect_uris": ["https://notes.example/callback"]});
        let (service, client) = (&service, &client);
        async move { client.call(service, "PUT", Some(&metadata)).await }
    });
    let answers = join_all(puts).await;
    assert!(answers.iter().all(|answer| answer.status == 200), "{answers:?}");
    assert_eq!(item(&service, &client.0["client_id"]).await["version"]["N"], "5");
    let metadata = json!({"client_id": client.id(), "redirect_uris": ["https://notes.example/callback"]});
    let (put, removal) =
        tokio::join!(client.call(&service, "PUT", Some(&metadata)), client.call(&service, "DELETE", None));
    assert!(removal.status == 204 && [200, 401].contains(&put.status), "{put:?} {removal:?}");
    assert_eq!(item(&service, &client.0["client_id"]).await, Value::Null);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_expired_registration_is_gone_although_it_is_still_stored() {
    let service = open().await;
    let client = Client::register(&service).await;
    let mut stored = item(&service, &client.0["client_id"]).await;
    stored["expires_at"]["N"] = json!("1700000000");
    super::refresh::table(&service, "PutItem", json!({ "Item": stored })).await;
    assert_eq!(client.call(&service, "GET", None).await.status, 401);
    assert!(!client.is_known(&service, client.text("client_secret")).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn registrations_can_be_managed_while_registration_is_off() {
    let service = Service::with_parameters(&[("ClientRegistration", "token")]).await;
    let token = service.operator(json!({"action": "initial_access_token"})).await.expect("a token");
    let metadata = json!({"redirect_uris": ["https://notes.example/callback"]});
    let answer = service.register_client(&metadata, token["initial_access_token"].as_str()).await;
    let client = Client(answer.json());
    assert_eq!(client.call(&service, "GET", None).await.status, 200);
    let machine = json!({"client_id": client.id(), "grant_types": ["client_credentials"], "scope": "openid"});
    assert_eq!(client.call(&service, "PUT", Some(&machine)).await.status, 200, "as its token let it register");
    assert_eq!(item(&service, &client.0["client_id"]).await["trust"]["S"], "verified");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fault_of_ours_is_never_a_401() {
    let disturbed = Disturbed::with_parameters(&[("ClientRegistration", "open")]).await;
    let service = &disturbed.service;
    let client = Client::register(service).await;
    let metadata = json!({"client_id": client.id(), "redirect_uris": ["https://notes.example/callback"]});
    for operation in ["GetItem", "TransactWriteItems"] {
        for (method, body) in [("GET", None), ("PUT", Some(&metadata)), ("DELETE", None)] {
            if (operation, method) == ("TransactWriteItems", "GET") {
                continue; // writes nothing
            }
            disturbed.store.plan(Some(operation), Fault::Error(500, "InternalServerError"), usize::MAX);
            let answer = client.call(service, method, body).await;
            assert_eq!((answer.status, answer.header("retry-after").is_empty()), (503, false), "{answer:?}");
            disturbed.store.heal();
        }
    }
    disturbed.store.plan(Some("TransactWriteItems"), Fault::LostReply, 1);
    assert_eq!(client.call(service, "PUT", Some(&metadata)).await.status, 200);
    disturbed.store.plan(Some("TransactWriteItems"), Fault::LostReply, 1);
    assert_eq!(client.call(service, "DELETE", None).await.status, 204);
}

#[tokio::test(flavor = "multi_thread")]
async fn each_call_stays_within_its_round_trips() {
    let disturbed = Disturbed::with_parameters(&[("ClientRegistration", "open")]).await;
    let service = &disturbed.service;
    disturbed.store.take_seen();
    let client = Client::register(service).await;
    assert_eq!(disturbed.store.take_seen(), ["Query", "UpdateItem", "UpdateItem", "TransactWriteItems"]);
    client.call(service, "GET", None).await;
    assert_eq!(disturbed.store.take_seen(), ["GetItem"]);
    let metadata = json!({"client_id": client.id(), "redirect_uris": ["https://notes.example/callback"]});
    client.call(service, "PUT", Some(&metadata)).await;
    assert_eq!(disturbed.store.take_seen(), ["GetItem", "TransactWriteItems"]);
    client.call(service, "DELETE", None).await;
    assert_eq!(disturbed.store.take_seen(), ["GetItem", "TransactWriteItems"]);
}
