//! Every template parameter changes what the service does.

use serde_json::json;

use support::{PASSWORD, Service};

#[tokio::test(flavor = "multi_thread")]
async fn registration_can_be_closed() {
    let service = Service::with_parameters(&[("Registration", "closed")]).await;
    let answer = service.post("/register", json!({"username": "alice", "password": PASSWORD})).await;
    assert_eq!((answer.status, answer.code().as_str()), (403, "registration_closed"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_least_password_length_is_configured() {
    let service = Service::with_parameters(&[("MinPasswordLength", "20")]).await;
    let register =
        |password: &'static str| service.post("/register", json!({"username": "alice", "password": password}));
    assert_eq!(register("nineteen characters").await.problems(), ["password: too_short"]);
    assert_eq!(register("twenty characters ok").await.status, 201);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_lives_as_long_as_configured() {
    let service = Service::with_parameters(&[("AccessTokenSeconds", "60")]).await;
    service.token_of("alice").await;
    assert_eq!(service.sign_in("alice", PASSWORD).await.json()["expires_in"], json!(60));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_default_audience_is_configured_and_the_authorizer_follows() {
    let service = Service::with_parameters(&[("DefaultAudience", "https://api.example")]).await;
    let token = service.token_of("alice").await;
    let answer = service.get_as("/protected", &token).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let claims = super::login::claims(&token);
    assert_eq!(claims["aud"], json!("https://api.example"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_signing_algorithm_is_configured() {
    for (algorithm, kty) in [("RS256", "RSA"), ("ES256", "EC"), ("EdDSA", "OKP")] {
        let service = Service::with_parameters(&[("SigningAlgorithm", algorithm)]).await;
        let token = service.token_of("alice").await;
        let key = service.get("/.well-known/jwks.json").await.json()["keys"][0].clone();
        assert_eq!((&key["alg"], &key["kty"]), (&json!(algorithm), &json!(kty)));
        assert_eq!(service.get_as("/protected", &token).await.status, 200, "{algorithm}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_issuer_is_configured_and_never_taken_from_a_header() {
    let service = Service::with_parameters(&[("Issuer", "https://id.example")]).await;
    let request = service.request("GET", "/.well-known/oauth-authorization-server");
    let request = request.header("x-forwarded-host", "evil.example").header("forwarded", "host=evil.example");
    let metadata = service.send(request).await.json();
    assert_eq!(metadata["issuer"], json!("https://id.example"));
    assert_eq!(metadata["jwks_uri"], json!("https://id.example/.well-known/jwks.json"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_gateway_remembers_the_authorizers_answer_as_long_as_configured() {
    let parameters = [("AuthorizerCacheSeconds", "60"), ("AccessTokenSeconds", "1")];
    let service = Service::with_parameters(&parameters).await;
    let token = service.token_of("alice").await;
    assert_eq!(service.get_as("/protected", &token).await.status, 200);
    tokio::time::sleep(std::time::Duration::from_secs(7)).await; // one second of life, five of leeway
    // The gateway still lets it through; it is the function that sees the token's end. protected.rs shows the gateway's
    // own 403 with AuthorizerCacheSeconds=0.
    let answer = service.get_as("/protected", &token).await;
    assert_eq!((answer.status, answer.code().as_str()), (401, "unauthorized"));
}

#[test]
fn origins_are_taken_as_browsers_write_them() {
    let read = |name: &str, value: &str| {
        let text = include_str!("../../template.yaml");
        let written = format!("  {name}:\n    Type: String\n    Default: ");
        let text = text.replace(&format!("{written}''"), &format!("{written}'{value}'"));
        let deployment = local::template::Deployment::local("http://127.0.0.1:3000");
        local::template::Template::parse(&text, &deployment)
            .unwrap_or_else(|error| panic!("{value}: {error}"))
            .functions["LoginFunction"]
            .variables
            .values()
            .any(|variable| variable == value)
    };
    for issuer in [
        "https://id.example",
        "https://id.example:8443",
        "https://localhost:8443",
        "http://127.0.0.1:3000",
        "http://[::1]:3000",
    ] {
        assert!(read("Issuer", issuer), "{issuer}");
    }
    for origins in [
        "*",
        "https://app.example",
        "https://app.example:8443,http://localhost:5173, http://127.0.0.1:8080",
        "http://[::1]:3000",
        "capacitor://localhost",
        "moz-extension://0198c0de-0000-4000-8000-000000000000",
    ] {
        assert!(read("AllowedOrigins", origins), "{origins}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_value_that_the_template_does_not_allow_is_refused_before_anything_starts() {
    let pairs = [
        ("MinPasswordLength", "7"),
        ("SigningAlgorithm", "HS256"),
        ("Issuer", "https://id.example/"),
        ("Issuer", "http://id.example"),
        ("Issuer", "https://ID.example"),
        ("Issuer", "https://id.example:"),
        ("Issuer", "https://-id.example"),
        ("Issuer", "https://id.example\\.evil.example"),
        ("AllowedOrigins", "https://app.example/"),
        ("AllowedOrigins", "app.example"),
        ("AllowedOrigins", "https://App.example"),
        ("AllowedOrigins", "https://app.example https://other.example"),
        ("AllowedOrigins", "https://app.example,*"),
        ("HashingConcurrency", "301"),
        ("Release", "never"),
        ("CertificateArn", "arn:aws:acm:us-east-1:123456789012:certificate/1"),
        ("Nonsense", "1"),
    ];
    for (name, value) in pairs {
        let options = local::Options { parameters: vec![(name.into(), value.into())], ..support::service::options() };
        let error = local::Stack::start(options).await.map(drop).expect_err("refused").to_string();
        assert!(error.contains(name), "{error}");
    }
}
