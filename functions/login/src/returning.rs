//! People who sign in to an account that is about to be deleted: they are asked whether to keep it, and keep it if they said so.
//!
//! The password is the only proof, as for a deletion. The address gets a mail, so that nobody keeps an account in secret that
//! its owner has deleted.

use credentials::Username;
use oauth::{Action, Code, Error, Message};
use store::{Password, Status, User};
use web::Request;
use web::pages::Account;

use crate::app::App;

/// The person, who may sign in; or `deletion_pending`, unless the account is to be kept.
pub(crate) async fn admit(
    app: &App,
    request: &Request,
    (mut user, password): (User, Password),
    keeps_account: bool,
) -> Result<(User, Password), Error> {
    if user.status == Status::Active {
        return Ok((user, password));
    }
    if !keeps_account {
        return Err(Error::new(Code::DeletionPending, "the account is about to be deleted"));
    }
    keep(app, request, &user, &password).await?;
    user.status = Status::Active;
    user.expires_at = None;
    Ok((user, password))
}

async fn keep(app: &App, request: &Request, user: &User, password: &Password) -> Result<(), Error> {
    let now = request.now();
    let name = user.username.as_deref().and_then(|name| Username::parse(name).ok());
    let name = name.as_ref().map(|name| name.forms().into());
    let message = Message::AccountKept { account: app.site.address(Account::PATH) };
    let mail = app.outbox.notice(user.email(now), (app.site.language(request), message), now).await?;
    if app.users.keep_account(user, (name, Some(password)), mail, now).await? {
        app.audit.record(request.event_of(Action::AccountKept, &user.id), now).await;
        Ok(())
    } else {
        Err(Error::new(Code::InvalidCredentials, "the account has just changed, or is gone"))
    }
}
