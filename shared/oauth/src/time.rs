//! An instant as a value. Only `web` reads the clock; everybody else is handed a [`Time`].

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// Milliseconds since the Unix epoch, UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Time(u64);

impl Time {
    /// The instant `millis` milliseconds after the epoch.
    pub const fn from_millis(millis: u64) -> Self {
        Self(millis)
    }

    /// The instant `seconds` seconds after the epoch.
    pub const fn from_seconds(seconds: u64) -> Self {
        Self(seconds.saturating_mul(1000))
    }

    /// Milliseconds since the epoch, as UUIDv7 wants them.
    pub const fn millis(self) -> u64 {
        self.0
    }

    /// Whole seconds since the epoch, as JWTs (RFC 7519 `NumericDate`) and the table's TTL want them.
    pub const fn seconds(self) -> u64 {
        self.0 / 1000
    }

    /// How long after the epoch it is, for crates that import nothing of ours.
    pub const fn since_epoch(self) -> Duration {
        Duration::from_millis(self.0)
    }

    /// The instant `seconds` later.
    #[must_use]
    pub const fn plus(self, seconds: u64) -> Self {
        Self(self.0.saturating_add(seconds.saturating_mul(1000)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instant_far_away_saturates_instead_of_wrapping_into_the_past() {
        assert!(Time::from_seconds(u64::MAX) > Time::from_seconds(1));
        assert!(Time::from_seconds(1).plus(u64::MAX) > Time::from_seconds(1));
    }
}
