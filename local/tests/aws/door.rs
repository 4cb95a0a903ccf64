//! Who is answered at all: programs that sign with what this stack made, and never a page in a browser.

use local::{Credentials, Data, Options};
use reqwest::{Client, Method, RequestBuilder, Response, StatusCode};
use serde_json::{Value, json};

use crate::support::Fixture;

/// Every server of a stack but its gateway.
async fn servers(fixture: &Fixture) -> [String; 7] {
    let seen = fixture.seen(fixture.request("GET", "/echo")).await;
    let guard = |name: &str| seen["variables"][name].as_str().expect("an address").to_owned();
    [
        fixture.stack.dynamodb_endpoint().to_owned(),
        fixture.stack.kms_endpoint().to_owned(),
        fixture.stack.lambda_endpoint().to_owned(),
        guard("AWS_ENDPOINT_URL_DYNAMODB"),
        guard("AWS_ENDPOINT_URL_KMS"),
        guard("AWS_ENDPOINT_URL_SESV2"),
        guard("AWS_ENDPOINT_URL_EVENTBRIDGE"),
    ]
}

async fn sent(request: RequestBuilder) -> Response {
    request.send().await.expect("an answer")
}

#[tokio::test]
async fn a_page_of_any_site_reads_and_writes_nothing_here() {
    let fixture = Fixture::start().await;
    for server in servers(&fixture).await {
        for origin in ["https://evil.example", "null", server.as_str()] {
            for method in [Method::POST, Method::GET, Method::OPTIONS] {
                let request = Client::new().request(method.clone(), &server).header("origin", origin);
                let request = request.header("access-control-request-method", "POST").body("{}");
                let answer = sent(request).await;
                assert_eq!(answer.status(), StatusCode::FORBIDDEN, "{method} {server} {origin}");
                assert!(!answer.headers().contains_key("access-control-allow-origin"), "{method} {server}");
            }
        }
        let navigated = sent(Client::new().get(&server).header("sec-fetch-site", "cross-site")).await;
        assert_eq!(navigated.status(), StatusCode::FORBIDDEN, "{server}");
    }
    let gateway = sent(fixture.request("GET", "/echo").header("origin", "https://app.example")).await;
    assert_eq!(gateway.status(), StatusCode::OK, "the gateway is for browsers");
}

#[tokio::test]
async fn a_name_that_was_pointed_at_this_machine_is_refused() {
    let fixture = Fixture::start().await;
    for server in servers(&fixture).await {
        let port = server.rsplit(':').next().expect("a port");
        for host in ["evil.example".to_owned(), format!("evil.example:{port}"), "169.254.169.254".to_owned()] {
            let answer = sent(Client::new().post(&server).header("host", &host).body("{}")).await;
            assert_eq!(answer.status(), StatusCode::FORBIDDEN, "{server} as {host}");
        }
    }
}

#[tokio::test]
async fn a_key_that_this_stack_did_not_make_opens_nothing() {
    let (fixture, other) = (Fixture::start().await, Fixture::start().await);
    let operator = fixture.stack.operator();
    let guessed = Credentials::new(operator.access_key_id.clone(), "guessed");
    let made_up = Credentials::new("local", "local");
    for (credentials, told) in [
        (made_up, "UnrecognizedClientException"),
        (guessed, "InvalidSignatureException"),
        (other.stack.operator().clone(), "UnrecognizedClientException"),
    ] {
        for over in [true, false] {
            let mut options = Options { operator: Some(credentials.clone()), ..Options::default() };
            let endpoint = |over_this: bool, endpoint: &str| over_this.then(|| endpoint.to_owned());
            options.dynamodb_endpoint = endpoint(over, fixture.stack.dynamodb_endpoint());
            options.kms_endpoint = endpoint(!over, fixture.stack.kms_endpoint());
            let folder = crate::support::folder();
            let template = folder.path().join("template.yaml");
            let error = local::Stack::start(Options { template, ..options }).await.expect_err("it is refused");
            assert!(error.to_string().contains(told), "{error}");
        }
    }
    let unsigned = sent(Client::new().post(fixture.stack.dynamodb_endpoint()).body("{}")).await;
    let body: Value = unsigned.json().await.expect("JSON");
    assert!(body["__type"].as_str().expect("a type").ends_with("MissingAuthenticationTokenException"), "{body}");
}

#[tokio::test]
async fn a_function_finds_no_way_past_its_guard() {
    let fixture = Fixture::start().await;
    let put = json!({"TableName": "local-Table", "Item": {"pk": {"S": "OWN#a"}}});
    let call = json!({"service": "dynamodb", "operation": "PutItem", "body": put});
    assert_eq!(fixture.aws_call("EchoFunction", call.clone()).await.0, 200, "by its guard");
    let mut past = call;
    past["url"] = json!(fixture.stack.dynamodb_endpoint());
    let (status, answer) = fixture.aws_call("EchoFunction", past).await;
    assert_eq!(status, 400);
    assert!(answer["__type"].as_str().expect("a type").ends_with("UnrecognizedClientException"), "{answer}");
}

#[tokio::test]
async fn the_owner_of_a_data_folder_finds_the_operators_credentials_in_it() {
    let data = tempfile::tempdir().expect("a folder");
    let folder = data.path().join("data");
    let fixture = Fixture::with(Options { data: Data::Folder(folder.clone()), ..Options::default() }).await;
    let profile = std::fs::read_to_string(folder.join("credentials")).expect("a file");
    let value = |name: &str| {
        let line = profile.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(" = "));
        line.unwrap_or_else(|| panic!("no {name} in {profile}"))
    };
    assert!(profile.starts_with("[local]\nregion = us-east-1\n"), "{profile}");
    let found = Credentials::new(value("aws_access_key_id"), value("aws_secret_access_key"));
    assert_eq!(&found, fixture.stack.operator());
}
