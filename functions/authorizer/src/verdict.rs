//! The result of checking a request, before it is put into the form that the calling API expects.

use crate::need::Valid;

/// The result of checking a request's token.
#[derive(Debug)]
pub(crate) enum Verdict {
    /// Valid, and sufficient for this request.
    Allowed(Valid),
    /// Valid, but without something that this request needs.
    Insufficient(Valid),
    /// No token, or an invalid one.
    Unproven,
}
