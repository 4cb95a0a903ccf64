//! Client assertions (RFC 7523 section 3, OpenID Connect Core section 9): a client's own signature in place of a secret.
//!
//! They are written by others, so their headers are read with more patience than our own: `typ` may be missing, and
//! `kid` too where the client has one key. Patience ends there: a token of any other kind is none of these.

use std::borrow::Cow;

use oauth::Time;
use serde::Deserialize;

use crate::verifier::{self, MAX_LEEWAY, Refused};
use crate::{Audience, KeySet};

/// Longest time in seconds for which an assertion may be good: bounds how long used ones are remembered.
pub const MAX_ASSERTION_SECONDS: u64 = 3600;
/// What an assertion may call itself.
const TYPES: [&str; 2] = ["JWT", "client-authentication+jwt"];
/// Longest `jti` that is remembered, in bytes.
const MAX_JTI: usize = 256;

/// A client that has proven who it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assertion {
    /// The assertion's own id, to be accepted once.
    pub jti: String,
    /// Until when the assertion could be used.
    pub end: Time,
}

#[derive(Deserialize)]
struct Claims<'a> {
    #[serde(borrow)]
    iss: Cow<'a, str>,
    #[serde(borrow)]
    sub: Cow<'a, str>,
    aud: Audience,
    exp: u64,
    #[serde(default)]
    iat: Option<u64>,
    #[serde(default)]
    nbf: Option<u64>,
    #[serde(borrow)]
    jti: Cow<'a, str>,
}

/// The client's id that an assertion claims, unproven: where to look for the keys to prove it with.
pub fn claimed_client(assertion: &str) -> Option<String> {
    let payload = verifier::unproven_payload(assertion)?;
    verifier::read::<Claims<'_>>(&payload).map(|claims| claims.sub.into_owned())
}

/// Verifies an assertion of `client_id`, signed with one of `keys`, for any of `audiences`.
pub fn verify_assertion(
    assertion: &str,
    client_id: &str,
    keys: &KeySet,
    audiences: &[String],
    now: Time,
) -> Result<Assertion, Refused> {
    let payload = verifier::signed_by_another(assertion, &TYPES, keys)?;
    let claims: Claims<'_> = verifier::read(&payload).ok_or(Refused::Claims)?;
    let (earliest, latest) = (now.seconds().saturating_sub(MAX_LEEWAY), now.seconds() + MAX_LEEWAY);
    if claims.iss != client_id || claims.sub != client_id {
        Err(Refused::Issuer)
    } else if !audiences.iter().any(|audience| claims.aud.contains(audience)) {
        Err(Refused::Audience)
    } else if claims.exp <= earliest {
        Err(Refused::Expired)
    } else if claims.iat > Some(latest) || claims.nbf > Some(latest) {
        Err(Refused::NotYetValid)
    } else if claims.exp > latest + MAX_ASSERTION_SECONDS || claims.jti.is_empty() || claims.jti.len() > MAX_JTI {
        Err(Refused::Claims)
    } else {
        Ok(Assertion { jti: claims.jti.into_owned(), end: Time::from_seconds(claims.exp + MAX_LEEWAY) })
    }
}
