//! What a rule asks of a token: scopes, a level of authentication, or a recent one; and what a token lacks.

use std::fmt;

use jwt::AccessClaims;
use oauth::{Level, Scopes, Time};

/// What a rule asks of a token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Need {
    /// All of these scopes.
    Scopes(Scopes),
    /// An authentication of at least this level (`acr`).
    Level(Level),
    /// An authentication that is at most this many seconds old (`auth_time`).
    MaxAge(u64),
}

/// A valid token, at the time of the request.
#[derive(Debug)]
pub(crate) struct Valid {
    pub(crate) claims: AccessClaims,
    pub(crate) now: Time,
}

/// What a token lacks, over all rules that it does not meet.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Lack {
    scopes: Scopes,
    level: Option<Level>,
    max_age: Option<u64>,
}

impl Need {
    /// `things:read&other`
    pub(crate) fn scopes(text: &str) -> Option<Self> {
        let text = Some(text).filter(|scopes| !scopes.contains([' ', '=']) && !scopes.split('&').any(str::is_empty))?;
        Scopes::parse(&text.replace('&', " ")).ok().map(Self::Scopes)
    }

    /// `2`
    pub(crate) fn level(text: &str) -> Option<Self> {
        Level::of(text).map(Self::Level)
    }

    /// `300`
    pub(crate) fn max_age(text: &str) -> Option<Self> {
        let is_number = text.bytes().all(|byte| byte.is_ascii_digit());
        text.parse().ok().filter(|_| is_number).map(Self::MaxAge)
    }

    /// Whether the token is sufficient. One that says nothing about an authentication, as that of a client, has none.
    pub(crate) fn is_met_by(&self, token: &Valid) -> bool {
        let claims = &token.claims;
        match self {
            Self::Scopes(scopes) => scopes.is_subset(&claims.scope),
            Self::Level(level) => claims.acr.as_deref().and_then(Level::of).is_some_and(|own| own >= *level),
            Self::MaxAge(most) => claims.auth_time.is_some_and(|at| token.now.seconds() <= at.saturating_add(*most)),
        }
    }
}

impl Lack {
    /// The error code: of RFC 9470 if another authentication would help, else of RFC 6750.
    pub(crate) fn word(&self) -> &'static str {
        if self.scopes.is_empty() { "insufficient_user_authentication" } else { "insufficient_scope" }
    }
}

impl<'a> FromIterator<&'a Need> for Lack {
    fn from_iter<I: IntoIterator<Item = &'a Need>>(needs: I) -> Self {
        let mut lack = Self::default();
        for need in needs {
            match need {
                Need::Scopes(scopes) => lack.scopes.extend(scopes.iter()),
                Need::Level(level) => lack.level = lack.level.max(Some(*level)),
                Need::MaxAge(most) => lack.max_age = Some(lack.max_age.map_or(*most, |least| least.min(*most))),
            }
        }
        lack
    }
}

/// The value of `WWW-Authenticate` (RFC 6750 section 3, RFC 9470 section 3).
impl fmt::Display for Lack {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, r#"Bearer error="{}""#, self.word())?;
        if !self.scopes.is_empty() {
            return write!(f, r#", scope="{}""#, self.scopes);
        }
        if let Some(level) = self.level {
            write!(f, r#", acr_values="{}""#, level.word())?;
        }
        match self.max_age {
            Some(seconds) => write!(f, r#", max_age="{seconds}""#),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_challenge_names_the_strongest_level_and_the_shortest_age() {
        let needs = [Need::level("2"), Need::max_age("600"), Need::level("1"), Need::max_age("60")].map(Option::unwrap);
        let lack: Lack = needs.iter().collect();
        assert_eq!(
            lack.to_string(),
            r#"Bearer error="insufficient_user_authentication", acr_values="2", max_age="60""#
        );
    }

    #[test]
    fn a_missing_scope_comes_first_because_another_authentication_does_not_help() {
        let needs = [Need::level("phr"), Need::scopes("read&write")].map(Option::unwrap);
        let lack: Lack = needs.iter().collect();
        assert_eq!(lack.to_string(), r#"Bearer error="insufficient_scope", scope="read write""#);
    }

    #[test]
    fn a_malformed_need_is_none() {
        for text in ["", "0", "3", "2&phr", " 2", "PHR"] {
            assert_eq!(Need::level(text), None, "{text:?}");
        }
        for text in ["", "+5", "-1", "1.5", "5m", " 5", "99999999999999999999"] {
            assert_eq!(Need::max_age(text), None, "{text:?}");
        }
    }
}
