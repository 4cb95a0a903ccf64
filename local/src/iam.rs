//! IAM: what each function's role may do, read from the template, and the guard that refuses everything else.
//!
//! The guard stands between the functions and every service that they call. It knows a caller by the signature of the
//! request, works out which actions IAM would ask about, on which resource and in which context, and evaluates the
//! function's `Policies` and the key policies as IAM does. What the template writes and this cannot evaluate is an error
//! when the stack starts, so a statement never means less here than in the cloud.

mod access;
mod condition;
mod dynamodb;
mod guard;
mod identity;
mod key_condition;
mod kms;
mod policies;
mod record;
mod signature;
mod statement;

pub use access::Access;
pub use condition::Condition;
pub(crate) use guard::Guards;
pub(crate) use identity::Identities;
pub use policies::{Grant, Policies, Refused};
pub(crate) use signature::{Scope, signed};
pub use statement::{Effect, KeyStatement, Principal, Statement};

/// Whether an action of a policy, wildcards included, names anything that callers here can be asked about.
pub(crate) fn is_evaluated(pattern: &str) -> bool {
    dynamodb::ACTIONS.iter().chain(&kms::ACTIONS).any(|action| statement::names(pattern, action))
}
