//! `DELETE /me`: deletes the person, at once or after some time in which they can keep the account. Needs the password or a
//! recent authentication, so that a thief of an old access token cannot do it.

use credentials::Username;
use oauth::{Action, Code, DAY, Error, Message, SecurityEvent, Time};
use serde_json::json;
use store::{Asker, Deletion, User};
use web::pages::{Account, Forgot};
use web::{Request, Response};

use crate::app::App;
use crate::email::notice;
use crate::person::{Person, authorize};
use crate::proof::present;

pub(crate) async fn delete(app: &App, request: &Request) -> Result<Response, Error> {
    let person = authorize(app, request).await?;
    let mut fields = request.json()?;
    let password = fields.optional("password", |text| Ok(text.to_owned()));
    let (password,) = fields.finish((password,))?;
    let proven = present(app, request, &person, password.as_deref()).await?;
    let end = end(app, request.now());
    let Person { user, session } = person;
    if !remove(app, request, user, Asker::Session(&session, proven.as_ref())).await? {
        return Err(Error::new(Code::InvalidToken, "the session has ended, or the password has just been changed"));
    }
    match end {
        None => Ok(Response::empty(204)),
        Some(end) => Response::json(202, &json!({ "effective_at": end.seconds() })),
    }
}

/// When an account that is deleted now is gone. `None`: at once. Until then, the person can sign in and keep it.
pub(crate) fn end(app: &App, now: Time) -> Option<Time> {
    (app.grace_days > 0).then(|| now.plus(app.grace_days * DAY))
}

/// Deletes `user`. `false`: the asker may no longer do it, or the person is gone.
pub(crate) async fn remove(app: &App, request: &Request, user: User, by: Asker<'_>) -> Result<bool, Error> {
    let name = user.username.as_deref().and_then(|name| Username::parse(name).ok());
    let name = name.as_ref().map(|name| name.forms().into());
    let end = end(app, request.now());
    let message = match end {
        None => Message::AccountDeleted {},
        Some(effective_at) => Message::AccountLeaving {
            effective_at,
            account: app.site.address(Account::PATH),
            reset: app.site.address(Forgot::PATH),
        },
    };
    let mail = notice(app, request, &user, message).await?;
    let deletion = Deletion { name, by, mail: mail.as_ref(), end: end.map(Time::seconds) };
    // The last event of the person says nothing of where they were.
    let action = if end.is_none() { Action::AccountDeleted } else { Action::AccountLeaving };
    let event = SecurityEvent::of(action).for_person(&user.id).in_request(request.id());
    let event = event.taking_effect(end.map(Time::seconds));
    let deleted = app.deletions.delete(user, deletion, request.now()).await?;
    if deleted {
        app.audit.record(event, request.now()).await;
    }
    Ok(deleted)
}
