//! DynamoDB: the embedded engine, and the template's tables.
//!
//! The engine is used over the DynamoDB wire protocol only, by this crate too, so any other engine can take its place.

use std::path::PathBuf;
use std::thread;
use std::time::Duration;

use dynoxide::Database;
use serde_json::{Value as Json, json};
use tokio::sync::oneshot;
use tokio::time::sleep;

use crate::Error;
use crate::http;
use crate::operator::{Api, Operator};
use crate::template::Table;

/// The embedded engine; dropping it ends it.
#[derive(Debug)]
pub(crate) struct Engine {
    /// Where it answers, `http://127.0.0.1:PORT`.
    pub(crate) endpoint: String,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<thread::JoinHandle<()>>,
}

impl Engine {
    /// Starts the engine over a database file, or in memory.
    ///
    /// It has a thread and an event loop of its own: SQLite blocks, and nothing else here may wait for a disk.
    pub(crate) async fn start(file: Option<PathBuf>) -> Result<Self, Error> {
        let (stop, stopped) = oneshot::channel();
        let (ready, started) = oneshot::channel();
        let thread = thread::Builder::new()
            .name("dynamodb".into())
            .spawn(move || run(file, ready, stopped))
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

/// How long requests under way may hold up the end of the engine.
const LAST_REQUESTS: Duration = Duration::from_secs(1);

fn run(file: Option<PathBuf>, ready: oneshot::Sender<Result<String, Error>>, stopped: oneshot::Receiver<()>) {
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return drop(ready.send(Err(Error::doing("starting the DynamoDB engine")(error)))),
    };
    runtime.block_on(async {
        let (listener, address, database) = match open(file).await {
            Ok(open) => open,
            Err(error) => return drop(ready.send(Err(error))),
        };
        let _ = ready.send(Ok(format!("http://{address}")));
        let (stop, stopping) = oneshot::channel::<()>();
        let server = dynoxide::server::serve_with_shutdown(listener, database, async { drop(stopping.await) });
        tokio::pin!(server);
        tokio::select! {
            _ = &mut server => {}
            // The sender never sends: it is dropped with the engine.
            _ = stopped => {
                drop(stop);
                let _ = tokio::time::timeout(LAST_REQUESTS, server).await;
            }
        }
    });
}

async fn open(file: Option<PathBuf>) -> Result<(tokio::net::TcpListener, std::net::SocketAddr, Database), Error> {
    let database = match &file {
        Some(file) => {
            Database::new(&file.to_string_lossy()).map_err(Error::doing(format!("opening {}", file.display())))
        }
        None => Database::memory().map_err(Error::doing("opening a database in memory")),
    }?;
    let (listener, address) = http::listen(0).await.map_err(Error::doing("listening for DynamoDB"))?;
    Ok((listener, address, database))
}

/// Creates a table, unless it is there, and turns its time to live on.
pub(crate) async fn create_table(endpoint: &str, region: &str, table: &Table) -> Result<(), Error> {
    let client = Operator { endpoint, region, api: Api::DynamoDb };
    let name = json!({"TableName": table.name});
    match client.call("CreateTable", &table.create).await? {
        Ok(_) => {}
        Err(error) if error.kind == "ResourceInUseException" => {}
        Err(error) => return Err(error.doing("CreateTable", &table.name)),
    }
    let description = wait_until_active(client, &name).await?;
    check_key(&table.create, &description)?;
    let Some(attribute) = &table.time_to_live else { return Ok(()) };
    let described = client.call("DescribeTimeToLive", &name).await?.unwrap_or_default();
    if described["TimeToLiveDescription"]["TimeToLiveStatus"].as_str().is_some_and(|status| status.starts_with("ENABL"))
    {
        return Ok(());
    }
    let specification = json!({"AttributeName": attribute, "Enabled": true});
    let request = json!({"TableName": table.name, "TimeToLiveSpecification": specification});
    match client.call("UpdateTimeToLive", &request).await? {
        Ok(_) => Ok(()),
        Err(error) if error.kind == "UnknownOperationException" => Ok(()), // an engine without it expires nothing
        Err(error) => Err(error.doing("UpdateTimeToLive", &table.name)),
    }
}

/// A table of the same name but with other keys would fail in ways that are hard to understand.
fn check_key(wanted: &Json, description: &Json) -> Result<(), Error> {
    match wanted["KeySchema"] == description["Table"]["KeySchema"] {
        true => Ok(()),
        false => Err(Error::new(format!(
            "the table {} exists with another key, {}: remove the data folder or name another with --data",
            wanted["TableName"], description["Table"]["KeySchema"]
        ))),
    }
}

async fn wait_until_active(dynamodb: Operator<'_>, name: &Json) -> Result<Json, Error> {
    for _ in 0..100 {
        let described = dynamodb.call("DescribeTable", name).await?;
        match described {
            Ok(description) if description["Table"]["TableStatus"] == "ACTIVE" => return Ok(description),
            Ok(_) => sleep(Duration::from_millis(100)).await,
            Err(error) => return Err(error.doing("DescribeTable", &name["TableName"].to_string())),
        }
    }
    Err(Error::new(format!("the table {} does not become active", name["TableName"])))
}
