//! What every kind of token has: a media type of its own, and the registered claims of RFC 7519 section 4.1.

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::Audience;

/// A kind of token, that is: the claims of one `typ`.
///
/// A key signs every kind; the type says which, and a verifier asks for one type. So an ID token, a client assertion or
/// a logout token can never pass for an access token (RFC 8725 section 3.11): a new kind is a new type with its own
/// [`Token::TYP`].
pub trait Token: Serialize + DeserializeOwned {
    /// The `typ` header: a media type without its `application/` (RFC 7515 section 4.1.9), such as `at+jwt`.
    const TYP: &'static str;

    /// The claims that every verifier checks.
    fn registered(&self) -> Registered<'_>;
}

/// The claims of RFC 7519 section 4.1 that say who made a token, for whom, and for when. Times in epoch seconds.
#[derive(Clone, Copy, Debug)]
pub struct Registered<'a> {
    /// Who made it.
    pub iss: &'a str,
    /// For whom.
    pub aud: &'a Audience,
    /// The first second at which it is no longer good.
    pub exp: u64,
    /// When it was made.
    pub iat: u64,
    /// The first second at which it is good.
    pub nbf: Option<u64>,
}
