//! The person who is signed in in this browser.

pub(crate) use flow::SignedIn;
use oauth::Error;
use web::Request;

use crate::app::App;

/// The person that the session cookie belongs to.
pub(crate) async fn signed_in(app: &App, request: &Request) -> Result<Option<SignedIn>, Error> {
    flow::signed_in(&app.site, (&app.browsers, &app.users), request).await
}
