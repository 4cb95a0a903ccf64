//! Who the client is (RFC 6749 section 2.3). Today there is one: the built-in public client of first-party apps.

use oauth::{Code, Error, FIRST_PARTY};
use web::{Form, Request};

/// The id of a client that has proven who it is, as far as clients of its kind can.
pub(crate) fn authenticate(request: &Request, form: &Form) -> Result<&'static str, Error> {
    let refuse = |detail| Err(Error::new(Code::InvalidClient, detail));
    if request.header("authorization").is_some() || form.optional("client_secret").is_some() {
        return refuse("a secret from a client that has none");
    }
    match form.optional("client_id") {
        Some(FIRST_PARTY) => Ok(FIRST_PARTY),
        Some(_) => refuse("unknown client"),
        None => refuse("no client_id"),
    }
}
