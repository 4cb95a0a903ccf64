//! Scopes (RFC 6749 section 3.3): a set of case-sensitive words, transmitted as a string with spaces between them.

use std::collections::BTreeSet;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::error::{Code, Error};

/// Longest `scope` parameter that is accepted, in bytes.
pub const MAX_BYTES: usize = 1024;

/// The scope of the account API, `/me` and below.
pub const ACCOUNT: &str = "account";

/// The scope that makes a request an OpenID Connect request (Core section 3.1.2.1).
pub const OPEN: &str = "openid";

/// The scope for a person's names (Core section 5.4).
pub const PROFILE: &str = "profile";

/// The scope for a person's e-mail address (Core section 5.4).
pub const EMAIL: &str = "email";

/// The scope for a refresh token that remains valid after the browser session ends (Core section 11).
pub const OFFLINE_ACCESS: &str = "offline_access";

/// The scopes of OpenID Connect.
pub const OPENID: &[&str] = &[OPEN, PROFILE, EMAIL, OFFLINE_ACCESS];

/// The scopes that the first-party client may request.
pub const FIRST_PARTY: &[&str] = &[ACCOUNT, OPEN, PROFILE, EMAIL];

/// A set of scopes. Serialised as the space-separated string of RFC 6749, in alphabetical order.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Scopes(BTreeSet<String>);

impl Scopes {
    /// Parses a `scope` parameter. Words must consist of the RFC's `scope-token` characters; repeated words count once.
    pub fn parse(text: &str) -> Result<Self, Error> {
        if text.len() > MAX_BYTES {
            return Err(Error::new(Code::InvalidScope, "the scope parameter is too long"));
        }
        text.split(' ')
            .filter(|word| !word.is_empty())
            .map(|word| {
                if word.bytes().all(is_scope_byte) {
                    Ok(word.to_owned())
                } else {
                    Err(Error::new(Code::InvalidScope, "the scope parameter has a forbidden character"))
                }
            })
            .collect::<Result<_, _>>()
            .map(Self)
    }

    /// The scopes that a client gets: all that it may have if it requested none, otherwise exactly those it requested,
    /// and `invalid_scope` if one of them is not allowed.
    pub fn granted(asked: Option<&str>, allowed: &[&str]) -> Result<Self, Error> {
        let asked = match asked.map(Self::parse).transpose()? {
            Some(scopes) if !scopes.is_empty() => scopes,
            _ => return Ok(allowed.iter().copied().collect()),
        };
        if asked.iter().any(|scope| !allowed.contains(&scope)) {
            return Err(Error::new(Code::InvalidScope, "the client may not request this scope"));
        }
        Ok(asked)
    }

    /// Adds scopes.
    pub fn extend<'a>(&mut self, scopes: impl IntoIterator<Item = &'a str>) {
        self.0.extend(scopes.into_iter().map(str::to_owned));
    }

    /// All scopes except `scope`.
    #[must_use]
    pub fn without(&self, scope: &str) -> Self {
        self.iter().filter(|word| *word != scope).collect()
    }

    /// The scopes that make sense where no person takes part.
    #[must_use]
    pub fn without_person(&self) -> Self {
        self.iter().filter(|scope| *scope != ACCOUNT && !OPENID.contains(scope)).collect()
    }

    /// Whether the set contains `scope`.
    pub fn contains(&self, scope: &str) -> bool {
        self.0.contains(scope)
    }

    /// Whether every scope of this set is in `other` too.
    pub fn is_subset(&self, other: &Self) -> bool {
        self.0.is_subset(&other.0)
    }

    /// Whether there is no scope at all.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The scopes in alphabetical order.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }
}

/// `%x21 / %x23-5B / %x5D-7E`
fn is_scope_byte(byte: u8) -> bool {
    matches!(byte, 0x21 | 0x23..=0x5B | 0x5D..=0x7E)
}

impl fmt::Display for Scopes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, scope) in self.iter().enumerate() {
            let space = if position == 0 { "" } else { " " };
            write!(f, "{space}{scope}")?;
        }
        Ok(())
    }
}

impl<'a> FromIterator<&'a str> for Scopes {
    fn from_iter<I: IntoIterator<Item = &'a str>>(words: I) -> Self {
        Self(words.into_iter().map(str::to_owned).collect())
    }
}

impl From<Scopes> for String {
    fn from(scopes: Scopes) -> Self {
        scopes.to_string()
    }
}

impl TryFrom<String> for Scopes {
    type Error = Error;

    fn try_from(text: String) -> Result<Self, Error> {
        Self::parse(&text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scope_parameter_is_a_set_of_words() {
        let scopes = Scopes::parse("b a  b").unwrap();
        assert_eq!(scopes.to_string(), "a b");
        assert!(scopes.contains("a") && !scopes.contains("A"));
    }

    #[test]
    fn characters_outside_the_grammar_are_refused() {
        for text in ["a\tb", "a\"", "a\\b", "é", "a\u{0}", "a\nb"] {
            assert_eq!(Scopes::parse(text).unwrap_err().code(), Code::InvalidScope, "{text:?}");
        }
        assert!(Scopes::parse(&"a".repeat(MAX_BYTES + 1)).is_err());
    }

    #[test]
    fn requesting_nothing_grants_all_allowed_scopes_and_requesting_more_grants_none() {
        assert_eq!(Scopes::granted(None, &["a", "b"]).unwrap().to_string(), "a b");
        assert_eq!(Scopes::granted(Some(" "), &["a", "b"]).unwrap().to_string(), "a b");
        assert_eq!(Scopes::granted(Some("b"), &["a", "b"]).unwrap().to_string(), "b");
        assert!(Scopes::granted(Some("b c"), &["a", "b"]).is_err());
    }

    #[test]
    fn scopes_are_serialised_as_one_string() {
        let json = serde_json::to_string(&Scopes::parse("b a").unwrap()).unwrap();
        assert_eq!(json, r#""a b""#);
        assert!(serde_json::from_str::<Scopes>(r#""a\"b""#).is_err());
    }
}
