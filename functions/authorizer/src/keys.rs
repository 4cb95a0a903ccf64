//! The issuer's keys: fetched when they are needed, once for all who need them, and kept while they are good.
//!
//! - Fresh for as long as the issuer says (`max-age`), but no less than [`MIN_FRESH`] and no more than [`MAX_FRESH`]
//!   seconds; [`DEFAULT_FRESH`] where it says nothing.
//! - A token that names a key which is not among them may be signed with a newer one: then they are fetched again, at
//!   most every [`PAUSE`] seconds. An issuer that publishes a key before it signs with it makes that rare.
//! - While the issuer cannot be reached, or sends something else than keys, the old ones stay good, up to [`MAX_STALE`]
//!   seconds after they were fetched; it is tried again every [`PAUSE`] seconds. With no keys at all, every event tries.
//!
//! So a withdrawn key is refused after at most [`MAX_FRESH`] seconds, unless the issuer is down as well.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use jwt::KeySet;
use oauth::Time;
use tokio::sync::Mutex;

use crate::fetch::{FetchError, Fetched, Source};

/// Seconds that keys are fresh where the issuer says nothing: ten minutes.
pub const DEFAULT_FRESH: u64 = 600;

/// Fewest seconds that keys are fresh, whatever the issuer says.
pub const MIN_FRESH: u64 = 10;

/// Most seconds that keys are fresh, whatever the issuer says: one hour, as long as API Gateway's own authorizers.
pub const MAX_FRESH: u64 = 3600;

/// Most seconds that keys serve while no others can be had: one day.
pub const MAX_STALE: u64 = 86_400;

/// Fewest seconds between two attempts to fetch keys, once there are any.
pub const PAUSE: u64 = 10;

/// The keys of one issuer.
#[derive(Debug)]
pub(crate) struct Keys {
    source: Source,
    held: RwLock<Option<Held>>,
    /// Counts attempts: whoever waited for one shares its outcome.
    attempts: AtomicU64,
    /// Held during an attempt; when the last one failed, if it did.
    failed: Mutex<Option<Time>>,
}

#[derive(Clone, Debug)]
struct Held {
    keys: Arc<KeySet>,
    fetched: Time,
    fresh_until: Time,
}

/// Nothing can be said about a token, because there are no keys, or none that are new enough.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unreachable;

impl Keys {
    /// No keys yet.
    pub(crate) fn new(source: Source) -> Self {
        Self { source, held: RwLock::default(), attempts: AtomicU64::new(0), failed: Mutex::default() }
    }

    /// Keys to verify with.
    pub(crate) async fn current(&self, now: Time) -> Result<Arc<KeySet>, Unreachable> {
        if let Some(held) = self.held().filter(|held| now < held.fresh_until) {
            return Ok(held.keys);
        }
        self.renew(now).await;
        self.held().filter(|held| now < held.fetched.plus(MAX_STALE)).map(|held| held.keys).ok_or(Unreachable)
    }

    /// Keys so new that one which is not among them does not exist.
    pub(crate) async fn newest(&self, now: Time) -> Result<Arc<KeySet>, Unreachable> {
        let new = |held: &Held| now < held.fetched.plus(PAUSE);
        if let Some(held) = self.held().filter(new) {
            return Ok(held.keys);
        }
        self.renew(now).await;
        self.held().filter(new).map(|held| held.keys).ok_or(Unreachable)
    }

    /// Fetches keys, unless somebody else did meanwhile or an attempt failed just now. What comes of it is in `held`.
    async fn renew(&self, now: Time) {
        let before = self.attempts.load(Ordering::Acquire);
        let mut failed = self.failed.lock().await;
        let just_failed = failed.is_some_and(|at| now < at.plus(PAUSE)) && self.held().is_some();
        if just_failed || self.attempts.load(Ordering::Acquire) != before {
            return;
        }
        *failed = match self.source.fetch().await {
            Ok(fetched) => {
                self.hold(fetched, now);
                None
            }
            Err(error) => {
                self.warn(&error);
                Some(now)
            }
        };
        self.attempts.fetch_add(1, Ordering::Release);
    }

    fn hold(&self, fetched: Fetched, now: Time) {
        let seconds = fetched.max_age.unwrap_or(DEFAULT_FRESH).clamp(MIN_FRESH, MAX_FRESH);
        let held = Held { keys: Arc::new(fetched.keys), fetched: now, fresh_until: now.plus(seconds) };
        *self.held.write().unwrap_or_else(PoisonError::into_inner) = Some(held);
    }

    fn held(&self) -> Option<Held> {
        self.held.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn warn(&self, error: &FetchError) {
        tracing::warn!(source = ?self.source, %error, "the issuer's keys cannot be fetched");
    }
}

impl fmt::Display for Unreachable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the issuer's keys cannot be reached")
    }
}

impl std::error::Error for Unreachable {}
