//! The claims of an access token (RFC 9068 section 2.2) and their exact types on the wire.

use std::fmt;

use oauth::Scopes;
use serde::de::{Error, SeqAccess, Visitor};
use serde::ser::SerializeSeq;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::object::present;
use crate::token::{Registered, Token};

/// Most audiences that one token may name.
const MAX_AUDIENCES: usize = 16;

/// Last second of the year 9999. A later time is a mistake or an attack.
const MAX_SECONDS: u64 = 253_402_300_799;

/// The claims of an access token, serialised in this order. A claim that does not apply is absent, never `null`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccessClaims {
    /// The issuer's origin, exactly as configured.
    #[serde(deserialize_with = "text")]
    pub iss: String,
    /// The subject: the person's id, or the client's id where no person takes part. Opaque and never reused.
    #[serde(deserialize_with = "text")]
    pub sub: String,
    /// The resource servers that may accept the token.
    pub aud: Audience,
    /// The client that received the token (RFC 8693 section 4.3).
    #[serde(deserialize_with = "text")]
    pub client_id: String,
    /// When the token was issued, in epoch seconds.
    #[serde(deserialize_with = "seconds")]
    pub iat: u64,
    /// The first second at which the token has expired, in epoch seconds.
    #[serde(deserialize_with = "seconds")]
    pub exp: u64,
    /// The first second at which the token is valid, in epoch seconds. Checked when present; this service never writes
    /// it.
    #[serde(default, deserialize_with = "optional_seconds", skip_serializing_if = "Option::is_none")]
    pub nbf: Option<u64>,
    /// The token's own id, unique among all tokens of this issuer.
    #[serde(deserialize_with = "text")]
    pub jti: String,
    /// The granted scopes, written as in RFC 6749 section 3.3. Absent when there are none.
    #[serde(default, skip_serializing_if = "Scopes::is_empty")]
    pub scope: Scopes,
    /// The session that the token belongs to, which ends at logout. Absent where no person takes part.
    #[serde(default, deserialize_with = "optional_text", skip_serializing_if = "Option::is_none")]
    pub sid: Option<String>,
    /// When the person last authenticated, in epoch seconds (OpenID Connect Core section 2).
    #[serde(default, deserialize_with = "optional_seconds", skip_serializing_if = "Option::is_none")]
    pub auth_time: Option<u64>,
    /// The level of that authentication (OpenID Connect Core section 2). Absent where no person takes part.
    #[serde(default, deserialize_with = "optional_text", skip_serializing_if = "Option::is_none")]
    pub acr: Option<String>,
    /// The epoch of the person's account when the session began: how often everything of theirs had been ended by then.
    /// A verifier compares it with the list of revocations. Absent where no person takes part, and in tokens of
    /// releases that did not know it.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub epoch: Option<u64>,
    /// The person's username when the token was issued. For display only: `sub` is the identity.
    #[serde(default, deserialize_with = "optional_text", skip_serializing_if = "Option::is_none")]
    pub username: Option<String>,
    /// The person's roles when the token was issued (RFC 9068 section 2.2.3.1).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub roles: Vec<String>,
}

impl Token for AccessClaims {
    const TYP: &'static str = "at+jwt";

    fn registered(&self) -> Registered<'_> {
        Registered { iss: &self.iss, aud: &self.aud, exp: self.exp, iat: self.iat, nbf: self.nbf }
    }
}

/// The `aud` claim (RFC 7519 section 4.1.3): a string or an array of strings in JSON. Never empty once parsed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Audience(Vec<String>);

impl Audience {
    /// One audience.
    pub fn one(name: impl Into<String>) -> Self {
        Self(vec![name.into()])
    }

    /// Whether `name` is among the audiences.
    pub fn contains(&self, name: &str) -> bool {
        self.0.iter().any(|audience| audience == name)
    }

    /// Every audience.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }
}

impl FromIterator<String> for Audience {
    fn from_iter<I: IntoIterator<Item = String>>(names: I) -> Self {
        Self(names.into_iter().collect())
    }
}

impl Serialize for Audience {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if let [name] = self.0.as_slice() {
            return serializer.serialize_str(name);
        }
        let mut names = serializer.serialize_seq(Some(self.0.len()))?;
        self.0.iter().try_for_each(|name| names.serialize_element(name))?;
        names.end()
    }
}

impl<'de> Deserialize<'de> for Audience {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AudienceVisitor)
    }
}

struct AudienceVisitor;

impl<'de> Visitor<'de> for AudienceVisitor {
    type Value = Audience;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string, or a short array of strings that is not empty")
    }

    fn visit_str<E: Error>(self, name: &str) -> Result<Audience, E> {
        Ok(Audience::one(name))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Audience, A::Error> {
        let mut names = Vec::new();
        while let Some(name) = seq.next_element()? {
            names.push(name);
            if names.len() > MAX_AUDIENCES {
                return Err(A::Error::invalid_length(names.len(), &self));
            }
        }
        if names.is_empty() {
            return Err(A::Error::invalid_length(0, &self));
        }
        Ok(Audience(names))
    }
}

/// A string that is not empty.
fn text<'de, D: Deserializer<'de>>(value: D) -> Result<String, D::Error> {
    let text = String::deserialize(value)?;
    if text.is_empty() { Err(D::Error::custom("empty string")) } else { Ok(text) }
}

fn optional_text<'de, D: Deserializer<'de>>(value: D) -> Result<Option<String>, D::Error> {
    text(value).map(Some)
}

/// A whole number of seconds since the epoch. RFC 7519 allows fractions, but this issuer never writes them.
fn seconds<'de, D: Deserializer<'de>>(value: D) -> Result<u64, D::Error> {
    let seconds = u64::deserialize(value)?;
    if seconds > MAX_SECONDS { Err(D::Error::custom("time out of range")) } else { Ok(seconds) }
}

fn optional_seconds<'de, D: Deserializer<'de>>(value: D) -> Result<Option<u64>, D::Error> {
    let seconds = present::<u64, D>(value)?;
    if seconds > Some(MAX_SECONDS) { Err(D::Error::custom("time out of range")) } else { Ok(seconds) }
}
