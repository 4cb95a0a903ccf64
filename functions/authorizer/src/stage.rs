//! What the owner of an API requires in its stage variables, for that API and stage alone. Teams that share this
//! authorizer can so protect their routes without the operator. Scopes only add to those of the authorizer's own
//! settings.
//!
//! | variable | |
//! |---|---|
//! | `scopes`, `scopes_…` | the scopes that routes need, see `rules.rs`; several, because one variable holds 512 characters |
//! | `acr`, `acr_…` | the level of authentication that routes need, in the same form with one level |
//! | `max_age`, `max_age_…` | how many seconds old an authentication may be, in the same form with one number |
//! | `audience` | which resource the API is: a token must name it, in place of those of `AUDIENCE` |
//!
//! API Gateway adds them to every event except those of `TOKEN` authorizers, and clients cannot change them. A
//! malformed one fails the invocation: nothing is allowed until its owner corrects it.

use jwt::AccessClaims;

use crate::answer::Failure;
use crate::event::Event;
use crate::need::Need;
use crate::rules::Rules;

/// What one API and stage requires.
#[derive(Debug, Default)]
pub(crate) struct Stage {
    pub(crate) rules: Rules,
    audience: Option<String>,
}

impl Stage {
    /// Reads the stage variables of an event.
    pub(crate) fn of(event: &Event) -> Result<Self, Failure> {
        let mut stage = Self::default();
        for (name, value) in event.stage_variables() {
            if name == "audience" {
                stage.audience = Some(value.to_owned());
            } else if let Some((kind, need)) = kind(name) {
                let rules = Rules::parse_variable(value, need).ok_or(Failure::Stage(kind))?;
                stage.rules.extend(rules);
            }
        }
        Ok(stage)
    }

    /// Whether a token is for this API. `usual` are the audiences of APIs that do not declare their own.
    pub(crate) fn is_audience_of(&self, claims: &AccessClaims, usual: &[String]) -> bool {
        match &self.audience {
            Some(own) => claims.aud.contains(own),
            None => usual.iter().any(|name| claims.aud.contains(name)),
        }
    }
}

/// Reads what the targets of a rule need.
type ReadNeed = fn(&str) -> Option<Need>;

/// What the rules of a variable are about.
fn kind(name: &str) -> Option<(&'static str, ReadNeed)> {
    let kinds: [(&'static str, ReadNeed); 3] =
        [("scopes", Need::scopes), ("acr", Need::level), ("max_age", Need::max_age)];
    kinds.into_iter().find(|(kind, _)| {
        let rest = name.strip_prefix(kind);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('_'))
    })
}
