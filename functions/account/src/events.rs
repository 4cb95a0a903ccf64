//! `GET /me/events`: what happened to the account of the person, newest first, and how often somebody was refused who wanted
//! to sign in as them.

use credentials::Username;
use futures_util::future::try_join_all;
use oauth::{Error, Time};
use serde_json::{Value, json};
use store::{Device, Recorded, Tally, User};
use web::{Request, Response};

use crate::app::App;
use crate::person::authorize;

pub(crate) async fn list(app: &App, request: &Request) -> Result<Response, Error> {
    let (user, now) = (authorize(app, request).await?.user, request.now());
    let query = request.query_parameters()?;
    let page = app.audit.page(Some(&user.id), query.optional("before"), now);
    let (history, refused) = tokio::try_join!(Box::pin(page), Box::pin(refused(app, &user, now)))?;
    Response::json(
        200,
        &json!({
            "events": history.events.iter().map(Recorded::shown).collect::<Vec<_>>(),
            "next": history.next,
            "refused_sign_ins": shown(&refused),
        }),
    )
}

/// The refused attempts to sign in as a person, on their devices and elsewhere.
pub(crate) async fn refused(app: &App, person: &User, now: Time) -> Result<Tally, Error> {
    let (elsewhere, devices) =
        tokio::try_join!(Box::pin(elsewhere(app, person, now)), Box::pin(app.devices.of(&person.id, now)))?;
    Ok(all(elsewhere, &devices))
}

/// The refused attempts that were made on no known device, with any name by which the person signs in.
pub(crate) async fn elsewhere(app: &App, person: &User, now: Time) -> Result<Tally, Error> {
    let username = person.username.as_deref().and_then(|name| Username::parse(name).ok());
    let email = person.email(now).map(|email| email.canonical.as_str());
    let names = username.as_ref().map(Username::skeleton).into_iter().chain(email);
    let tallies = try_join_all(names.map(|name| app.limits.refused(name, now))).await?;
    Ok(tallies.into_iter().fold(Tally::default(), Tally::and))
}

/// The refused attempts on devices and elsewhere together.
pub(crate) fn all(elsewhere: Tally, devices: &[Device]) -> Tally {
    devices.iter().fold(elsewhere, |sum, device| sum.and(device.refused))
}

/// A tally as JSON. The times are absent if there was no attempt.
pub(crate) fn shown(tally: &Tally) -> Value {
    let told = |time: Option<Time>| time.filter(|_| tally.count > 0).map(Time::seconds);
    json!({ "count": tally.count, "since": told(tally.first), "last_at": told(tally.last) })
}
