//! EventBridge: a stand-in for `PutEvents` (JSON 1.1) that prints a line for each event and keeps the newest.
//!
//! No rule is evaluated and no event leaves this machine. Like the service, it answers for each entry of a call apart, and
//! a test can make calls or single entries fail.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use hyper::body::Incoming;
use hyper::http::request::Parts;
use hyper::{Request, StatusCode};
use serde_json::{Value as Json, json};

use crate::Error;
use crate::iam::{Aws, Operator};
use crate::terminal::{Terminal, Tone};
use crate::wire::{self, Door, Reply, Task, ids};

/// The largest call: all entries together, as AWS counts them, and room for the JSON around them.
const REQUEST: usize = 2 * ENTRIES_SIZE;
/// The most bytes that the entries of a call have together.
const ENTRIES_SIZE: usize = 256 * 1024;
/// The most entries of one call.
const ENTRIES: usize = 10;
/// How many events are kept.
const KEPT: usize = 1000;

/// The stand-in, while this lives.
#[derive(Debug)]
pub(crate) struct EventBridge {
    /// Where it answers, `http://127.0.0.1:PORT`.
    pub(crate) endpoint: String,
    /// What was sent.
    pub(crate) buses: Arc<Buses>,
    _server: Task,
}

/// Which calls or entries fail, so that a test sees what their sender does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EventFault {
    /// Every call fails as a whole.
    Calls,
    /// The entries with this detail type fail, and no others.
    Entries(String),
}

/// All buses of the account.
#[derive(Debug, Default)]
pub(crate) struct Buses(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    /// Oldest first.
    events: VecDeque<Json>,
    fault: Option<EventFault>,
}

impl Buses {
    /// The entries that were taken, as they were sent, oldest first.
    pub(crate) fn events(&self) -> Vec<Json> {
        self.locked().events.iter().cloned().collect()
    }

    /// From now on, what this names fails.
    pub(crate) fn fail(&self, fault: Option<EventFault>) {
        self.locked().fault = fault;
    }

    fn take(&self, entry: &Json) {
        let mut state = self.locked();
        if state.events.len() == KEPT {
            state.events.pop_front();
        }
        state.events.push_back(entry.clone());
    }

    fn fault(&self) -> Option<EventFault> {
        self.locked().fault.clone()
    }

