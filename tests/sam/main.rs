//! The functions as SAM builds them: they run on Lambda's architecture, and answer their events here, in Amazon's
//! Runtime Interface Emulator, and in the containers of `sam local invoke`.
//!
//! `.ci/run sam` clones the repository, builds it with `sam build` and runs these tests. They pass with a message if
//! its variables are absent: `SAM_TREE`, the built clone; `SAM_EMULATOR`, the emulator; `SAM_CONTAINERS`, the address
//! of this machine from inside a container.

#![expect(clippy::expect_used, clippy::panic, reason = "a test fails when its setup does")]

mod binary;
mod runtime;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use local::{Data, Options, Stack};
use runtime::{Runtime, tree};
use serde_json::{Value, json};

/// The answer of each function to its event, in an order in which each one finds what it needs.
const ANSWERS: &[(&str, &[(&str, &str)])] = &[
    ("register", &[("/statusCode", "201"), ("/body/username", "alice")]),
    ("login", &[("/statusCode", "200"), ("/body/token_type", "Bearer"), ("/body/scope", "account")]),
    ("discovery", &[("/statusCode", "200"), ("/body/issuer", "URL"), ("/body/token_endpoint", "URL/token")]),
    ("protected", &[("/statusCode", "200"), ("/body/user/username", "alice")]),
    ("operator", &[("/client_name", "Notes"), ("/token_endpoint_auth_method", "client_secret_basic")]),
    ("clients", &[("/statusCode", "403"), ("/body/error", "client_registration_closed")]),
    ("rotate", &[("/outcome", "done"), ("/version", "2"), ("/keys/1/state", "next")]),
    // These events carry tokens of another stack, or none.
    ("token", &[("/statusCode", "400"), ("/body/error", "invalid_grant")]),
    ("account", &[("/statusCode", "401"), ("/body/code", "invalid_token")]),
    ("userinfo", &[("/statusCode", "401"), ("/body/code", "invalid_token")]),
    ("authorize", &[("/statusCode", "400")]),
    ("authorizer", &[("/isAuthorized", "false")]),
    // There is no such mail and no such event, so nothing is left to send.
    ("mailer", &[("/batchItemFailures", "[]")]),
    ("events", &[("/batchItemFailures", "[]")]),
];

/// The same events with tokens of this stack.
const ANSWERS_TO_OURS: &[(&str, &[(&str, &str)])] = &[
    ("authorizer", &[("/isAuthorized", "true"), ("/context/username", "alice")]),
    ("account", &[("/statusCode", "200"), ("/body/username", "alice")]),
    ("token", &[("/statusCode", "200"), ("/body/token_type", "Bearer")]),
];

#[tokio::test(flavor = "multi_thread")]
async fn every_function_answers_its_event_the_same_in_every_runtime() {
    let Some(tree) = tree() else { return };
    let here = answers(&tree, Runtime::Here).await;
    for runtime in [Runtime::Emulator, Runtime::Container] {
        let there = answers(&tree, runtime).await;
        for (name, there) in &there {
            assert_eq!(form(&here[name]), form(there), "{name} in {runtime:?}");
        }
    }
}

#[test]
fn the_deployed_binaries_run_on_the_processor_and_system_of_lambda() {
    let Some(tree) = tree() else { return };
    for (name, _) in ANSWERS {
        let binary = binary::read(&tree.join(".aws-sam/build").join(id(name)).join("bootstrap"));
        assert_eq!(binary.processor, binary::ARM64, "{name}");
        assert!(binary.glibc <= binary::AMAZON_LINUX_2023, "{name} needs glibc 2.{}", binary.glibc);
    }
    let built = std::fs::read_dir(tree.join(".aws-sam/build")).expect("a build").flatten();
    assert_eq!(built.filter(|entry| entry.path().is_dir()).count(), ANSWERS.len(), "every function is asked above");
}

