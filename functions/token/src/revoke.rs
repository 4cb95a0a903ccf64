//! `POST /revoke` (RFC 7009): a refresh token ends its session, an access token ends itself.
//!
//! The answer is the same 200 for a token that was good, one that was not, and one of somebody else (section 2.2). The
//! hint is not needed: the kinds cannot be mistaken for one another.

use jwt::AccessClaims;
use oauth::{Code, Error, Time};
use store::TokenPlace;
use web::{Request, Response};

use crate::app::App;
use crate::client;

pub(crate) async fn revoke(app: &App, request: &Request) -> Result<Response, Error> {
    let form = request.form()?;
    let client_id = client::authenticate(request, &form)?;
    let token = form.required("token")?;
    if !app.issuer.revoke_refresh_token(token, client_id, request.now()).await? {
        revoke_access_token(app, token, client_id, request.now()).await?;
    }
    Ok(Response::empty(200))
}

/// A token that is no good, or somebody else's, needs no revoking; a fault of ours must not pass for that.
async fn revoke_access_token(app: &App, token: &str, client_id: &str, now: Time) -> Result<(), Error> {
    match app.verification.verify(token, now).await {
        Ok(AccessClaims { sub, sid: Some(sid), jti, client_id: holder, .. }) if holder == client_id => {
            app.sessions.revoke_token(TokenPlace { user: &sub, sid: &sid }, &jti, now).await
        }
        Err(error) if !matches!(error.code(), Code::InvalidToken | Code::ExpiredToken) => Err(error),
        _ => Ok(()),
    }
}
