//! `GET /me/export`: everything that is kept about a person, except what would open something.
//!
//! What is stored for minutes is not in it: requests and codes. Of events there are the newest thousand, and the place where
//! older ones begin.

use oauth::{Action, Error, Time};
use serde_json::{Value, json};
use store::{BrowserSession, Consent, Device, Recorded, Session, Unreachable, User};
use web::{Request, Response};

use crate::app::App;
use crate::events;
use crate::factors;
use crate::me::Profile;
use crate::person::authorize;

pub(crate) async fn export(app: &App, request: &Request) -> Result<Response, Error> {
    let person = authorize(app, request).await?;
    file(app, request, &person.user, &person.session.sid).await
}

/// Everything about `user`, as a file for the session or browser with the id `session`.
pub(crate) async fn file(app: &App, request: &Request, user: &User, session: &str) -> Result<Response, Error> {
    let response = Response::json(200, &document(app, user, request.now()).await?)?;
    let event = request.event_of(Action::DataExported, &user.id).of_session(session);
    app.audit.record(event, request.now()).await;
    Ok(response.header("content-disposition", "attachment; filename=\"account.json\""))
}

async fn document(app: &App, user: &User, now: Time) -> Result<Value, Error> {
    let address = user.email(now).map(|email| email.address.as_str());
    let (factors, unreachable, browsers, sessions, consents, devices, history, refused) = tokio::try_join!(
        Box::pin(app.factors.of(&user.id, now)),
        Box::pin(unreachable(app, address, now)),
        Box::pin(app.browsers.of(&user.id, now)),
        Box::pin(app.sessions.of(&user.id, now)),
        Box::pin(app.consents.of(&user.id, now)),
        Box::pin(app.devices.of(&user.id, now)),
        Box::pin(app.audit.newest(&user.id, now)),
        Box::pin(events::elsewhere(app, user, now)),
    )?;
    let factors = factors::shown(&factors);
    Ok(json!({
        "exported_at": now.seconds(),
        "profile": Profile::of(user, now),
        "status": user.status,
        "password": factors["password"],
        "totp": factors["totp"],
        "recovery_codes": factors["recovery_codes"],
        "email_unreachable": unreachable.as_ref().map(mark),
        "browsers": browsers.iter().map(browser).collect::<Vec<_>>(),
        "sessions": sessions.iter().map(session).collect::<Vec<_>>(),
        "consents": consents.iter().map(consent).collect::<Vec<_>>(),
        "devices": devices.iter().map(device).collect::<Vec<_>>(),
        "events": history.events.iter().map(Recorded::shown).collect::<Vec<_>>(),
        // Older ones are at `/me/events?before=…`.
        "next_events": history.next,
        "refused_sign_ins": events::shown(&events::all(refused, &devices)),
    }))
}

/// The mark of the proven address.
async fn unreachable(app: &App, address: Option<&str>, now: Time) -> Result<Option<Unreachable>, Error> {
    match address {
        Some(address) => app.bounces.of(address, now).await,
        None => Ok(None),
    }
}

fn mark(marked: &Unreachable) -> Value {
    json!({ "reason": marked.reason, "since": marked.at.seconds(), "expires_at": marked.until })
}

fn browser(browser: &BrowserSession) -> Value {
    json!({
        "id": browser.id,
        "amr": browser.authentication.methods,
        "acr": browser.authentication.level,
        "auth_time": browser.authentication.at.seconds(),
        "user_agent": browser.user_agent,
        "last_used_at": browser.used_at().seconds(),
        "idle_end": browser.idle_end,
        "expires_at": browser.expires_at,
    })
}

fn session(session: &Session) -> Value {
    json!({
        "id": session.sid,
        "client_id": session.client_id,
        "scope": session.scope.to_string(),
        "resources": session.resources,
        "claims": session.claims,
        "username": session.username,
        "name": session.name,
        "roles": session.roles,
        "amr": session.authentication.methods,
        "acr": session.authentication.level,
        "auth_time": session.authentication.at.seconds(),
        "browser": session.browser,
        "user_agent": session.user_agent,
        "last_used_at": session.used_at.seconds(),
        "idle_end": session.idle_end,
        "expires_at": session.max_end,
    })
}

fn consent(consent: &Consent) -> Value {
    json!({ "client_id": consent.client_id, "agreed": consent.agreed(), "agreed_at": consent.agreed_at.seconds() })
}

fn device(device: &Device) -> Value {
    json!({ "since": device.since.seconds(), "user_agent": device.user_agent, "known_until": device.until })
}