/// The answers of all functions to their events, in a new stack, checked against the table.
async fn answers(tree: &Path, runtime: Runtime) -> BTreeMap<String, Value> {
    let stack = start(tree, &format!("{runtime:?}")).await;
    let mut answers = BTreeMap::new();
    for (name, expected) in ANSWERS {
        let answer = invoke(runtime, &stack, tree, (name, None)).await;
        check(name, runtime, &answer, (expected, stack.url()));
        answers.insert((*name).to_owned(), answer);
    }
    let tokens = answers["login"]["body"].clone();
    for (name, expected) in ANSWERS_TO_OURS {
        let answer = invoke(runtime, &stack, tree, (name, Some(&tokens))).await;
        check(name, runtime, &answer, (expected, stack.url()));
        answers.insert(format!("{name} with our token"), answer);
    }
    assert_eq!(stack.refusals(), Vec::<String>::new(), "each used its own role");
    stack.stop().await;
    answers
}

fn check(name: &str, runtime: Runtime, answer: &Value, (expected, url): (&[(&str, &str)], &str)) {
    for (pointer, value) in expected {
        let found =
            answer.pointer(pointer).unwrap_or_else(|| panic!("{name} in {runtime:?}: no {pointer} in {answer}"));
        let found = found.as_str().map_or_else(|| found.to_string(), str::to_owned);
        assert_eq!(found, value.replace("URL", url), "{name} in {runtime:?}: {pointer} of {answer}");
    }
}

/// What is the same in every run: the status, the names of headers, and the names and types of all members.
fn form(answer: &Value) -> Value {
    match answer {
        Value::Object(members) => members
            .iter()
            .map(|(name, value)| (name.clone(), if name == "statusCode" { value.clone() } else { form(value) }))
            .collect(),
        Value::Array(items) => items.first().map_or_else(|| json!([]), |first| json!([form(first)])),
        Value::String(_) => json!("text"),
        Value::Number(_) => json!(0),
        other => other.clone(),
    }
}

/// A stack of this repository, with its data in the folder that SAM's settings in the clone name.
async fn start(tree: &Path, name: &str) -> Stack {
    let data = data(tree);
    let _ = std::fs::remove_dir_all(&data);
    let host = std::env::var("SAM_CONTAINERS").expect("SAM_CONTAINERS");
    let options = Options {
        template: Path::new(env!("CARGO_MANIFEST_DIR")).join("../template.yaml"),
        data: Data::Folder(data),
        containers: Some(host),
        ..Options::default()
    };
    Stack::start(options).await.unwrap_or_else(|error| panic!("{name}: {error}"))
}

fn data(tree: &Path) -> PathBuf {
    tree.join(".local")
}

/// A function's answer to its event, with a parsed body. The tokens, if given, replace those of the event.
async fn invoke(runtime: Runtime, stack: &Stack, tree: &Path, (name, tokens): (&str, Option<&Value>)) -> Value {
    let text = std::fs::read_to_string(tree.join(format!("events/{name}.json"))).expect("an event");
    let mut event: Value = serde_json::from_str(&text).expect("JSON");
    if let Some(tokens) = tokens {
        put(&mut event, name, tokens);
    }
    let mut answer = runtime.invoke(stack, tree, &id(name), &event).await;
    if let Some(body) = answer["body"].as_str().and_then(|body| serde_json::from_str::<Value>(body).ok()) {
        answer["body"] = body;
    }
    answer
}

fn put(event: &mut Value, name: &str, tokens: &Value) {
    let text = |token: &str| tokens[token].as_str().expect("a token").to_owned();
    if name == "token" {
        event["isBase64Encoded"] = json!(false);
        let form = format!("grant_type=refresh_token&client_id=first-party&refresh_token={}", text("refresh_token"));
        event["body"] = json!(form);
        return;
    }
    let bearer = json!(format!("Bearer {}", text("access_token")));
    if event["identitySource"].is_array() {
        event["identitySource"][0] = bearer.clone();
    }
    event["headers"]["authorization"] = bearer;
}

/// `token` is `TokenFunction` in the template.
fn id(name: &str) -> String {
    format!("{}{}Function", name[..1].to_uppercase(), &name[1..])
}
