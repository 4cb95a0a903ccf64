//! One statement of a policy: which actions on which resources it speaks of, and under which conditions.

use super::super::wildcard;
use super::access::Access;
use super::condition::Condition;

/// What a statement says of what it speaks of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// It may be done.
    Allow,
    /// It may not, whatever else is said.
    Deny,
}

/// A statement. In the policy of a role it speaks of that role, see [`KeyStatement`] for a key's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// `Sid`; empty without one.
    pub sid: String,
    /// What it says.
    pub effect: Effect,
    /// Of which actions, with wildcards.
    pub actions: Vec<String>,
    /// On which resources: ARNs with wildcards.
    pub resources: Vec<String>,
    /// Under which conditions, all of which must hold.
    pub conditions: Vec<Condition>,
}

/// A key and who may use it.
#[derive(Debug, Clone)]
pub struct KeyPolicy {
    /// How grants name it.
    pub id: String,
    /// Its ARN.
    pub arn: String,
    /// What its policy says.
    pub statements: Vec<KeyStatement>,
}

/// A statement of a key policy, which names whom it speaks of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyStatement {
    /// Whom it speaks of.
    pub principals: Vec<Principal>,
    /// What it says of them.
    pub statement: Statement,
}

/// Whom a statement of a key policy speaks of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Principal {
    /// Anybody at all.
    Anybody,
    /// An AWS account: what it allows, the account's own policies may hand on.
    Account(String),
    /// A role, by its ARN.
    Role(String),
    /// A service of AWS; no function is one.
    Service(String),
}

impl Statement {
    /// Whether it speaks of this.
    pub fn covers(&self, access: &Access) -> bool {
        self.actions.iter().any(|action| names(action, &access.action))
            && self.resources.iter().any(|resource| wildcard::matches(resource, &access.resource))
            && self.conditions.iter().all(|condition| condition.holds(access))
    }
}

/// Whether an action of a policy, with its wildcards, names `action`. Case is ignored.
pub(crate) fn names(pattern: &str, action: &str) -> bool {
    wildcard::matches(&pattern.to_ascii_lowercase(), &action.to_ascii_lowercase())
}
