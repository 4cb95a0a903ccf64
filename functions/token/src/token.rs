//! `POST /token` (RFC 6749 section 3.2): one pipeline for all grants. Authenticate the client, check that it may use
//! the grant, make sure that signing is possible, let the grant decide, issue the tokens, commit.
//!
//! A grant issues no token and runs no shared check, so it cannot forget one.

use mint::TokenResponse;
use oauth::{Client, Code, Error, GrantType, Parameters};
use web::{Request, Response};

use crate::app::App;
use crate::client;
use crate::grants::{self, Commit, Exchange, Granted};

pub(crate) async fn token(app: &App, request: &Request) -> Result<Response, Error> {
    let form = request.form()?;
    let (registered, resources) =
        tokio::join!(client::authenticate(app, request, &form), app.resources.known(request.now()));
    let (registered, resources) = (registered?, resources?);
    let client = &registered.client;
    let grant = permitted(client, &form)?;
    app.mint.ready(client, request.now()).await?;
    let exchange = Exchange { app, resources, client, form: &form, request, now: request.now() };
    let Granted { authorization, commit } = grants::decide(grant, &exchange).await?;
    let response = app.mint.issue(&authorization, request.now()).await?;
    Response::json(200, &self::commit(&exchange, commit, response).await?)
}

/// The requested grant type, if the client is registered for it.
fn permitted(client: &Client, form: &Parameters) -> Result<GrantType, Error> {
    let grant = GrantType::parse(form.required("grant_type")?)
        .ok_or_else(|| Error::new(Code::UnsupportedGrantType, "unsupported grant_type"))?;
    if client.may(grant) {
        Ok(grant)
    } else {
        Err(Error::new(Code::UnauthorizedClient, "the client is not registered for this grant"))
    }
}

async fn commit(exchange: &Exchange<'_>, commit: Commit<'_>, response: TokenResponse) -> Result<TokenResponse, Error> {
    let token = match commit {
        Commit::Nothing => None,
        Commit::Code(redemption) => Some(grants::authorization_code::redeem(exchange, &redemption).await?),
        Commit::Rotated(token) => Some(token),
    };
    let token = token.filter(|_| exchange.client.may(GrantType::RefreshToken));
    Ok(response.with_refresh_token(token.as_ref()))
}
