//! Lambda: functions as processes that fetch their events from a Runtime API.
//!
//! Each function has a pool of its own. A process is started with a cleared environment plus what Lambda would set, so
//! that nothing of this machine leaks into a function; it runs one event at a time; it is killed when it exceeds the
//! function's timeout and replaced when it has ended.

mod api;
mod build;
mod failure;
mod instance;
mod interpreter;
mod invoke;
mod keeper;
mod logs;
mod pool;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use tokio::sync::watch;
use tokio::time::timeout;

pub(crate) use api::PAYLOAD;
pub(crate) use build::executables;
pub use failure::Failure;
pub(crate) use invoke::InvokeApi;
pub use logs::LogLine;
pub(crate) use logs::Logs;
pub(crate) use pool::{Invocation, Start};

use crate::Error;
use crate::iam::Identities;
use crate::template::{Build, Deployment, Function};
use crate::terminal::{Terminal, Tone};
use instance::Launch;
use keeper::Keeper;
use pool::Pool;

/// How long the last words of killed processes are waited for.
const FAREWELL: Duration = Duration::from_secs(3);

/// The functions of a stack, ready to be invoked.
#[derive(Debug)]
pub(crate) struct Functions {
    callable: BTreeMap<String, Callable>,
    logs: Arc<Logs>,
    keeper: Mutex<Option<Keeper>>,
}

/// One function, and what it can be called.
#[derive(Debug)]
struct Callable {
    /// The physical name, `local-LoginFunction`.
    name: String,
    arn: String,
    published: Option<String>,
    aliases: Vec<String>,
    pool: Arc<Pool>,
}

/// An event, and the ARN of the function that it is for, as its caller spells it.
#[derive(Debug, Clone)]
pub(super) struct Call {
    pub(super) arn: String,
    pub(super) event: Bytes,
}

/// What the processes of every function have in common.
#[derive(Debug)]
pub(crate) struct Surroundings {
    pub(crate) deployment: Deployment,
    /// Endpoints of AWS services, and the other variables that every function gets.
    pub(crate) variables: Vec<(String, String)>,
    pub(crate) identities: Arc<Identities>,
    /// How many processes one function may have.
    pub(crate) instances: usize,
    pub(crate) logs: Arc<Logs>,
    pub(crate) terminal: Terminal,
}

impl Functions {
    /// Pools for the functions of a template; `executables` by logical id.
    pub(crate) fn new(
        functions: &BTreeMap<String, Function>,
        executables: &BTreeMap<String, PathBuf>,
        surroundings: &Surroundings,
    ) -> Result<Self, Error> {
        let keeper = Keeper::start()?;
        let mut callable = BTreeMap::new();
        for (id, function) in functions {
            let executable = executables.get(id).ok_or_else(|| Error::new(format!("{id} has no executable")))?;
            if let Build::Interpreted { runtime } = &function.build
                && let Some(difference) = interpreter::difference(runtime, executable)
            {
                surroundings.terminal.print(Tone::Warning, format!("{id} {difference}"));
            }
            let launch = Launch { group: keeper.group(), ..launch(id, function, executable, surroundings) };
            let pool = Pool::new(launch, surroundings.instances, surroundings.terminal.clone());
            let Function { name, arn, alias: published, aliases, .. } = function.clone();
            callable.insert(id.clone(), Callable { name, arn, published, aliases, pool: Arc::new(pool) });
        }
        Ok(Self { callable, logs: Arc::clone(&surroundings.logs), keeper: Mutex::new(Some(keeper)) })
    }

    /// Has an event processed by a function, which is named by its logical id, its name or its ARN, and perhaps an alias
    /// behind a colon.
    pub(crate) async fn invoke(&self, name: &str, event: Bytes) -> Invocation {
        let name = name.rsplit_once(":function:").map_or(name, |(_, name)| name);
        let (name, alias) = name.split_once(':').map_or((name, None), |(name, alias)| (name, Some(alias)));
        let named = |(id, callable): &(&String, &Callable)| *id == name || callable.name == name;
        let id = self.callable.iter().find(named).map_or(name, |(id, _)| id);
        self.call(id, alias, event).await
    }

