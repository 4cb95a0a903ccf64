//! `POST /me/email`, `DELETE /me/email`: asks for another e-mail address, and stops a change that has not taken effect.
//!
//! Asking needs the password, so that a thief of an access token cannot take the account. The new address is proven at
//! `/email/verify`. The answer is the same whether or not it has an owner, whom the mail tells.

use credentials::EmailAddress;
use oauth::{Code, Error, Mail, Message};
use serde_json::json;
use store::{Email, Letter, OnceKind, OneTime, SealedMail, User};
use web::{Problem, Request, Response};

use crate::app::App;
use crate::person::authorize;
use crate::proof::prove;

pub(crate) async fn ask(app: &App, request: &Request) -> Result<Response, Error> {
    let user = authorize(app, request).await?.user;
    let mut fields = request.json()?;
    let email = fields.required("email", |text| {
        EmailAddress::parse(text).map_err(|problem| vec![Problem::new(problem.code, problem.detail)])
    });
    let password = fields.required("password", |text| Ok(text.to_owned()));
    let (email, password) = fields.finish((email, password))?;
    if !app.outbox.is_on() {
        return Err(Error::new(Code::MailOff, "MailFrom is empty"));
    }
    prove(app, request, &user, &password).await?;
    let secret = OneTime::new(OnceKind::Address)?;
    send(app, request, &user, (&email, &secret)).await?;
    Response::json(202, &json!({ "handle": secret.handle() }))
}

/// Sends a mail to the new address. After too many, nothing is sent, and the answer is the same.
async fn send(
    app: &App,
    request: &Request,
    user: &User,
    (email, secret): (&EmailAddress, &OneTime),
) -> Result<(), Error> {
    let now = request.now();
    let owner = app.users.id_of_email(email.canonical(), now).await?;
    let message = if owner.is_some() { known(app) } else { unknown(app, secret) };
    let email = Email { address: email.as_str().to_owned(), canonical: email.canonical().to_owned() };
    let mail = Mail { to: email.address.clone(), language: app.site.language(request), message };
    let letter = Letter { email: &email, secret, mail: app.outbox.seal(&mail, now).await? };
    app.users.ask(user, letter, now).await.map(drop)
}

/// What the mail says to the owner of the address.
fn known(app: &App) -> Message {
    Message::AccountExists { sign_in: app.site.address("/account"), reset: app.site.address("/password/forgot") }
}

/// What the mail says to the reader of an address that nobody has proven.
fn unknown(app: &App, secret: &OneTime) -> Message {
    let link = app.site.address(&format!("/email/verify?token={}", secret.link()));
    Message::ProveAddress { code: secret.code().to_string(), link }
}

/// Stops a change that has not taken effect.
pub(crate) async fn keep(app: &App, request: &Request) -> Result<Response, Error> {
    let user = authorize(app, request).await?.user;
    if app.users.keep_email(&user, None, request.now()).await? {
        Ok(Response::empty(204))
    } else {
        Err(Error::new(Code::NotFound, "no change of address"))
    }
}

/// The mail about a changed password.
pub(crate) async fn password_changed(app: &App, request: &Request, user: &User) -> Result<Option<SealedMail>, Error> {
    notice(app, request, user, Message::PasswordChanged { account: app.site.address("/account") }).await
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
