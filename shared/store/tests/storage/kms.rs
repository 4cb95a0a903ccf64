//! The two KMS operations that sealing needs, over the real wire protocol: a data key is wrapped by writing its
//! encryption context before it. Tests of what a wrapped key reveals run against `local`.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Value, json};
use tokio::io::AsyncBufReadExt;
use tokio::io::{AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

/// Starts it, and returns where it answers.
pub(crate) async fn start() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    tokio::spawn(async move {
        loop {
            let (connection, _) = listener.accept().await.expect("a connection");
            tokio::spawn(serve(connection));
        }
    });
    format!("http://{address}")
}

async fn serve(connection: TcpStream) {
    let mut connection = BufReader::new(connection);
    while let Some((operation, body)) = request(&mut connection).await {
        let answer = answer(&operation, &body);
        let status = if answer.get("__type").is_some() { "400 Bad Request" } else { "200 OK" };
        let answer = answer.to_string();
        let head = format!("HTTP/1.1 {status}\r\ncontent-type: application/x-amz-json-1.1\r\n");
        let answer = format!("{head}content-length: {}\r\n\r\n{answer}", answer.len());
        if connection.write_all(answer.as_bytes()).await.is_err() {
            return;
        }
    }
}

/// The operation and the body of the next request.
async fn request(connection: &mut BufReader<TcpStream>) -> Option<(String, Value)> {
    let (mut operation, mut length) = (String::new(), 0);
    loop {
        let mut line = String::new();
        if connection.read_line(&mut line).await.ok()? == 0 {
            return None;
        }
        let Some((name, value)) = line.trim().split_once(':') else {
            if line.trim().is_empty() {
                break;
            }
            continue;
        };
        match name.to_ascii_lowercase().as_str() {
            "x-amz-target" => value.trim().clone_into(&mut operation),
            "content-length" => length = value.trim().parse().ok()?,
            _ => {}
        }
    }
    let mut body = vec![0; length];
    connection.read_exact(&mut body).await.ok()?;
    Some((operation, serde_json::from_slice(&body).ok()?))
}

fn answer(operation: &str, body: &Value) -> Value {
    let context = body["EncryptionContext"].to_string().into_bytes();
    match operation {
        "TrentService.GenerateDataKey" => {
            let key = store::random::bytes::<32>().expect("random");
            let wrapped = [context.as_slice(), &key].concat();
            json!({"Plaintext": BASE64_STANDARD.encode(key), "CiphertextBlob": BASE64_STANDARD.encode(wrapped)})
        }
        "TrentService.Decrypt" => {
            let wrapped = BASE64_STANDARD.decode(body["CiphertextBlob"].as_str().unwrap_or_default()).expect("base64");
            match wrapped.strip_prefix(context.as_slice()) {
                Some(key) => json!({"Plaintext": BASE64_STANDARD.encode(key)}),
                None => json!({"__type": "InvalidCiphertextException"}),
            }
        }
        _ => json!({"__type": "UnknownOperationException"}),
    }
}
