//! `examples/`: stacks of other teams next to a running service, with the authorizer that they import from it.

mod http_api;
mod matrix;
mod rest_api;
mod revoked;

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use local::{Beside, Options, Stack};
use reqwest::header::HeaderMap;
use serde_json::Value;
use tempfile::TempDir;

/// A running example next to an issuer.
struct Example {
    stack: Stack,
    http: reqwest::Client,
    _folder: TempDir,
}

/// How to start an example.
struct Setup<'a> {
    /// `http-api` or `rest-api`.
    folder: &'static str,
    /// The interpreter that it requires.
    needs: &'static str,
    /// Replacements in its template: the text and its replacement.
    changes: &'a [(&'a str, &'a str)],
    /// Its own parameters.
    parameters: &'a [(&'a str, &'a str)],
    /// The parameters of the service.
    service: &'a [(&'a str, &'a str)],
}

const HTTP: Setup<'_> = Setup { folder: "http-api", needs: "python3", changes: &[], parameters: &[], service: &[] };
const REST: Setup<'_> = Setup { folder: "rest-api", needs: "node", changes: &[], parameters: &[], service: &[] };

impl Setup<'_> {
    /// Starts it with the issuer at `url`. `None`, with a message, if its interpreter is not installed.
    async fn start(&self, url: &str) -> Option<Example> {
        if !runs(self.needs) {
            assert!(std::env::var("CI").as_deref() != Ok("true"), "no {}", self.needs);
            support::say(&format!("SKIPPED examples/{}: no {}", self.folder, self.needs));
            return None;
        }
        let (folder, template) = self.written();
        let beside =
            Beside { template: root().join("template.yaml"), url: url.to_owned(), parameters: owned(self.service) };
        let options =
            Options { template, beside: Some(beside), parameters: owned(self.parameters), ..Options::default() };
        let stack = Stack::start(options).await.expect("the example starts");
        Some(Example { stack, http: reqwest::Client::new(), _folder: folder })
    }

    /// A copy of its template with the replacements.
    fn written(&self) -> (TempDir, PathBuf) {
        let own = root().join("examples").join(self.folder);
        let mut text = std::fs::read_to_string(own.join("template.yaml")).expect("a template");
        for (old, new) in self.changes {
            assert!(text.contains(old), "examples/{} has no {old:?}", self.folder);
            text = text.replace(old, new);
        }
        let text = text.replace("CodeUri: ", &format!("CodeUri: {}/", own.display()));
        let folder = tempfile::tempdir().expect("a folder");
        let template = folder.path().join("template.yaml");
        std::fs::write(&template, text).expect("a file");
        (folder, template)
    }
}

impl Example {
    /// The response to a request without a body, `GET /x`.
    async fn get(&self, path: &str, token: Option<&str>) -> (u16, HeaderMap, String) {
        self.send("GET", path, (token, None)).await
    }

    /// The response to a request. A 500 is not a decision: on a busy machine, the authorizer's request to the issuer
    /// may time out. It is retried a few times.
    async fn send(
        &self,
        method: &str,
        path: &str,
        (token, body): (Option<&str>, Option<&Value>),
    ) -> (u16, HeaderMap, String) {
        let url = format!("{}{path}", self.stack.url());
        let mut request = self.http.request(method.parse().expect("a method"), url);
        if let Some(token) = token {
            request = request.bearer_auth(token);
        }
        if let Some(body) = body {
            request = request.header("content-type", "application/json").body(body.to_string());
        }
        let mut tries = 0;
        loop {
            let answer = request.try_clone().expect("a copy").send().await.expect("an answer");
            let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
            let text = answer.text().await.expect("a body");
            tries += 1;
            if status != 500 || tries == 4 {
                return (status, headers, text);
            }
            tokio::time::sleep(std::time::Duration::from_millis(500)).await;
        }
    }

    /// Stops the example and returns how often the authorizer logged that a token lacked a scope.
    async fn lacked_scope(self) -> usize {
        self.stack.stop().await.iter().filter(|line| line.text.contains("insufficient_scope")).count()
    }
}

fn owned(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn runs(program: &str) -> bool {
    let mut command = Command::new(program);
    command.arg("--version").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok()
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("a parent")
}

fn parsed(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|_| panic!("not JSON: {text}"))
}
