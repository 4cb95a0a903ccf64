//! `GET /revocations`: recent revocations, for authorizers and other verifiers.
//!
//! The list contains hashes instead of ids; see `jwt::RevocationList`.

use oauth::Error;
use web::{Request, Response};

use crate::app::App;

pub(crate) async fn revocations(app: &App, request: &Request) -> Result<Response, Error> {
    let list = app.revocations.list(request.now()).await?;
    Ok(Response::json(200, &*list)?.header("cache-control", "public, max-age=1"))
}
