//! Connects a service, a person and a foreign client.
//!
//! The client is a program. It writes requests to standard output, one JSON document per line, and reads a one-line
//! answer to each from standard input:
//!
//! | request | answer |
//! |---|---|
//! | `{"ask":"service","parameters":{…},"seed":{…}}`, always first: the service gets these parameters and starts with this content of a seed file | [`Service`] |
//! | `{"ask":"operator","order":{…}}` | the report on an operator's order |
//! | `{"ask":"browse","url":"…","browser":"…","app":"…","form":[…],"decision":"deny"}`: alice visits the URL in the browser of this name, or in a new one, and stays in it when it comes to the app at this URL; she posts the fields if there are any, and allows access unless she denies it | [`Arrival`](crate::browser::Arrival) |
//! | `{"ask":"report","verdicts":{…}}`, always last | |

use std::collections::BTreeMap;
use std::io::Write;

use local::{Data, Options, Stack};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tempfile::NamedTempFile;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};

use super::browser::{Browser, Decision};
use super::program::Program;

/// A password that any policy accepts.
pub const PASSWORD: &str = "a lantern on the north pier";

/// Alice's address.
pub const EMAIL: &str = "alice@people.example";

/// For each flow `ok`, or the error.
pub type Verdicts = BTreeMap<String, String>;

/// The description of the service for a client.
#[derive(Serialize)]
struct Service<'a> {
    issuer: &'a str,
    /// Its signing algorithm.
    algorithm: &'a str,
    /// The `sub` of alice, whose name is Alice Liddell.
    alice: &'a str,
    /// Her password.
    password: &'a str,
    /// The flows to run.
    flows: &'a [&'a str],
}

#[derive(Deserialize)]
#[serde(tag = "ask", rename_all = "snake_case", deny_unknown_fields)]
enum Ask {
    Service {
        #[serde(default)]
        parameters: BTreeMap<String, String>,
        #[serde(default)]
        seed: Value,
    },
    Operator {
        order: Value,
    },
    Browse {
        url: String,
        #[serde(default)]
        browser: String,
        #[serde(default)]
        app: String,
        #[serde(default)]
        form: Option<Vec<(String, String)>>,
        #[serde(default)]
        decision: Decision,
    },
    Report {
        verdicts: Verdicts,
    },
}

/// The connection to the program.
struct Line {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
}

/// Runs a program against its own service, which has these parameters, and returns the verdicts on `flows`.
pub async fn play(program: &Program, parameters: &[(&str, &str)], flows: &[&str]) -> Verdicts {
    let mut line = Line::start(program);
    let Ask::Service { parameters: wanted, seed } = line.read().await else { panic!("it asks for the service first") };
    let algorithm = parameters.iter().find(|(name, _)| *name == "SigningAlgorithm").map_or("RS256", |(_, value)| value);
    let wanted = wanted.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    let parameters: Vec<_> =
        [("ClientRegistration", "open")].into_iter().chain(parameters.iter().copied()).chain(wanted).collect();
    let stack = seeded(&parameters, &seed).await;
    let alice = register(stack.url()).await;
    line.write(&json!(Service { issuer: stack.url(), algorithm, alice: &alice, password: PASSWORD, flows })).await;
    let mut browsers = BTreeMap::new();
    let verdicts = loop {
        match line.read().await {
            Ask::Service { .. } => panic!("it has a service"),
            Ask::Operator { order } => {
                let done = stack.invoke("OperatorFunction:admin", order).await;
                line.write(&done.unwrap_or_else(|failure| json!({"refused": failure.to_string()}))).await;
            }
            Ask::Browse { url, browser, app, form, decision } => {
                let person = ("alice", PASSWORD);
                if browser.is_empty() {
                    browsers.remove("");
                }
                let browser = browsers.entry(browser).or_insert_with(|| Browser::new(stack.url(), person));
                if !app.is_empty() {
                    browser.knows(&app);
                }
                line.write(&json!(browser.visit(&url, form, decision).await)).await;
            }
            Ask::Report { verdicts } => break verdicts,
        }
    };
    line.end().await;
    stack.stop().await;
    verdicts
}

/// A service with these parameters and two APIs.
pub async fn stack(parameters: &[(&str, &str)]) -> Stack {
    seeded(parameters, &Value::Null).await
}

/// The repository's template with these parameters on a free port, without persistent data. It starts with the content of
/// a seed file, to which two APIs are added.
pub async fn seeded(parameters: &[(&str, &str)], seed: &Value) -> Stack {
    let mut seed = seed.clone();
    let notes = json!({"notes:read": "read your notes", "notes:write": "change your notes"});
    let mut apis = vec![
        json!({"resource": "https://notes.example/api", "scopes": notes}),
        json!({"resource": "https://tasks.example/api", "scopes": {"tasks": "see your tasks"}}),
    ];
    apis.extend(seed["resources"].as_array().into_iter().flatten().cloned());
    seed["resources"] = json!(apis);
    let mut file = NamedTempFile::new().expect("a file");
    write!(file, "{seed}").expect("it is written");
    let parameters = parameters.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let options = Options {
        template: concat!(env!("CARGO_MANIFEST_DIR"), "/../template.yaml").into(),
        data: Data::Memory,
        parameters,
        seed: Some(file.path().to_owned()),
        ..Options::default()
    };
    Stack::start(options).await.expect("the stack starts")
}

/// Creates alice and returns her id.
async fn register(issuer: &str) -> String {
    let alice = json!({"username": "alice", "password": PASSWORD, "name": "Alice Liddell", "email": EMAIL});
    let request = reqwest::Client::new().post(format!("{issuer}/register")).json(&alice);
    let answer: Value = request.send().await.expect("an answer").json().await.expect("JSON");
    answer["id"].as_str().unwrap_or_else(|| panic!("{answer}")).to_owned()
}

impl Line {
    fn start(program: &Program) -> Self {
        let mut command = Command::from(program.command());
        let mut child = command.kill_on_drop(true).spawn().expect("it starts");
        let lines = BufReader::new(child.stdout.take().expect("a pipe")).lines();
        Self { child, lines }
    }

    async fn read(&mut self) -> Ask {
        let line = self.lines.next_line().await.expect("its output").expect("it ends with a report");
        serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line}"))
    }

    async fn write(&mut self, answer: &Value) {
        let pipe = self.child.stdin.as_mut().expect("a pipe");
        pipe.write_all(format!("{answer}\n").as_bytes()).await.expect("it reads answers");
    }

    async fn end(mut self) {
        drop(self.child.stdin.take());
        let status = self.child.wait().await.expect("it ends");
        assert!(status.success(), "{status}");
    }
}
