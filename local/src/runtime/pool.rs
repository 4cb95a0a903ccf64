//! The processes of one function: started when needed, reused while they live, replaced when they do not.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use tokio::sync::Semaphore;

use super::Call;
use super::failure::Failure;
use super::instance::{Instance, Launch, Outcome};
use super::logs::Origin;
use crate::terminal::{Terminal, Tone};

/// How many lines of a crashed process are shown.
const TAIL: usize = 20;

/// The pool of one function.
#[derive(Debug)]
pub(super) struct Pool {
    launch: Launch,
    /// A permit is the right to have one event processed; the queue for them is fair.
    slots: Semaphore,
    /// Processes that wait for an event; the one used last is used first.
    idle: Mutex<Vec<Instance>>,
    started: AtomicU64,
    terminal: Terminal,
}

/// Whether an event found a process waiting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Start {
    /// A process was started for it.
    Cold,
    /// A process was there.
    Warm,
}

/// What became of an event, and how it began.
#[derive(Debug)]
pub(crate) struct Invocation {
    pub(crate) start: Start,
    pub(crate) result: Result<Bytes, Failure>,
}

impl Pool {
    /// A pool of at most `size` processes; none is started yet.
    pub(super) fn new(launch: Launch, size: usize, terminal: Terminal) -> Self {
        let slots = Semaphore::new(size.clamp(1, Semaphore::MAX_PERMITS));
        Self { launch, slots, idle: Mutex::default(), started: AtomicU64::new(0), terminal }
    }

    /// How many processes are alive.
    pub(super) fn alive(&self) -> usize {
        *self.launch.alive.borrow()
    }

    /// Waits until no process is alive, and what they wrote is read.
    pub(super) async fn ended(&self) {
        let _ = self.launch.alive.subscribe().wait_for(|count| *count == 0).await;
    }

    /// Has an event processed. It is carried through even if nobody waits for the outcome any more, as in Lambda.
    pub(super) async fn invoke(self: &Arc<Self>, call: Call) -> Invocation {
        let pool = Arc::clone(self);
        let run = tokio::spawn(async move { pool.run(call).await });
        run.await
            .unwrap_or_else(|error| Invocation { start: Start::Warm, result: Err(Failure::Crashed(error.to_string())) })
    }

    async fn run(&self, call: Call) -> Invocation {
        let _slot = self.slots.acquire().await;
        loop {
            let (mut instance, start) = match self.idle() {
                Some(instance) => (instance, Start::Warm),
                None => match self.start().await {
                    Ok(instance) => (instance, Start::Cold),
                    Err(failure) => return self.failed(failure, &self.origin(0), Start::Cold),
                },
            };
            match instance.invoke(call.clone()).await {
                Outcome::Taken(Ok(answer)) => {
                    self.keep(instance);
                    return Invocation { start, result: Ok(answer) };
                }
                Outcome::Taken(Err(failure @ (Failure::Reported(_) | Failure::TooLarge))) => {
                    self.keep(instance);
                    return Invocation { start, result: Err(failure) };
                }
                // It ended between two events, and this one is untouched: another process takes it.
                Outcome::NotTaken(_) if start == Start::Warm => {}
                Outcome::Taken(Err(failure)) | Outcome::NotTaken(failure) => {
                    return self.failed(failure, instance.origin(), start);
                }
            }
        }
    }

    fn idle(&self) -> Option<Instance> {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        idle.retain(|instance| !instance.has_ended());
        idle.pop()
    }

    fn keep(&self, instance: Instance) {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(instance);
    }

    async fn start(&self) -> Result<Instance, Failure> {
        let number = self.started.fetch_add(1, Ordering::Relaxed) + 1;
        Instance::start(&self.launch, number).await
    }

    fn origin(&self, number: u64) -> Origin {
        Origin { function: self.launch.function.clone(), number }
    }

    /// Tells the terminal what happened, with the last words of the process, which is replaced.
    fn failed(&self, failure: Failure, origin: &Origin, start: Start) -> Invocation {
        self.terminal.print(Tone::Bad, format!("{origin} {failure}"));
        if !self.launch.logs.are_shown() {
            for line in self.launch.logs.tail(origin, TAIL) {
                self.terminal.print(Tone::Quiet, format!("  {line}"));
            }
        }
        Invocation { start, result: Err(failure) }
    }
}
