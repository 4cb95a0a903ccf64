//! Who is asking: the token, verified, and the session that it belongs to, alive.

use oauth::{Code, Error, scope};
use store::User;
use web::Request;

use crate::app::App;

/// A person who may look after their own account.
pub(crate) struct Person {
    /// Their id.
    pub(crate) id: String,
    /// The session that the request belongs to.
    pub(crate) sid: String,
}

/// Whoever the request's token speaks for (RFC 6750 section 3): a good token, of a session that has not ended, with the
/// scope `account`. The session is looked up, so that a logout counts here at once.
pub(crate) async fn authorize(app: &App, request: &Request) -> Result<Person, Error> {
    let person = claimed(app, request).await?;
    match app.sessions.find(&person.id, &person.sid, request.now()).await? {
        Some(_) => Ok(person),
        None => Err(ended()),
    }
}

/// The profile of whoever [`authorize`] would let in, read beside the session.
pub(crate) async fn profile(app: &App, request: &Request) -> Result<User, Error> {
    let (person, now) = (claimed(app, request).await?, request.now());
    let (session, user) =
        tokio::join!(app.sessions.find(&person.id, &person.sid, now), app.users.by_id(&person.id, now));
    session?.ok_or_else(ended)?;
    user?.ok_or_else(|| Error::new(Code::InvalidToken, "the account is gone"))
}

async fn claimed(app: &App, request: &Request) -> Result<Person, Error> {
    let claims = app.verification.verify(&request.bearer()?, request.now()).await?;
    if !claims.scope.contains(scope::ACCOUNT) {
        return Err(Error::insufficient_scope(scope::ACCOUNT));
    }
    let sid = claims.sid.ok_or_else(|| Error::new(Code::InvalidToken, "a token without a session"))?;
    Ok(Person { id: claims.sub, sid })
}

fn ended() -> Error {
    Error::new(Code::InvalidToken, "the session has ended")
}
