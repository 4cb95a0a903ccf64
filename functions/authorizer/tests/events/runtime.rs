//! The binary itself, run by a small implementation of the Lambda Runtime API.

use std::process::{Child, Command, Stdio};
use std::time::{SystemTime, UNIX_EPOCH};

use jwt::AccessClaims;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;

use crate::http_api;
use crate::issuer::{Issuer, KEY};

/// A running function: it receives events, and its responses arrive as path and body.
struct Function {
    process: Child,
    events: mpsc::UnboundedSender<Value>,
    answers: mpsc::UnboundedReceiver<(String, Value)>,
}

impl Function {
    async fn start(issuer: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let process = Command::new(env!("CARGO_BIN_EXE_authorizer"))
            .env_clear()
            .env("AWS_LAMBDA_RUNTIME_API", listener.local_addr().unwrap().to_string())
            .env("AWS_LAMBDA_FUNCTION_NAME", "authorizer")
            .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256")
            .env("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST")
            .env("ISSUER", issuer)
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        let (events, to_serve) = mpsc::unbounded_channel();
        let (posted, answers) = mpsc::unbounded_channel();
        tokio::spawn(serve(listener, to_serve, posted));
        Self { process, events, answers }
    }

    /// The function's response to `event`: the last part of the path (`response` or `error`) and the body.
    async fn invoke(&mut self, event: Value) -> (String, Value) {
        self.events.send(event).unwrap();
        self.answers.recv().await.unwrap()
    }
}

impl Drop for Function {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

async fn serve(
    listener: TcpListener,
    mut events: mpsc::UnboundedReceiver<Value>,
    posted: mpsc::UnboundedSender<(String, Value)>,
) {
    loop {
        let mut stream = BufReader::new(listener.accept().await.unwrap().0);
        while let Some((path, body)) = read(&mut stream).await {
            let reply = if path.ends_with("/next") {
                let Some(event) = events.recv().await else { return };
                let headers = "Lambda-Runtime-Aws-Request-Id: r1\r\nLambda-Runtime-Deadline-Ms: 4000000000000\r\n\
                    Lambda-Runtime-Invoked-Function-Arn: arn:aws:lambda:eu-west-1:123456789012:function:authorizer\r\n";
                let event = event.to_string();
                format!("HTTP/1.1 200 OK\r\n{headers}content-length: {}\r\n\r\n{event}", event.len())
            } else {
                let kind = path.rsplit('/').next().unwrap().to_owned();
                posted.send((kind, serde_json::from_slice(&body).unwrap())).unwrap();
                "HTTP/1.1 202 Accepted\r\ncontent-length: 0\r\n\r\n".to_owned()
            };
            stream.write_all(reply.as_bytes()).await.unwrap();
        }
    }
}

/// Reads one request: its path and its body.
async fn read(stream: &mut BufReader<TcpStream>) -> Option<(String, Vec<u8>)> {
    let mut first = String::new();
    stream.read_line(&mut first).await.ok().filter(|length| *length > 0)?;
    let mut length = 0;
    let mut chunked = false;
    loop {
        let mut line = String::new();
        stream.read_line(&mut line).await.ok()?;
        let line = line.trim().to_ascii_lowercase();
        if line.is_empty() {
            break;
        }
        chunked |= line == "transfer-encoding: chunked";
        length = line.strip_prefix("content-length: ").map_or(length, |text| text.parse().unwrap());
    }
    assert!(!chunked, "the response has a content-length");
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await.ok()?;
    Some((first.split(' ').nth(1)?.to_owned(), body))
}

fn token(issuer: &Issuer) -> String {
    #[expect(clippy::disallowed_methods, reason = "the binary reads the real clock")]
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    KEY.sign(&AccessClaims { iat: now, exp: now + 60, ..issuer.claims() }).unwrap()
}

fn rest(authorization: &str) -> Value {
    json!({
        "type": "TOKEN",
        "authorizationToken": authorization,
        "methodArn": "arn:aws:execute-api:eu-west-1:123456789012:a1b2c3/prod/GET/things"
    })
}

#[tokio::test]
async fn the_binary_answers_and_survives_a_malformed_event() {
    let issuer = Issuer::start().await;
    let mut function = Function::start(&issuer.url).await;
    let good = format!("Bearer {}", token(&issuer));

    let (kind, answer) = function.invoke(http_api::event(&good)).await;
    assert_eq!((kind.as_str(), &answer["isAuthorized"]), ("response", &json!(true)));

    let (kind, answer) = function.invoke(http_api::event("Bearer x")).await;
    assert_eq!((kind.as_str(), &answer["isAuthorized"]), ("response", &json!(false)));

    let (kind, answer) = function.invoke(rest("Bearer x")).await;
    assert_eq!((kind.as_str(), &answer["errorMessage"]), ("error", &json!("Unauthorized")));

    for odd in [json!(null), json!([]), json!({"version": 2}), json!({"version": "2.0", "type": "REQUEST"})] {
        assert_eq!(function.invoke(odd).await.0, "error");
    }

    let (kind, answer) = function.invoke(rest(&good)).await;
    assert_eq!((kind.as_str(), &answer["principalId"]), ("response", &json!("0198c0de")));
    assert_eq!(issuer.asked(), 1);
}

#[tokio::test]
async fn the_binary_reports_an_error_while_there_are_no_keys() {
    let issuer = Issuer::start().await;
    let nobody = format!("http://{}", TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap());
    let mut function = Function::start(&nobody).await;
    let (kind, answer) = function.invoke(http_api::event(&format!("Bearer {}", token(&issuer)))).await;
    assert_eq!((kind.as_str(), &answer["errorType"]), ("error", &json!("KeysUnreachable")));
}
