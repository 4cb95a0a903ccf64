//! `/account`: the account at a glance, and its small changes: a browser or program is signed out, an app loses its
//! access, a change of address is stopped, the person's data is downloaded.

use oauth::{Error, Time};
use store::{Change, SignOut};
use web::pages::{Account, NextEmail, SignedOut};
use web::{Request, Response};

use super::Visitor;
use super::shown::Contents;
use crate::app::App;
use crate::{consents, export};

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
        password_changed_at: contents.password_changed_at,
        devices: &contents.devices(&visitor.signed_in.session.id),
        apps: &contents.apps(),
    };
    Ok(visitor.shown(app, page.response()?))
}

/// Does what the pressed button says. What is gone already stays gone, so a second click is no error.
pub(super) async fn act(app: &App, request: &Request, visitor: &Visitor<'_>) -> Result<Response, Error> {
    let form = visitor.form(app, request)?;
    let user = &visitor.signed_in.user;
    if form.optional("export").is_some() {
        return export::file(app, user, request.now()).await;
    }
    if let Some(client_id) = form.optional("app") {
        consents::withdraw(app, &user.id, client_id, request.now()).await?;
    }
    if form.optional("keep").is_some() {
        app.users.keep_email(user, None, request.now()).await?;
    }
    let own = &visitor.signed_in.session.id;
    let left = match form.optional("device") {
        Some(ALL) => {
            let everywhere = SignOut { stays: None, change: Change::Nothing, mail: None };
            app.sessions.sign_out(user.clone(), &everywhere, request.now()).await?;
            true
        }
        Some(id) => {
            end(app, &user.id, id, request.now()).await?;
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
async fn end(app: &App, user: &str, id: &str, now: Time) -> Result<(), Error> {
    let (browsers, sessions) = tokio::try_join!(app.browsers.of(user, now), app.sessions.of(user, now))?;
    if let Some(browser) = browsers.iter().find(|browser| browser.id == id) {
        app.browsers.end_at(&browser.place, now).await?;
    }
    for session in sessions.iter().filter(|session| session.sid == id || session.browser.as_deref() == Some(id)) {
        app.sessions.end(user, &session.sid, now).await?;
    }
    Ok(())
}
