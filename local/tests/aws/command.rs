//! The command: what it prints, what it refuses, and that nothing outlives it.

use std::io::Write;
use std::path::Path;
use std::process::{Output, Stdio};
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};

use crate::processes::ends;
use crate::support::folder;

fn local(folder: &TempDir, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_local"));
    command.current_dir(folder).args(arguments).stdin(Stdio::null()).kill_on_drop(true);
    command.env("XDG_RUNTIME_DIR", folder.path()); // no instance of the user of this machine is found
    command
}

/// A serving instance, its address, and everything that it printed before.
async fn serving(folder: &TempDir, arguments: &[&str]) -> (Child, String, Vec<String>, Lines<BufReader<ChildStdout>>) {
    let command = &mut local(folder, arguments);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("it starts");
    let mut lines = BufReader::new(child.stdout.take().expect("its output")).lines();
    let mut printed = Vec::new();
    while let Some(line) = lines.next_line().await.expect("a line") {
        if let Some(url) = line.strip_prefix("listening on ") {
            return (child, url.to_owned(), printed, lines);
        }
        printed.push(line);
    }
    panic!("it ended: {printed:?}");
}

async fn seen(url: &str) -> Value {
    let response = reqwest::get(format!("{url}/echo")).await.expect("an answer");
    response.json().await.expect("what the function saw")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

async fn refused(folder: &TempDir, arguments: &[&str]) -> String {
    let Output { status, stderr, .. } = local(folder, arguments).output().await.expect("it runs");
    assert!(!status.success());
    text(&stderr)
}

#[tokio::test]
async fn it_prints_the_routes_and_last_where_it_listens() {
    let folder = folder();
    let (_child, url, printed, _lines) = serving(&folder, &["--port", "0", "--memory"]).await;
    let route = printed.iter().find(|line| line.contains("/split/a")).expect("the route is shown");
    assert_eq!(route.split_whitespace().collect::<Vec<_>>(), ["GET", "/split/a", "EchoFunction", "Split"]);
    assert!(printed.iter().any(|line| line.starts_with("DynamoDB http://127.0.0.1:")));
    assert!(url.starts_with("http://127.0.0.1:"));
    assert!(!folder.path().join(".local").exists(), "nothing is kept");
}

#[tokio::test]
async fn nothing_outlives_it_however_it_ends() {
    for signal in ["INT", "TERM", "HUP", "KILL"] {
        let folder = folder();
        let (mut child, url, _, _lines) = serving(&folder, &["--port", "0"]).await;
        let idle = seen(&url).await["pid"].as_u64().expect("a process id");
        let busy = reqwest::Client::new().get(format!("{url}/slow")).header("x-script", r#"{"sleep":60000}"#);
        let busy = tokio::spawn(busy.send());
        tokio::time::sleep(Duration::from_millis(200)).await;
        let group = group_of(idle);
        assert!(processes_in(group) >= 3, "the keeper, an idle and a busy process");
        let killed = std::process::Command::new("kill")
            .args([format!("-{signal}"), child.id().expect("it runs").to_string()])
            .status();
        assert!(killed.expect("kill runs").success());
        let ended = tokio::time::timeout(Duration::from_secs(5), child.wait()).await;
        assert!(ended.is_ok(), "{signal} ends it");
        assert!(ends(idle).await, "{signal}");
        for _ in 0..200 {
            if processes_in(group) == 0 {
                break;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        assert_eq!(processes_in(group), 0, "{signal}");
        busy.abort();
    }
}

/// The process group of a process.
fn group_of(pid: u64) -> u64 {
    stat(Path::new(&format!("/proc/{pid}"))).expect("it runs").1
}

/// How many processes of a group run.
fn processes_in(group: u64) -> usize {
    let processes = std::fs::read_dir("/proc").expect("Linux").flatten();
    processes.filter_map(|process| stat(&process.path())).filter(|(state, own)| state != "Z" && *own == group).count()
}

/// State and process group.
fn stat(process: &Path) -> Option<(String, u64)> {
    let stat = std::fs::read_to_string(process.join("stat")).ok()?;
    let mut fields = stat.rsplit(')').next()?.split_whitespace();
    Some((fields.next()?.to_owned(), fields.nth(1)?.parse().ok()?))
}

#[tokio::test]
async fn a_kill_and_a_new_start_keep_the_data() {
    let folder = folder();
    let (mut child, _, _, _lines) = serving(&folder, &["--port", "0", "--data", "kept"]).await;
    child.kill().await.expect("it is killed");
    let (_child, url, _, _lines) = serving(&folder, &["--port", "0", "--data", "kept"]).await;
    seen(&url).await;
}

#[tokio::test]
async fn a_stack_beside_another_finds_it_and_takes_a_port_after_it() {
    let folder = folder();
    let function = |variables: Value| {
        json!({"Type": "AWS::Serverless::Function", "Properties": {
            "CodeUri": "echo", "Runtime": "provided.al2023", "Handler": "bootstrap", "Environment": {"Variables": variables},
        }})
    };
    let shop = json!({
        "Parameters": {"Word": {"Type": "String", "Default": "usual"}},
        "Resources": {
            "Api": {"Type": "AWS::Serverless::HttpApi"},
            "Seal": {"Type": "AWS::KMS::Key"},
            "Asked": function(json!({"WORD": {"Ref": "Word"}, "URL": {"Fn::GetAtt": "Api.ApiEndpoint"}})),
        },
        "Outputs": {"Arn": {"Value": {"Fn::GetAtt": "Asked.Arn"}, "Export": {"Name": {"Fn::Sub": "${AWS::StackName}-Arn"}}}},
    });
    let mut echo = function(json!({}));
    echo["Properties"]["Events"] = json!({"Get": {"Type": "Api", "Properties": {
        "RestApiId": {"Ref": "Api"}, "Method": "get", "Path": "/echo", "Auth": {"Authorizer": "Shop"},
    }}});
    let authorizers = json!({"Shop": {"FunctionArn": {"Fn::ImportValue": "shop-Arn"}}});
    let guest = json!({"Resources": {"Echo": echo, "Api": {
        "Type": "AWS::Serverless::Api", "Properties": {"StageName": "prod", "Auth": {"Authorizers": authorizers}},
    }}});
    for (name, text) in [
        ("template.yaml", shop.to_string()),
        ("guest.yaml", guest.to_string()),
        ("samconfig.toml", "[default.global.parameters]\nstack_name = \"shop\"\n".to_owned()),
    ] {
        std::fs::write(folder.path().join(name), text).expect("a file");
    }
    let port = |url: &str| url.rsplit(':').next().and_then(|port| port.parse::<u16>().ok()).expect("a port");
    let arguments = ["--port", "0", "--data", "kept", "--param", "Word=given"];
    let (_shop, shop, _, _shop_lines) = serving(&folder, &arguments).await;
    for (more, word) in [(["--data", "kept"], "given"), (["--beside", &shop], "usual")] {
        let arguments = [["--template", "guest.yaml"], more].concat();
        let (_guest, guest, printed, _lines) = serving(&folder, &arguments).await;
        assert!(port(&guest) > port(&shop), "{guest} after {shop}");
        assert!(printed.iter().any(|line| line.contains("/prod/echo")), "{printed:?}");
        let request = reqwest::Client::new().get(format!("{guest}/prod/echo")).header("authorization", "t");
        let seen: Value = request.send().await.expect("an answer").json().await.expect("JSON");
        let told = seen["event"]["requestContext"]["authorizer"]["variables"].as_str().expect("variables");
        let told: Value = serde_json::from_str(told).expect("JSON");
        assert_eq!((&told["WORD"], &told["URL"]), (&json!(word), &json!(shop)), "{more:?}");
    }
    let alone = refused(&folder, &["--template", "guest.yaml", "--data", "elsewhere", "--param", "Word=x"]).await;
    assert!(alone.contains("no parameter Word"), "parameters are a stack's own: {alone}");
}

#[tokio::test]
async fn what_stands_in_its_way_is_named_with_a_way_out() {
    let folder = folder();
    let (_child, url, _, _lines) = serving(&folder, &["--port", "0"]).await;
    let port = url.rsplit(':').next().expect("a port");
    let in_use = refused(&folder, &["--port", port, "--memory"]).await;
    assert!(in_use.contains(port) && in_use.contains("--port 0"), "{in_use}");
    let in_use = refused(&folder, &["--port", "0"]).await;
    assert!(in_use.contains(&url) && in_use.contains("--data"), "{in_use}");
    assert!(refused(&folder, &["--memory", "--port", "0", "--template", "none.yaml"]).await.contains("none.yaml"));
    assert!(refused(&folder, &["--memory", "--port", "0", "--param", "X=1"]).await.contains("there is no parameter X"));
    assert!(refused(&folder, &["--memory", "--param", "X"]).await.contains("Name=Value"));
}

#[tokio::test]
async fn it_invokes_a_function_with_an_event_from_a_file_or_from_its_input() {
    let folder = folder();
    std::fs::write(folder.path().join("event.json"), r#"{"script":{"return":{"a":1}}}"#).expect("a file");
    let answer = local(&folder, &["invoke", "EchoFunction", "event.json"]).output().await.expect("it runs");
    assert!(answer.status.success(), "{}", text(&answer.stderr));
    assert_eq!(text(&answer.stdout), "{\n  \"a\": 1\n}\n");
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_local"));
    command.current_dir(&folder).env("XDG_RUNTIME_DIR", folder.path()).args(["invoke", "EchoFunction:admin", "-"]);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("it starts");
    child.stdin.take().expect("its input").write_all(br#"{"script":{"return":"x"}}"#).expect("written");
    assert_eq!(text(&child.wait_with_output().expect("it ends").stdout), "\"x\"\n");
}

/// An invocation that must fail: what it prints on stderr.
async fn failed(folder: &TempDir, arguments: &[&str], script: &Value) -> String {
    std::fs::write(folder.path().join("event.json"), json!({"script": script}).to_string()).expect("a file");
    let Output { status, stdout, stderr } = local(folder, arguments).output().await.expect("it runs");
    assert_eq!((status.code(), text(&stdout)), (Some(1), String::new()), "an answer is all that stdout is for");
    text(&stderr)
}

#[tokio::test]
async fn an_invocation_that_fails_prints_one_error_alone_and_through_an_instance() {
    let folder = folder();
    let (_child, url, _, _lines) = serving(&folder, &["--port", "0", "--memory"]).await;
    let port = url.rsplit(':').next().expect("a port");
    let invoke = ["invoke", "EchoFunction", "event.json"];
    for arguments in [invoke.to_vec(), [&invoke[..], &["--port", port]].concat()] {
        for (script, told) in [
            (json!({"fail": "no"}), "no"),
            (json!({"exit": 1, "print": "last words"}), "ended without an answer"),
            (json!({"sleep": 9000}), "timed out"),
        ] {
            let error = failed(&folder, &arguments, &script).await;
            assert!(error.starts_with("local: ") && error.contains(told), "{error}");
            assert_eq!(error.matches("local: ").count(), 1, "{error}");
        }
        let unknown: Vec<&str> =
            arguments.iter().map(|word| if *word == "EchoFunction" { "Nobody" } else { word }).collect();
        let error = failed(&folder, &unknown, &json!({})).await;
        assert_eq!(error, "local: there is no function Nobody in the template\n");
    }
    let crashed = failed(&folder, &invoke, &json!({"exit": 1, "print": "last words"})).await;
    assert!(crashed.contains("last words"), "alone, nobody else shows them: {crashed}");
    assert!(refused(&folder, &["invoke", "EchoFunction", "none.json"]).await.contains("none.json"));
}

#[tokio::test]
async fn with_memory_an_invocation_works_on_an_instance_or_says_that_there_is_none() {
    let folder = folder();
    let invoke = ["--memory", "invoke", "EchoFunction", "event.json"];
    let error = failed(&folder, &invoke, &json!({"return": "made in a database that vanishes"})).await;
    assert!(error.starts_with("local: no instance serves on port 3000") && error.contains("--port"), "{error}");
    assert_eq!(error.lines().count(), 1, "{error}");
    let (mut child, url, _, _lines) = serving(&folder, &["--memory", "--port", "0"]).await;
    let port = url.rsplit(':').next().expect("a port");
    let item = json!({"pk": {"S": "OWN#a"}});
    let put =
        json!({"service": "dynamodb", "operation": "PutItem", "body": {"TableName": "local-Table", "Item": item}});
    std::fs::write(folder.path().join("event.json"), json!({"script": {"aws": put}}).to_string()).expect("a file");
    let arguments = [&invoke[..], &["--port", port]].concat();
    let answer = local(&folder, &arguments).output().await.expect("it runs");
    assert!(answer.status.success(), "{}", text(&answer.stderr));
    let get = json!({"service": "dynamodb", "operation": "GetItem", "body": {"TableName": "local-Table", "Key": item}});
    let request = reqwest::Client::new().get(format!("{url}/echo")).header("x-script", json!({"aws": get}).to_string());
    let found: Value = request.send().await.expect("an answer").json().await.expect("JSON");
    assert_eq!(found["body"]["Item"], item, "{found}");
    child.kill().await.expect("it is killed");
    let error = failed(&folder, &arguments, &json!({})).await;
    assert!(
        error.contains(&format!("no instance serves on port {port}")),
        "what it left behind misleads nobody: {error}"
    );
}

#[tokio::test]
async fn an_invocation_beside_a_serving_instance_works_on_its_data() {
    let folder = folder();
    let (_child, url, _, _lines) = serving(&folder, &["--port", "0"]).await;
    let invoke = async |event: Value| {
        std::fs::write(folder.path().join("event.json"), event.to_string()).expect("a file");
        let answer = local(&folder, &["invoke", "EchoFunction", "event.json"]).output().await.expect("it runs");
        assert!(answer.status.success(), "{}", text(&answer.stderr));
        serde_json::from_slice::<Value>(&answer.stdout).expect("json")
    };
    let served = async |script: &Value| {
        let request = reqwest::Client::new().get(format!("{url}/echo")).header("x-script", script.to_string());
        request.send().await.expect("an answer").json::<Value>().await.expect("json")
    };
    let invoked = invoke(json!({})).await;
    let invoked: Value = serde_json::from_str(invoked["body"].as_str().expect("a body")).expect("json");
    assert_eq!(invoked["variables"]["URL"], url.as_str());
    let seal = json!({"aws": {"service": "kms", "operation": "GenerateDataKey", "body": {
        "KeyId": invoked["variables"]["KEY"], "KeySpec": "AES_256",
    }}});
    let sealed = served(&seal).await["body"].clone();
    let open = json!({"aws": {"service": "kms", "operation": "Decrypt", "body": {
        "CiphertextBlob": sealed["CiphertextBlob"],
    }}});
    let opened = invoke(json!({"script": open})).await;
    assert_eq!(opened["body"]["Plaintext"], sealed["Plaintext"], "{opened}");
    let item = json!({"pk": {"S": "OWN#a"}});
    let put = json!({"TableName": "local-Table", "Item": item});
    let put = json!({"script": {"aws": {"service": "dynamodb", "operation": "PutItem", "body": put}}});
    assert_eq!(invoke(put).await["status"], 200);
    let get = json!({"TableName": "local-Table", "Key": item});
    let found = served(&json!({"aws": {"service": "dynamodb", "operation": "GetItem", "body": get}})).await;
    assert_eq!(found["body"]["Item"], item, "{found}");
}

#[tokio::test]
async fn it_logs_a_line_for_every_request_without_the_query() {
    let folder = folder();
    let mut command = local(&folder, &["--port", "0", "--memory", "--function-logs"]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts");
    let mut lines = BufReader::new(child.stdout.take().expect("its output")).lines();
    let mut errors = BufReader::new(child.stderr.take().expect("its errors")).lines();
    let url = loop {
        let line = lines.next_line().await.expect("a line").expect("it runs");
        if let Some(url) = line.strip_prefix("listening on ") {
            break url.to_owned();
        }
    };
    let get = |path: &str, script: &str| {
        let request = reqwest::Client::new().get(format!("{url}{path}")).header("x-script", script);
        request.header("authorization", "t").send()
    };
    let mut logged = Vec::new();
    for (path, script, count) in
        [("/split/a?code=secret", r#"{"print":"said"}"#, 3), ("/split/a", "", 1), ("/none%0a", "", 1)]
    {
        get(path, script).await.expect("an answer");
        for _ in 0..count {
            logged.push(errors.next_line().await.expect("a line").expect("it runs"));
        }
    }
    let all = logged.join("\n");
    assert!(!all.contains("secret"), "{all}");
    assert!(all.contains("EchoFunction#1 | said"), "{all}");
    for line in &logged {
        let (time, _) = line.split_once(' ').expect("a time first");
        let digits = time.chars().filter(char::is_ascii_digit).count();
        assert!(time.len() == 9 && digits == 6 && time.ends_with('Z'), "{line}");
        assert!(!line.contains('\x1b'), "no colours where there is no terminal: {line:?}");
    }
    let logged: Vec<&str> = logged.iter().filter_map(|line| Some(line.split_once(' ')?.1)).collect();
    for (start, end) in [
        ("GET /split/a EchoFunction 200 ", " ms cold (authorizer called, cold)"),
        ("GET /split/a EchoFunction 200 ", " ms warm (authorizer cached)"),
        ("GET /none%0a - 404 ", " ms"),
    ] {
        assert!(logged.iter().any(|line| line.starts_with(start) && line.ends_with(end)), "{start}…{end} in {all}");
    }
}

#[tokio::test]
async fn help_explains_every_flag_with_an_example() {
    let folder = folder();
    let help = text(&local(&folder, &["--help"]).output().await.expect("it runs").stdout);
    for flag in [
        "--port",
        "--data",
        "--memory",
        "--param",
        "--issuer",
        "--template",
        "--dynamodb-endpoint",
        "--seed",
        "--function-logs",
    ] {
        assert!(help.matches(flag).count() >= 2, "{flag} and its example in\n{help}");
    }
    assert!(help.contains("invoke"));
}

/// A folder whose one function is a package of its own, with this source.
fn with_package(source: &str) -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let template = json!({"Resources": {"F": {
        "Type": "AWS::Serverless::Function",
        "Metadata": {"BuildMethod": "rust-cargolambda"},
        "Properties": {"CodeUri": "hello", "Runtime": "provided.al2023", "Handler": "bootstrap"},
    }}});
    std::fs::create_dir_all(folder.path().join("hello/src")).expect("a folder");
    for (file, text) in [
        ("template.yaml", template.to_string().as_str()),
        ("hello/Cargo.toml", "[package]\nname = \"hello\"\nedition = \"2024\"\n[workspace]\n"),
        ("hello/src/main.rs", source),
    ] {
        std::fs::write(folder.path().join(file), text).expect("a file");
    }
    folder
}

#[tokio::test]
async fn it_says_what_it_builds_and_why_and_shows_the_progress_of_cargo() {
    let folder = with_package("fn main() {}");
    let mut child = local(&folder, &["--port", "0", "--memory"]);
    let mut child = child.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().expect("it starts");
    let mut errors = BufReader::new(child.stderr.take().expect("its errors")).lines();
    let mut said = String::new();
    while !said.contains("built in ") {
        said += &errors.next_line().await.expect("a line").unwrap_or_else(|| panic!("it ended: {said}"));
        said += "\n";
    }
    for part in ["building hello (not built yet", "Compiling hello v0.0.0", "Finished"] {
        assert!(said.contains(part), "{part} in {said}");
    }
}

#[tokio::test]
async fn what_does_not_compile_is_shown_as_the_compiler_says_it() {
    let folder = with_package("fn main() { nonsense }");
    let said = refused(&folder, &["--port", "0", "--memory"]).await;
    assert!(said.contains("cannot find value `nonsense`"), "{said}");
    assert!(said.contains("local: cargo could not build the functions"), "{said}");
}

#[tokio::test]
async fn trouble_with_the_data_folder_is_one_line_that_says_what_to_do() {
    let folder = folder();
    let (mut child, _, _, _lines) = serving(&folder, &["--port", "0", "--data", "kept"]).await;
    child.kill().await.expect("it is killed");
    let file = |name: &str| folder.path().join("kept").join(name);
    let starting = async |data: &str| {
        let error = refused(&folder, &["--port", "0", "--data", data]).await;
        assert!(error.starts_with("local: ") && error.lines().count() == 1, "{error}");
        error
    };
    let key = std::fs::read_to_string(file("kms.key")).expect("a key");
    std::fs::remove_file(file("kms.key")).expect("it is gone");
    let error = starting("kept").await;
    assert!(error.contains("kms.key is missing") && error.contains("put the file back"), "{error}");
    assert!(!file("kms.key").exists(), "no other key is made for what the lost one sealed");
    std::fs::write(file("kms.key"), "not a key").expect("a file");
    let error = starting("kept").await;
    assert!(error.contains("kms.key holds no key") && error.contains("put the file back"), "{error}");
    std::fs::write(file("kms.key"), key).expect("a file");
    for left in ["dynamodb.sqlite-wal", "dynamodb.sqlite-shm"] {
        let _ = std::fs::remove_file(file(left)); // or SQLite reads in them what was in the database
    }
    std::fs::write(file("dynamodb.sqlite"), "not a database, and longer than the header of one".repeat(99))
        .expect("a file");
    let error = starting("kept").await;
    assert!(error.contains("dynamodb.sqlite") && error.contains("restore it from a copy"), "{error}");
    std::fs::write(folder.path().join("file"), "").expect("a file");
    let error = starting("file/below").await;
    assert!(error.contains("file/below") && error.contains("--data") && error.contains("--memory"), "{error}");
}
