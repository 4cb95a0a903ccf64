//! `POST /me/password`: replaces the password and ends every other session.
//!
//! The limits of `/login` apply, so that a stolen token does not help to guess the password.

use credentials::{NewPassword, PasswordHash, Username};
use oauth::{Code, Error};
use store::{Attempt, Password, User};
use web::{Problem, Request, Response};

use crate::app::App;
use crate::person::authorize;

pub(crate) async fn change(app: &App, request: &Request) -> Result<Response, Error> {
    let person = authorize(app, request).await?;
    let now = request.now();
    let (user, stored) = tokio::join!(app.users.by_id(&person.id, now), app.users.password(&person.id, now));
    let (Some(user), Some(stored)) = (user?, stored?) else {
        return Err(Error::new(Code::InvalidToken, "the account no longer exists"));
    };
    let (current, new) = parse(app, request, &user)?;
    if verify(app, request, &user, &stored, (&current, &new)).await? == Standing::Current {
        app.breaches.refuse(&new).await?;
        let hash = new.hash().map_err(|error| Error::fault("hashing").because(error))?;
        if !app.users.change_password(&person.id, &stored, hash.as_str(), now).await? {
            return Err(Error::new(Code::InvalidCredentials, "the password has just been changed"));
        }
    }
    // From here on, no session can begin with the old password, so all of them are ended.
    app.sessions.end_others(&person.id, Some(&person.sid), now).await?;
    Ok(Response::empty(204))
}

/// The progress of a change.
#[derive(PartialEq, Eq)]
enum Standing {
    /// The old password is set.
    Current,
    /// The new password is set already: a fault of ours stopped an earlier attempt before it ended the sessions, and
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
