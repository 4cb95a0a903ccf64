//! The person who is signed in in this browser.

use oauth::Error;
use store::{BrowserSession, User};
use web::Request;

use crate::app::App;

/// A person with an active browser sign-in who may still sign in.
pub(crate) struct SignedIn {
    pub(crate) user: User,
    pub(crate) session: BrowserSession,
}

impl SignedIn {
    /// What a form about the request `id` is for. The person takes part: whoever signs in in another tab has not answered
    /// what this page asked somebody else.
    pub(crate) fn subject(&self, id: &str) -> String {
        format!("{id} {}", self.user.id)
    }
}

/// The person that the session cookie belongs to. The profile is read each time, so that a changed password or a
/// disabled account takes effect at once.
pub(crate) async fn signed_in(app: &App, request: &Request) -> Result<Option<SignedIn>, Error> {
    let Some(cookie) = app.site.session(request) else { return Ok(None) };
    let Some(session) = app.browsers.find(cookie, request.now()).await? else { return Ok(None) };
    let user = app.users.by_id(&session.user, request.now()).await?;
    Ok(user.filter(|user| user.welcomes(session.authentication.rests_on.epoch)).map(|user| SignedIn { user, session }))
}
