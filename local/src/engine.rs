//! DynamoDB: the embedded engine, and the template's tables.
//!
//! The engine is a library over SQLite; here it is given the wire protocol. Everything else in this crate calls it over
//! that wire only, so any other engine can take its place. It has no port of its own: the one server before it takes calls
//! of the operator of this stack, and of nobody else.

mod operations;
mod tables;

use std::path::PathBuf;
use std::sync::Arc;
use std::thread;

use dynoxide::Database;
use hyper::body::Incoming;
use hyper::header::HeaderValue;
use hyper::{Request, StatusCode};
use tokio::sync::oneshot;

use crate::Error;
use crate::iam::Operator;
use crate::wire::{self, Door, Reply, ids};
pub(crate) use tables::create_table;

/// The largest request that DynamoDB takes: a batch of 16 MiB.
const REQUEST: usize = 16 * 1024 * 1024;

/// The embedded engine; dropping it ends it.
#[derive(Debug)]
pub(crate) struct Engine {
    /// Where it answers, `http://127.0.0.1:PORT`.
    pub(crate) endpoint: String,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<thread::JoinHandle<()>>,
}

impl Engine {
    /// Starts the engine for its operator, over a database file or in memory.
    ///
    /// It has a thread and an event loop of its own: SQLite blocks, and nothing else here may wait for a disk.
    pub(crate) async fn start(operator: Operator, file: Option<PathBuf>) -> Result<Self, Error> {
        let (stop, stopped) = oneshot::channel();
        let (ready, started) = oneshot::channel();
        let thread = thread::Builder::new()
            .name("dynamodb".into())
            .spawn(move || run(operator, file, ready, stopped))
            .map_err(Error::doing("starting the DynamoDB engine"))?;
        let endpoint = started.await.map_err(Error::doing("starting the DynamoDB engine"))??;
        Ok(Self { endpoint, stop: Some(stop), thread: Some(thread) })
    }

    /// Ends the engine and waits until its file is closed.
    pub(crate) async fn end(mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            let _ = tokio::task::spawn_blocking(move || drop(thread.join())).await;
        }
    }
}

/// Where the engine's address, or why there is none, is awaited.
type Ready = oneshot::Sender<Result<String, Error>>;

fn run(operator: Operator, file: Option<PathBuf>, ready: Ready, stopped: oneshot::Receiver<()>) {
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return drop(ready.send(Err(Error::doing("starting the DynamoDB engine")(error)))),
    };
    runtime.block_on(async {
        let listening = wire::listen(0).await.map_err(Error::doing("listening for DynamoDB"));
        let (database, (listener, address)) = match (open(file), listening) {
            (Ok(database), Ok(listening)) => (database, listening),
            (Err(error), _) | (_, Err(error)) => return drop(ready.send(Err(error))),
        };
        let entrance = Arc::new(Entrance { operator, database });
        let server = wire::serve(listener, Door::programs(), move |request, _| Arc::clone(&entrance).answer(request));
        let _ = ready.send(Ok(format!("http://{address}")));
        let _ = stopped.await; // the sender never sends: it is dropped with the engine
        drop(server);
    });
}

fn open(file: Option<PathBuf>) -> Result<Database, Error> {
    let Some(file) = file else { return Database::memory().map_err(Error::doing("opening a database in memory")) };
    Database::new(&file.to_string_lossy()).map_err(|error| {
        let (file, error) = (file.display(), error.to_string());
        let cause = error.split(". ").next().unwrap_or_default(); // what follows is advice for who embeds the engine
        Error::new(format!(
            "the database {file} cannot be read ({cause}): restore it from a copy, or remove the data folder to start anew"
        ))
    })
}

/// The one way to the database.
struct Entrance {
    operator: Operator,
    database: Database,
}

impl Entrance {
    async fn answer(self: Arc<Self>, request: Request<Incoming>) -> Reply {
        let service = self.operator.service;
        let (parts, body) = request.into_parts();
        let Ok(body) = wire::body(body, REQUEST).await else {
            return service.refusal("SerializationException", "the request is too large or broken off");
        };
        if let Err(rejection) = self.operator.check(&parts, &body) {
            let (kind, message) = rejection.exception();
            return service.refusal(kind, message);
        }
        let target = parts.headers.get("x-amz-target").and_then(|target| target.to_str().ok()).unwrap_or_default();
        let Some(answer) = operations::perform(&self.database, target, &body) else {
            return service.refusal("UnknownOperationException", &format!("{target:?} is not run locally"));
        };
        let (status, answer) = match answer {
            Ok(answer) => (StatusCode::OK, answer),
            Err(error) => (StatusCode::from_u16(error.status_code()).unwrap_or_default(), error.to_json()),
        };
        let mut reply = wire::reply(status, service.content_type(), answer);
        if let Ok(id) = HeaderValue::from_str(&ids::uuid().simple().to_string()) {
            reply.headers_mut().insert("x-amzn-requestid", id);
        }
        reply
    }
}
