//! The end of every sign-in on the pages: this browser is signed in, the device is remembered, the history has an entry.

use flow::{Entry, UnderWay};
use oauth::{Action, Error, Time};
use store::User;
use web::pages::{Undelivered, Unreachable};
use web::{Cookie, Request, Response};

use crate::app::App;

/// A person who has proven all that their account needs.
pub(crate) struct Arrival<'a> {
    pub(crate) user: &'a User,
    pub(crate) entry: Entry<'a>,
    /// Whether what is stored about the device has been renewed already.
    pub(crate) is_known: bool,
    /// Whether the person trusts the device from now on.
    pub(crate) trusts: bool,
}

/// Signs the person in, and returns to `/authorize`, or tells them first that mails do not reach them. `None`: what the
/// authentication depends on has changed, or what it uses up was used.
pub(crate) async fn arrive(
    app: &App,
    request: &Request,
    under_way: &UnderWay<'_>,
    arrival: Arrival<'_>,
) -> Result<Option<Response>, Error> {
    let Arrival { user, entry, is_known, trusts } = arrival;
    let device = (user, is_known, trusts);
    let (entered, device, (), (), unreachable) = tokio::join!(
        Box::pin(enter(app, request, entry, under_way)),
        Box::pin(remember(app, request, device)),
        app.browsers.make_room(&user.id, request.now()),
        make_room(app, &user.id, is_known, request.now()),
        Box::pin(unreachable(app, user, request.now()))
    );
    let Some(cookie) = entered? else { return Ok(None) };
    let next = match unreachable {
        Some((email, why)) => undelivered(app, request, under_way, (&email, why))?,
        None => under_way.back(),
    };
    Ok(Some([Some(cookie), device].into_iter().flatten().fold(next, Response::cookie)))
}

/// Begins the sign-in of this browser, and records it.
async fn enter(
    app: &App,
    request: &Request,
    entry: Entry<'_>,
    under_way: &UnderWay<'_>,
) -> Result<Option<Cookie>, Error> {
    let user = entry.user;
    let Some(cookie) = flow::enter_by((&app.site, &app.browsers), request, entry).await? else { return Ok(None) };
    let event = request.event_of(Action::SignIn, user).by_client(&under_way.stored.request.client_id);
    app.audit.record(event, request.now()).await;
    Ok(Some(cookie))
}

async fn remember(app: &App, request: &Request, (user, is_known, trusts): (&User, bool, bool)) -> Option<Cookie> {
    let (at, whose) = ((&app.site, &app.devices), (user.id.as_str(), is_known));
    if trusts { flow::trust(at, request, whose, user.epoch).await } else { flow::remember(at, request, whose).await }
}

/// Forgets devices that are too many, if another one is remembered now.
async fn make_room(app: &App, user: &str, is_known: bool, now: Time) {
    if !is_known {
        app.devices.make_room(user, now).await;
    }
}

/// The person's proven address and why mails do not reach it, if they do not. If the store fails here, nobody is told.
async fn unreachable(app: &App, user: &User, now: Time) -> Option<(String, Unreachable)> {
    let email = user.email(now).filter(|_| app.outbox.is_on())?;
    match flow::unreachable(&app.bounces, user, now).await {
        Ok(why) => why.map(|why| (email.address.clone(), why)),
        Err(error) => {
            tracing::warn!(%error, "looking for the mark of an address failed");
            None
        }
    }
}

/// Tells the person that mails do not reach them, before they return to `/authorize`.
fn undelivered(
    app: &App,
    request: &Request,
    under_way: &UnderWay<'_>,
    (email, why): (&str, Unreachable),
) -> Result<Response, Error> {
    let (layout, step) = (under_way.layout(&app.site, request), under_way.step(""));
    Undelivered { layout, step, email, why }.response()
}