    fn locked(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl EventBridge {
    /// Takes events for empty buses.
    pub(crate) async fn start(operator: Operator, terminal: Terminal) -> Result<Self, Error> {
        let buses = Arc::new(Buses::default());
        let account = Arc::new(Account { operator, terminal, buses: Arc::clone(&buses) });
        let (listener, address) = wire::listen(0).await.map_err(Error::doing("listening for EventBridge"))?;
        let server = wire::serve(listener, Door::programs(), move |request, _| Arc::clone(&account).answer(request));
        Ok(Self { endpoint: format!("http://{address}"), buses, _server: server })
    }
}

struct Account {
    operator: Operator,
    terminal: Terminal,
    buses: Arc<Buses>,
}

/// A refusal in AWS's words: the exception, and what it says.
type Refusal = (&'static str, String);

impl Account {
    async fn answer(self: Arc<Self>, request: Request<Incoming>) -> Reply {
        match self.operated(request).await {
            Ok(body) => wire::reply(StatusCode::OK, Aws::EventBridge.content_type(), body.to_string()),
            Err((kind, message)) => Aws::EventBridge.refusal(kind, &message),
        }
    }

    async fn operated(&self, request: Request<Incoming>) -> Result<Json, Refusal> {
        let (parts, body) = request.into_parts();
        let body = wire::body(body, REQUEST).await;
        let body = body.map_err(|_| invalid("the request is too large or broken off"))?;
        self.operator.check(&parts, &body).map_err(|rejection| {
            let (kind, message) = rejection.exception();
            (kind, message.to_owned())
        })?;
        if target(&parts) != "AWSEvents.PutEvents" {
            return Err(("UnknownOperationException", format!("{} is not run locally", target(&parts))));
        }
        let body: Json = serde_json::from_slice(&body).map_err(|error| invalid(&error.to_string()))?;
        let entries = body["Entries"].as_array().map(Vec::as_slice).unwrap_or_default();
        check(entries)?;
        let fault = self.buses.fault();
        if fault == Some(EventFault::Calls) {
            return Err(("InternalException", "A test had this call fail.".to_owned()));
        }
        let answers: Vec<Json> = entries.iter().map(|entry| self.put(entry, fault.as_ref())).collect();
        let failed = answers.iter().filter(|answer| answer.get("ErrorCode").is_some()).count();
        Ok(json!({"FailedEntryCount": failed, "Entries": answers}))
    }

    /// Takes one entry, or says why not.
    fn put(&self, entry: &Json, fault: Option<&EventFault>) -> Json {
        let kind = entry["DetailType"].as_str().unwrap_or_default();
        if let Err((code, message)) = well_formed(entry) {
            return json!({"ErrorCode": code, "ErrorMessage": message});
        }
        if matches!(fault, Some(EventFault::Entries(failing)) if failing == kind) {
            return json!({"ErrorCode": "InternalFailure", "ErrorMessage": "A test had this entry fail."});
        }
        self.buses.take(entry);
        let (bus, detail) = (bus(entry), entry["Detail"].as_str().unwrap_or_default());
        self.terminal.print(Tone::Plain, format!("event {kind} on bus {bus}: {detail}"));
        json!({"EventId": ids::uuid().to_string()})
    }
}

/// The name of the bus that an entry is for.
pub(crate) fn bus(entry: &Json) -> &str {
    entry["EventBusName"].as_str().unwrap_or("default")
}

fn target(parts: &Parts) -> &str {
    parts.headers.get("x-amz-target").and_then(|target| target.to_str().ok()).unwrap_or_default()
}

/// What holds for all entries of a call together.
fn check(entries: &[Json]) -> Result<(), Refusal> {
    if entries.is_empty() || entries.len() > ENTRIES {
        return Err(invalid("Entries has 1 to 10 members"));
    }
    if entries.iter().map(size).sum::<usize>() > ENTRIES_SIZE {
        return Err(invalid("Total size of the entries in the request is over the limit."));
    }
    Ok(())
}

/// The size of an entry as AWS counts it.
fn size(entry: &Json) -> usize {
    let texts = ["Source", "DetailType", "Detail"].map(|name| entry[name].as_str().unwrap_or_default().len());
    let resources = entry["Resources"].as_array().map(Vec::as_slice).unwrap_or_default().iter();
    let time = if entry["Time"].is_null() { 0 } else { 14 };
    texts.iter().sum::<usize>() + time + resources.filter_map(Json::as_str).map(str::len).sum::<usize>()
}

/// What holds for each entry: a code and a sentence otherwise.
fn well_formed(entry: &Json) -> Result<(), Refusal> {
    for name in ["Source", "DetailType", "Detail"] {
        if entry[name].as_str().is_none_or(str::is_empty) {
            let message = format!("Parameter {name} is not valid. Reason: {name} is a required argument.");
            return Err(("InvalidArgument", message));
        }
    }
    if entry["Source"].as_str().is_some_and(|source| source.starts_with("aws.")) {
        return Err(("NotAuthorizedForSourceException", "Not authorized for the source.".to_owned()));
    }
    let detail = entry["Detail"].as_str().and_then(|detail| serde_json::from_str::<Json>(detail).ok());
    if detail.is_none_or(|detail| !detail.is_object()) {
        return Err(("MalformedDetail", "Detail is malformed.".to_owned()));
    }
    Ok(())
}

fn invalid(message: &str) -> Refusal {
    ("ValidationException", message.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(source: &str, detail: &str) -> Json {
        json!({"Source": source, "DetailType": "sign_in", "Detail": detail})
    }

    #[test]
    fn an_entry_has_a_source_of_its_own_a_type_and_an_object() {
        let code = |entry: &Json| well_formed(entry).map_err(|(code, _)| code);
        assert_eq!(code(&entry("gatewright", "{}")), Ok(()));
        assert_eq!(code(&entry("gatewright", "[]")), Err("MalformedDetail"));
        assert_eq!(code(&entry("gatewright", "{")), Err("MalformedDetail"));
        assert_eq!(code(&entry("aws.ec2", "{}")), Err("NotAuthorizedForSourceException"));
        assert_eq!(code(&json!({"Source": "gatewright", "Detail": "{}"})), Err("InvalidArgument"));
    }

    #[test]
    fn a_call_has_one_to_ten_entries_and_a_greatest_size() {
        let entries = |count: usize, size: usize| vec![entry("gatewright", &"x".repeat(size)); count];
        assert!(check(&entries(1, 10)).is_ok() && check(&entries(10, 10)).is_ok());
        for refused in [entries(0, 0), entries(11, 10), entries(2, ENTRIES_SIZE / 2)] {
            assert_eq!(check(&refused).map_err(|(kind, _)| kind), Err("ValidationException"));
        }
    }
}
