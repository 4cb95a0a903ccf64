//! Whether a username and a password prove somebody.
//!
//! An unknown, a disabled and a mistaken person get the same answer after the same work: the same reads, one Argon2.

use credentials::{PasswordHash, Username};
use oauth::{Code, Error, Time};
use store::{Attempt, Password, Status, User};
use web::Request;

use crate::app::App;

/// Stands in for the id of a person who does not exist, so that the same reads are made.
const NOBODY: &str = "nobody";

/// What somebody offers. Any string is taken: what could not be a username or a password is simply not right.
#[derive(Clone, Copy)]
pub(crate) struct Offer<'a> {
    pub(crate) username: &'a str,
    pub(crate) password: &'a str,
}

/// What `then` makes of whoever the offer proves, and by which password, or `invalid_credentials`. Only a wrong offer uses up
/// an attempt: a right one is given back, while `then` goes on, and so is one that ended in trouble of ours.
pub(crate) async fn prove<T>(
    app: &App,
    offer: Offer<'_>,
    request: &Request,
    then: impl AsyncFnOnce(User, Password) -> Result<T, Error>,
) -> Result<T, Error> {
    let now = request.now();
    let username = Username::parse(offer.username).ok();
    let canonical = username.as_ref().map_or(offer.username, Username::canonical);
    let (attempt, id) =
        tokio::join!(app.limits.sign_in(canonical, request.source_ip(), now), find(app, username.as_ref(), now),);
    let counted = match attempt? {
        Attempt::Counted(counted) => counted,
        Attempt::Refused { retry_after } => return Err(Error::too_many(retry_after, "sign-in attempts")),
    };
    let proven = match id {
        Ok(id) => compare(app, id.as_deref().unwrap_or(NOBODY), offer.password, now).await,
        Err(error) => Err(error),
    };
    match proven {
        Ok(None) => Err(Error::new(Code::InvalidCredentials, "sign-in refused")),
        Ok(Some((user, password))) => tokio::join!(Box::pin(then(user, password)), app.limits.give_back(counted)).0,
        Err(error) => {
            app.limits.give_back(counted).await;
            Err(error)
        }
    }
}

/// The person, if `password` is theirs and they may sign in. One Argon2 runs whatever the answer.
async fn compare(app: &App, id: &str, password: &str, now: Time) -> Result<Option<(User, Password)>, Error> {
    let (user, stored) = tokio::join!(app.users.by_id(id, now), app.users.password(id, now));
    let (user, stored) = (user?, stored?);
    let hash = stored.as_ref().and_then(|stored| PasswordHash::parse(&stored.hash).ok());
    let right = hash.as_ref().unwrap_or(&app.decoy).verify(password) && hash.is_some();
    let allowed = user.filter(|user| right && user.status == Status::Active);
    Ok(allowed.zip(stored))
}

async fn find(app: &App, username: Option<&Username>, now: Time) -> Result<Option<String>, Error> {
    let canonical = username.map_or(NOBODY, Username::canonical);
    let id = app.users.id_of(canonical, now).await?;
    Ok(id.filter(|_| username.is_some()))
}
