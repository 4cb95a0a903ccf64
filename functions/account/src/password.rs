//! `POST /me/password`: replaces the password and ends every other session.

use credentials::{NewPassword, PasswordHash};
use oauth::{Action, Code, Error, Time};
use store::{Change, SignOut, User};
use web::{Fields, Problem, Request, Response};

use crate::app::App;
use crate::email::password_changed;
use crate::person::{Person, authorize};
use crate::proof;

pub(crate) async fn change(app: &App, request: &Request) -> Result<Response, Error> {
    let (Person { user, session }, now) = (authorize(app, request).await?, request.now());
    let (current, new) = parse(app, &user, request.json()?, now)?;
    let stored = proof::stored(app, request, &user).await?;
    let hash = match proof::check(app, request, &user, &stored, |hash| standing(hash, &current, &new)).await? {
        Standing::Current => {
            app.breaches.refuse(&new).await?;
            Some(new.hash().map_err(|error| Error::fault("hashing").because(error))?)
        }
        Standing::Changed => None,
    };
    let change = match &hash {
        Some(hash) => Change::Password { proven: &stored, hash: hash.as_str() },
        None => Change::Nothing,
    };
    let mail = password_changed(app, request, &user).await?;
    let out = SignOut { stays: Some(&session), change, mail: mail.as_ref() };
    let event = request.event_of(Action::PasswordChanged, &user.id).of_session(&session.sid);
    if !app.sessions.sign_out(user, &out, now).await? {
        return Err(Error::new(Code::InvalidCredentials, "the password has just been changed"));
    }
    app.audit.record(event, now).await;
    Ok(Response::empty(204))
}

/// The progress of a change.
#[derive(PartialEq, Eq)]
enum Standing {
    /// The old password is set.
    Current,
    /// The new password is set already: a fault of ours stopped an earlier attempt before it removed the sessions, and
    /// this attempt completes it.
    Changed,
}

/// The current password and the new one, which the policy accepts.
pub(crate) fn parse(app: &App, user: &User, mut fields: Fields, now: Time) -> Result<(String, NewPassword), Error> {
    let email = user.email(now).map(|email| email.address.as_str());
    let context: Vec<&str> =
        [user.username.as_deref(), email, user.unverified_email.as_deref()].into_iter().flatten().collect();
    let current = fields.required("current_password", |text| Ok(text.to_owned()));
    let new = fields.required("password", |text| app.policy.check(text, &context).map_err(Problem::all));
    fields.finish((current, new))
}

/// Which of the two passwords is set.
fn standing(hash: &PasswordHash, current: &str, new: &NewPassword) -> Option<Standing> {
    if hash.verify(current) { Some(Standing::Current) } else { new.opens(hash).then_some(Standing::Changed) }
}
