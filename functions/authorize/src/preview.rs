//! Requests that must change nothing although somebody who followed the same link would: HEAD, and browsers that load a
//! page before anybody asks for it.

use oauth::Error;
use web::{Request, Response};

/// The answer to such a request. `None`: somebody follows the link.
pub(crate) fn preview(request: &Request) -> Result<Option<Response>, Error> {
    if request.is_prefetch() {
        return Err(Error::parameter("Sec-Purpose", "unsupported", "This address cannot be prefetched."));
    }
    Ok(request.is_head().then(|| Response::empty(200)))
}
