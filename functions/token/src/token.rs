//! `POST /token` (RFC 6749 section 3.2): one pipeline for all grants. A grant never runs a shared check, so it cannot
//! forget one.

use oauth::{Code, Error, GrantType};
use web::{Request, Response};

use crate::app::App;
use crate::client;
use crate::grants::{authorization_code, client_credentials, refresh_token};

pub(crate) async fn token(app: &App, request: &Request) -> Result<Response, Error> {
    let form = request.form()?;
    let registered = client::authenticate(app, request, &form).await?;
    let client = &registered.client;
    let grant = GrantType::parse(form.required("grant_type")?)
        .ok_or_else(|| Error::new(Code::UnsupportedGrantType, "grant type"))?;
    if !client.may(grant) {
        return Err(Error::new(Code::UnauthorizedClient, "not registered for this grant"));
    }
    let response = match grant {
        GrantType::AuthorizationCode => authorization_code::exchange(app, client, &form, request).await?,
        GrantType::RefreshToken => refresh_token::exchange(app, client, &form, request.now()).await?,
        GrantType::ClientCredentials => client_credentials::exchange(app, client, &form, request.now()).await?,
    };
    Response::json(200, &response)
}
