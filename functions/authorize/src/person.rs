//! Who is signed in in this browser.

use oauth::Error;
use store::{BrowserSession, User};
use web::Request;

use crate::app::App;

/// A person whose browser session lives, and who may still come in.
pub(crate) struct SignedIn {
    pub(crate) user: User,
    pub(crate) session: BrowserSession,
}

/// Whoever the session cookie stands for. The profile is read each time: a password that was changed, or an account that
/// was closed, counts at once.
pub(crate) async fn signed_in(app: &App, request: &Request) -> Result<Option<SignedIn>, Error> {
    let Some(cookie) = app.site.session(request) else { return Ok(None) };
    let Some(session) = app.browsers.find(cookie, request.now()).await? else { return Ok(None) };
    let user = app.users.by_id(&session.user, request.now()).await?;
    Ok(user.filter(|user| user.welcomes(session.authentication.rests_on.epoch)).map(|user| SignedIn { user, session }))
}
