//! Prints for every release binary: its size, the CPU from exec to its first `/next`, the CPU of its first request, and
//! the peak RSS.
//!
//! `cargo run -p tools --bin measure` builds each function separately, as SAM does (a joint build would unify
//! features), with the release profile into `target/measure`; the first time takes minutes for each. `-- FOLDER`
//! measures the binaries in a folder instead. The figures are medians of 20 starts with the embedded engine over plain
//! HTTP, so they include no TLS handshake. Linux only.

#![expect(clippy::print_stdout, reason = "a command that prints")]
#![expect(clippy::expect_used, reason = "the command ends when measuring fails")]

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

use local::template::Function;
use local::{Options, Stack};
use serde_json::{Value, json};

const STARTS: usize = 20;
/// CPU in nanoseconds, memory in KiB.
struct Start {
    ready: u64,
    request: u64,
    memory: u64,
}

#[tokio::main]
async fn main() {
    let stack = Stack::start(Options::default()).await.expect("the stack starts");
    let token = token(stack.url()).await;
    println!("{:<12} {:>8} {:>9} {:>14} {:>9}", "binary", "size MB", "ready ms", "1st request ms", "peak MiB");
    for function in stack.template().functions.values() {
        let package = function.code_uri.file_name().and_then(|name| name.to_str()).expect("a name").to_owned();
        let Some(binary) = binary(&package) else { continue };
        let event = event(&package, &token);
        let starts: Vec<Start> = (0..STARTS).map(|_| start(&binary, function, &stack, &event)).collect();
        let size = fs::metadata(&binary).expect("a binary").len();
        println!(
            "{package:<12} {:>8.2} {:>9.2} {:>14.2} {:>9.1}",
            in_units(size, 1e6),
            in_units(median(&starts, |start| start.ready), 1e6),
            in_units(median(&starts, |start| start.request), 1e6),
            in_units(median(&starts, |start| start.memory), 1024.0),
        );
    }
    stack.stop().await;
}

/// The binary of a package, from the given folder or built.
fn binary(package: &str) -> Option<PathBuf> {
    if let Some(folder) = std::env::args_os().nth(1) {
        return Some(Path::new(&folder).join(package)).filter(|binary| binary.exists());
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let target = root.join("target/measure");
    let mut cargo = Command::new("cargo");
    cargo.current_dir(root).args(["build", "--release", "--locked", "-p", package, "--target-dir"]).arg(&target);
    assert!(cargo.status().expect("cargo runs").success(), "{package} is built");
    Some(target.join("release").join(package))
}

/// The package's event in events/, with a valid token.
fn event(package: &str, token: &str) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../events/{package}.json"));
    let mut event: Value = serde_json::from_str(&fs::read_to_string(path).expect("an event")).expect("JSON");
    if event["headers"]["authorization"].is_string() {
        event["headers"]["authorization"] = json!(format!("Bearer {token}"));
    }
    if event["identitySource"][0].is_string() {
        event["identitySource"][0] = json!(format!("Bearer {token}"));
    }
    if package == "discovery" {
        // The store contains the key set, but not the metadata.
        for path in ["/rawPath", "/requestContext/http/path"] {
            *event.pointer_mut(path).expect("a path") = json!("/.well-known/jwks.json");
        }
    }
    event
}

/// Runs one process from exec to the end of its first request, with its own Runtime API.
fn start(binary: &Path, function: &Function, stack: &Stack, event: &Value) -> Start {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let mut command = Command::new(binary);
    command.env_clear().envs(&function.variables).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let address = listener.local_addr().expect("an address").to_string();
    command.envs([
        ("AWS_LAMBDA_RUNTIME_API", address.as_str()),
        ("AWS_ENDPOINT_URL_DYNAMODB", stack.dynamodb_endpoint()),
        ("AWS_ENDPOINT_URL_KMS", stack.kms_endpoint()),
        ("AWS_LAMBDA_FUNCTION_NAME", &function.name),
        ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"),
        ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "512"),
        ("AWS_REGION", "us-east-1"), // the region of a stack of `local`
    ]);
    command.envs(stack.operator().variables());
    let mut process = command.spawn().expect("the binary starts");
    let mut connection = next(&listener, None);
    let ready = cpu(&process);
    deliver(connection.get_mut(), &function.arn, event);
    connection = next(&listener, Some(connection));
    let request = cpu(&process) - ready;
    let memory = peak(&process);
    process.kill().expect("it ends");
    process.wait().expect("it ended");
    drop(connection);
    Start { ready, request, memory }
}

