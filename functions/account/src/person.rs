//! Who is asking: the token, verified, and the session that it belongs to, alive.

use oauth::{Code, Error, scope};
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
    let claims = app.verification.verify(&request.bearer()?, request.now()).await?;
    if !claims.scope.contains(scope::ACCOUNT) {
        return Err(Error::insufficient_scope(scope::ACCOUNT));
    }
    let sid = claims.sid.ok_or_else(|| Error::new(Code::InvalidToken, "a token without a session"))?;
    match app.sessions.find(&claims.sub, &sid, request.now()).await? {
        Some(_) => Ok(Person { id: claims.sub, sid }),
        None => Err(Error::new(Code::InvalidToken, "the session has ended")),
    }
}
