//! `POST /revoke` (RFC 7009): a refresh token ends its session; an access token is revoked individually.
//!
//! The response is the same 200 for valid tokens, invalid tokens and tokens of other clients (section 2.2).
//! `token_type_hint` is not needed, because the formats of the two kinds differ.

use jwt::AccessClaims;
use oauth::{Action, Code, Error, Reason, Time};
use serde_json::json;
use store::{RefreshToken, Revoked};
use web::{Request, Response};

use crate::app::App;
use crate::client;

pub(crate) async fn revoke(app: &App, request: &Request) -> Result<Response, Error> {
    let form = request.form()?;
    let registered = client::authenticate(app, request, &form).await?;
    let (token, client_id) = (form.required("token")?, &registered.client.client_id);
    match RefreshToken::parse(token) {
        Some(token) => end_family(app, request, &token, client_id).await?,
        None => revoke_access_token(app, token, client_id, request.now()).await?,
    }
    // An empty JSON object: API Gateway would label an empty body as plain text, which breaks libraries that parse
    // every response of the back channel as JSON.
    Response::json(200, &json!({}))
}

async fn end_family(app: &App, request: &Request, token: &RefreshToken, client_id: &str) -> Result<(), Error> {
    if app.sessions.end_family(token, client_id, request.now()).await? {
        let event = request.event_of(Action::TokensEnded, &token.user()).because(Reason::Revoked);
        app.audit.record(event.by_client(client_id).of_session(&token.sid()), request.now()).await;
    }
    Ok(())
}

/// An invalid token, or one of another client, needs no revocation. A fault of ours must still be reported.
async fn revoke_access_token(app: &App, token: &str, client_id: &str, now: Time) -> Result<(), Error> {
    match app.verification.verify(token, now).await {
        Ok(claims) if claims.client_id == client_id => end(app, &claims, now).await,
        Err(error) if !matches!(error.code(), Code::InvalidToken | Code::ExpiredToken) => Err(error),
        _ => Ok(()),
    }
}

async fn end(app: &App, claims: &AccessClaims, now: Time) -> Result<(), Error> {
    match &claims.sid {
        Some(sid) => app.sessions.revoke_token(&claims.sub, sid, &claims.jti, now).await,
        None => app.revocations.add(&Revoked::Token { jti: claims.jti.clone() }, now).await,
    }
}
