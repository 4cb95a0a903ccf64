//! Functions as processes: started when needed, several under load, replaced when they end, gone with the stack.

use std::path::Path;
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use local::{Failure, Options};
use serde_json::{Value, json};

use crate::support::Fixture;

async fn pid(fixture: &Fixture) -> u64 {
    fixture.seen(fixture.request("GET", "/echo")).await["pid"].as_u64().expect("a process id")
}

/// Whether a process has ended, or will within two seconds.
pub(crate) async fn ends(pid: u64) -> bool {
    let until = Instant::now() + Duration::from_secs(2);
    let status = format!("/proc/{pid}/status");
    while Instant::now() < until {
        match std::fs::read_to_string(Path::new(&status)) {
            Ok(text) if !text.contains("State:\tZ") => tokio::time::sleep(Duration::from_millis(10)).await,
            _ => return true,
        }
    }
    false
}

#[tokio::test]
async fn a_function_starts_at_its_first_request_and_stays() {
    let fixture = Fixture::start().await;
    assert_eq!(fixture.stack.instances("EchoFunction"), 0);
    let first = pid(&fixture).await;
    assert_eq!(pid(&fixture).await, first);
    assert_eq!(fixture.stack.instances("EchoFunction"), 1);
    assert_eq!(fixture.stack.instances("SlowFunction"), 0);
}

#[tokio::test]
async fn parallel_requests_have_processes_of_their_own_up_to_the_limit_and_all_are_answered() {
    let fixture = Fixture::with(Options { instances: 3, ..Options::default() }).await;
    let began = Instant::now();
    let script = json!({"sleep": 200, "return": "ok"});
    let answers = join_all((0..9).map(|_| fixture.scripted("/echo", &script))).await;
    assert!(answers.iter().all(|answer| answer.status() == 200));
    assert_eq!(fixture.stack.instances("EchoFunction"), 3);
    assert!(began.elapsed() >= Duration::from_millis(600), "three rounds of three");
}

#[tokio::test]
async fn a_function_sees_lambdas_environment_and_nothing_of_this_machine() {
    let fixture = Fixture::start().await;
    let seen = fixture.seen(fixture.request("GET", "/echo")).await;
    let variables = seen["variables"].as_object().expect("variables");
    for (name, value) in [
        ("AWS_LAMBDA_FUNCTION_NAME", "local-EchoFunction"),
        ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"),
        ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "128"),
        ("AWS_REGION", "us-east-1"),
        ("_HANDLER", "bootstrap"),
        ("TABLE_NAME", "local-Table"),
        ("URL", fixture.stack.url()),
    ] {
        assert_eq!(variables[name], value, "{name}");
    }
    for (name, behind) in [
        ("AWS_ENDPOINT_URL_DYNAMODB", fixture.stack.dynamodb_endpoint()),
        ("AWS_ENDPOINT_URL_KMS", fixture.stack.kms_endpoint()),
    ] {
        let guard = variables[name].as_str().expect("an address");
        assert!(guard.starts_with("http://127.0.0.1:") && guard != behind, "{name}={guard}");
    }
    assert!(variables["KEY"].as_str().expect("text").starts_with("arn:aws:kms:us-east-1:123456789012:key/"));
    assert!(std::env::var_os("CARGO_MANIFEST_DIR").is_some(), "this process has variables of its own");
    for name in ["HOME", "CARGO_MANIFEST_DIR", "USER", "HTTP_PROXY"] {
        assert!(!variables.contains_key(name), "{name}");
    }
    assert_eq!(seen["arn"], "arn:aws:lambda:us-east-1:123456789012:function:local-EchoFunction");
}

#[tokio::test]
async fn an_invocation_answers_directly_and_tells_failures_apart() {
    let fixture = Fixture::start().await;
    let invoke = async |function: &str, script: Value| fixture.stack.invoke(function, json!({"script": script})).await;
    assert_eq!(invoke("EchoFunction", json!({"return": [1]})).await, Ok(json!([1])));
    let failed = invoke("EchoFunction", json!({"fail": "no"})).await.expect_err("it fails");
    assert_eq!(failed.payload()["errorMessage"], "no");
    assert!(
        matches!(invoke("EchoFunction", json!({"exit": 4})).await, Err(Failure::Crashed(how)) if how.contains('4'))
    );
    assert_eq!(invoke("EchoFunction", json!({"sleep": 9000})).await, Err(Failure::TimedOut(Duration::from_secs(2))));
    assert!(matches!(invoke("ExitsFunction", json!({})).await, Err(Failure::NotStarted(how)) if how.contains('3')));
    assert!(invoke("FailsFunction", json!({})).await.is_err());
    assert_eq!(invoke("Nobody", json!({})).await, Err(Failure::Unknown("Nobody".into())));
}

