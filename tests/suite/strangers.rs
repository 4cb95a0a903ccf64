//! What callers without a proven identity can write, from which address, and how often.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use aws_lc_rs::digest::{SHA256, digest};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};

use super::refresh::table;
use support::browser::{Browser, CALLBACK, CHALLENGE, authorize};
use support::engine::Disturbed;
use support::party::{Party, with_form};
use support::{Answer, PASSWORD, Service};

/// Two secrets of an edge, and their SHA-256 hashes.
pub const SECRETS: [&str; 2] = ["old secret", "new secret"];
pub const HASHES: [&str; 2] = [
    "f8ee85f59a75fdb3a3fbf0941423f26a65a8ed0a5f6d7ff832acd8edf5635499",
    "859601deb772672b933ef30d66609610c928bcf116951a52f4b8698f34c1fc80",
];

/// A public client.
pub async fn app(service: &Service) -> String {
    let metadata = json!({"redirect_uris": [CALLBACK], "token_endpoint_auth_method": "none", "scope": "openid"});
    service.client(metadata).await.0
}

/// `GET /authorize` by a browser where nobody is signed in, with these headers.
async fn begin(service: &Service, client_id: &str, headers: &[(&str, &str)]) -> Answer {
    let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().expect("a client");
    let mut request = http.get(service.url(&authorize(client_id, &[("scope", "openid")])));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    service.send(request).await
}

/// `POST /par` by a public client.
async fn push(service: &Service, client_id: &str, more: &[(&str, &str)]) -> Answer {
    let usual = [
        ("client_id", client_id),
        ("redirect_uri", CALLBACK),
        ("response_type", "code"),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
        ("scope", "openid"),
    ];
    let fields: Vec<_> = usual.iter().chain(more).copied().collect();
    service.send(with_form(service.request("POST", "/par"), &fields)).await
}

