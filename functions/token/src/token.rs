//! `POST /token` (RFC 6749 section 3.2): one pipeline for all grants. A grant never runs a shared check, so it cannot
//! forget one.

use oauth::{Code, Error};
use web::{Request, Response};

use crate::app::App;
use crate::{client, grants};

pub(crate) async fn token(app: &App, request: &Request) -> Result<Response, Error> {
    let form = request.form()?;
    let client_id = client::authenticate(request, &form)?;
    let response = match form.required("grant_type")? {
        "refresh_token" => grants::refresh_token::exchange(app, client_id, &form, request.now()).await?,
        _ => return Err(Error::new(Code::UnsupportedGrantType, "grant type")),
    };
    Response::json(200, &response)
}
