//! A proxy for DynamoDB or KMS that fails as planned, with faults that a local engine never has.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::http::request::Parts;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;

/// How a call fails.
#[derive(Clone, Debug)]
pub enum Fault {
    /// Refused with this error type and status, without effect.
    Error(u16, &'static str),
    /// A transaction cancelled for this reason, without effect.
    Cancelled(&'static str),
    /// No answer for this long, without effect.
    Silence(Duration),
    /// Executed, but the connection breaks before the answer.
    LostReply,
    /// No answer. Executed when the test calls [`Faulty::deliver`].
    Late,
}

/// What Lambda calls to follow the table's stream. No request causes these calls.
const FOLLOWING: [&str; 4] = ["DescribeTable", "DescribeStream", "GetShardIterator", "GetRecords"];

/// How many calls fail: of the operation in the last part of `X-Amz-Target`, or of any operation.
#[derive(Clone, Debug)]
struct Plan {
    operation: Option<&'static str>,
    fault: Fault,
    left: usize,
}

#[derive(Default)]
struct State {
    plans: Vec<Plan>,
    seen: Vec<String>,
    late: Vec<Call>,
}

/// A complete call.
struct Call {
    parts: Parts,
    body: Bytes,
}

/// The proxy. It ends with the test's runtime.
pub struct Faulty {
    pub url: String,
    upstream: SocketAddr,
    state: Arc<Mutex<State>>,
}

impl Faulty {
    /// A proxy in front of `upstream`, without faults at first.
    pub async fn before(upstream: &str) -> Self {
        let upstream: SocketAddr =
            upstream.trim_start_matches("http://").trim_end_matches('/').parse().expect("address");
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("address"));
        let state = Arc::new(Mutex::new(State::default()));
        tokio::spawn(serve(listener, upstream, state.clone()));
        Self { url, upstream, state }
    }

    /// The next `times` calls of `operation` (of any, if `None`) fail with `fault`.
    pub fn plan(&self, operation: Option<&'static str>, fault: Fault, times: usize) {
        self.state.lock().expect("state").plans.push(Plan { operation, fault, left: times });
    }

    /// Cancels all planned faults.
    pub fn heal(&self) {
        self.state.lock().expect("state").plans.clear();
    }

    /// Executes all calls that were delayed.
    pub async fn deliver(&self) {
        let late = std::mem::take(&mut self.state.lock().expect("state").late);
        for call in late {
            forward(call, self.upstream, &reqwest::Client::new()).await;
        }
    }

    /// The operations since the last call of this function.
    pub fn take_seen(&self) -> Vec<String> {
        std::mem::take(&mut self.state.lock().expect("state").seen)
    }
}

async fn serve(listener: TcpListener, upstream: SocketAddr, state: Arc<Mutex<State>>) {
    let http = reqwest::Client::new();
    while let Ok((stream, _)) = listener.accept().await {
        let (state, http) = (state.clone(), http.clone());
        let service = service_fn(move |request| answer(request, upstream, state.clone(), http.clone()));
        tokio::spawn(async move {
            let connection = hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service);
            drop(connection.await);
        });
    }
}

async fn answer(
    request: Request<Incoming>,
    upstream: SocketAddr,
    state: Arc<Mutex<State>>,
    http: reqwest::Client,
) -> Result<Response<Full<Bytes>>, std::io::Error> {
    let target = request.headers().get("x-amz-target").and_then(|value| value.to_str().ok()).unwrap_or_default();
    let operation = target.rsplit('.').next().unwrap_or_default().to_owned();
    let fault = choose(&mut state.lock().expect("state"), &operation);
    match fault {
        Some(Fault::Error(status, kind)) => return Ok(error(status, kind, &serde_json::json!({}))),
        Some(Fault::Cancelled(reason)) => {
            let reasons =
                serde_json::json!({"CancellationReasons": [{"Code": reason}, {"Code": "None"}, {"Code": "None"}]});
            return Ok(error(400, "TransactionCanceledException", &reasons));
        }
        Some(Fault::Silence(time)) => {
            tokio::time::sleep(time).await;
            return Err(std::io::Error::other("silence"));
        }
        Some(Fault::LostReply | Fault::Late) | None => {}
    }
    let (parts, body) = request.into_parts();
    let body = body.collect().await.map(http_body_util::Collected::to_bytes).unwrap_or_default();
    let call = Call { parts, body };
    if matches!(fault, Some(Fault::Late)) {
        state.lock().expect("state").late.push(call);
        return std::future::pending().await;
    }
    let answer = forward(call, upstream, &http).await;
    match fault {
        Some(_) => Err(std::io::Error::other("the reply is lost")),
        None => Ok(answer),
    }
}

fn choose(state: &mut State, operation: &str) -> Option<Fault> {
    if !FOLLOWING.contains(&operation) {
        state.seen.push(operation.to_owned());
    }
    let matches = |plan: &&mut Plan| plan.left > 0 && plan.operation.is_none_or(|wanted| wanted == operation);
    let plan = state.plans.iter_mut().find(matches)?;
    plan.left -= 1;
    Some(plan.fault.clone())
}

async fn forward(Call { parts, body }: Call, upstream: SocketAddr, http: &reqwest::Client) -> Response<Full<Bytes>> {
    let mut onward = http.request(parts.method, format!("http://{upstream}{}", parts.uri.path()));
    for (name, value) in &parts.headers {
        if name != "content-length" {
            // Includes the host, because the signature covers it.
            onward = onward.header(name, value);
        }
    }
    let answer = onward.body(body).send().await.expect("the engine answers");
    let mut response = Response::builder().status(answer.status());
    for (name, value) in answer.headers() {
        if name != "transfer-encoding" && name != "content-length" {
            response = response.header(name, value);
        }
    }
    let body = answer.bytes().await.expect("the engine's body");
    response.body(Full::new(body)).expect("a response")
}

fn error(status: u16, kind: &str, more: &serde_json::Value) -> Response<Full<Bytes>> {
    let mut body =
        serde_json::json!({"__type": format!("com.amazonaws.dynamodb.v20120810#{kind}"), "message": "planned"});
    body.as_object_mut().expect("object").extend(more.as_object().expect("object").clone());
    let response = Response::builder().status(status).header("content-type", "application/x-amz-json-1.0");
    response.body(Full::new(Bytes::from(body.to_string()))).expect("a response")
}
