//! `GET|POST /userinfo` (OpenID Connect Core section 5.3): the claims about the person of an access token.

use jwt::PersonClaims;
use oauth::{Code, Error, scope};
use serde::Serialize;
use web::{Method, Request, Response};

use crate::app::App;

#[derive(Serialize)]
struct UserInfo<'a> {
    sub: &'a str,
    #[serde(flatten)]
    person: PersonClaims,
}

/// The session is looked up, so that a logout takes effect here at once, and because it contains the individually
/// requested claims.
pub(crate) async fn userinfo(app: &App, request: &Request) -> Result<Response, Error> {
    let now = request.now();
    let claims = app.verification.verify(&token(request)?, now).await?;
    if !claims.scope.contains(scope::OPEN) {
        return Err(Error::insufficient_scope(scope::OPEN));
    }
    let gone = |detail| Error::new(Code::InvalidToken, detail);
    let sid = claims.sid.as_deref().ok_or_else(|| gone("the token has no session"))?;
    let (session, user) = tokio::join!(app.sessions.find(&claims.sub, sid, now), app.users.by_id(&claims.sub, now));
    let session = session?.ok_or_else(|| gone("the session has ended"))?;
    let user = user?.ok_or_else(|| gone("the account no longer exists"))?;
    if !session.is_kept_by(&user) {
        return Err(gone("the person has signed out everywhere"));
    }
    let person = mint::userinfo(&user, &session, &claims.scope, now);
    Response::json(200, &UserInfo { sub: &user.id, person })
}

/// The token from the header or from a posted form (RFC 6750 section 2.2), but not from both.
fn token(request: &Request) -> Result<String, Error> {
    let form = if request.method() == Method::POST && request.has_form() { Some(request.form()?) } else { None };
    match form.as_ref().and_then(|form| form.optional("access_token")) {
        None => request.bearer(),
        Some(token) if request.header("authorization").is_none() => Ok(token.to_owned()),
        Some(_) => Err(Error::parameter(
            "access_token",
            "repeated",
            "Send the token once, either in the header or in the form.",
        )),
    }
}
