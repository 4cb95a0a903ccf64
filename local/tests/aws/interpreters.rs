//! Managed runtimes: a handler in Python or JavaScript is loaded, called, fails and recovers as in Lambda.

use std::process::{Command, Stdio};

use local::{Options, Stack};
use serde_json::json;
use tempfile::TempDir;

const PYTHON: &str = r#"
import os
calls = 0
def handler(event, context):
    global calls
    calls += 1
    if event.get("fail"):
        raise ValueError(event["fail"])
    assert context.get_remaining_time_in_millis() > 0
    return {"calls": calls, "event": event, "id": context.aws_request_id, "own": os.environ["OWN"], "home": os.environ.get("HOME")}
"#;

const JAVASCRIPT: &str = r"
let calls = 0;
export const handler = async (event, context) => {
  calls += 1;
  if (event.fail) throw new RangeError(event.fail);
  if (context.getRemainingTimeInMillis() <= 0) throw new Error('late');
  return { calls, event, id: context.awsRequestId, own: process.env.OWN, home: process.env.HOME ?? null };
};
";

async fn started(runtime: &str, handler: &str, (file, source): (&str, &str)) -> Result<(Stack, TempDir), local::Error> {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::create_dir(folder.path().join("code")).expect("a folder");
    std::fs::write(folder.path().join("code").join(file), source).expect("a file");
    let properties =
        json!({"CodeUri": "code", "Runtime": runtime, "Handler": handler, "Environment": {"Variables": {"OWN": "x"}}});
    let function = json!({"Type": "AWS::Serverless::Function", "Properties": properties});
    let template = folder.path().join("template.yaml");
    std::fs::write(&template, json!({"Resources": {"F": function}}).to_string()).expect("a file");
    Ok((Stack::start(Options { template, ..Options::default() }).await?, folder))
}

/// Whether a program is there; in CI it must be.
fn has(program: &str) -> bool {
    let status = Command::new(program).arg("--version").stdin(Stdio::null()).stdout(Stdio::null()).status();
    assert!(status.is_ok() || std::env::var("CI").as_deref() != Ok("true"), "no {program}");
    status.is_ok()
}

async fn works((stack, _folder): (Stack, TempDir), error_type: &str) {
    for calls in 1..3 {
        let answer = stack.invoke("F", json!({"a": "ä", "n": calls})).await.expect("an answer");
        assert_eq!((&answer["calls"], &answer["event"]), (&json!(calls), &json!({"a": "ä", "n": calls})));
        assert_eq!((&answer["own"], &answer["home"]), (&json!("x"), &json!(null)), "nothing of this machine leaks in");
        assert_eq!(answer["id"].as_str().expect("an id").len(), 36);
    }
    let failure = stack.invoke("F", json!({"fail": "a reason"})).await.expect_err("it fails");
    assert_eq!(failure.payload(), json!({"errorType": error_type, "errorMessage": "a reason"}));
    assert_eq!(stack.invoke("F", json!({})).await.expect("an answer")["calls"], 4, "the same process goes on");
    assert_eq!(stack.instances("F"), 1);
}

#[tokio::test]
async fn a_python_handler_answers() {
    if has("python3") {
        works(started("python3.13", "app.handler", ("app.py", PYTHON)).await.expect("it starts"), "ValueError").await;
    }
}

#[tokio::test]
async fn a_javascript_handler_answers() {
    if has("node") {
        let module = ("index.mjs", JAVASCRIPT);
        works(started("nodejs22.x", "index.handler", module).await.expect("it starts"), "RangeError").await;
        let common = JAVASCRIPT.replace("export const handler", "exports.handler");
        let common = ("index.cjs", common.as_str());
        works(started("nodejs22.x", "index.handler", common).await.expect("it starts"), "RangeError").await;
    }
}

#[tokio::test]
async fn a_handler_that_is_not_there_is_told() {
    for (program, runtime, file, named) in [
        ("python3", "python3.13", ("app.py", "x = 1"), "handler"),
        ("python3", "python3.13", ("other.py", ""), "app"),
        ("node", "nodejs22.x", ("app.mjs", "export const x = 1;"), "handler"),
        ("node", "nodejs22.x", ("other.mjs", ""), "app.mjs"),
    ] {
        if has(program) {
            let (stack, _folder) = started(runtime, "app.handler", file).await.expect("it starts");
            let failure = stack.invoke("F", json!({})).await.expect_err("there is no handler");
            assert!(failure.to_string().contains(named), "{failure}");
        }
    }
}
