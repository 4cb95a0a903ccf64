//! An instant as a value. Only `web` reads the clock; all other code receives a [`Time`].

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// The seconds of a minute.
pub const MINUTE: u64 = 60;
/// The seconds of an hour.
pub const HOUR: u64 = 60 * MINUTE;
/// The seconds of a day.
pub const DAY: u64 = 24 * HOUR;

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

    /// Milliseconds since the epoch, for UUIDv7.
    pub const fn millis(self) -> u64 {
        self.0
    }

    /// Whole seconds since the epoch, for JWTs (RFC 7519 `NumericDate`) and the table's TTL.
    pub const fn seconds(self) -> u64 {
        self.0 / 1000
    }

    /// The time since the epoch, for crates that do not know this type.
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
    fn a_distant_instant_saturates_instead_of_wrapping_around() {
        assert!(Time::from_seconds(u64::MAX) > Time::from_seconds(1));
        assert!(Time::from_seconds(1).plus(u64::MAX) > Time::from_seconds(1));
    }
}
