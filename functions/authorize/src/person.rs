//! The person who is signed in in this browser.

pub(crate) use flow::SignedIn;
use oauth::Error;
use web::Request;

use crate::app::App;

/// The person that the session cookie belongs to.
pub(crate) async fn signed_in(app: &App, request: &Request) -> Result<Option<SignedIn>, Error> {
    flow::signed_in(&app.site, (&app.browsers, &app.users), request).await
}

/// The same person, unless their second factor is missing. Nobody decides anything before.
pub(crate) async fn fully_signed_in(app: &App, request: &Request) -> Result<Option<SignedIn>, Error> {
    let signed_in = signed_in(app, request).await?;
    Ok(signed_in.filter(|signed_in| !signed_in.lacks_second_factor(request.now())))
}
