//! `POST /me/email`, `DELETE /me/email`: asks for another e-mail address, and stops a change that has not taken effect.
//!
//! Asking needs the password or a recent authentication, so that a thief of an old access token cannot take the account. The
//! new address is proven at `/email/verify`. The answer is the same whether or not it has an owner, whom the mail tells.

use credentials::EmailAddress;
use oauth::{Action, Authentication, Code, Error, Level, Message};
use serde_json::json;
use store::{Email, OnceKind, OneTime, SealedMail, User};
use web::pages::Account;
use web::{Fields, Problem, Request, Response};

use crate::app::App;
use crate::person::{authorize, fresh};
use crate::proof::present;

pub(crate) async fn ask(app: &App, request: &Request) -> Result<Response, Error> {
    let person = authorize(app, request).await?;
    let mut fields = request.json()?;
    let email = address(&mut fields);
    let password = fields.optional("password", |text| Ok(text.to_owned()));
    let (email, password) = fields.finish((email, password))?;
    must_be_on(app)?;
    present(app, request, &person, password.as_deref()).await?;
    let secret = OneTime::new(OnceKind::Address)?;
    send(app, request, (&person.user, &person.session.authentication), (&email, &secret)).await?;
    Response::json(202, &json!({ "handle": secret.handle() }))
}

/// The new address.
pub(crate) fn address(fields: &mut Fields) -> Option<EmailAddress> {
    fields.required("email", |text| EmailAddress::parse(text).map_err(|problem| Problem::all([problem])))
}

/// Sends a mail to the new address. Once that is proven, the change takes effect at once if the authentication was recent and
/// used a second factor. After too many mails, nothing is sent, and the answer is the same.
pub(crate) async fn send(
    app: &App,
    request: &Request,
    (user, authentication): (&User, &Authentication),
    (email, secret): (&EmailAddress, &OneTime),
) -> Result<(), Error> {
    if user.email(request.now()).is_some_and(|present| present.canonical == email.canonical()) {
        return Err(Error::parameter("email", "unchanged", "This is your present address."));
    }
    let email = Email { address: email.as_str().to_owned(), canonical: email.canonical().to_owned() };
    let to_reader = |code, link| Message::ProveAddress { code, link };
    let letter = flow::letter((&app.site, &app.users, &app.outbox), request, (&email, secret), to_reader).await?;
    let at_once = authentication.level >= Level::TwoFactors && fresh(authentication, request.now()).is_ok();
    app.users.ask(user, letter, at_once, request.now()).await.map(drop)
}

/// Refuses if no mail can be sent.
pub(crate) fn must_be_on(app: &App) -> Result<(), Error> {
    if app.outbox.is_on() { Ok(()) } else { Err(Error::new(Code::MailOff, "MailFrom is empty")) }
}

/// Stops a change that has not taken effect.
pub(crate) async fn keep(app: &App, request: &Request) -> Result<Response, Error> {
    let user = authorize(app, request).await?.user;
    if stop(app, request, &user).await? {
        Ok(Response::empty(204))
    } else {
        Err(Error::new(Code::NotFound, "no change of address"))
    }
}

/// The same for `user`. `false`: there is no change of address.
pub(crate) async fn stop(app: &App, request: &Request, user: &User) -> Result<bool, Error> {
    let kept = app.users.keep_email(user, None, request.now()).await?;
    if kept {
        app.audit.record(request.event_of(Action::AddressKept, &user.id), request.now()).await;
    }
    Ok(kept)
}

/// The mail about a changed password.
pub(crate) async fn password_changed(app: &App, request: &Request, user: &User) -> Result<Option<SealedMail>, Error> {
    notice(app, request, user, Message::PasswordChanged { account: app.site.address(Account::PATH) }).await
}

/// A mail to the person's proven address, if there is one and mail is on.
pub(crate) async fn notice(
    app: &App,
    request: &Request,
    user: &User,
    message: Message,
) -> Result<Option<SealedMail>, Error> {
    app.outbox.notice(user.email(request.now()), (app.site.language(request), message), request.now()).await
}
