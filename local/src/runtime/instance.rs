//! One process of a function, and the Runtime API listener that is its own.

use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use tokio::process::{Child, Command};
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};

use super::Call;
use super::api::{Delivery, RuntimeApi};
use super::failure::Failure;
use super::logs::{Logs, Origin};
use crate::wire::{self, Door, Task, ids};

/// How long a process may take until it asks for its first event, as in Lambda.
const INIT: Duration = Duration::from_secs(10);
/// How long a process that has ended counts as alive at most while its last words are read.
const UNREAD: Duration = Duration::from_secs(2);

/// What every process of a function is started with.
#[derive(Debug)]
pub(super) struct Launch {
    /// Logical id of the function.
    pub(super) function: String,
    pub(super) executable: std::path::PathBuf,
    pub(super) arguments: Vec<String>,
    pub(super) directory: std::path::PathBuf,
    /// The whole environment, without the address of the Runtime API.
    pub(super) environment: Vec<(String, String)>,
    pub(super) timeout: Duration,
    /// The process group that ends with `local`.
    pub(super) group: i32,
    pub(super) logs: Arc<Logs>,
    /// How many processes of the function are alive, or wrote what is not read yet.
    pub(super) alive: Arc<watch::Sender<usize>>,
}

/// A process that answers one event at a time; dropping this kills it.
#[derive(Debug)]
pub(super) struct Instance {
    origin: Origin,
    timeout: Duration,
    api: Arc<RuntimeApi>,
    inbox: mpsc::Sender<Delivery>,
    /// How the process ended, once it has.
    exit: watch::Receiver<Option<String>>,
    _kill: oneshot::Sender<()>,
    _listener: Task,
}

/// What became of an event.
#[derive(Debug)]
pub(super) enum Outcome {
    /// The process took it, and this came of it.
    Taken(Result<Bytes, Failure>),
    /// The process ended, or never was ready, before it took it.
    NotTaken(Failure),
}

impl Instance {
    /// Starts a process, the `number`th of its function.
    pub(super) async fn start(launch: &Launch, number: u64) -> Result<Self, Failure> {
        let failed = |error: std::io::Error| Failure::NotStarted(format!("{}: {error}", launch.executable.display()));
        let (listener, address) = wire::listen(0).await.map_err(failed)?;
        let (inbox, events) = mpsc::channel(1);
        let api = RuntimeApi::new(events);
        let served = Arc::clone(&api);
        let listener = wire::serve(listener, Door::programs(), move |request, _| Arc::clone(&served).answer(request));
        let child = Command::new(&launch.executable)
            .args(&launch.arguments)
            .current_dir(&launch.directory)
            .env_clear()
            .envs(launch.environment.iter().map(|(name, value)| (name, value)))
            .env("AWS_LAMBDA_RUNTIME_API", address.to_string())
            .env("AWS_LAMBDA_LOG_STREAM_NAME", format!("[$LATEST]{}", ids::uuid().simple()))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(launch.group)
            .kill_on_drop(true)
            .spawn()
            .map_err(failed)?;
        launch.alive.send_modify(|count| *count += 1);
        let (kill, killed) = oneshot::channel();
        let (exited, exit) = watch::channel(None);
        let (logs, alive) = (Arc::clone(&launch.logs), Arc::clone(&launch.alive));
        let origin = Origin { function: launch.function.clone(), number };
        let supervised = supervise(child, killed, logs, origin.clone());
        tokio::spawn(async move {
            let (how, unread) = supervised.await;
            exited.send_replace(Some(how));
            if !unread.is_finished() {
                let _ = timeout(UNREAD, unread).await;
            }
            alive.send_modify(|count| *count -= 1);
        });
        Ok(Self { origin, timeout: launch.timeout, api, inbox, exit, _kill: kill, _listener: listener })
    }

    /// Which process of which function this is.
    pub(super) fn origin(&self) -> &Origin {
        &self.origin
    }

    /// Whether the process has ended.
    pub(super) fn has_ended(&self) -> bool {
        self.exit.borrow().is_some()
    }

    /// Hands the process an event and waits for what comes of it.
    pub(super) async fn invoke(&mut self, call: Call) -> Outcome {
        let (taken, was_taken) = oneshot::channel();
        let (answer, answered) = oneshot::channel();
        let request_id = ids::uuid().to_string();
        let delivery = Delivery { request_id, call, timeout: self.timeout, taken, answer };
        if self.inbox.try_send(delivery).is_err() {
            return Outcome::NotTaken(Failure::NotStarted("it still holds an earlier event".into()));
        }
        let mut exit = self.exit.clone();
        let ended = async move { exit.wait_for(Option::is_some).await.ok().and_then(|how| how.clone()) };
        tokio::pin!(ended);
        tokio::select! {
            biased;
            Ok(()) = was_taken => {}
            how = &mut ended => return Outcome::NotTaken(self.not_started(how.unwrap_or_default())),
            () = sleep(INIT) => return Outcome::NotTaken(Failure::NotStarted("no event fetched within 10 s".into())),
        }
        Outcome::Taken(tokio::select! {
            biased;
            Ok(outcome) = answered => outcome,
            how = &mut ended => Err(Failure::Crashed(how.unwrap_or_default())),
            () = sleep(self.timeout) => Err(Failure::TimedOut(self.timeout)),
        })
    }

    fn not_started(&self, how: String) -> Failure {
        self.api.init_error().map_or(Failure::NotStarted(how), Failure::Reported)
    }
}

/// Follows a process to its end, or kills it when nobody wants it any more; says how it ended, and leaves what may still
/// be read of what it wrote.
async fn supervise(
    mut child: Child,
    killed: oneshot::Receiver<()>,
    logs: Arc<Logs>,
    origin: Origin,
) -> (String, JoinHandle<()>) {
    let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
    let mut streams = tokio::spawn(async move {
        tokio::join!(logs.follow(&origin, stdout), logs.follow(&origin, stderr));
    });
    let ended = tokio::select! {
        status = child.wait() => status,
        // The sender never sends: it is dropped with the instance.
        _ = killed => {
            let _ = child.start_kill();
            child.wait().await
        }
    };
    // Its last words come first. A grandchild may hold the pipe open, so not for long.
    let _ = timeout(Duration::from_millis(200), &mut streams).await;
    (ended.map_or_else(|error| error.to_string(), |status| status.to_string()), streams)
}
