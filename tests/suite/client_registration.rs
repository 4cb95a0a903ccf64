//! `POST /clients` (RFC 7591): clients register themselves.

use futures_util::future::join_all;
use serde_json::{Map, Value, json};

use super::refresh::table;
use support::engine::Disturbed;
use support::faulty::Fault;
use support::{Answer, Service};

const DAYS: u64 = 86_400;

pub async fn open() -> Service {
    Service::with_parameters(&[("ClientRegistration", "open")]).await
}

/// The metadata of a web client, with these members in addition.
fn web(members: &Value) -> Value {
    let mut metadata = json!({"redirect_uris": ["https://notes.example/callback"]});
    let members = members.as_object().cloned().unwrap_or_default();
    metadata.as_object_mut().expect("an object").extend(members);
    metadata
}

async fn initial_token(service: &Service, order: &Value) -> String {
    let mut event = json!({"action": "initial_access_token"});
    event.as_object_mut().expect("an object").extend(order.as_object().cloned().unwrap_or_default());
    let issued = service.operator(event).await.expect("a token");
    issued["initial_access_token"].as_str().expect("a token").to_owned()
}

/// The stored item of a client.
pub async fn item(service: &Service, client_id: &Value) -> Value {
    let pk = format!("CLIENT#{}", client_id.as_str().expect("an id"));
    let key = json!({"pk": {"S": pk}, "sk": {"S": "CLIENT"}});
    table(service, "GetItem", json!({ "Key": key })).await["Item"].clone()
}

