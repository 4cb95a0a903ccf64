//! `/password/forgot`, as JSON and as a page: sends a code and a link that set a new password.
//!
//! The answer is always the same. A request about nobody takes the same reads, the same calls and the same writes as one
//! about a person; its secret is for nothing, and its mail is stored where no mailer looks.

use flow::MailVisit;
use oauth::{Action, Code, Error, Mail, Message, Reason};
use serde_json::json;
use store::{Forgetful, OnceKind, OneTime, Password, User, audit};
use web::pages::{Forgot, Mailed};
use web::{Problem, Request, Response};

use crate::app::App;
use crate::identifier::{Identifier, NOBODY};

/// `POST /password/forgot` with a JSON body.
pub(crate) async fn forgot(app: &App, request: &Request) -> Result<Response, Error> {
    let mut fields = request.json()?;
    let username = fields.required("username", |text| Ok::<_, Vec<Problem>>(text.to_owned()));
    let (username,) = fields.finish((username,))?;
    let secret = OneTime::new(OnceKind::Reset)?;
    send(app, request, &username, &secret).await?;
    Response::json(202, &json!({ "handle": secret.handle() }))
}

/// The page.
pub(crate) async fn show(app: &App, request: &Request) -> Result<Response, Error> {
    must_send(app)?;
    let visit = MailVisit::opened(&app.site, &app.requests, request).await?;
    let hint = visit.under_way().and_then(|under_way| under_way.stored.request.login_hint.as_deref());
    page(app, request, &visit, (hint.unwrap_or_default(), None))
}

/// The form of the page. It leads to the page that asks for the code.
pub(crate) async fn submit(app: &App, request: &Request) -> Result<Response, Error> {
    let (visit, form) = MailVisit::sent(&app.site, &app.requests, request).await?;
    let username = form.optional("username").unwrap_or_default();
    let secret = OneTime::in_browser(OnceKind::Reset, visit.browser())?;
    match send(app, request, username, &secret).await {
        Ok(()) => Ok(Response::see_other(visit.address(Mailed::RESET, Some(&secret.name())))),
        Err(error) if Forgot::shows(&error) => {
            Ok(page(app, request, &visit, (username, Some(&error)))?.refusing(&error, request))
        }
        Err(error) => Err(error),
    }
}

/// Refuses if no mail can be sent.
fn must_send(app: &App) -> Result<(), Error> {
    if app.outbox.is_on() { Ok(()) } else { Err(Error::new(Code::MailOff, "MailFrom is empty")) }
}

/// Sends the secret to the proven address of whoever has this name, if anybody.
async fn send(app: &App, request: &Request, typed: &str, secret: &OneTime) -> Result<(), Error> {
    must_send(app)?;
    let now = request.now();
    app.strangers.count(request.source_ip(), now).await?;
    let name = Identifier::read(typed, true);
    let id = name.find(&app.users, now).await?;
    let id = id.as_deref().unwrap_or(NOBODY);
    let (user, password) = tokio::join!(Box::pin(app.users.by_id(id, now)), Box::pin(app.users.password(id, now)));
    let (user, password) = (user?, password?);
    let found = user.as_ref().zip(password.as_ref()).and_then(|(user, password)| forgetful(user, password, request));
    log(request, found.as_ref());
    let message = Message::ResetPassword {
        code: secret.code().to_string(),
        link: app.site.address(&format!("{}?token={}", Mailed::RESET, secret.link())),
    };
    let to = found.as_ref().map_or(NOBODY, |found| found.email.address.as_str()).to_owned();
    let mail = app.outbox.seal(&Mail { to, language: app.site.language(request), message }, now).await?;
    app.users.forgot(name.subject(), found, (secret, mail), now).await
}

/// Logs the request. It is not stored, because anybody can make it for anybody.
fn log(request: &Request, found: Option<&Forgetful<'_>>) {
    let event = request.event(Action::ResetRequested);
    audit::log(&match found {
        Some(found) => event.for_person(&found.user.id),
        None => event.because(Reason::UnknownPerson),
    });
}

/// The person, if they can get a mail and use a new password.
fn forgetful<'a>(user: &'a User, password: &'a Password, request: &Request) -> Option<Forgetful<'a>> {
    let email = user.email(request.now()).filter(|_| user.may_return())?;
    Some(Forgetful { user, email, password })
}

fn page(
    app: &App,
    request: &Request,
    visit: &MailVisit<'_>,
    (username, error): (&str, Option<&Error>),
) -> Result<Response, Error> {
    let (parts, sign_in) = (visit.form(&app.site, Forgot::PATH), visit.sign_in());
    let layout = visit.layout(&app.site, request);
    let page = Forgot { layout, form: parts.form(), username, sign_in: sign_in.as_deref(), error };
    Ok(visit.shown(&app.site, page.response()?))
}
