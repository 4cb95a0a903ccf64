//! A server of others as a website of its own, next to a service that knows it from its seed file.

use std::fs::File;
use std::net::{TcpListener, TcpStream};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use local::Stack;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::browser::{Arrival, Browser, Decision};
use crate::program::say;
use crate::stage::{EMAIL, PASSWORD, seeded};

/// The client of the site, as the configurations in the docs name it.
pub const CLIENT_ID: &str = "notes-app";
pub const SECRET: &str = "the secret of the client";
/// An API of the service.
pub const AUDIENCE: &str = "https://notes.example/api";

/// How often and how long a server is given a moment to start.
const MOMENTS: u32 = 600;
const MOMENT: Duration = Duration::from_millis(200);

/// A website on a free port, and alice's browser.
pub struct Site {
    pub service: Stack,
    pub address: String,
    pub port: u16,
    pub folder: TempDir,
    server: Option<Child>,
    browser: Browser,
}

impl Site {
    /// A service with these parameters that knows the website, which does not run yet. The paths are the website's own.
    pub async fn new(parameters: &[(&str, &str)], paths: (&str, &str)) -> Self {
        Self::registered(parameters, paths, json!({})).await
    }

    /// The same, with more metadata of the client.
    pub async fn registered(parameters: &[(&str, &str)], (callback, bye): (&str, &str), metadata: Value) -> Self {
        let port = free_port();
        let address = format!("http://localhost:{port}");
        let mut client = json!({
            "client_name": "Notes", "scope": "openid profile email offline_access",
            "grant_types": ["authorization_code", "refresh_token"],
            "redirect_uris": [format!("{address}{callback}")], "post_logout_redirect_uris": [format!("{address}{bye}")],
        });
        client.as_object_mut().expect("metadata").extend(metadata.as_object().expect("metadata").clone());
        let importer = json!({"grant_types": ["client_credentials"], "scope": "notes:read notes:write"});
        let alice = json!({"username": "alice", "password": PASSWORD, "name": "Alice Liddell", "email": EMAIL,
            "email_verified": true});
        let seed = json!({
            "clients": [
                {"client_id": CLIENT_ID, "client_secret": SECRET, "client": client},
                {"client_id": "importer", "client_secret": SECRET, "client": importer},
            ],
            "people": [alice],
        });
        let service = seeded(parameters, &seed).await;
        let mut browser = Browser::new(service.url(), ("alice", PASSWORD));
        browser.knows(&address);
        let folder = tempfile::tempdir().expect("a folder");
        Self { service, address, port, folder, server: None, browser }
    }

    /// A configuration of the docs with the addresses of this run.
    pub fn adapted(&self, text: &str) -> String {
        let issuer = self.service.url();
        let host = issuer.trim_start_matches("http://");
        text.replace("https://id.example.com", issuer)
            .replace("id.example.com", host)
            .replace("https://app.example.com", &self.address)
            .replace("https://notes.example.com", AUDIENCE)
    }

    /// A file in the folder of the website.
    pub fn write(&self, name: &str, text: &str) -> PathBuf {
        let file = self.folder.path().join(name);
        std::fs::write(&file, text).expect("a file");
        file
    }

    /// Starts the server, and waits until it listens.
    pub async fn start(&mut self, mut command: Command) {
        let log = self.folder.path().join("log");
        let output = File::create(&log).expect("a file");
        command.stdin(Stdio::null()).stdout(output.try_clone().expect("a file")).stderr(output);
        command.env("NO_PROXY", "*").env("no_proxy", "*").process_group(0);
        let mut server = command.spawn().expect("it starts");
        for _ in 0..MOMENTS {
            if TcpStream::connect(("127.0.0.1", self.port)).is_ok() {
                self.server = Some(server);
                return;
            }
            if server.try_wait().expect("its state").is_some() {
                break;
            }
            tokio::time::sleep(MOMENT).await;
        }
        let _ = server.kill();
        panic!("{command:?}: {}", std::fs::read_to_string(log).unwrap_or_default());
    }

    /// Alice visits a path of the website.
    pub async fn visit(&mut self, path: &str) -> Arrival {
        self.go(path, None).await
    }

    /// Alice visits a path of the website, with these fields of a form if there are any.
    pub async fn go(&mut self, path: &str, form: Option<Vec<(String, String)>>) -> Arrival {
        self.browser.visit(&format!("{}{path}", self.address), form, Decision::Allow).await
    }

    /// An access token for an API of the service with one of its scopes.
    pub async fn token(&self, scope: &str) -> String {
        let fields = format!("grant_type=client_credentials&resource={AUDIENCE}&scope={scope}");
        let request = reqwest::Client::new().post(format!("{}/token", self.service.url()));
        let request = request.basic_auth("importer", Some(SECRET)).body(fields);
        let request = request.header("content-type", "application/x-www-form-urlencoded");
        let answer: Value = request.send().await.expect("an answer").json().await.expect("JSON");
        answer["access_token"].as_str().unwrap_or_else(|| panic!("{answer}")).to_owned()
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        if let Some(server) = &mut self.server {
            // Its children, too.
            let _ = Command::new("kill").args(["-KILL", "--", &format!("-{}", server.id())]).status();
            let _ = server.wait();
        }
        if std::thread::panicking() {
            say(&std::fs::read_to_string(self.folder.path().join("log")).unwrap_or_default());
        }
    }
}

/// Whether a server is asked for, with everything that it needs.
pub fn is_wanted(what: &str, needs: &[&Path]) -> bool {
    if std::env::var("FOREIGN").as_deref() != Ok("all") {
        say(&format!("SKIPPED {what}: `.ci/run clients` runs it"));
        return false;
    }
    for file in needs {
        assert!(file.exists(), "{what} needs {}: run tests/foreign/install all", file.display());
    }
    true
}

/// A port that was free a moment ago.
pub fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("an address").port()
}