fn refused(answer: &Answer) -> (u16, String, String) {
    let body = answer.json();
    let text = |name: &str| body[name].as_str().unwrap_or_default().to_owned();
    assert_eq!((answer.header("cache-control"), answer.header("content-type")), ("no-store", "application/json"));
    (answer.status, text("error"), text("error_description"))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_registers_itself_and_the_response_shows_all_metadata() {
    let service = open().await;
    let metadata = json!({
        "redirect_uris": ["https://notes.example/callback", "com.notes.app:/callback"], "client_name": "Notes",
        "grant_types": ["authorization_code", "refresh_token"], "response_types": ["code"], "scope": "openid profile",
        "contacts": ["ops@notes.example"], "tos_uri": "https://notes.example/terms", "software_id": "ignored",
        "post_logout_redirect_uris": ["https://notes.example/bye"], "logo_uri": "https://notes.example/logo.png",
    });
    let answer = service.register_client(&metadata, None).await;
    assert_eq!((answer.status, answer.header("cache-control")), (201, "no-store"), "{answer:?}");
    let client = answer.json();
    for (name, value) in metadata.as_object().expect("an object") {
        let expected = if ["software_id", "logo_uri"].contains(&name.as_str()) { &Value::Null } else { value };
        assert_eq!(&client[name], expected, "{name}");
    }
    for name in ["client_secret", "registration_access_token"] {
        assert_eq!(client[name].as_str().map(str::len), Some(43), "256 bits: {name}");
    }
    let id = client["client_id"].as_str().expect("an id");
    assert_eq!(client["registration_client_uri"], json!(service.url(&format!("/clients/{id}"))));
    assert_eq!(client["token_endpoint_auth_method"], "client_secret_basic");
    assert_eq!(client["id_token_signed_response_alg"], "RS256", "the default");
    let (issued, expires) = (&client["client_id_issued_at"], &client["client_secret_expires_at"]);
    assert_eq!(expires.as_u64(), issued.as_u64().map(|issued| issued + 90 * DAYS));
    let stored = item(&service, &client["client_id"]).await;
    assert_eq!(
        (&stored["trust"]["S"], &stored["expires_at"]["N"]),
        (&json!("unverified"), &json!(expires.to_string()))
    );
    for name in ["client_secret", "registration_access_token"] {
        assert!(!stored.to_string().contains(client[name].as_str().expect("a secret")), "{name} is stored");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn supported_metadata_of_real_clients_is_registered() {
    let service = open().await;
    // An MCP client with its own scheme.
    let editor = service
        .register_client(
            &json!({
                "client_name": "Cursor", "redirect_uris": ["cursor://anysphere.cursor-mcp/oauth/callback"],
                "grant_types": ["authorization_code", "refresh_token", "urn:ietf:params:oauth:grant-type:device_code"],
                "response_types": ["code"], "token_endpoint_auth_method": "none", "client_uri": "", "logo_uri": "",
                "software_id": "mcp", "software_version": "1.0", "scope": null, "jwks": null,
            }),
            None,
        )
        .await;
    assert_eq!(editor.status, 201, "{editor:?}");
    let offered = service.get("/.well-known/openid-configuration").await.json();
    for grant in editor.json()["grant_types"].as_array().expect("grants") {
        let offered = offered["grant_types_supported"].as_array().expect("grants");
        assert!(offered.contains(grant), "{grant} is not offered: {editor:?}");
    }
    // A client that sends all metadata of OpenID Connect.
    let everything = web(&json!({
        "grant_types": ["implicit", "authorization_code", "refresh_token"],
        "response_types": ["code", "code id_token", "id_token token"], "application_type": "web",
        "token_endpoint_auth_method": "client_secret_jwt", "token_endpoint_auth_signing_alg": "HS256",
        "client_uri": "http://notes.example/", "policy_uri": "", "tos_uri": "https://notes.example/terms",
        "jwks_uri": "https://notes.example/jwks", "request_uris": ["https://notes.example/request#1"],
        "require_auth_time": true, "default_acr_values": ["1"], "initiate_login_uri": "https://notes.example/login",
        "userinfo_signed_response_alg": null, "dpop_bound_access_tokens": false, "scope": "openid phone address",
    }));
    let answer = service.register_client(&everything, None).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    let client = answer.json();
    assert_eq!(client["grant_types"], json!(["authorization_code", "refresh_token"]));
    assert_eq!((&client["response_types"], &client["scope"]), (&json!(["code"]), &json!("openid")));
    assert_eq!(client["token_endpoint_auth_method"], "client_secret_basic");
    assert_eq!((&client["client_uri"], &client["policy_uri"]), (&Value::Null, &Value::Null));
    assert_eq!(client["tos_uri"], "https://notes.example/terms");
}

#[tokio::test(flavor = "multi_thread")]
async fn unusable_metadata_and_unsupported_protection_are_refused_and_named() {
    let service = open().await;
    for (metadata, field) in [
        (web(&json!({"grant_types": ["implicit"]})), "grant_types"),
        (web(&json!({"response_types": ["token"]})), "response_types"),
        (web(&json!({"scope": "phone"})), "scope"),
        (web(&json!({"dpop_bound_access_tokens": true})), "dpop_bound_access_tokens"),
        (web(&json!({"id_token_encrypted_response_alg": "RSA-OAEP"})), "id_token_encrypted_response_alg"),
        (web(&json!({"require_signed_request_object": true})), "require_signed_request_object"),
    ] {
        let (status, error, description) = refused(&service.register_client(&metadata, None).await);
        assert_eq!((status, error.as_str()), (400, "invalid_client_metadata"), "{metadata}");
        assert!(description.starts_with(&format!("{field}: ")), "{description}");
    }
    let one_bad =
        json!({"redirect_uris": ["https://notes.example/cb", "javascript:alert(1)", "https://notes.example/"]});
    let (_, error, description) = refused(&service.register_client(&one_bad, None).await);
    assert!(error == "invalid_redirect_uri" && description.starts_with("redirect_uris[1]: "), "{description}");
    assert!(!description.contains("redirect_uris[0]") && !description.contains("redirect_uris[2]"), "{description}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_can_add_schemes_of_apps_but_none_that_systems_handle() {
    let parameters = [("ClientRegistration", "open"), ("RedirectSchemes", "notes, tasks")];
    let service = Service::with_parameters(&parameters).await;
    for (uri, status) in
        [("notes://callback", 201), ("tasks:/cb", 201), ("vscode://notes.notes/cb", 201), ("other:/cb", 400)]
    {
        let answer = service.register_client(&json!({"redirect_uris": [uri]}), None).await;
        assert_eq!(answer.status, status, "{uri}: {answer:?}");
    }
    let service = Service::with_parameters(&[("ClientRegistration", "open"), ("RedirectSchemes", "search-ms")]).await;
    let answer = service.register_client(&json!({"redirect_uris": ["search-ms:/x"]}), None).await;
    assert_eq!(answer.status, 500, "the function does not start, and its log says why: {answer:?}");
    assert!(service.stop().await.contains("REDIRECT_SCHEMES"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_public_client_gets_no_secret() {
    let service = open().await;
    let metadata = json!({"redirect_uris": ["http://127.0.0.1/cb"], "token_endpoint_auth_method": "none"});
    let client = service.register_client(&metadata, None).await.json();
    assert!(client["client_id"].is_string() && client["registration_access_token"].is_string(), "{client}");
    assert!(client["client_secret"].is_null() && client["client_secret_expires_at"].is_null(), "{client}");
}

#[tokio::test(flavor = "multi_thread")]
async fn registration_is_off_unless_the_operator_turns_it_on() {
    let service = Service::start().await;
    let token = initial_token(&service, &json!({})).await;
    for token in [None, Some(token.as_str())] {
        let answer = service.register_client(&web(&json!({})), token).await;
        assert_eq!((refused(&answer).0, refused(&answer).1.as_str()), (403, "client_registration_closed"));
    }
    let metadata = async |service: &Service| service.get("/.well-known/openid-configuration").await.json();
    assert!(metadata(&service).await["registration_endpoint"].is_null());
    let service = open().await;
    assert_eq!(metadata(&service).await["registration_endpoint"], json!(service.url("/clients")));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_initial_access_token_permits_one_registration() {
    let service = Service::with_parameters(&[("ClientRegistration", "token")]).await;
    let without = service.register_client(&web(&json!({})), None).await;
    assert_eq!((without.status, without.header("www-authenticate")), (401, "Bearer realm=\"gatewright\""));
    let token = initial_token(&service, &json!({})).await;
    // Invalid metadata does not use the token up.
    let wrong = service.register_client(&web(&json!({"client_name": 1})), Some(&token)).await;
    assert_eq!(refused(&wrong).1, "invalid_client_metadata");
    let metadata = web(&json!({"trust": "first_party"}));
    let client = service.register_client(&metadata, Some(&token)).await;
    assert_eq!(client.status, 201, "{client:?}");
    assert_eq!(client.json()["client_secret_expires_at"], json!(0), "somebody answers for it");
    assert_eq!(item(&service, &client.json()["client_id"]).await["trust"]["S"], "verified");
    let again = service.register_client(&metadata, Some(&token)).await;
    assert_eq!((again.status, refused(&again).1.as_str()), (401, "invalid_token"));
    assert!(again.header("www-authenticate").starts_with("Bearer "), "{again:?}");
    assert!(again.header("www-authenticate").contains("error=\"invalid_token\""), "{again:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_concurrent_registrations_with_one_initial_token_one_succeeds() {
    let service = Service::with_parameters(&[("ClientRegistration", "token")]).await;
    let token = initial_token(&service, &json!({})).await;
    let metadata = web(&json!({}));
    let answers = join_all((0..8).map(|_| service.register_client(&metadata, Some(&token)))).await;
    let count = |status| answers.iter().filter(|answer| answer.status == status).count();
    assert_eq!((count(201), count(401)), (1, 7), "{answers:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_initial_token_expires_and_no_other_kind_of_token_replaces_it() {
    let service = Service::with_parameters(&[("ClientRegistration", "token")]).await;
    let token = initial_token(&service, &json!({"expires_in": 1})).await;
    let client =
        service.register_client(&web(&json!({})), Some(&initial_token(&service, &json!({})).await)).await.json();
    tokio::time::sleep(std::time::Duration::from_millis(2100)).await;
    let access = service.token_of("alice").await;
    let text = |name: &str| client[name].as_str().expect("text");
    for wrong in [&token, &access, text("client_secret"), text("registration_access_token"), text("client_id"), "", "x"]
    {
        let answer = service.register_client(&web(&json!({})), Some(wrong)).await;
        assert_eq!(answer.status, 401, "{answer:?}");
    }
    let basic = service.request("POST", "/clients").basic_auth(text("client_id"), client["client_secret"].as_str());
    assert_eq!(service.send(basic.json(&web(&json!({})))).await.status, 401);
}

#[tokio::test(flavor = "multi_thread")]
async fn in_open_registration_a_token_makes_a_client_verified_and_a_wrong_one_is_refused() {
    let service = open().await;
    let machine = json!({"grant_types": ["client_credentials"], "scope": "openid"});
    let alone = service.register_client(&machine, None).await;
    assert_eq!(refused(&alone).1, "invalid_client_metadata");
    let token = initial_token(&service, &json!({})).await;
    let vouched = service.register_client(&machine, Some(&token)).await;
    assert_eq!((vouched.status, &vouched.json()["client_secret_expires_at"]), (201, &json!(0)), "{vouched:?}");
    assert_eq!(service.register_client(&web(&json!({})), Some(&token)).await.status, 401);
}

#[tokio::test(flavor = "multi_thread")]
async fn ambiguous_redirect_uris_are_refused_with_their_own_code() {
    let service = open().await;
    for uri in [
        "https://good.example@evil.example/cb",
        "https://good.example\\@evil.example/cb",
        "https://app.example/cb%0d%0aSet-Cookie:%20a=b",
        "https:evil.example",
        "https://app.example/cb#fragment",
        "https://*.example/cb",
        "http://app.example/cb",
        "javascript:alert(document.domain)//",
        "data:text/html,<script>alert(1)</script>",
        "file:///etc/passwd",
        "myapp:/cb",
        "https://app.example/cb?code=theirs",
        "https://\u{430}pp.example/cb",
        "//app.example/cb",
        "",
    ] {
        let answer = service.register_client(&json!({"redirect_uris": ["https://notes.example/", uri]}), None).await;
        let (status, error, description) = refused(&answer);
        assert_eq!((status, error.as_str()), (400, "invalid_redirect_uri"), "{uri}");
        assert!(description.starts_with("redirect_uris[1]: ") && description.is_ascii(), "{uri}: {description}");
        let logout = web(&json!({"post_logout_redirect_uris": [uri]}));
        assert_eq!(refused(&service.register_client(&logout, None).await).1, "invalid_client_metadata", "{uri}");
    }
    let own = service.register_client(&json!({"redirect_uris": [service.url("/sign-in")]}), None).await;
    assert_eq!(refused(&own).1, "invalid_redirect_uri", "our own pages");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_gains_no_trust_by_its_own_metadata() {
    let service = open().await;
    let smuggled = web(&json!({
        "client_id": "first-party", "trust": "first_party", "expires_at": 4_000_000_000_u64, "version": 7,
        "client_secret": "chosen", "client_secret_expires_at": 0, "client_id_issued_at": 1, "pk": "CLIENT#first-party",
        "registration_access_token": "chosen", "registration_client_uri": "https://evil.example/", "sk": "x",
        "secret": "Y2hvc2Vu", "v": 9, "action": "create", "requestContext": null,
    }));
    let client = service.register_client(&smuggled, None).await.json();
    let stored = item(&service, &client["client_id"]).await;
    assert_ne!(client["client_id"], "first-party");
    assert_ne!(client["client_secret"], "chosen");
    assert_eq!((&stored["trust"]["S"], &stored["version"]["N"]), (&json!("unverified"), &json!("1")), "{stored}");
    assert_ne!(stored["expires_at"]["N"], "4000000000");
    for scope in ["account", "admin", "clients:write"] {
        let answer = service.register_client(&web(&json!({ "scope": scope })), None).await;
        assert_eq!(refused(&answer).1, "invalid_client_metadata", "{scope}");
        let beside = web(&json!({ "scope": format!("openid {scope}") }));
        assert_eq!(service.register_client(&beside, None).await.json()["scope"], "openid", "{scope}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn client_names_that_imitate_others_are_refused() {
    let service = open().await;
    for name in
        ["G\u{43e}\u{43e}gle", "Notes\u{202e}moc.elgoog", "Bank\nverified by Gatewright", "\u{200b}", &"a".repeat(200)]
    {
        let answer = service.register_client(&web(&json!({ "client_name": name })), None).await;
        let (status, error, description) = refused(&answer);
        assert_eq!((status, error.as_str()), (400, "invalid_client_metadata"), "{name:?}");
        assert!(description.starts_with("client_name: "), "{description}");
    }
    let borrowed = web(&json!({"client_name": "Notes", "client_uri": "https://bank.example/"}));
    let client = service.register_client(&borrowed, None).await.json();
    assert!(client["client_uri"].is_null(), "a page on a site that its codes do not go to: {client}");
}

#[tokio::test(flavor = "multi_thread")]
async fn malformed_and_oversized_metadata_is_refused() {
    let service = open().await;
    let many: Map<String, Value> = (0..65).map(|number| (number.to_string(), json!(1))).collect();
    let long: Vec<String> = (0..21).map(|number| format!("https://app.example/{number}")).collect();
    for (body, error) in [
        (String::new(), "invalid_client_metadata"),
        ("[]".to_owned(), "invalid_client_metadata"),
        ("{".to_owned(), "invalid_client_metadata"),
        ("{\"redirect_uris\": [\"https://a.example/\"], \"redirect_uris\": []}".to_owned(), "invalid_client_metadata"),
        (json!(many).to_string(), "invalid_client_metadata"),
        (json!({ "redirect_uris": long }).to_string(), "invalid_redirect_uri"),
        (
            json!({"redirect_uris": [format!("https://app.example/{}", "a".repeat(2000))]}).to_string(),
            "invalid_redirect_uri",
        ),
        (json!({"redirect_uris": "https://app.example/"}).to_string(), "invalid_redirect_uri"),
        (
            web(&json!({"jwks_uri": "http://169.254.169.254/latest", "token_endpoint_auth_method": "private_key_jwt"}))
                .to_string(),
            "invalid_client_metadata",
        ),
        (web(&json!({"jwks": {"keys": [{"kty": "oct", "k": "c2VjcmV0"}]}})).to_string(), "invalid_client_metadata"),
    ] {
        let request = service.request("POST", "/clients").header("content-type", "application/json");
        let answer = service.send(request.body(body.clone())).await;
        assert_eq!((refused(&answer).0, refused(&answer).1.as_str()), (400, error), "{body}");
    }
    let huge = web(&json!({"client_name": "x".repeat(70_000)}));
    assert_eq!(service.register_client(&huge, None).await.status, 413);
    let form = service.request("POST", "/clients").header("content-type", "application/x-www-form-urlencoded");
    assert_eq!(service.send(form.body("client_name=x")).await.status, 415);
    assert_eq!(service.send(service.request("GET", "/clients")).await.status, 405);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flood_of_registrations_is_limited() {
    let service = open().await;
    // Half of the 20 an hour at once, and one more in every three minutes.
    let metadata = web(&json!({}));
    let (mut let_in, mut stopped) = (0, None);
    for _ in 0..20 {
        let answer = service.register_client(&metadata, None).await;
        match answer.status {
            201 => let_in += 1,
            _ => stopped = Some(answer),
        }
        if stopped.is_some() {
            break;
        }
    }
    let stopped = stopped.expect("a wall");
    assert_eq!(refused(&stopped).1, "too_many_requests");
    assert!((10..=15).contains(&let_in), "{let_in}");
    let wait: u64 = stopped.header("retry-after").parse().expect("seconds");
    assert!((1..=3600).contains(&wait));
    // Invalid metadata is reported in spite of the limit, and clients with a token are not limited.
    assert_eq!(refused(&service.register_client(&json!({}), None).await).1, "invalid_redirect_uri");
    let token = initial_token(&service, &json!({})).await;
    assert_eq!(service.register_client(&metadata, Some(&token)).await.status, 201);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fault_of_ours_is_never_a_client_error_and_uses_nothing_up() {
    let disturbed = Disturbed::with_parameters(&[("ClientRegistration", "open")]).await;
    let service = &disturbed.service;
    let token = initial_token(service, &json!({})).await;
    let metadata = web(&json!({}));
    for operation in ["GetItem", "TransactWriteItems"] {
        disturbed.store.plan(Some(operation), Fault::Error(400, "AccessDeniedException"), usize::MAX);
        let answer = service.register_client(&metadata, Some(&token)).await;
        assert_eq!((answer.status, refused(&answer).1.as_str()), (503, "temporarily_unavailable"), "{operation}");
        disturbed.store.heal();
    }
    for operation in ["UpdateItem", "TransactWriteItems"] {
        disturbed.store.plan(Some(operation), Fault::Error(500, "InternalServerError"), usize::MAX);
        let answer = service.register_client(&metadata, None).await;
        assert_eq!((answer.status, answer.header("retry-after").is_empty()), (503, false), "{operation}: {answer:?}");
        disturbed.store.heal();
    }
    disturbed.store.plan(Some("TransactWriteItems"), Fault::LostReply, 1);
    assert_eq!(service.register_client(&metadata, Some(&token)).await.status, 201, "a lost reply is no second use");
}

#[tokio::test(flavor = "multi_thread")]
async fn no_log_line_contains_a_client_secret() {
    let service = open().await;
    let token = initial_token(&service, &json!({})).await;
    let client = service.register_client(&web(&json!({})), Some(&token)).await.json();
    service.register_client(&web(&json!({})), Some(&token)).await;
    let logs = service.stop().await;
    assert!(logs.contains("refused"), "{logs}");
    for name in ["client_secret", "registration_access_token"] {
        assert!(!logs.contains(client[name].as_str().expect("a secret")), "{name}");
    }
    assert!(!logs.contains(&token));
}
