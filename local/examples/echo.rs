//! A function for the tests of `local`: it tells what it was given, or misbehaves as it is told.
//!
//! Its script is JSON in the header `x-script`, in the member `script` of an event, or, for an authorizer, in the header
//! `authorization`: `print`, then `sleep` (ms), then `exit` (status), `fail` (message) or `return` (anything).

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use lambda_runtime::{Error, LambdaEvent, service_fn};
use serde_json::{Value, json};

static CALLS: AtomicU64 = AtomicU64::new(0);

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    match std::env::var("FAIL_INIT").as_deref() {
        Ok("exit") => std::process::exit(3),
        Ok("error") => return Err("the configuration is wrong".into()),
        _ => {}
    }
    lambda_runtime::run(service_fn(answer)).await
}

async fn answer(event: LambdaEvent<Value>) -> Result<Value, Error> {
    let calls = CALLS.fetch_add(1, Ordering::Relaxed) + 1;
    let script = script(&event.payload);
    if let Some(text) = script["print"].as_str() {
        write(text);
    }
    if let Some(milliseconds) = script["sleep"].as_u64() {
        tokio::time::sleep(Duration::from_millis(milliseconds)).await;
    }
    if let Some(status) = script["exit"].as_i64() {
        std::process::exit(i32::try_from(status).unwrap_or(1));
    }
    if let Some(message) = script["fail"].as_str() {
        return Err(message.into());
    }
    if let Some(answer) = script.get("return") {
        return Ok(answer.clone());
    }
    let seen = json!({
        "event": event.payload,
        "calls": calls,
        "pid": std::process::id(),
        "variables": std::env::vars().collect::<std::collections::BTreeMap<_, _>>(),
        "deadline": event.context.deadline,
        "arn": event.context.invoked_function_arn,
    });
    if event.payload["type"] == "REQUEST" {
        return Ok(json!({"isAuthorized": true, "context": {"calls": calls, "seen": event.payload, "number": 7}}));
    }
    Ok(json!({"statusCode": 200, "headers": {"content-type": "application/json"}, "body": seen.to_string()}))
}

fn script(event: &Value) -> Value {
    if event["script"].is_object() {
        return event["script"].clone();
    }
    let header = if event["type"] == "REQUEST" { "authorization" } else { "x-script" };
    let script = event["headers"][header].as_str().and_then(|text| serde_json::from_str(text).ok());
    script.filter(Value::is_object).unwrap_or_default()
}

fn write(text: &str) {
    use std::io::Write;
    let _ = writeln!(std::io::stdout(), "{text}");
    let _ = writeln!(std::io::stderr(), "{text} (stderr)");
}
