//! Verification of somebody who is signed in already: by their password, or by a recent authentication.
//!
//! Attempts are limited for each person, so that a stolen token or an open browser does not help to guess the password. They
//! do not count as sign-ins: guesses of strangers do not keep the person from changing it.

use credentials::PasswordHash;
use oauth::{Action, Code, Error, Reason};
use store::{Password, User, audit};
use web::Request;

use crate::app::App;
use crate::person::{Person, fresh};

/// Refuses unless the person is present: they give their password, or have authenticated within the last minutes. Returns
/// the password that was verified.
pub(crate) async fn present(
    app: &App,
    request: &Request,
    person: &Person,
    password: Option<&str>,
) -> Result<Option<Password>, Error> {
    match password {
        Some(password) => prove(app, request, &person.user, password).await.map(Some),
        None => fresh(&person.session.authentication, request.now()).map(|()| None),
    }
}

/// The stored password of `user`, if `password` is it. Otherwise fails with `invalid_credentials`.
pub(crate) async fn prove(app: &App, request: &Request, user: &User, password: &str) -> Result<Password, Error> {
    let stored = stored(app, request, user).await?;
    check(app, request, user, &stored, |hash| hash.verify(password).then_some(())).await?;
    Ok(stored)
}

/// The stored password of `user`.
pub(crate) async fn stored(app: &App, request: &Request, user: &User) -> Result<Password, Error> {
    let stored = app.users.password(&user.id, request.now()).await?;
    stored.ok_or_else(|| Error::fault("the person has no password"))
}

/// What `right` finds in the hash of the stored password. Fails with `invalid_credentials` if it finds nothing; only
/// such attempts count.
pub(crate) async fn check<T>(
    app: &App,
    request: &Request,
    user: &User,
    stored: &Password,
    right: impl FnOnce(&PasswordHash) -> Option<T>,
) -> Result<T, Error> {
    let hash = PasswordHash::parse(&stored.hash)
        .map_err(|error| Error::fault("a stored password hash is malformed").because(error))?;
    let refused = |reason| audit::log(&request.event_of(Action::PasswordProven, &user.id).refused(reason));
    let counted = app.limits.proof(&user.id, request.now()).await?.counted();
    let counted = counted.inspect_err(|_| refused(Reason::TooMany))?;
    let found = right(&hash).ok_or_else(|| {
        refused(Reason::WrongPassword);
        Error::new(Code::InvalidCredentials, "wrong current password")
    })?;
    app.limits.give_back(counted).await;
    Ok(found)
}