fn assert_stopped(answer: &Answer, longest: u64) {
    assert_eq!((answer.status, answer.header("location")), (429, ""), "{answer:?}");
    let wait: u64 = answer.header("retry-after").parse().expect("seconds");
    assert!((1..=longest).contains(&wait), "{wait}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flood_of_authorization_requests_is_stopped_and_then_writes_nothing() {
    let disturbed = Disturbed::with_parameters(&[("AuthorizationsPerAddress", "9")]).await;
    let service = &disturbed.service;
    let client_id = app(service).await;
    for _ in 0..3 {
        assert_eq!(begin(service, &client_id, &[]).await.status, 303);
    }
    for _ in 0..2 {
        assert_eq!(push(service, &client_id, &[]).await.status, 201, "both endpoints have one limit");
    }
    assert_stopped(&begin(service, &client_id, &[]).await, 60);
    assert_stopped(&push(service, &client_id, &[]).await, 60);
    disturbed.store.take_seen();
    for _ in 0..50 {
        assert_stopped(&begin(service, &client_id, &[]).await, 60);
        assert_stopped(&push(service, &client_id, &[]).await, 60);
    }
    let seen = disturbed.store.take_seen();
    let writes =
        seen.iter().filter(|call| ["PutItem", "UpdateItem", "TransactWriteItems"].iter().any(|it| call.contains(it)));
    assert_eq!(writes.count(), 0, "a process remembers who reached the limit: {seen:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_confidential_client_that_somebody_vouches_for_pushes_for_all_its_users() {
    let service = Service::with_parameters(&[("AuthorizationsPerAddress", "2")]).await;
    let metadata =
        json!({"redirect_uris": [CALLBACK], "token_endpoint_auth_method": "client_secret_post", "scope": "openid"});
    let (client_id, secret) = service.client(metadata).await;
    for _ in 0..5 {
        assert_eq!(push(&service, &client_id, &[("client_secret", &secret)]).await.status, 201);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flood_of_accounts_is_stopped_before_passwords_are_hashed() {
    let service = Service::with_parameters(&[("AccountsPerAddress", "5")]).await;
    let register = async |number: u32| {
        service.post("/register", json!({"username": format!("person{number}"), "password": PASSWORD})).await
    };
    for number in 0..3 {
        assert_eq!(register(number).await.status, 201);
    }
    assert_stopped(&register(3).await, 3600);
    let invalid = service.post("/register", json!({"username": "p", "password": "short"})).await;
    assert_eq!(invalid.status, 400, "what is wrong is reported in spite of the limit");
}

#[tokio::test(flavor = "multi_thread")]
async fn asking_which_usernames_are_taken_counts_like_a_registration() {
    let service = Service::with_parameters(&[("AccountsPerAddress", "7")]).await;
    service.post("/register", json!({"username": "alice", "password": PASSWORD})).await;
    let ask = async |name: &str| {
        service.post("/register", json!({"username": name, "password": "xq7 vw"})).await.problems().len()
    };
    for _ in 0..3 {
        assert_eq!(ask("alice").await, 2, "the password, and the name that is taken");
    }
    assert_eq!((ask("alice").await, ask("nobody-yet").await), (1, 1), "beyond the limit there is no answer");
    assert_eq!(ask("admin").await, 2, "reserved names are no secret");
    let registered = service.post("/register", json!({"username": "alice", "password": PASSWORD})).await;
    assert_stopped(&registered, 3600);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flood_of_accounts_is_stopped_on_the_page_with_a_neutral_banner() {
    let service = Service::with_parameters(&[("AccountsPerAddress", "1")]).await;
    let client_id = app(&service).await;
    service.post("/register", json!({"username": "alice", "password": PASSWORD})).await;
    let mut browser = Browser::new(&service);
    let id = browser.begin(&client_id, "openid").await;
    let page = browser.fill("/sign-up", &id, &[("username", "bob"), ("password", PASSWORD)]).await;
    assert_stopped(&page, 3600);
    assert!(page.text.contains("Too many attempts") && !page.text.contains("aria-invalid=\"true\""), "{page:?}");
    assert_eq!(page.value_of("username"), "bob");
}

/// The proof of work of an account, made as docs/api.md says.
fn work(service: &Service, username: &str, bits: u32) -> String {
    let time = SystemTime::now().duration_since(UNIX_EPOCH).expect("it is later").as_secs();
    let done = |number: &u32| {
        let text = format!("{}\n{time}\n{username}\n\n{number}", service.stack.url());
        let hash = digest(&SHA256, text.as_bytes());
        let first = hash.as_ref().first_chunk().map(|bytes| u32::from_be_bytes(*bytes));
        first.expect("32 bytes").leading_zeros() >= bits
    };
    format!("{time}.{}", (0..u32::MAX).find(done).expect("a number"))
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_can_cost_a_proof_of_work() {
    let service = Service::with_parameters(&[("RegistrationWork", "12")]).await;
    let register = async |name: &str, work: Option<&str>| {
        let mut body = json!({"username": name, "password": PASSWORD});
        if let Some(work) = work {
            body["work"] = json!(work);
        }
        service.post("/register", body).await
    };
    assert_eq!(register("alice", None).await.problems(), ["work: missing"]);
    let proof = work(&service, "alice", 12);
    assert_eq!(register("mallory", Some(&proof)).await.problems(), ["work: wrong"], "it is for another account");
    assert_eq!(register("alice", Some(&proof)).await.status, 201);
    assert_eq!(register("alice", Some(&proof)).await.status, 409, "it cannot be used twice");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_browser_without_scripts_waits_instead_of_working() {
    let service = Service::with_parameters(&[("RegistrationWork", "12")]).await;
    let client_id = app(&service).await;
    let mut browser = Browser::new(&service);
    let id = browser.begin(&client_id, "openid").await;
    let page = browser.fill("/sign-up", &id, &[("username", "alice"), ("password", PASSWORD)]).await;
    assert!(page.status == 400 && page.text.contains("20 seconds"), "{page:?}");
    let ticket = page.value_of("ticket");
    let again =
        browser.fill("/sign-up", &id, &[("username", "alice"), ("password", PASSWORD), ("ticket", &ticket)]).await;
    assert_eq!(
        (again.status, again.value_of("ticket")),
        (400, ticket.clone()),
        "it is too early, and the time goes on"
    );
    tokio::time::sleep(Duration::from_secs(21)).await;
    for (name, status) in [("mallory", 400), ("alice", 303)] {
        let fields = [("username", name), ("password", PASSWORD), ("ticket", ticket.as_str())];
        assert_eq!(browser.fill("/sign-up", &id, &fields).await.status, status, "the ticket is for alice");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signed_in_person_gets_only_so_many_codes_without_a_page() {
    let party = Party::with(json!({"token_endpoint_auth_method": "none"}), &[("SignInsPerMinute", "7")]).await;
    let mut browser = party.browser();
    party.ask(&mut browser, &[("scope", "openid")]).await;
    for _ in 0..4 {
        assert_eq!(browser.get(&authorize(&party.client_id, &[("scope", "openid")])).await.status, 303);
    }
    assert_stopped(&browser.get(&authorize(&party.client_id, &[("scope", "openid")])).await, 60);
}

#[tokio::test(flavor = "multi_thread")]
async fn open_registrations_have_a_limit_for_each_address_and_one_for_all() {
    for name in ["ClientsPerAddress", "ClientsPerHour"] {
        let service = Service::with_parameters(&[("ClientRegistration", "open"), (name, "3")]).await;
        let metadata = json!({"redirect_uris": ["https://app.example/cb"]});
        let mut statuses = Vec::new();
        for _ in 0..4 {
            statuses.push(service.register_client(&metadata, None).await.status);
        }
        assert_eq!(statuses, [201, 201, 429, 429], "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn unknown_parameters_are_not_stored_and_long_ones_are_refused() {
    let service = Service::with_parameters(&[("ClientRegistration", "open")]).await;
    let client_id = app(&service).await;
    let address = authorize(&client_id, &[("scope", "openid"), ("smuggled", "contraband")]);
    let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().expect("a client");
    assert_eq!(service.send(http.get(service.url(&address))).await.status, 303);
    assert_eq!(push(&service, &client_id, &[("smuggled", "contraband")]).await.status, 201);
    let metadata = json!({"redirect_uris": ["https://app.example/cb"], "smuggled": "contraband"});
    assert_eq!(service.register_client(&metadata, None).await.status, 201);
    let person = json!({"username": "mallory", "password": PASSWORD, "smuggled": "contraband"});
    assert_eq!(service.post("/register", person).await.problems(), ["smuggled: unknown"]);
    let items = table(&service, "Scan", json!({})).await;
    let kinds = ["REQUEST#", "CLIENT#"].map(|kind| items.to_string().contains(kind));
    assert_eq!(kinds, [true, true], "both were stored");
    assert!(!items.to_string().contains("contraband") && !items.to_string().contains("smuggled"), "{items}");

    let long = "x".repeat(8 * 1024);
    let pushed = push(&service, &client_id, &[("claims_locales", &long)]).await;
    assert_eq!((pushed.status, &pushed.json()["error"]), (400, &json!("invalid_request")), "{pushed:?}");
    let metadata = json!({"redirect_uris": ["https://app.example/cb"], "contacts": [long]});
    let registered = service.register_client(&metadata, None).await;
    assert_eq!(registered.json()["error_description"], json!("body: Send at most 8 KiB of metadata."));
}

#[tokio::test(flavor = "multi_thread")]
async fn without_an_edge_no_header_changes_the_callers_address() {
    let service = Service::with_parameters(&[("AuthorizationsPerAddress", "5")]).await;
    let client_id = app(&service).await;
    let forged = |number: u32| format!("198.51.100.{number}");
    let mut statuses = Vec::new();
    for number in 0..5 {
        let (viewer, chain) = (format!("{}:443", forged(number)), forged(number));
        let headers = [
            ("cloudfront-viewer-address", viewer.as_str()),
            ("x-forwarded-for", &chain),
            ("forwarded", &format!("for={chain}")),
            ("x-origin-secret", SECRETS[0]),
        ];
        statuses.push(begin(&service, &client_id, &headers).await.status);
    }
    assert_eq!(statuses, [303, 303, 303, 429, 429]);
}

#[tokio::test(flavor = "multi_thread")]
async fn behind_an_edge_the_viewers_address_counts_and_ipv6_neighbours_share_a_limit() {
    let hashes = HASHES.join(",");
    let service = Service::with_parameters(&[("AuthorizationsPerAddress", "3"), ("OriginSecretHashes", &hashes)]).await;
    let client_id = app(&service).await;
    let mut from = Vec::new();
    for viewer in [
        "198.51.100.7:1",
        "198.51.100.7:2",
        "198.51.100.7:3",
        "198.51.100.8:1",
        "2001:db8:1:2::1:40001",
        "2001:db8:1:2:ffff::2:40002",
        "2001:db8:1:2::3:40003",
        "2001:db8:1:3::1:40001",
    ] {
        let secret = SECRETS[from.len() % 2]; // both are accepted while the secret changes
        let headers =
            [("x-origin-secret", secret), ("cloudfront-viewer-address", viewer), ("x-forwarded-for", "192.0.2.1")];
        from.push(begin(&service, &client_id, &headers).await.status);
    }
    assert_eq!(from, [303, 303, 429, 303, 303, 303, 429, 303]);
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_around_the_edge_are_refused_on_every_path() {
    let service = Service::with_parameters(&[("OriginSecretHashes", HASHES[1])]).await;
    let client_id = app(&service).await;
    let viewer = ("cloudfront-viewer-address", "198.51.100.7:443");
    for headers in [
        vec![],
        vec![viewer],
        vec![viewer, ("x-origin-secret", "")],
        vec![viewer, ("x-origin-secret", SECRETS[0])],
        vec![viewer, ("x-origin-secret", HASHES[1])],
        vec![viewer, ("x-origin-secret", SECRETS[1]), ("x-origin-secret", SECRETS[0])],
    ] {
        let answer = begin(&service, &client_id, &headers).await;
        assert_eq!((answer.status, answer.header("location")), (421, ""), "{headers:?}: {answer:?}");
    }
    for (method, path) in [
        ("POST", "/register"),
        ("POST", "/login"),
        ("POST", "/token"),
        ("POST", "/par"),
        ("POST", "/clients"),
        ("GET", "/sign-in"),
        ("GET", "/userinfo"),
        ("GET", "/me"),
        ("OPTIONS", "/token"),
        ("GET", "/revocations"),
        ("GET", "/.well-known/jwks.json"),
        ("GET", "/.well-known/openid-configuration"),
    ] {
        assert_eq!(service.send(service.request(method, path)).await.status, 421, "{method} {path}");
    }
    let through = service.request("GET", "/.well-known/jwks.json").header("x-origin-secret", SECRETS[1]);
    assert_eq!(service.send(through).await.status, 200);
    assert!(service.operator(json!({"action": "list_resources"})).await.is_ok(), "orders do not come by HTTP");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_authorizer_reads_keys_and_revocations_through_the_edge() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let public = format!("http://{}", listener.local_addr().expect("an address"));
    let parameters = [("Issuer", public.as_str()), ("OriginSecretHashes", HASHES[0]), ("AuthorizerCacheSeconds", "0")];
    let service = Service::with_parameters(&parameters).await;
    let origin = service.url("").replace("http://", "");
    let edge = tokio::spawn(forward(listener, origin));
    let http = reqwest::Client::new();
    let post = async |path: &str, body: &Value| {
        let answer = http.post(format!("{public}{path}")).json(body).send().await.expect("an answer");
        (answer.status().as_u16(), answer.json::<Value>().await.expect("JSON"))
    };
    let person = json!({"username": "alice", "password": PASSWORD});
    assert_eq!(post("/register", &person).await.0, 201);
    let (status, tokens) = post("/login", &person).await;
    assert_eq!(status, 200, "{tokens}");
    let token = tokens["access_token"].as_str().expect("a token");
    let call = http.get(format!("{public}/protected")).bearer_auth(token).send().await.expect("an answer");
    assert_eq!(call.status(), 200, "the authorizer verified the token");
    assert_eq!(service.get_as("/protected", token).await.status, 421, "not around the edge, even with a token");
    edge.abort();
}

/// An edge: it adds the secret to the first request of each connection, and the connection carries no second one.
async fn forward(listener: TcpListener, origin: String) {
    while let Ok((mut viewer, _)) = listener.accept().await {
        let origin = origin.clone();
        tokio::spawn(async move {
            let mut api = TcpStream::connect(&origin).await.expect("the API");
            let mut line = Vec::new();
            while !line.ends_with(b"\r\n") {
                line.push(viewer.read_u8().await?);
            }
            line.extend(format!("x-origin-secret: {}\r\nconnection: close\r\n", SECRETS[0]).bytes());
            api.write_all(&line).await?;
            copy_bidirectional(&mut viewer, &mut api).await
        });
    }
}
