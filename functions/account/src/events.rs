//! `GET /me/events`: what happened to the account of the person, newest first, and how often somebody was refused who wanted
//! to sign in as them.

use oauth::{Error, Time};
use serde_json::{Value, json};
use store::{Device, Recorded, Tally};
use web::{Request, Response};

use crate::app::App;
use crate::person::authorize;

pub(crate) async fn list(app: &App, request: &Request) -> Result<Response, Error> {
    let (id, now) = (authorize(app, request).await?.user.id, request.now());
    let query = request.query_parameters()?;
    let page = app.audit.page(Some(&id), query.optional("before"), now);
    let (history, refused) = tokio::try_join!(Box::pin(page), Box::pin(refused(app, &id, now)))?;
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
pub(crate) async fn refused(app: &App, person: &str, now: Time) -> Result<Tally, Error> {
    let (elsewhere, devices) =
        tokio::try_join!(Box::pin(app.limits.refused(person, now)), Box::pin(app.devices.of(person, now)))?;
    Ok(all(elsewhere, &devices))
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
