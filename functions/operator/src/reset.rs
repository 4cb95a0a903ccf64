//! `send_reset` and `reset_link`: a way back in for somebody who has forgotten the password, without an operator ever
//! knowing the new one. The link works once, for a day.

use oauth::order::ToPerson;
use oauth::{Code, Error, HOUR, Mail, Message, Time};
use serde_json::{Value, json};
use store::{LINK_SECONDS, OnceKind, OneTime, Password, Status, User};
use web::pages::Mailed;

use crate::app::App;
use crate::authority::Authority;
use crate::people;

/// Sends the mail of `/password/forgot` to the address that the person has proven.
pub(crate) async fn send(app: &App, order: ToPerson, authority: Authority, now: Time) -> Result<Value, Error> {
    let (user, password) = find(app, order, authority, now).await?;
    if !app.outbox.is_on() {
        return Err(Error::new(Code::MailOff, "MailFrom is empty: use reset_link"));
    }
    let email = user.email(now);
    let email = email.ok_or_else(|| Error::new(Code::NotFound, "the person has proven no address: use reset_link"))?;
    let secret = OneTime::new(OnceKind::Reset)?;
    let message = Message::ResetPassword { code: secret.code().to_string(), link: link(app, &secret) };
    let mail = Mail { to: email.address.clone(), language: app.language, message };
    let mail = app.outbox.seal(&mail, now).await?;
    if !app.users.order_reset((&user, &password), &secret, Some((mail, email)), now).await? {
        return Err(Error::too_many(HOUR, "the address had too many mails"));
    }
    let mut report = people::report(&user, now);
    report["outcome"] = json!("sent");
    Ok(report)
}

/// Reports the link, to be handed out by the operator.
pub(crate) async fn hand_out(app: &App, order: ToPerson, authority: Authority, now: Time) -> Result<Value, Error> {
    let (user, password) = find(app, order, authority, now).await?;
    let secret = OneTime::new(OnceKind::Reset)?;
    if !app.users.order_reset((&user, &password), &secret, None, now).await? {
        return Err(Error::passing("the secret was not stored"));
    }
    let mut report = people::report(&user, now);
    report["link"] = json!(link(app, &secret));
    report["expires_at"] = json!(now.plus(LINK_SECONDS).seconds());
    Ok(report)
}

/// The person and the password that is to be replaced.
async fn find(app: &App, order: ToPerson, authority: Authority, now: Time) -> Result<(User, Password), Error> {
    let user = people::find(app, &order.person()?, now).await?;
    people::may_reset(authority, &user)?;
    if user.status != Status::Active {
        return Err(Error::new(Code::AccessDenied, "this person may not sign in"));
    }
    let password = app.users.password(&user.id, now).await?;
    Ok((user, password.ok_or_else(|| Error::fault("the person has no password"))?))
}

fn link(app: &App, secret: &OneTime) -> String {
    format!("{}{}?token={}", app.issuer, Mailed::RESET, secret.link())
}
