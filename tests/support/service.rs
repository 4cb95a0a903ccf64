//! A service for one test, and a client that reads whole responses.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use local::{Data, Options, Stack};
use reqwest::header::HeaderMap;
use serde_json::{Value, json};

use super::contract;

/// A password that any policy accepts.
pub const PASSWORD: &str = "a lantern on the north pier";

/// A running service with an empty table.
pub struct Service {
    pub stack: Stack,
    http: reqwest::Client,
}

/// A complete HTTP response.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub text: String,
}

impl Service {
    /// The service with the defaults of template.yaml.
    pub async fn start() -> Self {
        Self::with_parameters(&[]).await
    }

    /// The service with some template parameters.
    pub async fn with_parameters(parameters: &[(&str, &str)]) -> Self {
        let parameters = parameters.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Self::with_options(Options { parameters, ..options() }).await
    }

    /// The service with any options.
    pub async fn with_options(options: Options) -> Self {
        let stack = Stack::start(options).await.expect("the stack starts");
        Self { stack, http: reqwest::Client::new() }
    }

    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.stack.url())
    }

    /// `POST path` with a JSON body.
    pub async fn post(&self, path: &str, body: Value) -> Answer {
        self.send(self.http.post(self.url(path)).json(&body)).await
    }

    /// `GET path` without a token.
    pub async fn get(&self, path: &str) -> Answer {
        self.send(self.http.get(self.url(path))).await
    }

    /// `GET path` with a Bearer token.
    pub async fn get_as(&self, path: &str, token: &str) -> Answer {
        self.send(self.http.get(self.url(path)).header("authorization", format!("Bearer {token}"))).await
    }

    /// Sends a request made with [`Service::request`]. Fails the test if docs/openapi.yaml does not allow the response.
    pub async fn send(&self, request: reqwest::RequestBuilder) -> Answer {
        let (http, request) = request.build_split();
        let request = request.expect("a request");
        let (method, path) = (request.method().to_string(), request.url().path().to_owned());
        let answer = http.execute(request).await.expect("an answer");
        let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
        let answer = Answer { status, headers, text: answer.text().await.expect("a body") };
        contract::check(&method, &path, &answer);
        answer
    }

    /// A request for the test to complete.
    pub fn request(&self, method: &str, path: &str) -> reqwest::RequestBuilder {
        self.http.request(method.parse().expect("a method"), self.url(path))
    }

    /// Registers a person and signs them in.
    pub async fn token_of(&self, username: &str) -> String {
        let registered = self.post("/register", json!({"username": username, "password": PASSWORD})).await;
        assert_eq!(registered.status, 201, "{registered:?}");
        self.sign_in(username, PASSWORD).await.json()["access_token"].as_str().expect("a token").to_owned()
    }

    /// Creates a client with this metadata as an operator. Returns its id and its secret, which is empty if it has
    /// none.
    pub async fn client(&self, metadata: Value) -> (String, String) {
        let created = self.operator(json!({"action": "create_client", "client": metadata})).await.expect("a client");
        let text = |name: &str| created[name].as_str().unwrap_or_default().to_owned();
        (text("client_id"), text("client_secret"))
    }

    /// Registers a client over HTTP: `POST /clients`, with or without an initial access token.
    pub async fn register_client(&self, metadata: &Value, token: Option<&str>) -> Answer {
        let mut request = self.http.post(self.url("/clients")).json(metadata);
        if let Some(token) = token {
            request = request.bearer_auth(token);
        }
        self.send(request).await
    }

    /// Gives an operator's order.
    pub async fn operator(&self, order: Value) -> Result<Value, String> {
        self.stack.invoke("OperatorFunction:admin", order).await.map_err(|failure| failure.to_string())
    }

    /// Stops the service and returns all lines that its functions wrote.
    pub async fn stop(self) -> String {
        self.stack.stop().await.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
    }

    pub async fn sign_in(&self, username: &str, password: &str) -> Answer {
        self.post("/login", json!({"username": username, "password": password})).await
    }
}

impl Answer {
    /// The body as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("not JSON: {self:?}"))
    }

    /// A header as text; empty when absent.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().expect("ASCII"))
    }

    /// The code of a problem document.
    pub fn code(&self) -> String {
        assert_eq!(self.header("content-type"), "application/problem+json", "{self:?}");
        self.json()["code"].as_str().expect("a code").to_owned()
    }

    /// `field: code` of every field problem, sorted.
    pub fn problems(&self) -> Vec<String> {
        let document = self.json();
        let problems = document["errors"].as_array().cloned().unwrap_or_default();
        let text = |value: &Value| value.as_str().expect("a string").to_owned();
        let mut problems: Vec<_> =
            problems.iter().map(|problem| format!("{}: {}", text(&problem["field"]), text(&problem["code"]))).collect();
        problems.sort();
        problems
    }
}

/// The repository's template on a free port, without persistent data. With `TEST_DYNAMODB_ENDPOINT` and
/// `TEST_KMS_ENDPOINT`, it uses those engines, with its own table.
pub fn options() -> Options {
    let other = |name| std::env::var(name).ok();
    let dynamodb_endpoint = other("TEST_DYNAMODB_ENDPOINT");
    Options {
        stack_name: if dynamodb_endpoint.is_some() { stack_name() } else { Options::default().stack_name },
        dynamodb_endpoint,
        kms_endpoint: other("TEST_KMS_ENDPOINT"),
        template: concat!(env!("CARGO_MANIFEST_DIR"), "/../template.yaml").into(),
        data: Data::Memory,
        quiet: true,
        ..Options::default()
    }
}

/// Waits until the hour is at least a minute old and does not end soon: at first the relevant revocations are in three
/// partitions, afterwards in two.
pub async fn away_from_the_hour() {
    const HOUR: u64 = 3600;
    let wait = match now() % HOUR {
        second @ 0..=60 => 61 - second,
        second @ 3540.. => HOUR + 61 - second,
        _ => 0,
    };
    tokio::time::sleep(Duration::from_secs(wait)).await;
}

/// Seconds since the epoch.
fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).expect("a time").as_secs()
}

/// A unique name of a stack, because the engines may have the tables of earlier runs.
fn stack_name() -> String {
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    format!("test-{}-{}-{}", now(), std::process::id(), NUMBER.fetch_add(1, Ordering::Relaxed))
}
