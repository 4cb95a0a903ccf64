//! `POST /me/password`: replaces the password and ends every other session.
//!
//! The limits of `/login` apply, so that a stolen token does not help to guess the password.

use credentials::{NewPassword, PasswordHash, Username};
use oauth::{Code, Error};
use store::{Attempt, Change, Password, SignOut, User};
use web::{Problem, Request, Response};

use crate::app::App;
use crate::person::{Person, authorize};

pub(crate) async fn change(app: &App, request: &Request) -> Result<Response, Error> {
    let (Person { user, session }, now) = (authorize(app, request).await?, request.now());
    let (current, new) = parse(app, request, &user)?;
    let stored = app.users.password(&user.id, now).await?;
    let stored = stored.ok_or_else(|| Error::fault("the person has no password"))?;
    let hash = match verify(app, request, &user, &stored, (&current, &new)).await? {
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
    if !app.sessions.sign_out(user, &SignOut { stays: Some(&session), change }, now).await? {
        return Err(Error::new(Code::InvalidCredentials, "the password has just been changed"));
    }
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

fn parse(app: &App, request: &Request, user: &User) -> Result<(String, NewPassword), Error> {
    let mut context = vec![user.username.as_str()];
    context.extend(user.unverified_email.as_deref());
    let mut fields = request.json()?;
    let current = fields.required("current_password", |text| Ok(text.to_owned()));
    let new = fields.required("password", |text| {
        app.policy.check(text, &context).map_err(|problems| {
            problems.into_iter().map(|problem| Problem::new(problem.code, problem.detail)).collect()
        })
    });
    fields.finish((current, new))
}

/// Which of the two passwords is set. Fails with `invalid_credentials` if neither is.
async fn verify(
    app: &App,
    request: &Request,
    user: &User,
    stored: &Password,
    (current, new): (&str, &NewPassword),
) -> Result<Standing, Error> {
    let subject = Username::parse(&user.username).map_or_else(|_| user.id.clone(), |name| name.skeleton().to_owned());
    let counted = match app.limits.sign_in(&subject, request.source_ip(), request.now()).await? {
        Attempt::Counted(counted) => counted,
        Attempt::Refused { retry_after } => return Err(Error::too_many(retry_after, "too many password attempts")),
    };
    let hash = PasswordHash::parse(&stored.hash)
        .map_err(|error| Error::fault("a stored password hash is malformed").because(error))?;
    let standing = if hash.verify(current) {
        Standing::Current
    } else if new.opens(&hash) {
        Standing::Changed
    } else {
        return Err(Error::new(Code::InvalidCredentials, "wrong current password"));
    };
    app.limits.give_back(counted).await;
    Ok(standing)
}
