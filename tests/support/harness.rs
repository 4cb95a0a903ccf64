//! A stack, a client of it, and a Node program that drives Chromium.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};

use local::{Data, Options, Stack};
use serde_json::{Value, json};

use crate::chromium::chromium;
use crate::outbox;

/// The folder of the programs.
pub const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/browser");

/// What is missing for driving a browser. `None` if nothing is.
pub fn missing() -> Option<&'static str> {
    let node = Command::new("node").arg("--version").stdout(Stdio::null()).status();
    if node.is_err() || !Path::new(FOLDER).join("node_modules/playwright-core").exists() {
        return Some("Node and its packages");
    }
    chromium().is_none().then_some("Chromium")
}

/// What a stack has before a program uses it.
#[derive(Default)]
pub struct Prepared {
    /// Events for functions.
    pub events: Vec<(&'static str, Value)>,
    /// Mails in the outbox.
    pub mails: Vec<Value>,
}

/// Runs `program` against its own stack, in which its app is registered, and returns its report.
pub async fn drive(program: &'static str, job: Value) -> Value {
    drive_on(Prepared::default(), program, job).await
}

/// The same on a stack that is prepared. The job's `parameters` are those of the template.
pub async fn drive_on(prepared: Prepared, program: &'static str, job: Value) -> Value {
    let given = job["parameters"].as_object().into_iter().flatten();
    let given = given.map(|(name, value)| (name.clone(), value.as_str().unwrap_or_default().to_owned()));
    let parameters = [("ClientRegistration".to_owned(), "open".to_owned())].into_iter().chain(given).collect();
    let template = concat!(env!("CARGO_MANIFEST_DIR"), "/../template.yaml").into();
    let options = Options { template, data: Data::Memory, parameters, quiet: true, ..Options::default() };
    let stack = Stack::start(options).await.expect("the stack starts");
    for (function, event) in prepared.events {
        stack.invoke(function, event).await.expect("the function answers");
    }
    for (id, mail) in prepared.mails.iter().enumerate() {
        outbox::post(&stack, &id.to_string(), mail).await;
    }
    let (mut child, mut lines, app) = tokio::task::spawn_blocking(move || spawn(program)).await.expect("it starts");
    let client = json!({
        "client_name": "Notes", "redirect_uris": [format!("{app}/callback")], "scope": "openid profile",
        "post_logout_redirect_uris": [format!("{app}/bye")], "token_endpoint_auth_method": "none",
    });
    let example = include_str!("../../examples/browser-app/client.json");
    let mut job = job;
    job["issuer"] = json!(stack.url());
    for (member, order) in [
        ("client_id", json!({"action": "create_client", "client": client})),
        ("example_client_id", serde_json::from_str(example).expect("JSON")),
    ] {
        let created = stack.invoke("OperatorFunction:admin", order).await;
        job[member] = created.expect("a client")["client_id"].clone();
    }
    job["chromium"] = json!(chromium());
    let report = tokio::task::spawn_blocking(move || {
        writeln!(child.stdin.as_mut().expect("a pipe"), "{job}").expect("it reads its job");
        let report = line(&mut lines);
        let status = child.wait().expect("it ends");
        assert!(status.success(), "{program}: {status}");
        report
    });
    let report = report.await.expect("it reports");
    stack.stop().await;
    report
}

/// The program, its output, and the address of the app that it serves.
fn spawn(program: &str) -> (Child, BufReader<ChildStdout>, String) {
    let mut command = Command::new("node");
    command
        .arg(program)
        .current_dir(FOLDER)
        .env("NO_PROXY", "127.0.0.1,localhost")
        .env("no_proxy", "127.0.0.1,localhost");
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("node starts");
    let mut lines = BufReader::new(child.stdout.take().expect("a pipe"));
    let url = line(&mut lines)["url"].as_str().expect("an address").to_owned();
    (child, lines, url)
}

fn line(lines: &mut impl BufRead) -> Value {
    let mut line = String::new();
    lines.read_line(&mut line).expect("its output");
    serde_json::from_str(&line).unwrap_or_else(|_| panic!("not JSON: {line:?}"))
}
