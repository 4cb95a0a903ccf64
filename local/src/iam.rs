//! IAM: what each function's role may do, read from the template, and the guard that refuses everything else.
//!
//! The guard stands between the functions and every service that they call. It knows a caller by the signature of the
//! request, works out which actions IAM would ask about, on which resource and in which context, and evaluates the
//! function's `Policies` and the key policies as IAM does. What the template writes and this cannot evaluate is an error
//! when the stack starts, so a statement never means less here than in the cloud.

mod dynamodb;
mod guard;
mod identity;
mod key_condition;
mod kms;
mod policies;
mod record;

pub(crate) use guard::Guards;
pub(crate) use identity::Identities;
pub use policies::{Grant, Policies, Refused};

pub use crate::policy::{Access, Condition, Effect, KeyStatement, Principal, Statement};
