//! What the owner of an API asks for in its stage variables, for that API and stage alone: a team that shares this
//! authorizer needs nobody else to protect its routes. Scopes only ever add to what the function's own settings ask for.
//!
//! | variable | |
//! |---|---|
//! | `scopes`, `scopes_…` | what the routes ask for, see `rules.rs`; several, because one holds 512 characters |
//! | `audience` | which resource the API is: a token must name it, in place of those of `AUDIENCE`. One that is neither there nor declared in `RESOURCES` is nobody's |
//!
//! API Gateway writes them into every event except those of `TOKEN` authorizers, and no client can. One that cannot be
//! read is a failure of the invocation: nothing is allowed until its owner mends it.

use jwt::AccessClaims;

use crate::answer::Failure;
use crate::event::Event;
use crate::rules::Rules;

/// What one API and stage asks for.
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

    /// Whether a token is for this API, where `usual` are the audiences of APIs that do not say what they are.
    pub(crate) fn is_audience_of(&self, claims: &AccessClaims, usual: &[String]) -> bool {
        match &self.audience {
            Some(own) => claims.aud.contains(own),
            None => usual.iter().any(|name| claims.aud.contains(name)),
        }
    }
}
