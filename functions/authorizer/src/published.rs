//! A document of the issuer: fetched once for all concurrent callers, parsed and cached.
//!
//! `keys.rs` and `revoked.rs` decide how long it is fresh.
//!
//! How long a request waits for the issuer depends on what is at stake. While the document at hand can be used for
//! another [`URGENT`] seconds, the request waits for the timeout of [`Wanted`] and then continues with that document.
//! Otherwise a failure would refuse valid tokens, so it waits for [`LAST_WAIT`].

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use fetch::{Bounds, Cache, Reading, Source, Wanted};
use oauth::Time;

/// Shortest time between two attempts to fetch a document, in seconds, after a failure or when a newer one is needed.
pub const PAUSE: u64 = 10;

/// A document that can be used for less than this, in seconds, is worth a long wait for a newer one.
pub const URGENT: u64 = 60;

/// How long a request waits for a document without which it must fail, now or soon. Two such waits, for the keys and for
/// the revocations of a new process, end before Lambda's timeout.
pub const LAST_WAIT: Duration = Duration::from_secs(3);

/// One document of an issuer.
#[derive(Debug)]
pub(crate) struct Published<T> {
    source: Source,
    wanted: Wanted<'static>,
    read: fn(&[u8]) -> Result<T, Unreadable>,
    kept: Cache<(), Arc<T>, Unreachable>,
}

/// Why a text is not the expected document.
pub(crate) type Unreadable = Box<dyn std::error::Error + Send + Sync>;

/// There is no document, or none that is recent enough, so no token can be verified.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unreachable;

impl<T> Published<T> {
    /// An empty cache. While the issuer is unreachable, a document remains in use until it is `stale` seconds old.
    pub(crate) fn new(
        source: Source,
        wanted: Wanted<'static>,
        read: fn(&[u8]) -> Result<T, Unreadable>,
        stale: u64,
    ) -> Self {
        let bounds = Bounds { stale: Duration::from_secs(stale), pause: Duration::from_secs(PAUSE), ..Bounds::of(1) };
        Self { source, wanted, read, kept: Cache::new(bounds) }
    }

    /// The document. `fresh` computes its lifetime in seconds from the `max-age` that the issuer sent.
    pub(crate) async fn current(
        &self,
        now: Time,
        fresh: impl FnOnce(Option<u64>) -> u64,
    ) -> Result<Arc<T>, Unreachable> {
        self.kept.value(&(), now.since_epoch(), async || self.fetch(now, fresh).await).await
    }

    /// The same, but a document that is older than [`PAUSE`] seconds is fetched again.
    pub(crate) async fn newest(
        &self,
        now: Time,
        fresh: impl FnOnce(Option<u64>) -> u64,
    ) -> Result<Arc<T>, Unreachable> {
        self.kept
            .younger(&(), now.since_epoch(), Duration::from_secs(PAUSE), async || self.fetch(now, fresh).await)
            .await
    }

    async fn fetch(&self, now: Time, fresh: impl FnOnce(Option<u64>) -> u64) -> Result<Reading<Arc<T>>, Unreachable> {
        let can_wait = self.kept.stale(&(), now.plus(URGENT).since_epoch()).is_some();
        let wanted = if can_wait { self.wanted } else { Wanted { timeout: LAST_WAIT, ..self.wanted } };
        let answer = self.source.document(&wanted).await.map_err(|error| self.unreachable(&error))?;
        let value = (self.read)(&answer.body).map_err(|error| self.unreachable(&error))?;
        let fresh = fresh(answer.max_age.map(|age| age.as_secs()));
        Ok(Reading::fresh_for(Duration::from_secs(fresh), Arc::new(value)))
    }

    fn unreachable(&self, error: &dyn fmt::Display) -> Unreachable {
        tracing::warn!(source = ?self.source, path = self.wanted.path, %error, "fetching failed");
        Unreachable
    }
}

impl fmt::Display for Unreachable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("are unavailable")
    }
}

impl std::error::Error for Unreachable {}