#[tokio::test]
async fn a_function_is_told_by_which_alias_it_was_called() {
    let fixture = Fixture::start().await;
    for (name, end) in [("EchoFunction", "local-EchoFunction"), ("EchoFunction:admin", "local-EchoFunction:admin")] {
        let answer = fixture.stack.invoke(name, json!({})).await.expect("it answers");
        let seen: Value = serde_json::from_str(answer["body"].as_str().expect("a body")).expect("JSON");
        assert!(seen["arn"].as_str().expect("an ARN").ends_with(end), "{name}");
    }
    assert_eq!(fixture.stack.instances("EchoFunction"), 1, "aliases share their processes");
    let unknown = "EchoFunction:other";
    assert_eq!(fixture.stack.invoke(unknown, json!({})).await, Err(Failure::Unknown(unknown.into())));
}

#[tokio::test]
async fn a_process_that_times_out_is_killed_and_replaced() {
    let fixture = Fixture::start().await;
    let first = pid(&fixture).await;
    assert_eq!(fixture.scripted("/echo", &json!({"sleep": 60_000})).await.status(), 500);
    assert!(ends(first).await);
    assert_ne!(pid(&fixture).await, first);
    assert_eq!(fixture.stack.instances("EchoFunction"), 1);
}

#[tokio::test]
async fn a_process_that_ended_between_two_requests_is_not_noticed_by_the_second() {
    let fixture = Fixture::start().await;
    let first = pid(&fixture).await;
    let killed = std::process::Command::new("kill").args(["-KILL", &first.to_string()]).status();
    assert!(killed.expect("kill runs").success());
    assert!(ends(first).await);
    assert_ne!(pid(&fixture).await, first);
}

#[tokio::test]
async fn an_invocation_is_carried_through_when_the_client_has_gone() {
    let fixture = Fixture::start().await;
    let script = json!({"sleep": 300, "print": "carried through"});
    let request = fixture.scripted("/slow", &script);
    assert!(tokio::time::timeout(Duration::from_millis(200), request).await.is_err());
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert_eq!(fixture.seen(fixture.request("GET", "/slow")).await["calls"], 2, "the same process, warm");
}

#[tokio::test]
async fn what_functions_write_can_be_read() {
    let fixture = Fixture::start().await;
    fixture.scripted("/echo", &json!({"print": "a word", "exit": 1})).await;
    let logs: Vec<String> = fixture.stack.logs().iter().map(ToString::to_string).collect();
    assert!(logs.contains(&"EchoFunction#1 | a word".to_owned()), "{logs:?}");
    assert!(logs.contains(&"EchoFunction#1 | a word (stderr)".to_owned()), "{logs:?}");
}

#[tokio::test]
async fn a_stack_that_has_stopped_misses_no_line() {
    let fixture = Fixture::start().await;
    for number in 0..100 {
        fixture.scripted("/echo", &json!({"print": format!("word {number}")})).await;
    }
    let lines = fixture.stack.stop().await;
    for number in 0..100 {
        let word = format!("word {number}");
        assert!(lines.iter().any(|line| line.text == word), "{word}: {lines:?}");
    }
}

#[tokio::test]
async fn stopping_a_stack_ends_its_processes_also_busy_ones() {
    let fixture = Fixture::start().await;
    let first = pid(&fixture).await;
    let script = json!({"sleep": 60_000});
    let busy = fixture.scripted("/slow", &script);
    assert!(tokio::time::timeout(Duration::from_millis(200), busy).await.is_err());
    assert_eq!(fixture.stack.instances("SlowFunction"), 1);
    fixture.stack.stop().await;
    assert!(ends(first).await);
}

#[tokio::test]
async fn dropping_a_stack_ends_its_processes() {
    let fixture = Fixture::start().await;
    let first = pid(&fixture).await;
    drop(fixture);
    assert!(ends(first).await);
}

#[tokio::test]
async fn stacks_do_not_disturb_each_other() {
    let fixtures = join_all((0..4).map(|_| Fixture::start())).await;
    for fixture in &fixtures {
        assert_eq!(fixture.seen(fixture.request("GET", "/echo")).await["variables"]["URL"], fixture.stack.url());
    }
}
