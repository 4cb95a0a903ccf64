//! The runtimes for functions on this machine, and how to send an event to each.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use local::Stack;
use serde_json::Value;
use tokio::process::Command;
use tokio::time::sleep;

/// Where a function runs.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Runtime {
    /// As `cargo run -p local` runs it.
    Here,
    /// What `sam build` built, in Amazon's Runtime Interface Emulator.
    Emulator,
    /// What `sam build` built, in a container of `sam local invoke`.
    Container,
}

/// The clone that SAM built. Writes a message if there is none.
pub(crate) fn tree() -> Option<PathBuf> {
    let tree = std::env::var_os("SAM_TREE").map(PathBuf::from);
    if tree.is_none() {
        use std::io::Write;
        let _ = writeln!(std::io::stderr(), "nothing was built with SAM. Run `.ci/run sam`");
    }
    tree
}

impl Runtime {
    /// What a function answers an event.
    pub(crate) async fn invoke(self, stack: &Stack, tree: &Path, function: &str, event: &Value) -> Value {
        match self {
            Self::Here => {
                let answer = stack.invoke(function, event.clone()).await;
                answer.unwrap_or_else(|failure| panic!("{function}: {failure}"))
            }
            Self::Emulator => emulate(stack, tree, function, event).await,
            Self::Container => contain(tree, function, event).await,
        }
    }
}

/// The name of this machine's architecture in Lambda and in SAM's settings.
fn processor() -> &'static str {
    if cfg!(target_arch = "aarch64") { "arm64" } else { "x86_64" }
}

async fn emulate(stack: &Stack, tree: &Path, function: &str, event: &Value) -> Value {
    let (api, front) = (free_port(), free_port());
    let mut command = Command::new(std::env::var_os("SAM_EMULATOR").expect("SAM_EMULATOR"));
    command.args(["--log-level", "error", "--runtime-api-address", &api]);
    command.args(["--runtime-interface-emulator-address", &front]);
    command.arg(tree.join(".aws-sam").join(processor()).join(function).join("bootstrap"));
    command.env_clear().envs(variables(tree, function)).envs(credentials(tree, function));
    command.envs([("AWS_LAMBDA_FUNCTION_TIMEOUT", "30"), ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "512")]);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).kill_on_drop(true).process_group(0);
    let mut emulator = command.spawn().expect("the emulator starts");
    let url = format!("http://{front}/2015-03-31/functions/function/invocations");
    let answer = post(&url, event).await;
    end(&mut emulator).await;
    assert!(stack.url().starts_with("http"), "the stack lives as long as its functions");
    answer
}

/// Ends the emulator and the function, which is a separate process.
async fn end(emulator: &mut tokio::process::Child) {
    let group = format!("-{}", emulator.id().expect("it runs"));
    let killed = Command::new("kill").args(["-KILL", "--", &group]).status().await;
    assert!(killed.expect("kill runs").success());
    emulator.wait().await.expect("it ended");
}

async fn post(url: &str, event: &Value) -> Value {
    let http = reqwest::Client::new();
    for _ in 0..200 {
        match http.post(url).json(event).send().await {
            Ok(answer) => return answer.json().await.expect("JSON"),
            Err(error) if error.is_connect() => sleep(Duration::from_millis(50)).await,
            Err(error) => panic!("{url}: {error}"),
        }
    }
    panic!("{url} does not answer")
}

/// Invokes the function as docs/deploy.md describes.
async fn contain(tree: &Path, function: &str, event: &Value) -> Value {
    let file = tree.join(".local/event.json");
    std::fs::write(&file, event.to_string()).expect("a file");
    let mut command = Command::new("sam");
    command.current_dir(tree).env("AWS_SHARED_CREDENTIALS_FILE", tree.join(".local/containers/credentials"));
    let machine = std::env::var("SAM_CONTAINERS").expect("SAM_CONTAINERS");
    command.args(["local", "invoke", function, "--config-env", processor(), "--profile", function]);
    command.args(["--add-host", &format!("localhost:{machine}")]);
    command.arg("--skip-pull-image").arg("--event").arg(file).stdin(Stdio::null()).kill_on_drop(true);
    let output = command.output().await.expect("sam runs");
    let (answer, log) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{function}: {answer}{log}");
    serde_json::from_str(answer.trim()).unwrap_or_else(|error| panic!("{function}: {error}: {answer}{log}"))
}

/// The environment variables that `--containers` sets for a function.
fn variables(tree: &Path, function: &str) -> Vec<(String, String)> {
    let text = std::fs::read_to_string(tree.join(".local/containers/variables.json")).expect("variables");
    let all: Value = serde_json::from_str(&text).expect("JSON");
    let own = all[function].as_object().expect("variables of the function");
    own.iter().map(|(name, value)| (name.clone(), value.as_str().expect("text").to_owned())).collect()
}

/// The credentials that `--containers` sets for a function, as Lambda does.
fn credentials(tree: &Path, function: &str) -> Vec<(String, String)> {
    let text = std::fs::read_to_string(tree.join(".local/containers/credentials")).expect("credentials");
    let own = text.split('[').find_map(|part| part.strip_prefix(&format!("{function}]\n"))).expect("a profile");
    let pairs = own.lines().filter_map(|line| line.split_once(" = "));
    let name = |name: &str| if name == "region" { "AWS_REGION".to_owned() } else { name.to_uppercase() };
    pairs.map(|(key, value)| (name(key), value.to_owned())).collect()
}

fn free_port() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.local_addr().expect("an address").to_string()
}
