//! The person who sent the request: the verified token and its active session.

use oauth::{Code, Error, scope};
use store::User;
use web::Request;

use crate::app::App;

/// An authorized person.
pub(crate) struct Person {
    /// The person's id.
    pub(crate) id: String,
    /// The session of the request.
    pub(crate) sid: String,
}

/// The person of the request's token (RFC 6750 section 3): a valid token with the scope `account` whose session has not
/// ended. The session is looked up, so that a logout takes effect here at once.
pub(crate) async fn authorize(app: &App, request: &Request) -> Result<Person, Error> {
    let person = claimed(app, request).await?;
    match app.sessions.find(&person.id, &person.sid, request.now()).await? {
        Some(_) => Ok(person),
        None => Err(ended()),
    }
}

/// The profile of the person that [`authorize`] accepts, read in parallel with the session.
pub(crate) async fn profile(app: &App, request: &Request) -> Result<User, Error> {
    let (person, now) = (claimed(app, request).await?, request.now());
    let (session, user) =
        tokio::join!(app.sessions.find(&person.id, &person.sid, now), app.users.by_id(&person.id, now));
    session?.ok_or_else(ended)?;
    user?.ok_or_else(|| Error::new(Code::InvalidToken, "the account no longer exists"))
}

async fn claimed(app: &App, request: &Request) -> Result<Person, Error> {
    let claims = app.verification.verify(&request.bearer()?, request.now()).await?;
    if !claims.scope.contains(scope::ACCOUNT) {
        return Err(Error::insufficient_scope(scope::ACCOUNT));
    }
    let sid = claims.sid.ok_or_else(|| Error::new(Code::InvalidToken, "the token has no session"))?;
    Ok(Person { id: claims.sub, sid })
}

fn ended() -> Error {
    Error::new(Code::InvalidToken, "the session has ended")
}
