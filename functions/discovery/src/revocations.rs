//! `GET /revocations`: what was revoked while tokens of it still live, for authorizers and other verifiers.
//!
//! Ids are in it only as hashes; see `jwt::RevocationList`.

use oauth::Error;
use web::{Request, Response};

use crate::app::App;

pub(crate) async fn revocations(app: &App, request: &Request) -> Result<Response, Error> {
    let list = app.revocations.list(request.now()).await?;
    Ok(Response::json(200, &*list)?.header("cache-control", "public, max-age=1"))
}
