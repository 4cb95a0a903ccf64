//! The only reader of tokens (RFC 7515 section 5.2, RFC 7519 section 7.2, RFC 8725, RFC 9068 section 4).
//!
//! Checks run in this order: cheap ones first (size, structure, header), then the signature, and only then the claims.
//! The key decides the algorithm, and the token must agree.

use std::fmt;

use jsonwebtoken::signature::Verifier as _;
use oauth::Time;

use crate::header::{ForeignHeader, Header};
use crate::{Algorithm, Audience, ClientKeys, KeySet, Registered, Token, VerifyingKey, base64url, object};

/// Longest token that is accepted, in bytes. API Gateway accepts about 10 KB of headers.
pub const MAX_TOKEN_BYTES: usize = 8192;

/// Largest allowed difference between our clock and the issuer's, in seconds.
pub const MAX_LEEWAY: u64 = 5;

/// Verifies tokens of one issuer.
#[derive(Clone, Debug)]
pub struct Verifier {
    issuer: String,
    /// `None`: any.
    audiences: Option<Vec<String>>,
    leeway: u64,
    also_expired: bool,
}

/// Why a token was refused. For the log: the client learns only `invalid_token`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// Longer than [`MAX_TOKEN_BYTES`].
    TooLarge,
    /// Not three parts of unpadded base64url.
    Malformed,
    /// The header is not a JSON object with `alg`, `typ` and `kid`, repeats a member, or has a forbidden one.
    Header,
    /// The token has another type.
    Type,
    /// The algorithm is not supported, or is not that of the key.
    Algorithm,
    /// No key with this `kid` is known. The key may be newer than the key set.
    UnknownKey,
    /// The signature is wrong.
    Signature,
    /// A claim is missing, repeated or of the wrong type, or the token expires before it is valid.
    Claims,
    /// The token is from another issuer.
    Issuer,
    /// The token is for another audience.
    Audience,
    /// The token has expired.
    Expired,
    /// The token is not valid yet, or was issued in the future.
    NotYetValid,
}

impl Verifier {
    /// Accepts tokens of `issuer` for any of `audiences`, with the largest leeway.
    pub fn new(issuer: impl Into<String>, audiences: impl IntoIterator<Item = String>) -> Self {
        Self {
            issuer: issuer.into(),
            audiences: Some(audiences.into_iter().collect()),
            leeway: MAX_LEEWAY,
            also_expired: false,
        }
    }

    /// Accepts tokens of `issuer` for every audience: for callers that check the audience themselves.
    pub fn for_any_audience(issuer: impl Into<String>) -> Self {
        Self { issuer: issuer.into(), audiences: None, leeway: MAX_LEEWAY, also_expired: false }
    }

    /// The issuer whose tokens are accepted.
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// Allows the clocks to differ by `seconds`, at most [`MAX_LEEWAY`].
    #[must_use]
    pub fn leeway(self, seconds: u64) -> Self {
        Self { leeway: seconds.min(MAX_LEEWAY), ..self }
    }

    /// Accepts expired tokens too: for an `id_token_hint`, which identifies a person and grants nothing.
    #[must_use]
    pub fn also_expired(self) -> Self {
        Self { also_expired: true, ..self }
    }

    /// The claims of `token`, if it is a `T`, is signed by one of `keys` and is valid at `now`.
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

/// The payload of `token`, after its header and signature were verified.
fn signed_payload(token: &str, typ: &str, keys: &KeySet) -> Result<Vec<u8>, Refused> {
    let parts = Parts::of(token)?;
    let header = base64url::decode(parts.header).ok_or(Refused::Malformed)?;
    let header: Header<'_> = read(&header).ok_or(Refused::Header)?;
    if !header.is(typ) {
        return Err(Refused::Type);
    }
    // Before the key lookup: a token with an unsupported algorithm must not make the caller fetch newer keys.
    let algorithm = header.alg.parse().map_err(|_| Refused::Algorithm)?;
    parts.payload_signed_by(keys.key(&header.kid).ok_or(Refused::UnknownKey)?, algorithm)
}

/// The same for a client's assertion: `typ` and `kid` may be missing, and every key that may have signed it is tried.
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

/// The payload of a token whose signature has not been verified.
pub(crate) fn unverified_payload(token: &str) -> Option<Vec<u8>> {
    base64url::decode(Parts::of(token).ok()?.payload)
}

/// The parts of a compact JWS (RFC 7515 section 7.1).
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
        if payload.contains('.') { Err(Refused::Malformed) } else { Ok(Self { message, header, payload, signature }) }
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

/// Parses JSON. Checks the whole text for UTF-8, including values that the parser would skip.
pub(crate) fn read<'de, T: serde::Deserialize<'de>>(json: &'de [u8]) -> Option<T> {
    object::read(std::str::from_utf8(json).ok()?).ok()
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::TooLarge => "token too large",
            Self::Malformed => "not a compact JWS",
            Self::Header => "the header is malformed or has a forbidden member",
            Self::Type => "wrong type of token",
            Self::Algorithm => "algorithm not supported or not that of the key",
            Self::UnknownKey => "unknown kid",
            Self::Signature => "wrong signature",
            Self::Claims => "a claim is missing, repeated or of the wrong type",
            Self::Issuer => "another issuer",
            Self::Audience => "another audience",
            Self::Expired => "expired",
            Self::NotYetValid => "not valid yet",
        })
    }
}
