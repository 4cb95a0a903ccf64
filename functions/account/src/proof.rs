//! Verification of the password of somebody who is signed in already.
//!
//! The limits of `/login` apply, so that a stolen token or an open browser does not help to guess the password.

use credentials::{PasswordHash, Username};
use oauth::{Code, Error};
use store::{Attempt, Counted, Password, User};
use web::Request;

use crate::app::App;

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
    let counted = count(app, request, user).await?;
    let hash = PasswordHash::parse(&stored.hash)
        .map_err(|error| Error::fault("a stored password hash is malformed").because(error))?;
    let found = right(&hash).ok_or_else(|| Error::new(Code::InvalidCredentials, "wrong current password"))?;
    app.limits.give_back(counted).await;
    Ok(found)
}

/// Counts an attempt at the account of `user`.
async fn count(app: &App, request: &Request, user: &User) -> Result<Counted, Error> {
    let subject = Username::parse(&user.username).map_or_else(|_| user.id.clone(), |name| name.skeleton().to_owned());
    match app.limits.sign_in(&subject, request.source_ip(), request.now()).await? {
        Attempt::Counted(counted) => Ok(counted),
        Attempt::Refused { retry_after } => Err(Error::too_many(retry_after, "too many password attempts")),
    }
}
