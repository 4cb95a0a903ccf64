//! IAM: who calls, and what they may do.
//!
//! The language of policies ([`policy`]) with the wildcards of ARNs, the evaluation of policies as IAM does it, the
//! credentials that a stack makes, and the signatures that are made and checked with them. Nothing here listens or knows a
//! service: `template` reads policies into the language, and `guard` asks for decisions before each service.

mod credentials;
mod evaluation;
mod identities;
mod operator;
pub(crate) mod policy;
mod signature;
pub(crate) mod wildcard;

pub use credentials::Credentials;
pub use evaluation::{Grant, Policies, Refused, Role};
pub(crate) use identities::Identities;
pub use operator::Upstream;
pub(crate) use operator::{Aws, Exception, Operator};
pub use policy::{Access, Condition, Effect, KeyPolicy, KeyStatement, Principal, Statement};
pub(crate) use signature::Rejection;
