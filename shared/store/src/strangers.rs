//! Limits on what callers without a proven identity may write, for each address.
//!
//! A counter is one item of fixed size, at `LIMIT#kind#address / window`, so that counting costs one write unit however
//! many addresses there are. A process remembers which addresses have reached their limit: until the window ends, their
//! requests cost no unit.

use std::sync::Arc;

use aws_sdk_dynamodb::types::AttributeValue;
use fetch::{Bounds, Cache, Reading};
use oauth::{Error, Time};

use crate::limits::{hash, network};
use crate::random;
use crate::table::{Key, Table, Update, Updated, number};

/// The length of a minute and of an hour, in seconds.
const MINUTE: u64 = 60;
const HOUR: u64 = 3600;
/// How many addresses a process remembers that have reached their limit.
const REMEMBERED: usize = 1024;
/// The subject of the counter for all addresses.
const ALL: &str = "ALL";

/// A limit for each address, and optionally one for all.
#[derive(Clone)]
pub struct Strangers {
    table: Table,
    /// The beginning of the keys of its counters.
    prefix: &'static str,
    /// The length of a window in seconds. Windows are aligned to the clock.
    window: u64,
    per_address: u64,
    total: Option<u64>,
    /// The ends of the windows of subjects that have reached their limit.
    refused: Arc<Cache<String, Option<u64>, Error>>,
}

impl Strangers {
    /// Authorization requests that are stored, from `/authorize` and `/par`: so many a minute.
    pub fn requests(table: &Table, per_address: u64) -> Self {
        Self::new(table, "LIMIT#REQUEST", MINUTE, (per_address, None))
    }

    /// People who create an account: so many an hour.
    pub fn people(table: &Table, per_address: u64) -> Self {
        Self::new(table, "LIMIT#PERSON", HOUR, (per_address, None))
    }

    /// Clients that register themselves without an initial access token: so many an hour, and `total` from all addresses.
    pub fn clients(table: &Table, per_address: u64, total: u64) -> Self {
        Self::new(table, "LIMIT#CLIENT", HOUR, (per_address, Some(total)))
    }

    fn new(table: &Table, prefix: &'static str, window: u64, (per_address, total): (u64, Option<u64>)) -> Self {
        let refused = Arc::new(Cache::new(Bounds::of(REMEMBERED)));
        Self { table: table.clone(), prefix, window, per_address, total, refused }
    }

    /// Counts what a caller from `source_ip` is about to write. Fails with `too_many_requests` if the address, or all
    /// addresses together, have reached the limit.
    pub async fn count(&self, source_ip: &str, now: Time) -> Result<(), Error> {
        self.count_one(hash(&network(source_ip)), self.per_address, now).await?;
        match self.total {
            Some(total) => self.count_one(ALL.to_owned(), total, now).await,
            None => Ok(()),
        }
    }

    async fn count_one(&self, subject: String, most: u64, now: Time) -> Result<(), Error> {
        let write = async || {
            let end = self.write(&subject, most, now).await?;
            let left = |end| Time::from_seconds(end).since_epoch().saturating_sub(now.since_epoch());
            Ok(end.map_or(Reading::not_kept(None), |end| Reading::fresh_for(left(end), Some(end))))
        };
        match self.refused.value(&subject, now.since_epoch(), write).await? {
            Some(end) => {
                let wait = end.saturating_sub(now.seconds()).max(1);
                Err(Error::too_many(wait, format!("more than {most} at {}", self.prefix)))
            }
            None => Ok(()),
        }
    }

    /// Counts in the table. `Some`: the limit was reached, and this is the end of the window.
    async fn write(&self, subject: &str, most: u64, now: Time) -> Result<Option<u64>, Error> {
        let window = now.seconds() / self.window;
        let end = (window + 1) * self.window;
        let nonce = AttributeValue::B(random::bytes::<12>()?.to_vec().into());
        let update = Update {
            key: Key::new(format!("{}#{subject}", self.prefix), window.to_string()),
            expression: "SET #count = if_not_exists(#count, :zero) + :one, #expires_at = :end, #writer = :writer",
            condition: "(attribute_not_exists(#count) OR #count < :most) \
                        AND (attribute_not_exists(#writer) OR #writer <> :writer)",
            names: Vec::new(),
            values: vec![
                (":zero", number(0)),
                (":one", number(1)),
                (":most", number(most)),
                (":end", number(end)),
                (":writer", nonce.clone()),
            ],
        };
        Ok(match self.table.update(update).await? {
            Updated::Done(_) => None,
            Updated::Refused(Some(item)) if item.get("writer") == Some(&nonce) => None,
            Updated::Refused(_) => Some(end),
        })
    }
}
