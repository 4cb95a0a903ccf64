//! The issuer's keys: fetched when they are needed, once for all who need them, and kept while they are good.
//!
//! - Fresh for as long as the issuer says (`max-age`), but no less than [`MIN_FRESH`] and no more than [`MAX_FRESH`]
//!   seconds; [`DEFAULT_FRESH`] where it says nothing.
//! - A token that names a key which is not among them may be signed with a newer one: then they are fetched again, at
//!   most every [`PAUSE`](crate::PAUSE) seconds. An issuer that publishes a key before it signs with it makes that rare.
//! - While the issuer cannot be reached, or sends something else than keys, the old ones stay good, up to [`MAX_STALE`]
//!   seconds after they were fetched; it is tried again every [`PAUSE`](crate::PAUSE) seconds. With no keys at all, every event tries.
//!
//! So a withdrawn key is refused after at most [`MAX_FRESH`] seconds, unless the issuer is down as well.

use std::sync::Arc;
use std::time::Duration;

use fetch::{Source, Wanted};
use jwt::{KeySet, MAX_KEY_SET_BYTES};
use oauth::Time;

use crate::published::{Published, Unreachable};

/// Seconds that keys are fresh where the issuer says nothing: ten minutes.
pub const DEFAULT_FRESH: u64 = 600;

/// Fewest seconds that keys are fresh, whatever the issuer says.
pub const MIN_FRESH: u64 = 10;

/// Most seconds that keys are fresh, whatever the issuer says: one hour, as long as API Gateway's own authorizers.
pub const MAX_FRESH: u64 = 3600;

/// Most seconds that keys serve while no others can be had: one day.
pub const MAX_STALE: u64 = 86_400;

/// RFC 7517. API Gateway's own authorizers wait as long for it.
const WANTED: Wanted = Wanted {
    path: "/.well-known/jwks.json",
    accept: "application/json",
    most_bytes: MAX_KEY_SET_BYTES,
    timeout: Duration::from_millis(1500),
};

/// The keys of one issuer.
#[derive(Debug)]
pub(crate) struct Keys(Published<KeySet>);

impl Keys {
    /// No keys yet.
    pub(crate) fn new(source: Source) -> Self {
        Self(Published::new(source, WANTED, |json| Ok(KeySet::from_json(json)?), MAX_STALE))
    }

    /// Keys to verify with.
    pub(crate) async fn current(&self, now: Time) -> Result<Arc<KeySet>, Unreachable> {
        self.0.current(now, seconds_fresh).await
    }

    /// Keys so new that one which is not among them does not exist.
    pub(crate) async fn newest(&self, now: Time) -> Result<Arc<KeySet>, Unreachable> {
        self.0.newest(now, seconds_fresh).await
    }
}

fn seconds_fresh(max_age: Option<u64>) -> u64 {
    max_age.unwrap_or(DEFAULT_FRESH).clamp(MIN_FRESH, MAX_FRESH)
}
