//! The one reader of tokens (RFC 7515 section 5.2, RFC 7519 section 7.2, RFC 8725, RFC 9068 section 4).
//!
//! Order: what costs nothing first (size, shape, header), then the signature, and only then a look at the claims. The
//! key decides the algorithm; the token must agree.

use std::fmt;

use jsonwebtoken::signature::Verifier as _;
use oauth::Time;

use crate::header::Header;
use crate::{Algorithm, KeySet, Registered, Token, base64url, object};

/// Longest token that is looked at, in bytes. API Gateway lets about 10 KB of headers through.
pub const MAX_TOKEN_BYTES: usize = 8192;

/// Most seconds that our clock and the issuer's may be apart.
pub const MAX_LEEWAY: u64 = 5;

/// What a token must say to be accepted.
#[derive(Clone, Debug)]
pub struct Verifier {
    issuer: String,
    audiences: Vec<String>,
    leeway: u64,
}

/// Why a token was not accepted. For the log: a client learns no more than `invalid_token`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// Over [`MAX_TOKEN_BYTES`].
    TooLarge,
    /// Not three parts of unpadded base64url.
    Malformed,
    /// The header is not an object of unrepeated members with `alg`, `typ` and `kid`, or has one that is forbidden.
    Header,
    /// Another kind of token.
    Type,
    /// An algorithm that is not ours, or not that of the key.
    Algorithm,
    /// No key of that `kid` is known: perhaps not yet.
    UnknownKey,
    /// The signature does not fit.
    Signature,
    /// A claim is missing, repeated, or not of its type, or the token ends before it begins.
    Claims,
    /// Made by somebody else.
    Issuer,
    /// Made for somebody else.
    Audience,
    /// No longer good.
    Expired,
    /// Not good yet, or made in the future.
    NotYetValid,
}

impl Verifier {
    /// Accepts tokens of `issuer` for any of `audiences`, with the greatest leeway.
    pub fn new(issuer: impl Into<String>, audiences: impl IntoIterator<Item = String>) -> Self {
        Self { issuer: issuer.into(), audiences: audiences.into_iter().collect(), leeway: MAX_LEEWAY }
    }

    /// Lets the clocks be `seconds` apart, but no more than [`MAX_LEEWAY`].
    #[must_use]
    pub fn leeway(self, seconds: u64) -> Self {
        Self { leeway: seconds.min(MAX_LEEWAY), ..self }
    }

    /// The claims of `token`, if it is a `T` that one of `keys` has signed and that is good at `now`.
    pub fn verify<T: Token>(&self, token: &str, keys: &KeySet, now: Time) -> Result<T, Refused> {
        let payload = signed_payload(token, T::TYP, keys)?;
        let claims: T = read(&payload).ok_or(Refused::Claims)?;
        self.check(claims.registered(), now.seconds())?;
        Ok(claims)
    }

    fn check(&self, claims: Registered<'_>, now: u64) -> Result<(), Refused> {
        let (latest, earliest) = (now.saturating_add(self.leeway), now.saturating_sub(self.leeway));
        if claims.iss != self.issuer {
            Err(Refused::Issuer)
        } else if !self.audiences.iter().any(|audience| claims.aud.contains(audience)) {
            Err(Refused::Audience)
        } else if claims.exp <= claims.iat || claims.nbf.is_some_and(|nbf| claims.exp <= nbf) {
            Err(Refused::Claims)
        } else if claims.exp <= earliest {
            Err(Refused::Expired)
        } else if claims.iat > latest || claims.nbf > Some(latest) {
            Err(Refused::NotYetValid)
        } else {
            Ok(())
        }
    }
}

/// The payload of `token`, whose header and signature are right.
fn signed_payload(token: &str, typ: &str, keys: &KeySet) -> Result<Vec<u8>, Refused> {
    if token.len() > MAX_TOKEN_BYTES {
        return Err(Refused::TooLarge);
    }
    let (message, signature) = token.rsplit_once('.').ok_or(Refused::Malformed)?;
    let (header, payload) = message.split_once('.').ok_or(Refused::Malformed)?;
    if payload.contains('.') {
        return Err(Refused::Malformed);
    }
    let header = base64url::decode(header).ok_or(Refused::Malformed)?;
    let header: Header<'_> = read(&header).ok_or(Refused::Header)?;
    if !header.is(typ) {
        return Err(Refused::Type);
    }
    let algorithm: Algorithm = header.alg.parse().map_err(|_| Refused::Algorithm)?;
    let key = keys.key(&header.kid).ok_or(Refused::UnknownKey)?;
    if key.algorithm() != algorithm {
        return Err(Refused::Algorithm);
    }
    let signature = base64url::decode(signature).ok_or(Refused::Malformed)?;
    key.verify(message.as_bytes(), &signature).map_err(|_| Refused::Signature)?;
    base64url::decode(payload).ok_or(Refused::Malformed)
}

/// Reads JSON that must be UTF-8 throughout, where a reader that passes over strangers might not look.
fn read<'de, T: serde::Deserialize<'de>>(json: &'de [u8]) -> Option<T> {
    object::read(std::str::from_utf8(json).ok()?).ok()
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::TooLarge => "token too large",
            Self::Malformed => "not a compact JWS",
            Self::Header => "header malformed or with a forbidden member",
            Self::Type => "another kind of token",
            Self::Algorithm => "algorithm not ours or not the key's",
            Self::UnknownKey => "unknown kid",
            Self::Signature => "signature does not fit",
            Self::Claims => "a claim is missing, repeated or of the wrong type",
            Self::Issuer => "another issuer",
            Self::Audience => "another audience",
            Self::Expired => "expired",
            Self::NotYetValid => "not valid yet",
        })
    }
}
