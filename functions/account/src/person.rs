//! The person who sent the request: the verified token and its active session.

use oauth::{Authentication, Code, Error, Time, scope};
use store::{Session, User};
use web::Request;

use crate::app::App;

/// How old an authentication may be for a sensitive change of the account, in seconds.
pub(crate) const FRESH_SECONDS: u32 = 600;

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

/// Refuses unless the person has authenticated recently (RFC 9470): the client leads them through `/authorize` again, with
/// the `max_age` of the challenge.
pub(crate) fn fresh(authentication: &Authentication, now: Time) -> Result<(), Error> {
    if authentication.at.plus(u64::from(FRESH_SECONDS)) >= now {
        Ok(())
    } else {
        Err(Error::stale_authentication(FRESH_SECONDS))
    }
}

#[cfg(test)]
mod tests {
    use oauth::Needed;

    use super::*;

    #[test]
    fn an_authentication_is_fresh_for_ten_minutes() {
        let at = Time::from_seconds(1_800_000_000);
        let authentication = Authentication::by_password(0, at, at);
        assert!(fresh(&authentication, at).is_ok() && fresh(&authentication, at.plus(600)).is_ok());
        let error = fresh(&authentication, at.plus(601)).unwrap_err();
        assert_eq!(error.code(), Code::InsufficientUserAuthentication);
        assert_eq!(error.needed(), Some(Needed::MaxAge(600)));
    }
}
