//! A function for the tests of `local`: it returns what it was given, or misbehaves as its event says.
//!
//! Its script is JSON in the header `x-script`, in the member `script` of an event, or, for an authorizer, in the header
//! `authorization` or the member `authorizationToken`. It does, in this order, what the script has: `print` (text), `sleep`
//! (ms), `exit` (status), `fail` (message), `aws` (a call with its own credentials: `service`, `operation`, `body`, and, to
//! be refused, a wrong `secret` or another `url`), `return` (anything).

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

use aws_credential_types::Credentials;
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4::SigningParams;
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
    if let Some(call) = script.get("aws") {
        return aws(call).await;
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
    if event.payload["methodArn"].is_string() {
        let allow = json!([{"Effect": "Allow", "Action": "execute-api:Invoke", "Resource": "*"}]);
        let variables = json!(std::env::vars().collect::<std::collections::BTreeMap<_, _>>()).to_string();
        let context = json!({"calls": calls, "seen": event.payload.to_string(), "variables": variables});
        return Ok(json!({"principalId": "somebody", "policyDocument": {"Statement": allow}, "context": context}));
    }
    if event.payload["type"] == "REQUEST" {
        return Ok(json!({"isAuthorized": true, "context": {"calls": calls, "seen": event.payload, "number": 7}}));
    }
    Ok(json!({"statusCode": 200, "headers": {"content-type": "application/json"}, "body": seen.to_string()}))
}

/// Status and body of the answer to a call of a service, as `{"status": …, "body": …}`.
async fn aws(call: &Value) -> Result<Value, Error> {
    let service = call["service"].as_str().unwrap_or_default();
    let (api, json) = if service == "kms" { ("TrentService", "1.1") } else { ("DynamoDB_20120810", "1.0") };
    let content_type = format!("application/x-amz-json-{json}");
    let guard = || std::env::var(format!("AWS_ENDPOINT_URL_{}", service.to_uppercase()));
    let url = call["url"].as_str().map_or_else(guard, |url| Ok(url.to_owned()))?;
    let secret =
        call["secret"].as_str().map_or_else(|| std::env::var("AWS_SECRET_ACCESS_KEY"), |text| Ok(text.into()))?;
    let credentials = Credentials::builder()
        .access_key_id(std::env::var("AWS_ACCESS_KEY_ID")?)
        .secret_access_key(secret)
        .session_token(std::env::var("AWS_SESSION_TOKEN")?)
        .provider_name("environment")
        .build();
    let identity = credentials.into();
    let region = std::env::var("AWS_REGION")?;
    let parameters = SigningParams::builder()
        .identity(&identity)
        .region(&region)
        .name(service)
        .time(SystemTime::now())
        .settings(SigningSettings::default())
        .build()?
        .into();
    let (body, target) =
        (call["body"].to_string(), format!("{api}.{}", call["operation"].as_str().unwrap_or_default()));
    let headers = [("content-type", content_type.as_str()), ("x-amz-target", target.as_str())];
    let signable =
        SignableRequest::new("POST", url.as_str(), headers.into_iter(), SignableBody::Bytes(body.as_bytes()))?;
    let (instructions, _) = sign(signable, &parameters)?.into_parts();
    let request = headers
        .into_iter()
        .chain(instructions.headers())
        .fold(reqwest::Client::new().post(&url), |request, (name, value)| request.header(name, value));
    let answer = request.body(body).send().await?;
    let status = answer.status().as_u16();
    Ok(json!({"status": status, "body": answer.json::<Value>().await?}))
}

fn script(event: &Value) -> Value {
    if event["script"].is_object() {
        return event["script"].clone();
    }
    let header = if event["type"] == "REQUEST" { "authorization" } else { "x-script" };
    let headers = event["headers"].as_object().into_iter().flatten();
    let header = headers.filter(|(name, _)| name.eq_ignore_ascii_case(header)).map(|(_, value)| value).next();
    let text = event.get("authorizationToken").or(header).and_then(Value::as_str);
    text.and_then(|text| serde_json::from_str(text).ok()).filter(Value::is_object).unwrap_or_default()
}

fn write(text: &str) {
    use std::io::Write;
    let _ = writeln!(std::io::stdout(), "{text}");
    let _ = writeln!(std::io::stderr(), "{text} (stderr)");
}
