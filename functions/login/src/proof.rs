//! Verification of a username and a password.
//!
//! Unknown people, disabled people and wrong passwords get the same answer after the same work: the same reads and one
//! run of Argon2.

use credentials::PasswordHash;
use oauth::{Action, Authentication, Code, Error, Reason, Time};
use store::{Counted, FactorSet, Guess, Password, User, audit};
use web::Request;

use crate::app::App;
use crate::identifier::{Identifier, NOBODY};
use crate::returning;

/// The submitted credentials. Any string is accepted: one that cannot be a username or a password is simply incorrect.
#[derive(Clone, Copy)]
pub(crate) struct Credentials<'a> {
    pub(crate) username: &'a str,
    pub(crate) password: &'a str,
    /// Whether to keep the account if it is about to be deleted.
    pub(crate) keeps_account: bool,
}

/// A person who has just authenticated.
#[must_use]
pub(crate) struct Proof {
    pub(crate) user: User,
    pub(crate) authentication: Authentication,
    /// What else they can authenticate with.
    pub(crate) factors: FactorSet,
    /// To be given back: only failed attempts count.
    pub(crate) attempt: Counted,
}

/// Verifies the credentials. Returns the person, or fails with `invalid_credentials`, or with `deletion_pending` if they are
/// right and the account is about to be deleted. In that case, and if a fault of ours prevents an answer, the attempt is given
/// back here. `device` is the cookie of a device that may be known.
pub(crate) async fn verify(
    app: &App,
    credentials: Credentials<'_>,
    request: &Request,
    device: Option<&str>,
) -> Result<Proof, Error> {
    let now = request.now();
    let name = Identifier::read(credentials.username, app.addresses);
    let found = name.find(&app.users, now).await?;
    let id = found.as_deref().unwrap_or(NOBODY);
    let guess = Guess { account: name.subject(), address: request.source_ip() };
    let (attempt, stored) = tokio::join!(Box::pin(count(app, guess, (id, device), now)), Box::pin(read(app, id, now)));
    let attempt = attempt.inspect_err(|error| log_too_many(error, request, found.as_deref()))?;
    let proven = match stored {
        Ok((user, mut factors)) => match compare(app, (user, factors.password.take()), credentials.password).await {
            Some(found) => {
                let admitted = returning::admit(app, request, found, credentials.keeps_account).await;
                admitted.map(|(user, password)| Some((user, password, factors)))
            }
            None => Ok(None),
        },
        Err(error) => Err(error),
    };
    match proven {
        Ok(Some((user, password, factors))) => {
            let authentication = Authentication::by_password(user.epoch, password.changed_at, now);
            Ok(Proof { user, authentication, factors, attempt })
        }
        Ok(None) => {
            let reason = if found.is_some() { Reason::WrongPassword } else { Reason::UnknownPerson };
            log_refused(request, found.as_deref(), reason);
            Err(Error::new(Code::InvalidCredentials, "sign-in refused"))
        }
        Err(error) => {
            app.limits.give_back(attempt).await;
            Err(error)
        }
    }
}

/// Logs a refused attempt. It is not stored, so that strangers cannot fill a person's history; it is counted
/// ([`store::Limits`]).
fn log_refused(request: &Request, person: Option<&str>, reason: Reason) {
    let event = request.event(Action::SignIn).refused(reason);
    audit::log(&match person {
        Some(id) => event.for_person(id),
        None => event,
    });
}

fn log_too_many(error: &Error, request: &Request, person: Option<&str>) {
    if error.code() == Code::TooManyRequests {
        log_refused(request, person, Reason::TooMany);
    }
}

/// Counts the attempt: for the device if the person has signed in on it before, or else for account and address.
async fn count(app: &App, guess: Guess<'_>, (id, device): (&str, Option<&str>), now: Time) -> Result<Counted, Error> {
    let known = match device {
        Some(cookie) => app.devices.sign_in(id, cookie, now).await?,
        None => None,
    };
    let attempt = match known {
        Some(attempt) => attempt,
        None => app.limits.sign_in(guess, now).await?,
    };
    attempt.counted()
}

/// The profile and the factors of a person, as far as there are any.
async fn read(app: &App, id: &str, now: Time) -> Result<(Option<User>, FactorSet), Error> {
    let (user, factors) = tokio::join!(app.users.by_id(id, now), app.factors.of(id, now));
    Ok((user?, factors?))
}

/// The person, if `password` is correct and of use to them. Argon2 runs exactly once in any case.
async fn compare(
    app: &App,
    (user, stored): (Option<User>, Option<Password>),
    password: &str,
) -> Option<(User, Password)> {
    let hash = stored.as_ref().and_then(|stored| PasswordHash::parse(&stored.hash).ok());
    let right = hash.as_ref().unwrap_or(&app.decoy).verify(password) && hash.is_some();
    let (user, stored) = user.filter(|user| right && user.may_return()).zip(stored)?;
    if let Some(hash) = hash.filter(PasswordHash::needs_rehash) {
        rehash(app, (&user.id, &stored), (&hash, password)).await;
    }
    Some((user, stored))
}

/// Hashes a verified password with the current parameters. If that fails, the old hash stays in use.
async fn rehash(app: &App, (id, stored): (&str, &Password), (hash, password): (&PasswordHash, &str)) {
    let rehashed = match hash.renewed(password) {
        Ok(hash) => app.users.rehash_password(id, stored, hash.as_str()).await.map(drop),
        Err(error) => Err(Error::fault("hashing").because(error)),
    };
    if let Err(error) = rehashed {
        tracing::warn!(%error, "rehashing a password failed");
    }
}
