//! oidc-agent, a tool of the command line: it registers itself, signs a person in, and hands out access tokens.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::{Value, json};
use tempfile::TempDir;

use super::site::{free_port, is_wanted};
use crate::browser::{Browser, Decision};
use crate::stage::{PASSWORD, seeded};

/// An agent in the background.
struct Agent {
    folder: TempDir,
    socket: String,
    process: String,
}

impl Agent {
    fn start() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let output = Command::new("oidc-agent").env("OIDC_CONFIG_DIR", folder.path()).output().expect("it starts");
        let told = String::from_utf8(output.stdout).expect("text");
        let value = |name: &str| {
            let value = told.split(&format!("{name}=")).nth(1).and_then(|rest| rest.split(';').next());
            value.unwrap_or_else(|| panic!("no {name}: {told}")).to_owned()
        };
        Self { folder, socket: value("OIDC_SOCK"), process: value("OIDCD_PID") }
    }

    /// A command that talks to it.
    fn command(&self, program: &str, arguments: &[&str]) -> Command {
        let mut command = Command::new(program);
        command.args(arguments).env("OIDC_CONFIG_DIR", self.folder.path()).env("OIDC_SOCK", &self.socket);
        command.env("NO_PROXY", "*").env("no_proxy", "*").stdin(Stdio::null());
        command
    }

    /// What a command prints.
    fn says(&self, program: &str, arguments: &[&str]) -> String {
        let output = self.command(program, arguments).output().expect("it runs");
        assert!(output.status.success(), "{program} {arguments:?}: {output:?}");
        String::from_utf8(output.stdout).expect("text").trim().to_owned()
    }
}

impl Drop for Agent {
    fn drop(&mut self) {
        let _ = Command::new("kill").arg(&self.process).status();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn oidc_agent_registers_itself_signs_in_refreshes_and_revokes() {
    if !is_wanted("oidc-agent", &[Path::new("/usr/bin/oidc-agent")]) {
        return;
    }
    let people = json!({"people": [{"username": "alice", "password": PASSWORD, "name": "Alice Liddell"}]});
    let service = seeded(&[("ClientRegistration", "open")], &people).await;
    let agent = Agent::start();
    let (port, issuer) = (free_port(), format!("--iss={}", service.url()));
    let (port, app) = (format!("--port={port}"), format!("http://localhost:{port}"));
    let scope = "--scope=openid profile offline_access";
    let password = "--pw-cmd=echo a password of the account";
    let mut new = agent.command(
        "oidc-gen",
        &[&issuer, &port, scope, password, "--flow=code", "--no-url-call", "--prompt=none", "notes"],
    );
    let mut registering = new.stderr(Stdio::piped()).spawn().expect("it starts");
    let mut lines = BufReader::new(registering.stderr.take().expect("a pipe")).lines().map_while(Result::ok);
    let url = lines.find(|line| line.starts_with(service.url())).expect("an address to visit");
    let mut browser = Browser::new(service.url(), ("alice", PASSWORD));
    browser.knows(&app);
    let there = browser.visit(&url, None, Decision::Allow).await;
    assert_eq!(there.status, 200, "{there:?}");
    lines.for_each(drop);
    assert!(registering.wait().expect("it ends").success());

    let first = agent.says("oidc-token", &["notes"]);
    let second = agent.says("oidc-token", &["--time=2000", "notes"]);
    assert_ne!(first, second, "it refreshes a token that does not live long enough");
    assert_eq!(name(service.url(), &second).await, Some("Alice Liddell".to_owned()));
    let mut delete = agent.command("oidc-gen", &["--delete", password, "notes"]);
    let mut deleting = delete.stdin(Stdio::piped()).spawn().expect("it starts");
    deleting.stdin.take().expect("a pipe").write_all(b"yes\n").expect("it asks whether it should");
    assert!(deleting.wait().expect("it ends").success());
    assert_eq!(name(service.url(), &second).await, None, "the session ended");
}

/// The name that `/userinfo` gives for a token.
async fn name(issuer: &str, token: &str) -> Option<String> {
    let answer = reqwest::Client::new().get(format!("{issuer}/userinfo")).bearer_auth(token).send().await;
    let claims: Value = answer.expect("an answer").json().await.expect("JSON");
    claims["name"].as_str().map(str::to_owned)
}
