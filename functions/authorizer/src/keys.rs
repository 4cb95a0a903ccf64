//! The issuer's keys: fetched on demand, with one fetch for all concurrent callers, and cached.
//!
//! - They are fresh for as long as the issuer says (`max-age`), within [`MIN_FRESH`] and [`MAX_FRESH`] seconds, or for
//!   [`DEFAULT_FRESH`] seconds if it does not say.
//! - A token with an unknown key may be signed with a newer one. The keys are then fetched again, at most every
//!   [`PAUSE`](crate::PAUSE) seconds. An issuer that publishes keys before it signs with them makes this rare.
//! - While the issuer is unreachable or sends something other than keys, the old keys remain in use, up to
//!   [`MAX_STALE`] seconds after they were fetched. Fetching is retried every [`PAUSE`](crate::PAUSE) seconds, or for
//!   every event when there are no keys at all.
//!
//! A withdrawn key is therefore refused after at most [`MAX_FRESH`] seconds, unless the issuer is down as well.

use std::sync::Arc;
use std::time::Duration;

use fetch::{Source, Wanted};
use jwt::{KeySet, MAX_KEY_SET_BYTES};
use oauth::Time;

use crate::published::{Published, Unreachable};

/// How long keys are fresh if the issuer does not say, in seconds: ten minutes.
pub const DEFAULT_FRESH: u64 = 600;

/// Minimum time for which keys are fresh, in seconds.
pub const MIN_FRESH: u64 = 10;

/// Maximum time for which keys are fresh, in seconds: one hour, the same as in API Gateway's own authorizers.
pub const MAX_FRESH: u64 = 3600;

/// How long keys remain in use while no newer ones are available, in seconds: one day.
pub const MAX_STALE: u64 = 86_400;

/// RFC 7517. API Gateway's own authorizers use the same timeout.
const WANTED: Wanted<'static> = Wanted {
    path: "/.well-known/jwks.json",
    accept: "application/json",
    most_bytes: MAX_KEY_SET_BYTES,
    timeout: Duration::from_millis(1500),
};

/// The keys of one issuer.
#[derive(Debug)]
pub(crate) struct Keys(Published<KeySet>);

impl Keys {
    /// A cache without keys.
    pub(crate) fn new(source: Source) -> Self {
        Self(Published::new(source, WANTED, |json| Ok(KeySet::from_json(json)?), MAX_STALE))
    }

    /// The cached keys, or fresh ones.
    pub(crate) async fn current(&self, now: Time) -> Result<Arc<KeySet>, Unreachable> {
        self.0.current(now, seconds_fresh).await
    }

    /// Keys fetched so recently that an unknown key can be refused.
    pub(crate) async fn newest(&self, now: Time) -> Result<Arc<KeySet>, Unreachable> {
        self.0.newest(now, seconds_fresh).await
    }
}

fn seconds_fresh(max_age: Option<u64>) -> u64 {
    max_age.unwrap_or(DEFAULT_FRESH).clamp(MIN_FRESH, MAX_FRESH)
}
