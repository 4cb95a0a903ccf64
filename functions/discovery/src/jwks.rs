//! `GET /.well-known/jwks.json` (RFC 7517 section 5): every key whose signatures are valid.

use oauth::Error;
use web::{Request, Response};

use crate::app::App;

/// How long verifiers may cache the keys, in seconds. A new key is published for longer than this before it signs.
const MAX_AGE: u64 = 300;

pub(crate) async fn jwks(app: &App, request: &Request) -> Result<Response, Error> {
    let ring = app.keys.ring(request.now()).await?;
    let response = Response::text(200, "application/jwk-set+json", ring.jwks());
    Ok(response.cacheable(request, MAX_AGE))
}
