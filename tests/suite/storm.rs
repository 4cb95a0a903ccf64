//! Power failure: all processes are killed under load and started again.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use serde_json::json;

use support::PASSWORD;

/// A running `local` binary with its data folder and its address.
struct Running {
    child: Child,
    url: String,
}

impl Running {
    fn start(data: &Path) -> Self {
        let root = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
        let mut command = Command::new(support::command::local());
        command.current_dir(root).args(["--port", "0", "--param", "AccountsPerAddress=100000", "--data"]).arg(data);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("local starts");
        let mut lines = BufReader::new(child.stdout.take().expect("stdout")).lines();
        let url = lines
            .by_ref()
            .map_while(Result::ok)
            .find_map(|line| line.strip_prefix("listening on ").map(str::to_owned))
            .expect("it listens");
        std::thread::spawn(move || lines.for_each(drop));
        Self { child, url }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_acknowledged_account_is_lost_when_everything_is_killed() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut first = Running::start(folder.path());
    let stop = Arc::new(AtomicBool::new(false));
    let storms: Vec<_> = (0..6).map(|storm| tokio::spawn(register(first.url.clone(), storm, stop.clone()))).collect();
    tokio::time::sleep(Duration::from_secs(3)).await;
    first.child.kill().expect("SIGKILL");
    first.child.wait().expect("it is gone");
    stop.store(true, Ordering::Relaxed);
    let mut acknowledged = Vec::new();
    for storm in storms {
        acknowledged.extend(storm.await.expect("the storm ended"));
    }
    assert!(acknowledged.len() > 5, "the storm was one: {}", acknowledged.len());

    let mut second = Running::start(folder.path());
    let http = reqwest::Client::new();
    for (username, id) in acknowledged {
        let body = json!({"username": username, "password": PASSWORD});
        let login = http.post(format!("{}/login", second.url)).json(&body).send().await.expect("an answer");
        assert_eq!(login.status(), 200, "{username} was lost");
        let login: serde_json::Value = serde_json::from_str(&login.text().await.expect("a body")).expect("JSON");
        let claims = super::login::claims(login["access_token"].as_str().expect("a token"));
        assert_eq!(claims["sub"], json!(id), "{username} is somebody else now");
        let again = http.post(format!("{}/register", second.url)).json(&body).send().await.expect("an answer");
        assert_eq!(again.status(), 409, "{username} was doubled");
    }
    second.child.kill().expect("SIGKILL");
    second.child.wait().expect("it is gone");
}

/// Registers people one after another and returns the acknowledged registrations.
async fn register(url: String, storm: usize, stop: Arc<AtomicBool>) -> Vec<(String, String)> {
    let http = reqwest::Client::builder().timeout(Duration::from_secs(10)).build().expect("a client");
    let mut acknowledged = Vec::new();
    for number in 0..1000 {
        let username = format!("storm-{storm}-{number}");
        let body = json!({"username": username, "password": PASSWORD});
        let Ok(answer) = http.post(format!("{url}/register")).json(&body).send().await else { break };
        let Ok(text) = answer.text().await else { break };
        if let Ok(created) = serde_json::from_str::<serde_json::Value>(&text)
            && let Some(id) = created["id"].as_str()
        {
            acknowledged.push((username, id.to_owned()));
        }
        if stop.load(Ordering::Relaxed) {
            break;
        }
    }
    acknowledged
}
