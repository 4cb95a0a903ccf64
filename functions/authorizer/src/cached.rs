//! A document of the issuer's, fetched once for all who need it, and kept. How long it is good is its owner's to say.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use oauth::Time;
use tokio::sync::Mutex;

use crate::fetch::{Document, Source};

/// Fewest seconds between two attempts to fetch a document, after one that failed and once there is one.
pub const PAUSE: u64 = 10;

/// A document, as this process knows it.
#[derive(Debug)]
pub(crate) struct Cached<T> {
    source: Source,
    document: Document<T>,
    held: RwLock<Option<Held<T>>>,
    /// Counts attempts: whoever waited for one shares its outcome.
    attempts: AtomicU64,
    /// Held during an attempt; when the last one failed, if it did.
    failed: Mutex<Option<Time>>,
}

/// What came of the last attempt that went well.
#[derive(Debug)]
pub(crate) struct Held<T> {
    pub(crate) value: Arc<T>,
    /// When it was asked for: nothing in it is older than this, but for what the issuer itself remembers.
    pub(crate) fetched: Time,
    /// What the issuer says about how many seconds it is good.
    pub(crate) max_age: Option<u64>,
}

/// Nothing can be said about a token, because there is no such document, or none that is new enough.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unreachable;

impl<T> Cached<T> {
    /// Nothing yet.
    pub(crate) fn new(source: Source, document: Document<T>) -> Self {
        Self { source, document, held: RwLock::default(), attempts: AtomicU64::new(0), failed: Mutex::default() }
    }

    /// What is held, if it is good.
    pub(crate) fn held(&self, good: impl FnOnce(&Held<T>) -> bool) -> Option<Arc<T>> {
        let held = self.held.read().unwrap_or_else(PoisonError::into_inner);
        held.as_ref().filter(|held| good(held)).map(|held| Arc::clone(&held.value))
    }

    /// Fetches it, unless somebody else did meanwhile or an attempt failed just now. What comes of it is in `held`.
    pub(crate) async fn renew(&self, now: Time) {
        let before = self.attempts.load(Ordering::Acquire);
        let mut failed = self.failed.lock().await;
        let just_failed = failed.is_some_and(|at| now < at.plus(PAUSE)) && self.held(|_| true).is_some();
        if just_failed || self.attempts.load(Ordering::Acquire) != before {
            return;
        }
        *failed = match self.source.fetch(&self.document).await {
            Ok(fetched) => {
                let held = Held { value: Arc::new(fetched.value), fetched: now, max_age: fetched.max_age };
                *self.held.write().unwrap_or_else(PoisonError::into_inner) = Some(held);
                None
            }
            Err(error) => {
                tracing::warn!(source = ?self.source, path = self.document.path, %error, "cannot be fetched");
                Some(now)
            }
        };
        self.attempts.fetch_add(1, Ordering::Release);
    }
}

impl fmt::Display for Unreachable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("cannot be reached")
    }
}

impl std::error::Error for Unreachable {}
