//! The only source of randomness: the operating system's generator.

use oauth::{Error, Time};
use uuid::{Builder, Uuid};

/// `N` random bytes.
#[expect(clippy::disallowed_methods, reason = "the only source of randomness")]
pub fn bytes<const N: usize>() -> Result<[u8; N], Error> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|error| Error::fault("the random generator failed").because(error))?;
    Ok(bytes)
}

/// Whether a text has the form of the identifiers that [`id`] generates.
pub fn is_id(text: &str) -> bool {
    Uuid::try_parse(text).is_ok_and(|id| id.hyphenated().to_string() == text)
}

/// A new identifier: a UUIDv7 (RFC 9562 section 5.7) from `now` and 74 random bits, so that ids sort by age.
pub fn id(now: Time) -> Result<String, Error> {
    Ok(Builder::from_unix_timestamp_millis(now.millis(), &bytes()?).into_uuid().to_string())
}
