//! Security events that leave: from a request over the stored event, the real stream and `EventsFunction` to the stand-in
//! for EventBridge.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use local::{Data, EventFault, Options};
use serde_json::{Value, json};

use crate::login::claims;
use support::service::options;
use support::{PASSWORD, Service};

const ON: [(&str, &str); 1] = [("Events", "on")];

/// How long an event may take.
const PATIENCE: Duration = Duration::from_secs(40);

/// The `detail` of each event of a type that arrived so far.
fn details(service: &Service, action: &str) -> Vec<Value> {
    let events = service.stack.events().into_iter().filter(|event| event["DetailType"] == action);
    events.map(|event| serde_json::from_str(event["Detail"].as_str().expect("a text")).expect("JSON")).collect()
}

/// Waits until this many events of a type have arrived, and returns them.
pub async fn arrived(service: &Service, action: &str, count: usize) -> Vec<Value> {
    let arrive = async {
        loop {
            let details = details(service, action);
            if details.len() >= count {
                return details;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    };
    tokio::time::timeout(PATIENCE, arrive).await.unwrap_or_else(|_| panic!("{count} events {action} did not arrive"))
}

/// Stores an event as a function does.
pub async fn store(service: &Service, action: &str, id: &str) {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("a clock").as_secs();
    let item = json!({
        "pk": {"S": "AUDIT#alice"}, "sk": {"S": id}, "v": {"N": "1"}, "at": {"N": (now * 1000).to_string()},
        "action": {"S": action}, "outcome": {"S": "success"}, "user": {"S": "alice"},
        "expires_at": {"N": (now + 3600).to_string()},
    });
    let write = json!({"TableName": service.stack.table_name(), "Item": item});
    service.stack.dynamodb("PutItem", &write).await.expect("an answer");
}

/// The ids of the events of a type that arrived so far.
fn ids(service: &Service, action: &str) -> Vec<String> {
    details(service, action).iter().map(|detail| detail["id"].as_str().expect("an id").to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sign_in_leaves_with_who_when_and_from_where_and_without_a_secret() {
    let service = Service::with_parameters(&[("Events", "on"), ("EventBus", "security")]).await;
    let registered = service.post("/register", json!({"username": "alice", "password": PASSWORD})).await;
    assert_eq!(registered.status, 201, "{registered:?}");
    let login = json!({"username": "alice", "password": PASSWORD});
    let signed_in = service.send(service.request("POST", "/login").header("user-agent", "notes/1").json(&login)).await;
    let tokens = signed_in.json();
    let access = tokens["access_token"].as_str().expect("a token");
    let detail = arrived(&service, "sign_in", 1).await.remove(0);
    let claims = claims(access);
    assert_eq!((&detail["action"], &detail["outcome"]), (&json!("sign_in"), &json!("success")));
    assert_eq!((&detail["user"], &detail["issuer"]), (&claims["sub"], &claims["iss"]), "{detail}");
    assert_eq!((&detail["address"], &detail["user_agent"]), (&json!("127.0.0.1"), &json!("notes/1")), "{detail}");
    let (time, issued) = (detail["at"].as_u64().expect("seconds"), claims["iat"].as_u64().expect("seconds"));
    assert!(time.abs_diff(issued) <= 2 && detail["id"].is_string() && detail["request_id"].is_string(), "{detail}");
    let entries = service.stack.events();
    for entry in &entries {
        assert_eq!((&entry["Source"], &entry["EventBusName"]), (&json!("gatewright"), &json!("security")));
    }
    let all = json!(entries).to_string();
    for secret in [PASSWORD, access, tokens["refresh_token"].as_str().expect("a token"), "alice", "argon2"] {
        assert!(!all.contains(secret), "{secret} in {all}");
    }
    assert!(service.stack.refusals().is_empty(), "{:?}", service.stack.refusals());
}

#[tokio::test(flavor = "multi_thread")]
async fn while_eventbridge_fails_events_wait_and_then_each_arrives_once_and_in_order() {
    let service = Service::with_parameters(&ON).await;
    service.stack.fail_events(Some(EventFault::Calls));
    for id in ["1", "2", "3"] {
        store(&service, "sign_in", id).await;
    }
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert!(service.stack.events().is_empty());
    service.stack.fail_events(None);
    arrived(&service, "sign_in", 3).await;
    store(&service, "sign_in", "4").await;
    arrived(&service, "sign_in", 4).await;
    assert_eq!(ids(&service, "sign_in"), ["1", "2", "3", "4"]);
    assert!(service.stop().await.contains("events were not sent yet"), "the log says what is wrong");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_that_eventbridge_fails_to_take_is_sent_again_and_no_other() {
    let service = Service::with_parameters(&ON).await;
    // The first one holds back the others, which are one batch then.
    service.stack.fail_events(Some(EventFault::Calls));
    store(&service, "registration", "1").await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    for (action, id) in [("sign_in", "2"), ("registration", "3"), ("registration", "4")] {
        store(&service, action, id).await;
    }
    service.stack.fail_events(Some(EventFault::Entries("sign_in".to_owned())));
    arrived(&service, "registration", 3).await;
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert!(details(&service, "sign_in").is_empty());
    service.stack.fail_events(None);
    arrived(&service, "sign_in", 1).await;
    store(&service, "registration", "5").await;
    arrived(&service, "registration", 4).await;
    assert_eq!(ids(&service, "registration"), ["1", "3", "4", "5"], "none came twice");
    assert_eq!(ids(&service, "sign_in"), ["2"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stack_that_starts_again_continues_with_the_events_that_have_not_left() {
    let folder = tempfile::tempdir().expect("a folder");
    let parameters = vec![("Events".to_owned(), "on".to_owned())];
    let data = Data::Folder(folder.path().to_owned());
    let again = || Service::with_options(Options { parameters: parameters.clone(), data: data.clone(), ..options() });
    let service = again().await;
    store(&service, "sign_in", "1").await;
    arrived(&service, "sign_in", 1).await;
    service.stack.fail_events(Some(EventFault::Calls));
    store(&service, "sign_in", "2").await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    service.stop().await;
    let service = again().await;
    store(&service, "sign_in", "3").await;
    arrived(&service, "sign_in", 2).await;
    assert_eq!(ids(&service, "sign_in"), ["2", "3"], "and what has left does not leave again");
}

#[tokio::test(flavor = "multi_thread")]
async fn with_events_off_nothing_leaves() {
    let service = Service::start().await;
    store(&service, "sign_in", "1").await;
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert!(service.stack.events().is_empty());
    assert_eq!(service.stack.instances("EventsFunction"), 0, "and no function runs for it");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_whose_event_is_gone_is_done_and_other_calls_are_refused() {
    let service = Service::with_parameters(&ON).await;
    let record: Value = serde_json::from_str(include_str!("../../events/events.json")).expect("JSON");
    let report = service.stack.invoke("EventsFunction", record).await.expect("an answer");
    assert_eq!(report["batchItemFailures"], json!([]));
    let refused = service.stack.invoke("EventsFunction", json!({"action": "send"})).await.expect_err("a refusal");
    assert!(refused.to_string().contains("invalid_request"), "{refused}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_command_prints_a_line_for_each_event() {
    let mut command = Command::new(support::command::local());
    command.current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/..")).args(["--port", "0", "--memory", "--events"]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("local starts");
    let output = BufReader::new(child.stdout.take().expect("stdout")).lines();
    let url = output.map_while(Result::ok).find_map(|line| line.strip_prefix("listening on ").map(str::to_owned));
    let (sender, lines) = mpsc::channel();
    let errors = BufReader::new(child.stderr.take().expect("stderr")).lines();
    std::thread::spawn(move || errors.map_while(Result::ok).try_for_each(|line| sender.send(line)));
    let registration = json!({"username": "alice", "password": PASSWORD});
    let request = reqwest::Client::new().post(format!("{}/register", url.expect("it listens"))).json(&registration);
    assert_eq!(request.send().await.expect("an answer").status(), 201);
    let line = loop {
        let line = lines.recv_timeout(PATIENCE).expect("a line for the event");
        if line.contains("event registration on bus default") {
            break line;
        }
    };
    assert!(line.contains(r#""outcome":"success""#), "{line}");
    child.kill().expect("SIGKILL");
    child.wait().expect("it is gone");
}

#[test]
fn the_webhook_of_the_example_waits_for_events_that_there_are() {
    let template = include_str!("../../examples/webhook/template.yaml");
    let template: yaml_serde::Value = yaml_serde::from_str(template).expect("YAML");
    let pattern = &template["Resources"]["Rule"]["Properties"]["EventPattern"];
    let page = include_str!("../../docs/events.md");
    let kinds = pattern["detail-type"].as_sequence().expect("a list");
    assert!(kinds.len() > 3);
    for kind in kinds {
        let kind = kind.as_str().expect("a word");
        assert!(page.contains(&format!(r#""action": "{kind}""#)), "docs/events.md has no example of {kind}");
    }
    assert_eq!(pattern["source"], yaml_serde::from_str::<yaml_serde::Value>("[gatewright]").expect("YAML"));
}
