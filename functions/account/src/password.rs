//! `POST /me/password`: a new password in place of a known one. Every other session ends.
//!
//! Whoever holds a stolen token meets the same wall here as at `/login`.

use credentials::{NewPassword, PasswordHash, Username};
use oauth::{Code, Error};
use store::{Attempt, Password, User};
use web::{Problem, Request, Response};

use crate::app::App;
use crate::person::authorize;

pub(crate) async fn change(app: &App, request: &Request) -> Result<Response, Error> {
    let person = authorize(app, request).await?;
    let now = request.now();
    let (user, password) = tokio::join!(app.users.by_id(&person.id, now), app.users.password(&person.id, now));
    let (Some(user), Some(password)) = (user?, password?) else {
        return Err(Error::new(Code::InvalidToken, "the account is gone"));
    };
    let (current, new) = parse(app, request, &user)?;
    prove(app, request, &user, &password, &current).await?;
    let hash = new.hash().map_err(|error| Error::fault("hashing").because(error))?;
    if !app.users.change_password(&person.id, &password, hash.as_str(), now).await? {
        return Err(Error::new(Code::InvalidCredentials, "the password was changed at this very moment"));
    }
    // A sign-in with the old password can begin no session from here on, so none escapes this.
    app.sessions.end_others(&person.id, Some(&person.sid), now).await?;
    Ok(Response::empty(204))
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

async fn prove(app: &App, request: &Request, user: &User, password: &Password, current: &str) -> Result<(), Error> {
    let subject = Username::parse(&user.username).map_or_else(|_| user.id.clone(), |name| name.canonical().to_owned());
    let counted = match app.limits.sign_in(&subject, request.source_ip(), request.now()).await? {
        Attempt::Counted(counted) => counted,
        Attempt::Refused { retry_after } => return Err(Error::too_many(retry_after, "password attempts")),
    };
    match PasswordHash::parse(&password.hash) {
        Ok(hash) if hash.verify(current) => {}
        _ => return Err(Error::new(Code::InvalidCredentials, "current password")),
    }
    if let Err(error) = app.limits.refund(counted).await {
        tracing::warn!(%error, "an attempt could not be given back");
    }
    Ok(())
}
