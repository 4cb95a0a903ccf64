//! What the function holds, and what it is told: records of the table's stream, each of which names a stored event.

use futures_util::future::join_all;
use oauth::{Code, Config, Error, Time};
use serde_json::Value;
use store::{Audit, Aws, Table};
use web::stream::{self, NewItem};
use web::{Invocation, Task};

use crate::bus::{Bus, Put};
use crate::detail;
use crate::taken::Taken;

pub(crate) struct App {
    audit: Audit,
    bus: Bus,
    issuer: String,
    taken: Taken,
}

/// What was found for a record.
enum Read {
    Entry(Value),
    /// The event has expired, or was removed with its person.
    Gone,
    Failed,
}

impl App {
    pub(crate) fn open(config: &Config) -> Result<Self, Error> {
        let aws = Aws::open(config)?;
        let table = Table::new(&aws, config.required("TABLE_NAME")?);
        Ok(Self {
            audit: Audit::kept(&table, 0), // this function only reads
            bus: Bus::read(config)?,
            issuer: config.required("ISSUER")?.to_owned(),
            taken: Taken::default(),
        })
    }

    /// Sends the events of a batch in one call, and reports those that have to be tried again.
    async fn pass_on(&self, event: &Value, now: Time) -> Value {
        let batch: Vec<_> = stream::new_items(event).collect();
        let left = self.send(self.taken.unsent(&batch), now).await;
        self.taken.remember(&batch, &left);
        stream::to_retry(left.into_iter())
    }

    /// Sends events, and returns those that have to be tried again.
    async fn send<'a>(&self, items: Vec<NewItem<'a>>, now: Time) -> Vec<NewItem<'a>> {
        let read = join_all(items.iter().map(|item| self.entry(item, now))).await;
        let (mut sent, mut entries, mut left) = (Vec::new(), Vec::new(), Vec::new());
        for (item, read) in items.into_iter().zip(read) {
            match read {
                Read::Entry(entry) => {
                    sent.push(item);
                    entries.push(entry);
                }
                Read::Gone => {}
                Read::Failed => left.push(item),
            }
        }
        let put = self.bus.put(entries, now).await;
        left.extend(sent.into_iter().zip(put).filter(|(item, put)| is_left(item, put)).map(|(item, _)| item));
        left
    }

    async fn entry(&self, item: &NewItem<'_>, now: Time) -> Read {
        let recorded = self.audit.at(item.pk, item.sk, now).await;
        match recorded.and_then(|found| found.map(|found| detail::entry(&found, &self.issuer)).transpose()) {
            Ok(Some(entry)) => Read::Entry(entry),
            Ok(None) => Read::Gone,
            Err(error) => {
                tracing::error!(event = item.sk, code = error.code().word(), ?error, "an event was not read yet");
                Read::Failed
            }
        }
    }
}

/// Whether an event has to be sent again.
fn is_left(item: &NewItem<'_>, put: &Put) -> bool {
    match put {
        Put::Taken => {}
        Put::Refused(why) => tracing::error!(event = item.sk, why, "EventBridge refused an event"),
        Put::Failed(why) => tracing::warn!(event = item.sk, why, "an event was not sent yet"),
    }
    matches!(put, Put::Failed(_))
}

impl Task for App {
    async fn handle(&self, invocation: Invocation) -> Result<Value, Error> {
        if stream::is_batch(&invocation.event) {
            Ok(self.pass_on(&invocation.event, invocation.now).await)
        } else {
            Err(Error::new(Code::InvalidRequest, "the event is not of a stream of DynamoDB"))
        }
    }
}
