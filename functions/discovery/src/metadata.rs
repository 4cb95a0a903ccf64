//! `GET /.well-known/openid-configuration` (OpenID Connect Discovery section 4), the same document at
//! `/.well-known/oauth-authorization-server` (RFC 8414 section 3), and `/.well-known/oauth-protected-resource` (RFC 9728
//! section 3) for the service's own API.

use oauth::Error;
use web::{Request, Response};

use crate::app::App;

/// How long clients may cache the document, in seconds.
const MAX_AGE: u64 = 3600;

pub(crate) async fn metadata(app: &App, request: &Request) -> Result<Response, Error> {
    let (resources, signing) =
        tokio::join!(app.resources.known(request.now()), app.keys.algorithms_that_sign(request.now()));
    Ok(Response::json(200, &app.metadata.with(&*resources?, signing?))?.cacheable(request, MAX_AGE))
}

pub(crate) fn protected_resource(app: &App, request: &Request) -> Result<Response, Error> {
    Ok(Response::json(200, &app.protected_resource)?.cacheable(request, MAX_AGE))
}
