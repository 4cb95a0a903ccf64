//! Lambda: functions as processes that fetch their events from a Runtime API.
//!
//! Each function has a pool of its own. A process is started with a cleared environment plus what Lambda would set, so
//! that nothing of this machine leaks into a function; it runs one event at a time; it is killed when it exceeds the
//! function's timeout and replaced when it has ended.

mod api;
mod failure;
mod instance;
pub(crate) mod interpreter;
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
pub use failure::Failure;
pub use logs::LogLine;
pub(crate) use logs::Logs;
pub(crate) use pool::{Invocation, Start};

use crate::Error;
use crate::console::Console;
use crate::iam::Identities;
use crate::template::{Build, Deployment, Function};
use instance::Launch;
use keeper::Keeper;
use pool::Pool;

/// How long the last words of killed processes are waited for.
const FAREWELL: Duration = Duration::from_secs(3);

/// The functions of a stack, ready to be invoked.
#[derive(Debug)]
pub(crate) struct Functions {
    pools: BTreeMap<String, Arc<Pool>>,
    names: BTreeMap<String, Names>,
    logs: Arc<Logs>,
    keeper: Mutex<Option<Keeper>>,
}

/// What a function can be invoked by.
#[derive(Debug)]
struct Names {
    arn: String,
    aliases: Vec<String>,
}

/// What the processes of every function have in common.
#[derive(Debug)]
pub(crate) struct Surroundings {
    pub(crate) deployment: Deployment,
    /// Endpoints of AWS services, and what else every function is told.
    pub(crate) variables: Vec<(String, String)>,
    pub(crate) identities: Arc<Identities>,
    /// How many processes one function may have.
    pub(crate) instances: usize,
    pub(crate) logs: Arc<Logs>,
    pub(crate) console: Console,
}

impl Functions {
    /// Pools for the functions of a template; `executables` by logical id.
    pub(crate) fn new(
        functions: &BTreeMap<String, Function>,
        executables: &BTreeMap<String, PathBuf>,
        surroundings: &Surroundings,
    ) -> Result<Self, Error> {
        let keeper = Keeper::start()?;
        let mut pools = BTreeMap::new();
        let names = functions.iter().map(|(id, function)| (id.clone(), Names::of(function))).collect();
        for (id, function) in functions {
            let executable = executables.get(id).ok_or_else(|| Error::new(format!("{id} has no executable")))?;
            if let Build::Interpreted { runtime } = &function.build
                && let Some(difference) = interpreter::difference(runtime, executable)
            {
                surroundings.console.print(format!("{id} {difference}"));
            }
            let launch = launch(id, function, executable, (surroundings, keeper.group()));
            let pool = Pool::new(launch, surroundings.instances, surroundings.console.clone());
            pools.insert(id.clone(), Arc::new(pool));
        }
        Ok(Self { pools, names, logs: Arc::clone(&surroundings.logs), keeper: Mutex::new(Some(keeper)) })
    }

    /// Has an event processed by a function: `FunctionId`, or `FunctionId:alias`.
    pub(crate) async fn invoke(&self, function: &str, event: Bytes) -> Invocation {
        let (id, alias) = function.split_once(':').map_or((function, None), |(id, alias)| (id, Some(alias)));
        let arn = self.names.get(id).and_then(|names| names.arn(alias));
        match (self.pools.get(id), arn) {
            (Some(pool), Some(arn)) => pool.invoke(arn, event).await,
            _ => Invocation { start: Start::Cold, result: Err(Failure::Unknown(function.to_owned())) },
        }
    }

    /// How many processes of a function are alive.
    pub(crate) fn instances(&self, function: &str) -> usize {
        self.pools.get(function).map_or(0, |pool| pool.alive())
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
            for pool in self.pools.values() {
                pool.ended().await;
            }
        };
        // A process that left its group lives on, and is not waited for.
        let _ = timeout(FAREWELL, ended).await;
    }
}

impl Names {
    fn of(function: &Function) -> Self {
        let aliases = function.alias.iter().chain(&function.aliases);
        Self { arn: function.arn.clone(), aliases: aliases.cloned().collect() }
    }

    /// The ARN of the function, or of one of its aliases.
    fn arn(&self, alias: Option<&str>) -> Option<String> {
        let Some(alias) = alias else { return Some(self.arn.clone()) };
        self.aliases.iter().any(|known| known == alias).then(|| format!("{}:{alias}", self.arn))
    }
}

fn launch(id: &str, function: &Function, executable: &Path, (around, group): (&Surroundings, i32)) -> Launch {
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
        group,
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
    variables.extend(around.identities.variables(id));
    variables
}
