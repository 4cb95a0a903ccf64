//! The Lambda Runtime API, version 2018-06-01: what one function process asks and answers.
//!
//! One listener per process: `lambda_runtime` takes nothing but `host:port`, so the listener identifies the process.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use hyper::body::Incoming;
use hyper::header::HeaderValue;
use hyper::{Method, Request, StatusCode};
use serde_json::{Value as Json, json};
use tokio::sync::{mpsc, oneshot};

use super::Call;
use super::failure::Failure;
use crate::wire::{self, BodyError, Reply, ids, reply};

/// The largest event or answer: 6 MiB, and a little for what wraps it.
pub(crate) const PAYLOAD: usize = 6 * 1024 * 1024;
const ANSWER: usize = PAYLOAD + 100;
const JSON: &str = "application/json";
const PREFIX: &str = "/2018-06-01/runtime/";

/// Where the outcome of an invocation is awaited.
type Answer = oneshot::Sender<Result<Bytes, Failure>>;

/// An event on its way to a process.
#[derive(Debug)]
pub(super) struct Delivery {
    pub(super) request_id: String,
    pub(super) call: Call,
    pub(super) timeout: Duration,
    /// Told when the process has fetched the event.
    pub(super) taken: oneshot::Sender<()>,
    pub(super) answer: Answer,
}

/// The Runtime API as one process sees it.
#[derive(Debug)]
pub(super) struct RuntimeApi {
    inbox: tokio::sync::Mutex<mpsc::Receiver<Delivery>>,
    /// The invocation that the process is working on.
    current: Mutex<Option<(String, Answer)>>,
    /// What the process said before it gave up starting.
    init_error: Mutex<Option<Json>>,
}

impl RuntimeApi {
    /// The API for a process, which will fetch its events from `inbox`.
    pub(super) fn new(inbox: mpsc::Receiver<Delivery>) -> Arc<Self> {
        let inbox = tokio::sync::Mutex::new(inbox);
        Arc::new(Self { inbox, current: Mutex::default(), init_error: Mutex::default() })
    }

    /// The error that the process reported while it started.
    pub(super) fn init_error(&self) -> Option<Json> {
        self.init_error.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Answers one request of the process.
    pub(super) async fn answer(self: Arc<Self>, request: Request<Incoming>) -> Reply {
        let (parts, body) = request.into_parts();
        let path = parts.uri.path().strip_prefix(PREFIX).unwrap_or_default();
        let segments: Vec<&str> = path.split('/').collect();
        match (&parts.method, segments.as_slice()) {
            (&Method::GET, ["invocation", "next"]) => self.next().await,
            (&Method::POST, ["init", "error"]) => self.init_failed(body).await,
            (&Method::POST, ["invocation", id, "response"]) => self.finish(id, body, Ok).await,
            (&Method::POST, ["invocation", id, "error"]) => {
                self.finish(id, body, |error| Err(Failure::Reported(parse(&error)))).await
            }
            _ => refuse(StatusCode::NOT_FOUND, "UnknownPath", "no such path in the Runtime API"),
        }
    }

    async fn next(&self) -> Reply {
        let mut inbox = self.inbox.lock().await;
        loop {
            let Some(delivery) = inbox.recv().await else {
                return refuse(StatusCode::INTERNAL_SERVER_ERROR, "ShuttingDown", "there will be no more events");
            };
            if delivery.taken.send(()).is_err() {
                continue; // nobody waits for it any more
            }
            let mut reply = reply(StatusCode::OK, JSON, delivery.call.event);
            let deadline = SystemTime::now() + delivery.timeout;
            let deadline = deadline.duration_since(UNIX_EPOCH).unwrap_or_default();
            for (name, value) in [
                ("lambda-runtime-aws-request-id", &delivery.request_id),
                ("lambda-runtime-deadline-ms", &deadline.as_millis().to_string()),
                ("lambda-runtime-invoked-function-arn", &delivery.call.arn),
                ("lambda-runtime-trace-id", &ids::trace(deadline.as_secs())),
            ] {
                if let Ok(value) = HeaderValue::from_str(value) {
                    reply.headers_mut().insert(name, value);
                }
            }
            let mut current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
            *current = Some((delivery.request_id, delivery.answer));
            return reply;
        }
    }

    async fn init_failed(&self, body: Incoming) -> Reply {
        let error = wire::body(body, ANSWER).await.unwrap_or_default();
        *self.init_error.lock().unwrap_or_else(PoisonError::into_inner) = Some(parse(&error));
        accepted()
    }

    async fn finish(&self, id: &str, body: Incoming, outcome: impl FnOnce(Bytes) -> Result<Bytes, Failure>) -> Reply {
        let body = wire::body(body, ANSWER).await;
        let current = {
            let mut current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
            current.take_if(|(current, _)| current == id)
        };
        let Some((_, answer)) = current else {
            return refuse(StatusCode::BAD_REQUEST, "InvalidRequestID", "no such invocation is running");
        };
        let (outcome, reply) = match body {
            Ok(body) => (outcome(body), accepted()),
            Err(BodyError::TooLarge) => {
                let reply = refuse(StatusCode::PAYLOAD_TOO_LARGE, "RequestEntityTooLarge", "at most 6 MiB");
                (Err(Failure::TooLarge), reply)
            }
            Err(BodyError::Broken) => (Err(Failure::Crashed("it broke off its answer".into())), accepted()),
        };
        let _ = answer.send(outcome);
        reply
    }
}

fn parse(error: &[u8]) -> Json {
    serde_json::from_slice(error).unwrap_or_else(|_| json!({"errorMessage": String::from_utf8_lossy(error)}))
}

fn accepted() -> Reply {
    reply(StatusCode::ACCEPTED, JSON, r#"{"status":"OK"}"#)
}

fn refuse(status: StatusCode, kind: &str, message: &str) -> Reply {
    reply(status, JSON, json!({"errorType": kind, "errorMessage": message}).to_string())
}
