//! The header of a signed token (RFC 7515 section 4): written with the type of `jsonwebtoken`, read strictly.

use std::borrow::Cow;

use serde::{Deserialize, Deserializer, de};

use crate::{Algorithm, of_jsonwebtoken};

/// The header of a new token, as JSON.
pub(crate) fn write(typ: &str, algorithm: Algorithm, kid: &str) -> Result<Vec<u8>, serde_json::Error> {
    let mut header = jsonwebtoken::Header::new(of_jsonwebtoken(algorithm));
    header.typ = Some(typ.to_owned());
    header.kid = Some(kid.to_owned());
    serde_json::to_vec(&header)
}

/// The header of a client's assertion, in which some members are optional.
#[derive(Debug, Deserialize)]
pub(crate) struct ForeignHeader<'a> {
    #[serde(borrow)]
    pub(crate) alg: Cow<'a, str>,
    #[serde(borrow, default)]
    pub(crate) typ: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    pub(crate) kid: Option<Cow<'a, str>>,
    #[serde(default, rename = "crit")]
    _crit: Forbidden,
    #[serde(default, rename = "b64")]
    _b64: Forbidden,
    #[serde(default, rename = "zip")]
    _zip: Forbidden,
}

impl ForeignHeader<'_> {
    /// Whether `typ` is one of `types` or missing.
    pub(crate) fn may_be(&self, types: &[&str]) -> bool {
        self.typ.as_ref().is_none_or(|said| types.iter().any(|typ| is(said, typ)))
    }
}

/// The header of our own tokens. Unknown members are ignored, as RFC 7515 section 4 says, except for those that would
/// change the token's meaning or supply a key.
#[derive(Debug, Deserialize)]
pub(crate) struct Header<'a> {
    #[serde(borrow)]
    pub(crate) alg: Cow<'a, str>,
    #[serde(borrow)]
    pub(crate) typ: Cow<'a, str>,
    #[serde(borrow)]
    pub(crate) kid: Cow<'a, str>,
    /// Extensions that a reader must understand (section 4.1.11). We support none.
    #[serde(default, rename = "crit")]
    _crit: Forbidden,
    /// An unencoded payload (RFC 7797), which section 7 of the RFC forbids in JWTs.
    #[serde(default, rename = "b64")]
    _b64: Forbidden,
    #[serde(default, rename = "jku")]
    _jku: Forbidden,
    #[serde(default, rename = "jwk")]
    _jwk: Forbidden,
    #[serde(default, rename = "x5u")]
    _x5u: Forbidden,
    #[serde(default, rename = "x5c")]
    _x5c: Forbidden,
    /// Compression, with which a small token could expand to a large one.
    #[serde(default, rename = "zip")]
    _zip: Forbidden,
}

impl Header<'_> {
    /// Whether `typ` is this type. Media types are case-insensitive, and the prefix `application/` may be present (RFC
    /// 7515 section 4.1.9).
    pub(crate) fn is(&self, typ: &str) -> bool {
        is(&self.typ, typ)
    }
}

fn is(said: &str, typ: &str) -> bool {
    const PREFIX: &str = "application/";
    let said = match said.get(..PREFIX.len()) {
        Some(prefix) if prefix.eq_ignore_ascii_case(PREFIX) => &said[PREFIX.len()..],
        _ => said,
    };
    said.eq_ignore_ascii_case(typ)
}

/// A member that must be absent, whatever its value.
#[derive(Debug, Default)]
struct Forbidden;

impl<'de> Deserialize<'de> for Forbidden {
    fn deserialize<D: Deserializer<'de>>(_: D) -> Result<Self, D::Error> {
        Err(de::Error::custom("forbidden header member"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_media_type_may_have_its_prefix_and_any_case() {
        for (said, fits) in [
            ("at+jwt", true),
            ("AT+JWT", true),
            ("application/at+jwt", true),
            ("Application/At+Jwt", true),
            ("application/application/at+jwt", false),
            ("application/", false),
            ("at+jwt ", false),
            ("JWT", false),
            ("ÄÄÄÄÄÄÄÄ", false),
            ("", false),
        ] {
            let text = format!(r#"{{"alg":"RS256","typ":"{said}","kid":"k"}}"#);
            let header: Header<'_> = crate::object::read(&text).unwrap();
            assert_eq!(header.is("at+jwt"), fits, "{said}");
        }
    }
}
