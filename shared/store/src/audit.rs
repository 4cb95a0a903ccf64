//! Security events: one log line each, and an item at `AUDIT#person / id` for what belongs to a person's history. What
//! concerns no person is at `AUDIT#service / id`. Ids are UUIDs of version 7, so they sort by time.
//!
//! An event is written after what it tells of, beside it. If that write fails, the log line remains, and the caller never
//! learns of it. Refused attempts of strangers are log lines only, so that nobody else can fill a person's history.

use oauth::{Config, Error, SecurityEvent, Time};
use serde::{Deserialize, Serialize};

use crate::random;
use crate::table::{self, Key, Table};

/// The owner of what concerns no person.
const SERVICE: &str = "service";
/// Most events of a page.
const PAGE: usize = 50;
/// Most pages of one answer.
const PAGES: usize = 20;
/// Seconds of a day.
const DAY: u64 = 86_400;

/// The history of people and of the service.
#[derive(Clone, Debug)]
pub struct Audit {
    table: Table,
    days: u64,
}

/// A stored event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recorded {
    /// Its id.
    #[serde(rename = "sk", skip_serializing)]
    pub id: String,
    /// When it happened.
    pub at: Time,
    /// What happened.
    #[serde(flatten)]
    pub event: SecurityEvent,
    /// When it is removed, in epoch seconds.
    #[serde(rename = "expires_at")]
    pub until: u64,
}

/// A part of a history, newest first.
#[derive(Debug)]
pub struct History {
    /// The events.
    pub events: Vec<Recorded>,
    /// Where the next page begins, if there may be one.
    pub next: Option<String>,
}

/// An event as a person or an operator sees it.
#[derive(Debug, Serialize)]
pub struct Shown<'a> {
    id: &'a str,
    /// Epoch seconds.
    at: u64,
    #[serde(flatten)]
    event: &'a SecurityEvent,
    /// Epoch seconds.
    expires_at: u64,
}

impl Recorded {
    /// The event as a person or an operator sees it.
    pub fn shown(&self) -> Shown<'_> {
        Shown { id: &self.id, at: self.at.seconds(), event: &self.event, expires_at: self.until }
    }
}

impl Audit {
    /// The history in `table`, kept as `AUDIT_DAYS` says. With 0, events are log lines only.
    pub fn read(table: &Table, config: &Config) -> Result<Self, Error> {
        Ok(Self::kept(table, config.parsed("AUDIT_DAYS")?))
    }

    /// The history in `table`, kept for so many days.
    pub fn kept(table: &Table, days: u64) -> Self {
        Self { table: table.clone(), days }
    }

    /// Logs and stores an event. It never fails: what the event tells of has happened.
    pub async fn record(&self, event: SecurityEvent, now: Time) {
        self.record_until(event, None, now).await;
    }

    /// The same about somebody whose account ends at `end`, in epoch seconds, if it does. The event ends with it.
    pub async fn record_until(&self, event: SecurityEvent, end: Option<u64>, now: Time) {
        log(&event);
        if self.days > 0
            && let Err(error) = self.write(event, end, now).await
        {
            tracing::error!(%error, "storing a security event failed");
        }
    }

    async fn write(&self, event: SecurityEvent, end: Option<u64>, now: Time) -> Result<(), Error> {
        let id = random::id(now)?;
        let key = key(event.user.as_deref(), &id);
        let kept = now.plus(self.days.saturating_mul(DAY)).seconds();
        let until = end.map_or(kept, |end| kept.min(end));
        self.table.put(table::item(key, &Recorded { id, at: now, event, until })?).await
    }

    /// A page of a person's history, or of the service's if none is given, before the event with the id `before`.
    pub async fn page(&self, person: Option<&str>, before: Option<&str>, now: Time) -> Result<History, Error> {
        if before.is_some_and(|id| !random::is_id(id)) {
            return Err(Error::parameter("before", "malformed", "Use `next` of the page before."));
        }
        let events = self.of(person, PAGE, before, now).await?;
        let next = events.last().filter(|_| events.len() == PAGE).map(|last| last.id.clone());
        Ok(History { events, next })
    }

    /// The newest events of a person, and where older ones begin if there are too many for one answer.
    pub async fn newest(&self, person: &str, now: Time) -> Result<History, Error> {
        let mut whole = self.page(Some(person), None, now).await?;
        for _ in 1..PAGES {
            let Some(before) = whole.next.as_deref() else { break };
            let History { events, next } = self.page(Some(person), Some(before), now).await?;
            whole.events.extend(events);
            whole.next = next;
        }
        Ok(whole)
    }

    /// Events of a person, or of the service if none is given, newest first: at most `most`, before the one with the id
    /// `before`.
    pub async fn of(
        &self,
        person: Option<&str>,
        most: usize,
        before: Option<&str>,
        now: Time,
    ) -> Result<Vec<Recorded>, Error> {
        self.table.query_last(&partition(person), most, before, now).await
    }

    /// The event at a key of the table.
    pub async fn at(&self, pk: &str, sk: &str, now: Time) -> Result<Option<Recorded>, Error> {
        self.table.get(Key::new(pk, sk), now).await
    }
}

/// Logs an event that is not stored.
pub fn log(event: &SecurityEvent) {
    tracing::info!(
        action = %event.action,
        outcome = %event.outcome,
        reason = event.reason.map(tracing::field::display),
        user = event.user,
        client_id = event.client_id,
        session = event.session,
        order = event.order,
        object = event.object,
        effective_at = event.effective_at,
        address = event.address,
        user_agent = event.user_agent,
        request_id = event.request_id,
        "security event"
    );
}

/// Lets the history of a person end with their account, in epoch seconds.
pub(crate) async fn end_all(table: &Table, person: &str, end: u64, now: Time) -> Result<(), Error> {
    table.end_partition(&partition(Some(person)), end, now).await
}

/// Removes the history of a person.
pub(crate) async fn remove_all(table: &Table, person: &str) -> Result<(), Error> {
    table.remove_partition(&partition(Some(person))).await
}

fn key(person: Option<&str>, id: &str) -> Key {
    Key::new(partition(person), id)
}

fn partition(person: Option<&str>) -> String {
    format!("AUDIT#{}", person.unwrap_or(SERVICE))
}
