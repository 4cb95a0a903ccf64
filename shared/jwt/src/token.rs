//! What all types of tokens have in common: a media type and the registered claims of RFC 7519 section 4.1.

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::Audience;

/// A type of token: the claims that belong to one `typ`.
///
/// One key signs tokens of every type, and a verifier accepts exactly one type. An ID token, a client assertion or a
/// logout token is therefore never accepted as an access token (RFC 8725 section 3.11). A new type of token is a new
/// Rust type with its own [`Token::TYP`].
pub trait Token: Serialize + DeserializeOwned {
    /// The `typ` header: a media type without the prefix `application/` (RFC 7515 section 4.1.9), such as `at+jwt`.
    const TYP: &'static str;

    /// The claims that every verifier checks.
    fn registered(&self) -> Registered<'_>;
}

/// The registered claims of RFC 7519 section 4.1 that verification needs. Times are epoch seconds.
#[derive(Clone, Copy, Debug)]
pub struct Registered<'a> {
    /// The issuer.
    pub iss: &'a str,
    /// The audience.
    pub aud: &'a Audience,
    /// The first second at which the token has expired.
    pub exp: u64,
    /// When the token was issued.
    pub iat: u64,
    /// The first second at which the token is valid.
    pub nbf: Option<u64>,
}
