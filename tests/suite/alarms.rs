//! The alarms of template.yaml count what the functions really log.

use local::{Options, Stack};
use serde_json::{Value, json};

use support::Service;
use support::faulty::{Fault, Faulty};
use support::service::options;

/// A service whose functions log as they do in Lambda, over a store that can be made to fail.
struct Watched {
    service: Service,
    store: Faulty,
    _engine: Stack,
}

impl Watched {
    async fn start() -> Self {
        let engine = Stack::start(options()).await.expect("the engine starts");
        let store = Faulty::before(engine.dynamodb_endpoint()).await;
        let service = Service::with_options(Options {
            dynamodb_endpoint: Some(store.url.clone()),
            function_variables: vec![("AWS_LAMBDA_LOG_FORMAT".into(), "JSON".into())],
            ..options().over(&engine)
        });
        Self { service: service.await, store, _engine: engine }
    }

    /// Runs the authorizer on a token for a REST API with these stage variables, and returns the error of the
    /// invocation.
    async fn failure(&self, token: &str, stage: Value) -> String {
        let event = json!({
            "type": "REQUEST", "methodArn": "arn:aws:execute-api:us-east-1:123456789012:a1b2c3/prod/GET/things",
            "resource": "/things", "path": "/things", "httpMethod": "GET", "stageVariables": stage,
            "headers": {"Authorization": format!("Bearer {token}")}, "multiValueHeaders": {}, "requestContext": {},
        });
        self.service.stack.invoke("AuthorizerFunction", event).await.expect_err("a failure").to_string()
    }

    /// Stops the service. Returns the lines of the authorizer that the filter counts, and the others.
    async fn stop(self) -> (Vec<String>, Vec<String>) {
        let lines = self.service.stack.stop().await.into_iter().filter(|line| line.function == "AuthorizerFunction");
        let is_counted = |line: &String| serde_json::from_str(line).is_ok_and(|line| is_counted(&line));
        lines.map(|line| line.text).partition(is_counted)
    }
}

/// Whether the one metric filter of template.yaml counts a line: every `$.path = "text"` of its pattern must hold.
fn is_counted(line: &Value) -> bool {
    let template: yaml_serde::Value = yaml_serde::from_str(include_str!("../../template.yaml")).expect("YAML");
    let pattern =
        template["Resources"]["TokensNotVerified"]["Properties"]["FilterPattern"].as_str().expect("a pattern");
    let mut terms = pattern.trim_matches(['{', '}', ' ']).split("&&");
    let holds = |term: &str| {
        let (path, text) = term.trim().trim_matches(['(', ')']).split_once(" = ").expect("path = text");
        let path = path.strip_prefix("$.").expect("a path").replace('.', "/");
        line.pointer(&format!("/{path}")).and_then(Value::as_str) == Some(text.trim_matches('"'))
    };
    terms.all(holds)
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_tokens_and_bad_stage_variables_raise_no_alarm() {
    let watched = Watched::start().await;
    let token = watched.service.token_of("alice").await;
    for wrong in ["x", "tokens cannot be verified", &format!("{token}x")] {
        let failure = watched.failure(wrong, json!(null)).await;
        assert!(failure.contains("Unauthorized"), "{failure}");
    }
    let failure = watched.failure(&token, json!({"scopes": "not JSON"})).await;
    assert!(failure.contains("stage variable"), "{failure}");
    let (counted, others) = watched.stop().await;
    assert!(counted.is_empty(), "{counted:#?}");
    assert!(!others.is_empty(), "the authorizer writes down what it refuses");
}

#[tokio::test(flavor = "multi_thread")]
async fn faults_that_keep_the_authorizer_from_verifying_tokens_raise_its_alarm() {
    let watched = Watched::start().await;
    let token = watched.service.token_of("alice").await;
    watched.store.plan(None, Fault::Error(500, "InternalServerError"), usize::MAX);
    let failure = watched.failure(&token, json!(null)).await;
    assert!(failure.contains("the issuer's keys"), "{failure}");
    watched.store.heal();
    assert_eq!(watched.service.get("/.well-known/jwks.json").await.status, 200);
    watched.store.plan(Some("Query"), Fault::Error(500, "InternalServerError"), usize::MAX);
    let failure = watched.failure(&token, json!(null)).await;
    assert!(failure.contains("the issuer's revocations"), "{failure}");
    let (counted, _) = watched.stop().await;
    let [keys, revocations] = counted.as_slice() else { panic!("{counted:#?}") };
    assert!(keys.contains("the issuer's keys") && revocations.contains("the issuer's revocations"), "{counted:#?}");
}
