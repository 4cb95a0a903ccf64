//! The one reader of tokens (RFC 7515 section 5.2, RFC 7519 section 7.2, RFC 8725, RFC 9068 section 4).
//!
//! Order: what costs nothing first (size, shape, header), then the signature, and only then a look at the claims. The
//! key decides the algorithm; the token must agree.

use std::fmt;

use jsonwebtoken::signature::Verifier as _;
use oauth::Time;

use crate::header::{ForeignHeader, Header};
use crate::{Algorithm, Audience, ClientKeys, KeySet, Registered, Token, VerifyingKey, base64url, object};

/// Longest token that is looked at, in bytes. API Gateway lets about 10 KB of headers through.
pub const MAX_TOKEN_BYTES: usize = 8192;

/// Most seconds that our clock and the issuer's may be apart.
pub const MAX_LEEWAY: u64 = 5;

/// What a token must say to be accepted.
#[derive(Clone, Debug)]
pub struct Verifier {
    issuer: String,
    /// `None`: any.
    audiences: Option<Vec<String>>,
    leeway: u64,
    also_expired: bool,
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
        Self {
            issuer: issuer.into(),
            audiences: Some(audiences.into_iter().collect()),
            leeway: MAX_LEEWAY,
            also_expired: false,
        }
    }

    /// Accepts tokens of `issuer` whoever they are for: for who looks at the audience afterwards.
    pub fn for_any_audience(issuer: impl Into<String>) -> Self {
        Self { issuer: issuer.into(), audiences: None, leeway: MAX_LEEWAY, also_expired: false }
    }

    /// Whose tokens are accepted.
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// Lets the clocks be `seconds` apart, but no more than [`MAX_LEEWAY`].
    #[must_use]
    pub fn leeway(self, seconds: u64) -> Self {
        Self { leeway: seconds.min(MAX_LEEWAY), ..self }
    }

    /// Accepts tokens that were good once too: for an `id_token_hint`, which says who was meant and opens nothing.
    #[must_use]
    pub fn also_expired(self) -> Self {
        Self { also_expired: true, ..self }
    }

    /// The claims of `token`, if it is a `T` that one of `keys` has signed and that is good at `now`.
    pub fn verify<T: Token>(&self, token: &str, keys: &KeySet, now: Time) -> Result<T, Refused> {
        let payload = signed_payload(token, T::TYP, keys)?;
        let claims: T = read(&payload).ok_or(Refused::Claims)?;
        self.check(claims.registered(), now.seconds())?;
        Ok(claims)
    }

    fn addresses(&self, aud: &Audience) -> bool {
        self.audiences.as_ref().is_none_or(|known| known.iter().any(|audience| aud.contains(audience)))
    }

    fn check(&self, claims: Registered<'_>, now: u64) -> Result<(), Refused> {
        let (latest, earliest) = (now.saturating_add(self.leeway), now.saturating_sub(self.leeway));
        if claims.iss != self.issuer {
            Err(Refused::Issuer)
        } else if !self.addresses(claims.aud) {
            Err(Refused::Audience)
        } else if claims.exp <= claims.iat || claims.nbf.is_some_and(|nbf| claims.exp <= nbf) {
            Err(Refused::Claims)
        } else if claims.exp <= earliest && !self.also_expired {
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
    let parts = Parts::of(token)?;
    let header = base64url::decode(parts.header).ok_or(Refused::Malformed)?;
    let header: Header<'_> = read(&header).ok_or(Refused::Header)?;
    if !header.is(typ) {
        return Err(Refused::Type);
    }
    // Before the key is looked for: who names no algorithm of ours must not set off a search for newer keys.
    let algorithm = header.alg.parse().map_err(|_| Refused::Algorithm)?;
    parts.payload_signed_by(keys.key(&header.kid).ok_or(Refused::UnknownKey)?, algorithm)
}

/// The same for a token that a client made: `typ` and `kid` may be missing. Every key that may have signed it is tried.
pub(crate) fn signed_by_client(token: &str, types: &[&str], keys: &ClientKeys) -> Result<Vec<u8>, Refused> {
    let parts = Parts::of(token)?;
    let header = base64url::decode(parts.header).ok_or(Refused::Malformed)?;
    let header: ForeignHeader<'_> = read(&header).ok_or(Refused::Header)?;
    if !header.may_be(types) {
        return Err(Refused::Type);
    }
    let algorithm = Algorithm::known_as(&header.alg).ok_or(Refused::Algorithm)?;
    let mut refused = Refused::UnknownKey;
    for key in keys.candidates(header.kid.as_deref()) {
        match parts.payload_signed_by(key, algorithm) {
            Err(reason) => refused = reason,
            payload => return payload,
        }
    }
    Err(refused)
}

/// The payload of a token whose signature nobody has looked at.
pub(crate) fn unproven_payload(token: &str) -> Option<Vec<u8>> {
    base64url::decode(Parts::of(token).ok()?.payload)
}

/// A compact JWS (RFC 7515 section 7.1), taken apart.
struct Parts<'a> {
    message: &'a str,
    header: &'a str,
    payload: &'a str,
    signature: &'a str,
}

impl<'a> Parts<'a> {
    fn of(token: &'a str) -> Result<Self, Refused> {
        if token.len() > MAX_TOKEN_BYTES {
            return Err(Refused::TooLarge);
        }
        let (message, signature) = token.rsplit_once('.').ok_or(Refused::Malformed)?;
        let (header, payload) = message.split_once('.').ok_or(Refused::Malformed)?;
        match payload.contains('.') {
            true => Err(Refused::Malformed),
            false => Ok(Self { message, header, payload, signature }),
        }
    }

    fn payload_signed_by(&self, key: &VerifyingKey, algorithm: Algorithm) -> Result<Vec<u8>, Refused> {
        if algorithm != key.algorithm() {
            return Err(Refused::Algorithm);
        }
        let signature = base64url::decode(self.signature).ok_or(Refused::Malformed)?;
        key.verify(self.message.as_bytes(), &signature).map_err(|_| Refused::Signature)?;
        base64url::decode(self.payload).ok_or(Refused::Malformed)
    }
}

/// Reads JSON that must be UTF-8 throughout, where a reader that passes over strangers might not look.
pub(crate) fn read<'de, T: serde::Deserialize<'de>>(json: &'de [u8]) -> Option<T> {
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
