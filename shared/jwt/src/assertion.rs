//! Client assertions (RFC 7523 section 3, OpenID Connect Core section 9): a client signs a JWT instead of sending a
//! secret.
//!
//! Clients write them, so they are read more leniently than our own tokens: `typ` and `kid` may be missing, times may
//! have a fraction, and a client's clock may run ahead. Tokens of any other type are still refused.

use std::borrow::Cow;

use oauth::Time;
use serde::{Deserialize, Deserializer, de};

use crate::verifier::{self, MAX_LEEWAY, Refused};
use crate::{Audience, ClientKeys};

/// Longest lifetime of an assertion in seconds. It bounds how long used assertions are remembered.
pub const MAX_ASSERTION_SECONDS: u64 = 3600;
/// How many seconds a client's clock may run ahead of ours: the tolerance for `iat` and `nbf` in the future (FAPI 2.0
/// Security Profile section 5.3.2.1).
const CLOCK_AHEAD: u64 = 10;
/// Last second of the year 9999.
const LAST_SECOND: u64 = 253_402_300_799;
/// Accepted values of `typ`.
const TYPES: [&str; 2] = ["JWT", "client-authentication+jwt"];
/// Longest accepted `jti`, in bytes.
const MAX_JTI: usize = 256;

/// A verified assertion.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assertion {
    /// The assertion's own id, which may be used once.
    pub jti: String,
    /// The last moment at which the assertion is valid.
    pub end: Time,
}

#[derive(Deserialize)]
struct Claims<'a> {
    #[serde(borrow)]
    iss: Cow<'a, str>,
    #[serde(borrow)]
    sub: Cow<'a, str>,
    aud: Audience,
    exp: NumericDate,
    #[serde(default)]
    iat: Option<NumericDate>,
    #[serde(default)]
    nbf: Option<NumericDate>,
    #[serde(borrow)]
    jti: Cow<'a, str>,
}

/// The client id that an assertion claims, not yet verified. It decides which keys verify the assertion.
pub fn claimed_client(assertion: &str) -> Option<String> {
    let payload = verifier::unverified_payload(assertion)?;
    verifier::read::<Claims<'_>>(&payload).map(|claims| claims.sub.into_owned())
}

/// Verifies an assertion of `client_id` that is signed with one of `keys` and addressed to one of `audiences`.
pub fn verify_assertion(
    assertion: &str,
    client_id: &str,
    keys: &ClientKeys,
    audiences: &[String],
    now: Time,
) -> Result<Assertion, Refused> {
    let payload = verifier::signed_by_client(assertion, &TYPES, keys)?;
    let claims: Claims<'_> = verifier::read(&payload).ok_or(Refused::Claims)?;
    let (now, NumericDate(exp)) = (now.seconds(), claims.exp);
    let begins = claims.iat.max(claims.nbf).map(|NumericDate(seconds)| seconds);
    if claims.iss != client_id || claims.sub != client_id {
        Err(Refused::Issuer)
    } else if !audiences.iter().any(|audience| claims.aud.contains(audience)) {
        Err(Refused::Audience)
    } else if exp.saturating_add(MAX_LEEWAY) <= now {
        Err(Refused::Expired)
    } else if begins > Some(now + CLOCK_AHEAD) {
        Err(Refused::NotYetValid)
    } else if exp > now + CLOCK_AHEAD + MAX_ASSERTION_SECONDS || claims.jti.is_empty() || claims.jti.len() > MAX_JTI {
        Err(Refused::Claims)
    } else {
        Ok(Assertion { jti: claims.jti.into_owned(), end: Time::from_seconds(exp + MAX_LEEWAY) })
    }
}

/// A time in seconds since the epoch (RFC 7519 section 2). A fraction, which many libraries write, is dropped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct NumericDate(u64);

impl<'de> Deserialize<'de> for NumericDate {
    fn deserialize<D: Deserializer<'de>>(value: D) -> Result<Self, D::Error> {
        let number = serde_json::Number::deserialize(value)?;
        let seconds = number.as_u64().or_else(|| whole(number.as_f64()?));
        let seconds = seconds.filter(|seconds| *seconds <= LAST_SECOND);
        seconds.map(Self).ok_or_else(|| de::Error::custom("not a time"))
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the range is checked and the fraction is dropped on purpose"
)]
fn whole(seconds: f64) -> Option<u64> {
    const LAST: f64 = 253_402_300_800.0;
    (0.0..LAST).contains(&seconds).then_some(seconds as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date(text: &str) -> Option<u64> {
        serde_json::from_str(text).ok().map(|NumericDate(seconds)| seconds)
    }

    #[test]
    fn a_time_may_have_a_fraction() {
        for (text, seconds) in
            [("1700000000", 1_700_000_000), ("1700000000.999", 1_700_000_000), ("1.7e9", 1_700_000_000)]
        {
            assert_eq!(date(text), Some(seconds), "{text}");
        }
        for text in ["-1", "-0.5", "1e300", "253402300800", "\"1700000000\"", "null", "[]", "true"] {
            assert_eq!(date(text), None, "{text}");
        }
    }
}
