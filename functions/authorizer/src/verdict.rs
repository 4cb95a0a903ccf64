//! What comes of a request's token, before it is worded for the kind of API that asks.

use jwt::AccessClaims;

/// What a request's token is worth.
#[derive(Debug)]
pub(crate) enum Verdict {
    /// Good for this request.
    Allowed(AccessClaims),
    /// Good, but without a scope that this request needs.
    LacksScope(AccessClaims),
    /// No token, or none that is good.
    Unproven,
}
