//! Mobile and desktop apps (RFC 8252): the redirect URIs that they can register, and where their responses go.

use serde_json::json;

use super::client_registration::open;
use support::{Answer, Service};

const STATE: &str = "af0ifjsldkj";

/// The id of a native app that registered itself with these redirect URIs.
async fn app(service: &Service, redirect_uris: &[&str]) -> String {
    let metadata = json!({"redirect_uris": redirect_uris, "token_endpoint_auth_method": "none",
        "application_type": "native"});
    let answer = service.register_client(&metadata, None).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    answer.json()["client_id"].as_str().expect("an id").to_owned()
}

/// A silent authorization request without a signed-in person.
async fn authorize(service: &Service, client_id: &str, redirect_uri: &str) -> Answer {
    let parameters = [
        ("client_id", client_id),
        ("redirect_uri", redirect_uri),
        ("response_type", "code"),
        ("scope", "openid"),
        ("state", STATE),
        ("prompt", "none"),
        ("code_challenge", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"),
        ("code_challenge_method", "S256"),
    ];
    let url = reqwest::Url::parse_with_params(&service.url("/authorize"), parameters).expect("a URL");
    let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().expect("a client");
    service.send(http.get(url)).await
}

#[tokio::test(flavor = "multi_thread")]
async fn native_apps_get_responses_at_loopback_ports_claimed_https_and_private_use_schemes() {
    let service = open().await;
    let registered = [
        "http://127.0.0.1/cb",
        "http://[::1]:1/cb",
        "http://localhost:8080/cb",
        "https://notes.example/app/cb",
        "com.notes.app:/oauth2redirect",
        "cursor://notes.notes/oauth",
    ];
    let app = app(&service, &registered).await;
    for redirect_uri in [
        "http://127.0.0.1/cb",
        "http://127.0.0.1:51004/cb",
        "http://127.0.0.1:65535/cb",
        "http://[::1]/cb",
        "http://[::1]:49152/cb",
        "http://localhost:49152/cb",
        "http://localhost/cb",
        "https://notes.example/app/cb",
        "com.notes.app:/oauth2redirect",
        "cursor://notes.notes/oauth",
    ] {
        let answer = authorize(&service, &app, redirect_uri).await;
        let location = answer.header("location");
        assert!(location.starts_with(&format!("{redirect_uri}?")), "{redirect_uri}: {answer:?}");
        for part in ["error=login_required", &format!("state={STATE}"), "iss=http%3A%2F%2F127.0.0.1"] {
            assert!(location.contains(part), "{part}: {location}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn native_apps_get_responses_nowhere_else() {
    let service = open().await;
    let registered = [
        "http://127.0.0.1/cb",
        "http://localhost:8080/cb",
        "https://notes.example/app/cb",
        "com.notes.app:/oauth2redirect",
    ];
    let app = app(&service, &registered).await;
    for redirect_uri in [
        "http://127.0.0.1:51004/other",
        "http://127.0.0.1:51004/cb/",
        "http://127.0.0.1:51004/cb?x=1",
        "http://127.0.0.1:51004/cb#x",
        "http://127.0.0.1:99999/cb",
        "http://127.0.0.1:51004@evil.example/cb",
        "http://127.0.0.1.evil.example/cb",
        "http://127.0.0.2/cb",
        "https://127.0.0.1/cb",
        "http://[::1]/cb",
        "http://localhost:8081/other",
        "http://localhost.evil.example/cb",
        "https://notes.example:8443/app/cb",
        "https://notes.example/app/cb/../../evil",
        "https://NOTES.example/app/cb",
        "com.notes.app://oauth2redirect",
        "com.notes.app:/oauth2redirect/",
        "com.notes.app.evil:/oauth2redirect",
        "COM.notes.app:/oauth2redirect",
    ] {
        let answer = authorize(&service, &app, redirect_uri).await;
        assert_eq!((answer.status, answer.header("location")), (400, ""), "{redirect_uri}: {answer:?}");
    }
}
