//! What the owner of an API requires in its stage variables, for that API and stage alone. Teams that share this
//! authorizer can so protect their routes without the operator. Scopes only add to those of the authorizer's own
//! settings.
//!
//! | variable | |
//! |---|---|
//! | `scopes`, `scopes_…` | the scopes that routes need, see `rules.rs`; several, because one variable holds 512 characters |
//! | `audience` | which resource the API is: a token must name it, in place of those of `AUDIENCE` |
//!
//! API Gateway adds them to every event except those of `TOKEN` authorizers, and clients cannot change them. A
//! malformed one fails the invocation: nothing is allowed until its owner corrects it.

use jwt::AccessClaims;

use crate::answer::Failure;
use crate::event::Event;
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
            if name == "scopes" || name.starts_with("scopes_") {
                let rules = Rules::parse_variable(value).ok_or(Failure::Stage("scopes"))?;
                stage.rules.extend(rules);
            } else if name == "audience" {
                stage.audience = Some(value.to_owned());
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
