//! `/account`: the account at a glance, and its small changes: a browser or program is signed out, an app loses its
//! access, a change of address or the removal of a second factor
//! is stopped, the person's data is downloaded.

use oauth::{Action, Error, Time};
use store::{Change, Session, SignOut};
use web::pages::{Account, NextEmail, SignedOut};
use web::{Request, Response};

use super::Visitor;
use super::shown::Contents;
use crate::app::App;
use crate::{consents, email, export, totp};

/// The value that stands for all browsers and programs.
const ALL: &str = "all";

pub(super) async fn show(app: &App, request: &Request, visitor: &Visitor<'_>) -> Result<Response, Error> {
    let user = &visitor.signed_in.user;
    let (contents, unreachable) = tokio::try_join!(
        Box::pin(Contents::read(app, user, request.now())),
        Box::pin(flow::unreachable(&app.bounces, user, request.now()))
    )?;
    let token = visitor.token(app, Account::PATH);
    let proven = user.email(request.now()).map(|email| email.address.as_str());
    let page = Account {
        layout: app.site.layout(request, None),
        token: &token,
        username: user.called(request.now()),
        name: user.name.as_deref(),
        email: proven.or(user.unverified_email.as_deref()).map(|email| (email, proven.is_some())),
        changes_email: app.outbox.is_on(),
        next_email: user
            .next_email(request.now())
            .map(|next| NextEmail { address: &next.email.address, from: Time::from_seconds(next.from) }),
        unreachable,
        password_changed_at: contents.password_changed_at(),
        second: contents.second(),
        devices: &contents.devices(&visitor.signed_in.session.id),
        apps: &contents.apps(),
        events: &contents.events(),
        refused: contents.refused(),
    };
    Ok(visitor.shown(app, page.response()?))
}

/// Does what the pressed button says. What is gone already stays gone, so a second click is no error.
pub(super) async fn act(app: &App, request: &Request, visitor: &Visitor<'_>) -> Result<Response, Error> {
    let form = visitor.form(app, request)?;
    let user = &visitor.signed_in.user;
    if form.optional("export").is_some() {
        return export::file(app, request, user, &visitor.signed_in.session.id).await;
    }
    if let Some(client_id) = form.optional("app") {
        consents::withdraw(app, request, &user.id, client_id).await?;
    }
    match form.optional("keep") {
        Some("totp") => drop(totp::retain(app, request, user).await?),
        Some(_) => drop(email::stop(app, request, user).await?),
        None => {}
    }
    let own = &visitor.signed_in.session.id;
    let left = match form.optional("device") {
        Some(ALL) => {
            let everywhere = SignOut { stays: None, change: Change::Nothing, mail: None };
            if app.sessions.sign_out(user.clone(), &everywhere, request.now()).await? {
                app.audit.record(request.event_of(Action::SignedOutEverywhere, &user.id), request.now()).await;
            }
            true
        }
        Some(id) => {
            end(app, request, &user.id, id).await?;
            id == own
        }
        None => false,
    };
    if left {
        let page = SignedOut { layout: app.site.layout(request, None), back: None }.response()?;
        return Ok(page.cookie(app.site.end_session()));
    }
    Ok(Response::see_other(Account::PATH))
}

/// Signs out the person's browser or session with this id: a browser with all sessions that began in it.
async fn end(app: &App, request: &Request, user: &str, id: &str) -> Result<(), Error> {
    let now = request.now();
    let (browsers, sessions) = tokio::try_join!(app.browsers.of(user, now), app.sessions.of(user, now))?;
    let browser = browsers.iter().find(|browser| browser.id == id);
    if let Some(browser) = browser {
        app.browsers.end_at(&browser.place, now).await?;
    }
    let of_it = |session: &&Session| session.sid == id || session.browser.as_deref() == Some(id);
    let sessions: Vec<_> = sessions.iter().filter(of_it).collect();
    for session in &sessions {
        app.sessions.end(user, &session.sid, now).await?;
    }
    if browser.is_some() || !sessions.is_empty() {
        let action = if browser.is_some() { Action::BrowserSignedOut } else { Action::SessionEnded };
        app.audit.record(request.event_of(action, user).of_session(id), now).await;
    }
    Ok(())
}
