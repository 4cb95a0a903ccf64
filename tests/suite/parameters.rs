//! Every template parameter changes what the service does.

use serde_json::json;
use yaml_serde::Value;

use support::{PASSWORD, Service};

#[tokio::test(flavor = "multi_thread")]
async fn registration_can_be_closed() {
    let service = Service::with_parameters(&[("Registration", "closed")]).await;
    let answer = service.post("/register", json!({"username": "alice", "password": PASSWORD})).await;
    assert_eq!((answer.status, answer.code().as_str()), (403, "registration_closed"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_minimum_password_length_is_configurable() {
    let service = Service::with_parameters(&[("MinPasswordLength", "20")]).await;
    let register =
        |password: &'static str| service.post("/register", json!({"username": "alice", "password": password}));
    assert_eq!(register("nine lanterns glow.").await.problems(), ["password: too_short"]);
    assert_eq!(register("twenty characters ok").await.status, 201);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_token_lifetime_is_configurable() {
    let service = Service::with_parameters(&[("AccessTokenSeconds", "60")]).await;
    service.token_of("alice").await;
    assert_eq!(service.sign_in("alice", PASSWORD).await.json()["expires_in"], json!(60));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_default_audience_is_configurable_and_the_authorizer_follows() {
    let service = Service::with_parameters(&[("DefaultAudience", "https://api.example")]).await;
    let token = service.token_of("alice").await;
    let answer = service.get_as("/protected", &token).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let claims = super::login::claims(&token);
    assert_eq!(claims["aud"], json!("https://api.example"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_signing_algorithm_is_configurable() {
    for (algorithm, kty) in [("RS256", "RSA"), ("ES256", "EC"), ("EdDSA", "OKP")] {
        let service = Service::with_parameters(&[("SigningAlgorithm", algorithm)]).await;
        let token = service.token_of("alice").await;
        let key = service.get("/.well-known/jwks.json").await.json()["keys"][0].clone();
        assert_eq!((&key["alg"], &key["kty"]), (&json!(algorithm), &json!(kty)));
        assert_eq!(service.get_as("/protected", &token).await.status, 200, "{algorithm}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_list_of_signing_algorithms_replaces_the_older_parameter() {
    let service =
        Service::with_parameters(&[("SigningAlgorithm", "EdDSA"), ("SigningAlgorithms", "ES256,RS256")]).await;
    let keys = service.get("/.well-known/jwks.json").await.json();
    let algorithms: Vec<_> = keys["keys"].as_array().expect("keys").iter().map(|key| &key["alg"]).collect();
    assert_eq!(algorithms, ["ES256", "RS256"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_issuer_is_configurable_and_never_taken_from_a_header() {
    let service = Service::with_parameters(&[("Issuer", "https://id.example")]).await;
    let request = service.request("GET", "/.well-known/oauth-authorization-server");
    let request = request.header("x-forwarded-host", "evil.example").header("forwarded", "host=evil.example");
    let metadata = service.send(request).await.json();
    assert_eq!(metadata["issuer"], json!("https://id.example"));
    assert_eq!(metadata["jwks_uri"], json!("https://id.example/.well-known/jwks.json"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_gateway_caches_the_authorizers_answer_for_the_configured_time() {
    let parameters = [("AuthorizerCacheSeconds", "60"), ("AccessTokenSeconds", "1")];
    let service = Service::with_parameters(&parameters).await;
    let token = service.token_of("alice").await;
    assert_eq!(service.get_as("/protected", &token).await.status, 200);
    tokio::time::sleep(std::time::Duration::from_secs(7)).await; // one second of life, five of leeway
    // The gateway still allows it; the function notices that the token has expired. protected.rs shows the gateway's
    // own 403 with AuthorizerCacheSeconds=0.
    let answer = service.get_as("/protected", &token).await;
    assert_eq!((answer.status, answer.code().as_str()), (401, "unauthorized"));
}

#[test]
fn origins_are_compared_in_the_form_of_browsers() {
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
        ("SigningAlgorithms", "RS256,HS256"),
        ("SigningAlgorithms", "RS256 ES256"),
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
        ("Issuer", "https://id.example:123456"),
        ("CertificateArn", "arn:aws:acm:us-east-1:123456789012:certificate/1"),
        ("CertificateArn", "arn:aws:acm:us-east-1:1:certificate/1"),
        ("DomainName", "a-label-that-is-longer-than-the-63-characters-that-dns-has-for-one.example"),
        ("AlarmTopic", "arn:aws:sns:eu-central-1:123456789012:topic:0198c0de-0000-4000-8000-000000000000"),
        ("RestoredTable", "arn:aws:dynamodb:eu-central-1:123456789012:table/t"),
        ("Nonsense", "1"),
    ];
    for (name, value) in pairs {
        let options = local::Options { parameters: vec![(name.into(), value.into())], ..support::service::options() };
        let error = local::Stack::start(options).await.map(drop).expect_err("refused").to_string();
        assert!(error.contains(name), "{error}");
    }
}

/// Lambda refuses a function with an environment of more than 4 KB, and only after CloudFormation has begun.
#[test]
fn the_longest_allowed_values_fit_into_a_functions_environment() {
    let template: Value = yaml_serde::from_str(include_str!("../../template.yaml")).expect("YAML");
    let variables = |function: &Value| {
        let variables = function["Environment"]["Variables"].as_mapping().cloned().unwrap_or_default();
        variables.iter().map(|(name, value)| text(name).len() + longest(&template, value)).sum::<usize>()
    };
    let everywhere = variables(&template["Globals"]["Function"]);
    let resources = template["Resources"].as_mapping().expect("resources");
    let functions = resources.iter().filter(|(_, resource)| text(&resource["Type"]) == "AWS::Serverless::Function");
    let sizes: Vec<_> = functions.map(|(id, it)| (text(id), everywhere + variables(&it["Properties"]))).collect();
    assert!(sizes.len() > 10, "{sizes:?}");
    assert!(sizes.iter().all(|(_, size)| *size > everywhere && *size <= 4096), "{sizes:?}");
}

/// The longest possible value of a variable.
fn longest(template: &Value, value: &Value) -> usize {
    /// The length of an ARN with a name that CloudFormation chose, of the table's name, or of the API's URL.
    const GENERATED: usize = 255;
    let tagged = match value {
        Value::Tagged(tagged) => tagged,
        plain => return text(plain).len(),
    };
    match (tagged.tag.to_string().as_str(), &tagged.value) {
        ("!If", Value::Sequence(parts)) => parts[1..].iter().map(|part| longest(template, part)).max().expect("parts"),
        ("!Ref", name) if text(name) == "AWS::NoValue" => 0,
        ("!Ref", name) => template["Parameters"].get(text(name)).map_or(GENERATED, longest_of_parameter),
        _ => GENERATED,
    }
}

fn longest_of_parameter(declared: &Value) -> usize {
    let allowed = declared["AllowedValues"].as_sequence().into_iter().flatten().map(|value| text(value).len()).max();
    let digits = declared["MaxValue"].as_u64().map(|most| most.to_string().len());
    let length = declared["MaxLength"].as_u64().and_then(|most| usize::try_from(most).ok());
    allowed.or(digits).or(length).expect("a parameter that functions get has AllowedValues, MaxValue or MaxLength")
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}
