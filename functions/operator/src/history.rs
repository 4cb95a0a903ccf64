//! The history: the order that reads it, and what every order leaves in it.
//!
//! An order that changes something is stored with the person, or with the service. One that reads, changes nothing or is
//! refused is a log line only.

use oauth::order::{ListEvents, PersonName};
use oauth::{Action, Error, Outcome, SecurityEvent, Time};
use serde_json::{Value, json};
use store::{Recorded, audit};

use crate::app::App;
use crate::people;

/// An order, as the history needs to know it.
pub(crate) struct Given {
    /// Its word.
    pub(crate) word: String,
    /// Whether it only reads.
    pub(crate) reads: bool,
    /// The id of the invocation.
    pub(crate) invocation: String,
}

/// Reports a page of events, newest first. A person with this id need not exist any more.
pub(crate) async fn list(app: &App, order: ListEvents, now: Time) -> Result<Value, Error> {
    let (person, before) = order.person()?;
    let id = match person {
        None => None,
        Some(PersonName::Id(id)) => Some(id),
        Some(name) => Some(people::find(app, &name, now).await?.id),
    };
    let history = app.audit.page(id.as_deref(), before.as_deref(), now).await?;
    let events: Vec<_> = history.events.iter().map(Recorded::shown).collect();
    Ok(json!({ "events": events, "next": history.next }))
}

/// Logs an order with its result, and stores it if it changed something.
pub(crate) async fn record(app: &App, given: &Given, report: Result<&Value, &Error>, now: Time) {
    let event = event(given, report);
    let unchanged = report.is_ok_and(|report| report["outcome"] == "unchanged");
    if given.reads || unchanged || event.outcome == Outcome::Refused {
        audit::log(&event);
    } else {
        let end = report.ok().filter(|_| event.action != Action::AccountDeleted).and_then(end_of);
        app.audit.record_until(event, end, now).await;
    }
}

/// When the account that a report is about ends, if it does.
fn end_of(report: &Value) -> Option<u64> {
    report["ends_at"].as_u64()
}

fn event(given: &Given, report: Result<&Value, &Error>) -> SecurityEvent {
    let action = if given.word == "delete_user" { Action::AccountDeleted } else { Action::Order };
    let event = SecurityEvent::of(action).by_order(&given.word).in_request(&given.invocation);
    match report {
        Ok(report) => about(event, report),
        Err(_) => SecurityEvent { outcome: Outcome::Refused, ..event },
    }
}

/// The event with the person, client or API that a report names.
fn about(event: SecurityEvent, report: &Value) -> SecurityEvent {
    let named = |member: &str| report[member].as_str();
    match (named("id"), named("client_id"), named("resource")) {
        (Some(person), _, _) => event.for_person(person),
        (None, Some(client), _) => event.by_client(client),
        (None, None, Some(resource)) => event.about(resource),
        (None, None, None) => event,
    }
}
