//! A proxy for DynamoDB and KMS that requests the consumed capacity of each call and adds it up.
//!
//! The engine follows the documented rules: items are rounded up to 1 KB in writes (the larger of before and after) and
//! to 4 KB in reads, half for eventually consistent reads, double in transactions; a query is rounded as a whole; the
//! minimum is one unit. It reports nothing for a write whose condition failed, which DynamoDB charges too, so counted
//! operations must not contain any.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use local::Upstream;
use serde_json::{Value, json};
use tokio::net::TcpListener;

/// The consumption of a call, and its start and end.
#[derive(Debug)]
struct Call {
    operation: String,
    units: f64,
    began: Instant,
    ended: Instant,
}

/// The resources that an operation uses.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Count {
    /// Calls of DynamoDB.
    pub calls: usize,
    /// Read request units.
    pub reads: f64,
    /// Write request units.
    pub writes: f64,
    /// Calls of KMS.
    pub kms: usize,
    /// How many of the calls are sequential. The others run in parallel with them.
    pub trips: usize,
}

/// Collects the calls of all proxies.
#[derive(Clone, Default)]
pub(super) struct Meter {
    calls: Arc<Mutex<Vec<Call>>>,
    /// How long each call is delayed, so that concurrent calls overlap, and sequential calls never do.
    hold: Duration,
}

/// The only operations with which the functions read items.
const READS: [&str; 2] = ["GetItem", "Query"];
const WRITES: [&str; 4] = ["PutItem", "UpdateItem", "DeleteItem", "TransactWriteItems"];
const KMS: [&str; 2] = ["Decrypt", "GenerateDataKey"];

impl Meter {
    pub(super) fn new(hold: Duration) -> Self {
        Self { calls: Arc::default(), hold }
    }

    /// Starts a proxy in front of a service and returns its address. It ends with the runtime.
    pub(super) async fn before(&self, upstream: Upstream) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        tokio::spawn(self.clone().serve(listener, upstream));
        url
    }

    /// The consumption since the last call of this function.
    pub(super) fn take(&self) -> Count {
        let calls = std::mem::take(&mut *self.calls.lock().expect("calls"));
        let of = |names: &'static [&str]| calls.iter().filter(|call| names.contains(&call.operation.as_str()));
        Count {
            calls: of(&READS).count() + of(&WRITES).count(),
            reads: of(&READS).map(|call| call.units).fold(0.0, std::ops::Add::add),
            writes: of(&WRITES).map(|call| call.units).fold(0.0, std::ops::Add::add),
            kms: of(&KMS).count(),
            trips: in_a_row(&calls),
        }
    }

    async fn serve(self, listener: TcpListener, upstream: Upstream) {
        while let Ok((stream, _)) = listener.accept().await {
            let (meter, upstream) = (self.clone(), upstream.clone());
            let service = service_fn(move |request| meter.clone().answer(request, upstream.clone()));
            tokio::spawn(async move {
                let connection = hyper::server::conn::http1::Builder::new();
                drop(connection.serve_connection(TokioIo::new(stream), service).await);
            });
        }
    }

    async fn answer(
        self,
        request: Request<Incoming>,
        upstream: Upstream,
    ) -> Result<Response<Full<Bytes>>, local::Error> {
        let began = Instant::now();
        let (parts, body) = request.into_parts();
        let target = parts.headers.get("x-amz-target").and_then(|target| target.to_str().ok()).unwrap_or_default();
        let operation = target.rsplit('.').next().unwrap_or_default().to_owned();
        let body = body.collect().await.map(http_body_util::Collected::to_bytes).unwrap_or_default();
        tokio::time::sleep(self.hold).await;
        // The request is changed, so it is signed again.
        let answer = upstream.send(target, asking(&operation, &body)).await?;
        let mut response = Response::builder().status(answer.status());
        if let Some(kind) = answer.headers().get("content-type") {
            response = response.header("content-type", kind);
        }
        let body = answer.into_body();
        let units = units(&operation, &body);
        self.calls.lock().expect("calls").push(Call { operation, units, began, ended: Instant::now() });
        Ok(response.body(Full::new(body)).expect("a response"))
    }
}

/// The request with a request for its consumption.
fn asking(operation: &str, body: &Bytes) -> Bytes {
    if !READS.contains(&operation) && !WRITES.contains(&operation) {
        return body.clone();
    }
    let mut request: Value = serde_json::from_slice(body).expect("JSON");
    request["ReturnConsumedCapacity"] = json!("TOTAL");
    request.to_string().into()
}

/// The consumption in a response: of its table, or of each table of a transaction.
fn units(operation: &str, body: &Bytes) -> f64 {
    if !READS.contains(&operation) && !WRITES.contains(&operation) {
        return 0.0;
    }
    let answer: Value = serde_json::from_slice(body).expect("JSON");
    let consumed = &answer["ConsumedCapacity"];
    let tables = consumed.as_array().map_or(std::slice::from_ref(consumed), Vec::as_slice);
    let units = |table: &Value| table["CapacityUnits"].as_f64();
    tables.iter().map(units).sum::<Option<f64>>().unwrap_or_else(|| panic!("{operation} consumed nothing: {answer}"))
}

/// The length of the longest chain of calls in which each began after the previous one had ended.
fn in_a_row(calls: &[Call]) -> usize {
    let mut calls: Vec<&Call> = calls.iter().collect();
    calls.sort_by_key(|call| call.ended);
    let (mut count, mut last) = (0, None);
    for call in calls {
        if last.is_none_or(|ended| call.began >= ended) {
            (count, last) = (count + 1, Some(call.ended));
        }
    }
    count
}
