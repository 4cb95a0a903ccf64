//! Limits on what callers without a proven identity may write, for each address.
//!
//! A counter is one item of fixed size, at `LIMIT#kind#address`, so that counting costs one write unit however many addresses
//! there are. A process remembers which addresses have reached their limit: until there is room again, their requests cost
//! no unit.
//!
//! An IPv6 address counts for its network (/64), and where what is written stays for long, also for its site (/48): whoever
//! has a site has 65,536 networks, and could use up what all addresses together may do.

use std::sync::Arc;

use fetch::{Bounds, Cache, Reading};
use oauth::{Error, HOUR, MINUTE, Time};

use crate::bucket::{Bucket, Buckets, Kept, Rate, Taken};
use crate::limits::{hash, network, seconds_until};
use crate::table::{Key, Table};

/// How many addresses a process remembers that have reached their limit.
const REMEMBERED: usize = 1024;
/// As many networks as this may reach the limit of a network before the limit of their site is reached.
const NETWORKS_OF_SITE: u64 = 4;
/// The subject of the counter for all addresses.
const ALL: &str = "ALL";

/// A limit for each address, and optionally one for each IPv6 site and one for all.
#[derive(Clone)]
pub struct Strangers {
    table: Table,
    /// The beginning of the keys of its counters.
    prefix: &'static str,
    /// The length of the period in seconds.
    window: u64,
    per_address: u64,
    counts_sites: bool,
    total: Option<u64>,
    /// When there is room again for subjects that have reached their limit.
    refused: Arc<Cache<String, Option<Time>, Error>>,
}

impl Strangers {
    /// Authorization requests that are stored, from `/authorize` and `/par`: so many a minute.
    pub fn requests(table: &Table, per_address: u64) -> Self {
        Self::new(table, "LIMIT#REQUEST", MINUTE, per_address)
    }

    /// People who create an account: so many an hour.
    pub fn people(table: &Table, per_address: u64) -> Self {
        Self { counts_sites: true, ..Self::new(table, "LIMIT#PERSON", HOUR, per_address) }
    }

    /// Mails with a secret that callers without a proven identity cause: so many an hour.
    pub fn mails(table: &Table, per_address: u64) -> Self {
        Self::new(table, "LIMIT#SENT", HOUR, per_address)
    }

    /// Clients that register themselves without an initial access token: so many an hour, and `total` from all addresses.
    pub fn clients(table: &Table, per_address: u64, total: u64) -> Self {
        let clients = Self::new(table, "LIMIT#CLIENT", HOUR, per_address);
        Self { counts_sites: true, total: Some(total), ..clients }
    }

    fn new(table: &Table, prefix: &'static str, window: u64, per_address: u64) -> Self {
        let refused = Arc::new(Cache::new(Bounds::of(REMEMBERED)));
        Self { table: table.clone(), prefix, window, per_address, counts_sites: false, total: None, refused }
    }

    /// Counts what a caller from `source_ip` is about to write. Fails with `too_many_requests` if the address, its site, or
    /// all addresses together have reached the limit.
    pub async fn count(&self, source_ip: &str, now: Time) -> Result<(), Error> {
        self.count_one(hash(&network(source_ip)), self.per_address, now).await?;
        let site = source_ip.parse().ok().and_then(fetch::site).filter(|_| self.counts_sites);
        if let Some(site) = site {
            self.count_one(hash(&format!("{site}/48")), self.per_address.saturating_mul(NETWORKS_OF_SITE), now).await?;
        }
        match self.total {
            Some(total) => self.count_one(ALL.to_owned(), total, now).await,
            None => Ok(()),
        }
    }

    async fn count_one(&self, subject: String, most: u64, now: Time) -> Result<(), Error> {
        let write = async || {
            let left = |until: Time| until.since_epoch().saturating_sub(now.since_epoch());
            Ok(match self.write(&subject, most, now).await? {
                Taken::Full { until } => Reading::fresh_for(left(until), Some(until)),
                Taken::Counted | Taken::Absent => Reading::not_kept(None),
            })
        };
        match self.refused.value(&subject, now.since_epoch(), write).await? {
            Some(until) => {
                Err(Error::too_many(seconds_until(until, now), format!("more than {most} at {}", self.prefix)))
            }
            None => Ok(()),
        }
    }

    async fn write(&self, subject: &str, most: u64, now: Time) -> Result<Taken, Error> {
        let key = Key::new(format!("{}#{subject}", self.prefix), "LIMIT");
        let each = vec![Bucket::of("t", Rate::new(most, self.window))];
        Buckets::at(key, Kept::AsLongAsNeeded, each).take(&self.table, now).await
    }
}
