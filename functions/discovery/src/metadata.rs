//! `GET /.well-known/oauth-authorization-server` (RFC 8414 section 3).

use oauth::Error;
use web::{Request, Response};

use crate::app::App;

/// How long a client may keep the document, in seconds.
const MAX_AGE: u64 = 3600;

pub(crate) fn metadata(app: &App, request: &Request) -> Result<Response, Error> {
    Ok(Response::json(200, &app.metadata)?.cacheable(request, MAX_AGE))
}
