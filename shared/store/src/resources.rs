//! Declared API resources (RFC 8707), in the partition `RESOURCES`, one item each: `RESOURCES / uri`.
//!
//! Nearly every request needs them, so each process caches the whole list. The item `RESOURCES / #VERSION` counts the
//! changes: when the list is [`VIEW`] seconds old, reading this small item is enough to see that it is still current.
//! Unknown names are answered from the list, so they never cause a read.

use std::sync::Arc;
use std::time::Duration;

use fetch::{Bounds, Cache, Reading};
use oauth::resource::Resource;
use oauth::{Code, Error, Time};
use serde::{Deserialize, Serialize};

use crate::table::{self, Key, Table, Update, Write, Written, number};

/// How long a cached list may be used, in seconds. Changes take effect everywhere within this time.
const VIEW: u64 = 10;
/// What a process caches: the list, and for five minutes also while the table cannot be read.
const KEPT: Bounds =
    Bounds { values: 1, stale: Duration::from_mins(5), pause: Duration::from_secs(1), negative: Duration::ZERO };
/// Most resources that can be declared. Every process caches all of them.
const MOST: usize = 200;
/// How often a change is tried again when others change the resources at the same time.
const TRIES: usize = 5;
/// Sorts before every URI, because no URI begins with this character. A query therefore reads the version first, and a
/// list is never older than the version it is cached under.
const VERSION: &str = "#VERSION";

/// The declared resources and the default resource.
#[derive(Clone, Debug)]
pub struct Resources {
    table: Table,
    home: Arc<str>,
    known: Arc<Cache<(), Known, Error>>,
}

/// A cached list.
#[derive(Clone, Debug)]
struct Known {
    resources: Arc<oauth::Resources>,
    version: u64,
}

/// The result of a declaration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Declared {
    /// It is new.
    Created,
    /// It replaced another one.
    Updated,
    /// It was already declared in the same form.
    Unchanged,
}

/// `RESOURCES / #VERSION`: the number of changes and of resources.
#[derive(Clone, Copy, Default, Serialize, Deserialize)]
struct Version {
    version: u64,
    count: usize,
}

impl Resources {
    /// The resources in `table`. `home` is used when a request names none.
    pub fn new(table: &Table, home: &str) -> Self {
        Self { table: table.clone(), home: home.into(), known: Arc::new(Cache::new(KEPT)) }
    }

    /// All resources, at most [`VIEW`] seconds old. While the table cannot be read, the last known list stays in use.
    pub async fn known(&self, now: Time) -> Result<Arc<oauth::Resources>, Error> {
        let read = async || {
            let known = match self.known.held(&()) {
                Some(known) if self.version(now).await?.version == known.version => known,
                _ => self.read(now).await?,
            };
            Ok(Reading::fresh_for(Duration::from_secs(VIEW), known))
        };
        Ok(self.known.value(&(), now.since_epoch(), read).await?.resources)
    }

    /// All resources as they are now.
    pub async fn current(&self, now: Time) -> Result<Arc<oauth::Resources>, Error> {
        Ok(self.read(now).await?.resources)
    }

    /// The current declarations.
    pub async fn list(&self, now: Time) -> Result<Vec<Resource>, Error> {
        Ok(self.read_all(now).await?.1)
    }

    /// The current declaration of a resource.
    pub async fn find(&self, resource: &str, now: Time) -> Result<Option<Resource>, Error> {
        self.table.get(key(resource), now).await
    }

    /// Declares a resource, replacing an earlier declaration.
    pub async fn declare(&self, resource: &Resource, now: Time) -> Result<Declared, Error> {
        for _ in 0..TRIES {
            let (version, current) = self.find_with_version(&resource.resource, now).await?;
            let (outcome, count) = match current {
                Some(current) if current == *resource => return Ok(Declared::Unchanged),
                Some(_) => (Declared::Updated, version.count),
                None => (Declared::Created, version.count + 1),
            };
            if count > MOST {
                return Err(Error::new(Code::InvalidRequest, format!("at most {MOST} resources can be declared")));
            }
            let item = table::item(key(&resource.resource), resource)?;
            if self.write(Write::Put(item), version, count).await? {
                return Ok(outcome);
            }
        }
        Err(contended())
    }

    /// Removes a declaration. `false`: there was none.
    pub async fn remove(&self, resource: &str, now: Time) -> Result<bool, Error> {
        for _ in 0..TRIES {
            let (version, current) = self.find_with_version(resource, now).await?;
            if current.is_none() {
                return Ok(false);
            }
            let removal = Write::Delete(Update::nothing(key(resource)));
            if self.write(removal, version, version.count.saturating_sub(1)).await? {
                return Ok(true);
            }
        }
        Err(contended())
    }

    async fn find_with_version(&self, resource: &str, now: Time) -> Result<(Version, Option<Resource>), Error> {
        let (version, current) = tokio::join!(self.version(now), self.find(resource, now));
        Ok((version?, current?))
    }

    /// The first item of the partition, read by a query so that no other permission is needed.
    async fn version(&self, now: Time) -> Result<Version, Error> {
        let first = self.table.first("RESOURCES", now).await?;
        Ok(first.map(table::read).transpose()?.unwrap_or_default())
    }

    /// Writes a change together with the next version. `false`: another change came first.
    async fn write(&self, change: Write, version: Version, count: usize) -> Result<bool, Error> {
        let next = Version { version: version.version + 1, count };
        let item = table::item(key(VERSION), &next)?;
        let version = match version.version {
            0 => Write::PutNew(item),
            seen => Write::Replace { item, field: "version", expected: number(seen) },
        };
        Ok(self.table.transact(vec![change, version]).await? == Written::Done)
    }

    async fn read(&self, now: Time) -> Result<Known, Error> {
        let (version, declared) = self.read_all(now).await?;
        Ok(Known { resources: Arc::new(oauth::Resources::new(&self.home, declared)), version })
    }

    /// Version and declarations, in one query.
    async fn read_all(&self, now: Time) -> Result<(u64, Vec<Resource>), Error> {
        let (mut version, mut declared) = (Version::default(), Vec::new());
        for item in self.table.query_items("RESOURCES", now).await? {
            if item.get("sk").and_then(|sk| sk.as_s().ok()).is_some_and(|sk| sk == VERSION) {
                version = table::read(item)?;
            } else {
                declared.push(table::read(item)?);
            }
        }
        Ok((version.version, declared))
    }
}

fn contended() -> Error {
    Error::passing("concurrent changes of the resources")
}

fn key(sk: &str) -> Key {
    Key::new("RESOURCES", sk)
}
