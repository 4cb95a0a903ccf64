//! A document that the issuer publishes, as this process knows it: fetched once for all who need it, read, and kept.
//!
//! How long it is good is its owner's to say: `keys.rs` and `revoked.rs`.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use fetch::{Bounds, Cache, Reading, Source, Wanted};
use oauth::Time;

/// Fewest seconds between two attempts to fetch a document, after one that failed and once there is one.
pub const PAUSE: u64 = 10;

/// One document of an issuer's.
#[derive(Debug)]
pub(crate) struct Published<T> {
    source: Source,
    wanted: Wanted,
    read: fn(&[u8]) -> Result<T, Unreadable>,
    kept: Cache<(), Arc<T>, Unreachable>,
}

/// Why a text is not the document that was asked for.
pub(crate) type Unreadable = Box<dyn std::error::Error + Send + Sync>;

/// Nothing can be said about a token, because there is no such document, or none that is new enough.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unreachable;

impl<T> Published<T> {
    /// Nothing yet. While no other can be had, a document serves until it is `stale` seconds old.
    pub(crate) fn new(source: Source, wanted: Wanted, read: fn(&[u8]) -> Result<T, Unreadable>, stale: u64) -> Self {
        let bounds = Bounds { stale: Duration::from_secs(stale), pause: Duration::from_secs(PAUSE), ..Bounds::of(1) };
        Self { source, wanted, read, kept: Cache::new(bounds) }
    }

    /// The document. One that is fetched is fresh for the seconds that `fresh` makes of what the issuer says about that.
    pub(crate) async fn current(
        &self,
        now: Time,
        fresh: impl FnOnce(Option<u64>) -> u64,
    ) -> Result<Arc<T>, Unreachable> {
        self.kept.value(&(), now.since_epoch(), async || self.fetch(fresh).await).await
    }

    /// The same, where a document that was fetched [`PAUSE`] seconds ago does not serve.
    pub(crate) async fn newest(
        &self,
        now: Time,
        fresh: impl FnOnce(Option<u64>) -> u64,
    ) -> Result<Arc<T>, Unreachable> {
        self.kept.younger(&(), now.since_epoch(), Duration::from_secs(PAUSE), async || self.fetch(fresh).await).await
    }

    async fn fetch(&self, fresh: impl FnOnce(Option<u64>) -> u64) -> Result<Reading<Arc<T>>, Unreachable> {
        let answer = self.source.document(&self.wanted).await.map_err(|error| self.unreachable(&error))?;
        let value = (self.read)(&answer.body).map_err(|error| self.unreachable(&error))?;
        let fresh = fresh(answer.max_age.map(|age| age.as_secs()));
        Ok(Reading::fresh_for(Duration::from_secs(fresh), Arc::new(value)))
    }

    fn unreachable(&self, error: &dyn fmt::Display) -> Unreachable {
        tracing::warn!(source = ?self.source, path = self.wanted.path, %error, "cannot be fetched");
        Unreachable
    }
}

impl fmt::Display for Unreachable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("cannot be reached")
    }
}

impl std::error::Error for Unreachable {}
