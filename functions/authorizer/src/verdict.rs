//! The result of checking a request, before it is put into the form that the calling API expects.

use jwt::AccessClaims;

/// The result of checking a request's token.
#[derive(Debug)]
pub(crate) enum Verdict {
    /// Valid, and sufficient for this request.
    Allowed(AccessClaims),
    /// Valid, but without a scope that this request needs.
    LacksScope(AccessClaims),
    /// No token, or an invalid one.
    Unproven,
}