/// Waits until the process requests an event, and accepts its response to the previous one.
fn next(listener: &TcpListener, connection: Option<BufReader<TcpStream>>) -> BufReader<TcpStream> {
    let accept = || BufReader::new(listener.accept().expect("a connection").0);
    let mut connection = connection.unwrap_or_else(accept);
    loop {
        let Some(request) = read(&mut connection) else {
            connection = accept();
            continue;
        };
        if request.ends_with("/next HTTP/1.1") {
            return connection;
        }
        assert!(request.contains("/response"), "the function failed: {request}");
        write(connection.get_mut(), "HTTP/1.1 202 Accepted\r\ncontent-length: 0\r\n\r\n");
    }
}

/// Reads one complete request and returns its first line. `None` when the connection has ended.
fn read(connection: &mut BufReader<TcpStream>) -> Option<String> {
    let lines: Vec<String> =
        connection.by_ref().lines().map_while(Result::ok).take_while(|line| !line.is_empty()).collect();
    let length = lines.iter().find_map(|line| line.to_lowercase().strip_prefix("content-length: ")?.parse().ok());
    let mut body = vec![0; length.unwrap_or(0)];
    connection.read_exact(&mut body).ok()?;
    lines.into_iter().next()
}

fn deliver(stream: &mut TcpStream, arn: &str, event: &Value) {
    let event = event.to_string();
    let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nlambda-runtime-aws-request-id: 1";
    let deadline = "lambda-runtime-deadline-ms: 4102444800000";
    let length = event.len();
    write(
        stream,
        &format!(
            "{head}\r\n{deadline}\r\nlambda-runtime-invoked-function-arn: {arn}\r\ncontent-length: {length}\r\n\r\n{event}"
        ),
    );
}

fn write(stream: &mut TcpStream, text: &str) {
    stream.write_all(text.as_bytes()).expect("the function listens");
}

/// The CPU of all threads so far. Measured when they wait, because the kernel accounts for a thread when it leaves the
/// CPU.
fn cpu(process: &Child) -> u64 {
    sleep(Duration::from_millis(5));
    let threads = fs::read_dir(format!("/proc/{}/task", process.id())).expect("it runs").flatten();
    let times = threads.filter_map(|thread| fs::read_to_string(thread.path().join("schedstat")).ok());
    times.filter_map(|text| text.split(' ').next()?.parse::<u64>().ok()).sum()
}

fn peak(process: &Child) -> u64 {
    let status = fs::read_to_string(format!("/proc/{}/status", process.id())).expect("it runs");
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    peak.and_then(|text| text.trim().trim_end_matches(" kB").parse().ok()).expect("a figure")
}

fn median(starts: &[Start], figure: impl Fn(&Start) -> u64) -> u64 {
    let mut figures: Vec<u64> = starts.iter().map(figure).collect();
    figures.sort_unstable();
    figures[figures.len() / 2]
}

#[expect(clippy::cast_precision_loss, reason = "for people")]
fn in_units(figure: u64, unit: f64) -> f64 {
    figure as f64 / unit
}

/// Registers a person and signs them in.
async fn token(url: &str) -> String {
    let (http, person) =
        (reqwest::Client::new(), json!({"username": "alice", "password": "a lantern on the north pier"}));
    let post = async |path: &str| http.post(format!("{url}{path}")).json(&person).send().await.expect("an answer");
    post("/register").await;
    let answer: Value = post("/login").await.json().await.expect("JSON");
    answer["access_token"].as_str().expect("a token").to_owned()
}