    /// The same as API Gateway does: by the alias that the function publishes, if it does.
    pub(crate) async fn invoke_published(&self, id: &str, event: Bytes) -> Invocation {
        let alias = self.callable.get(id).and_then(|callable| callable.published.as_deref());
        self.call(id, alias, event).await
    }

    async fn call(&self, id: &str, alias: Option<&str>, event: Bytes) -> Invocation {
        let named = |callable: &&Callable| alias.is_none_or(|alias| callable.aliases.iter().any(|own| own == alias));
        let Some(Callable { arn, pool, .. }) = self.callable.get(id).filter(named) else {
            let name = alias.map_or_else(|| id.to_owned(), |alias| format!("{id}:{alias}"));
            return Invocation { start: Start::Cold, result: Err(Failure::Unknown(name)) };
        };
        let arn = alias.map_or_else(|| arn.clone(), |alias| format!("{arn}:{alias}"));
        pool.invoke(Call { arn, event }).await
    }

    /// How many processes of a function are alive.
    pub(crate) fn instances(&self, function: &str) -> usize {
        self.callable.get(function).map_or(0, |callable| callable.pool.alive())
    }

    /// Every line that functions wrote so far.
    pub(crate) fn logs(&self) -> Vec<LogLine> {
        self.logs.all()
    }

    /// Ends every process, and waits until what they wrote is read.
    pub(crate) async fn end(&self) {
        let keeper = self.keeper.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(keeper) = keeper {
            keeper.end().await;
        }
        let ended = async {
            for callable in self.callable.values() {
                callable.pool.ended().await;
            }
        };
        // A process that left its group lives on, and is not waited for.
        let _ = timeout(FAREWELL, ended).await;
    }
}

/// What the processes of a function are started with, in a group of their own.
fn launch(id: &str, function: &Function, executable: &Path, around: &Surroundings) -> Launch {
    Launch {
        function: id.to_owned(),
        executable: executable.to_owned(),
        arguments: match &function.build {
            Build::Interpreted { runtime } => interpreter::arguments(runtime),
            Build::Cargo { .. } | Build::Bootstrap => Vec::new(),
        },
        directory: function.code_uri.clone(),
        environment: environment(id, function, around),
        timeout: function.timeout,
        group: 0,
        logs: Arc::clone(&around.logs),
        alive: Arc::new(watch::Sender::new(0)),
    }
}

/// What a process finds in its environment: the template's variables, and what Lambda itself sets, which wins.
fn environment(id: &str, function: &Function, around: &Surroundings) -> Vec<(String, String)> {
    let mut variables: Vec<(String, String)> = function.variables.clone().into_iter().collect();
    variables.extend(around.variables.iter().cloned());
    let region = around.deployment.region.as_str();
    let memory = function.memory.to_string();
    let log_group = format!("/aws/lambda/{}", function.name);
    let directory = function.code_uri.display().to_string();
    let own = [
        ("AWS_LAMBDA_FUNCTION_NAME", function.name.as_str()),
        ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"),
        ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", &memory),
        ("AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand"),
        ("AWS_LAMBDA_LOG_GROUP_NAME", &log_group),
        ("AWS_REGION", region),
        ("AWS_DEFAULT_REGION", region),
        ("_HANDLER", &function.handler),
        ("LAMBDA_TASK_ROOT", &directory),
        ("LANG", "en_US.UTF-8"),
        ("TZ", ":UTC"),
        ("PATH", "/usr/local/bin:/usr/bin:/bin:/opt/bin"),
    ];
    variables.extend(own.map(|(name, value)| (name.to_owned(), value.to_owned())));
    variables.extend(around.identities.of(id).iter().flat_map(|credentials| credentials.variables()));
    variables
}
