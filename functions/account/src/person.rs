//! The person who sent the request: the verified token and its active session.

use oauth::{Code, Error, scope};
use store::{Session, User};
use web::Request;

use crate::app::App;

/// An authorized person.
pub(crate) struct Person {
    /// The profile.
    pub(crate) user: User,
    /// The session of the request.
    pub(crate) session: Session,
}

/// The person of the request's token (RFC 6750 section 3): a valid token with the scope `account` whose session has not
/// ended. Session and profile are looked up, so that a logout takes effect here at once.
pub(crate) async fn authorize(app: &App, request: &Request) -> Result<Person, Error> {
    let ((id, sid), now) = (claimed(app, request).await?, request.now());
    let (session, user) = tokio::join!(app.sessions.find(&id, &sid, now), app.users.by_id(&id, now));
    let session = session?.ok_or_else(ended)?;
    let user = user?.ok_or_else(|| Error::new(Code::InvalidToken, "the account no longer exists"))?;
    if session.is_kept_by(&user) { Ok(Person { user, session }) } else { Err(ended()) }
}

/// The ids of the person and of the session in the token.
async fn claimed(app: &App, request: &Request) -> Result<(String, String), Error> {
    let claims = app.verification.verify(&request.bearer()?, request.now()).await?;
    if !claims.scope.contains(scope::ACCOUNT) {
        return Err(Error::insufficient_scope(scope::ACCOUNT));
    }
    let sid = claims.sid.ok_or_else(|| Error::new(Code::InvalidToken, "the token has no session"))?;
    Ok((claims.sub, sid))
}

/// The session of the request has ended.
pub(crate) fn ended() -> Error {
    Error::new(Code::InvalidToken, "the session has ended")
}
