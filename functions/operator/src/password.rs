//! Passwords that operators set.

use credentials::{NewPassword, PasswordHash};
use oauth::{Error, Message, Time};
use store::{Change, SignOut, User, new_secret};

use crate::app::App;

/// A random password that only the report contains.
pub(crate) struct RandomPassword {
    /// In plain text.
    pub(crate) text: String,
    /// The same, ready for hashing.
    pub(crate) password: NewPassword,
}

impl RandomPassword {
    /// At least 256 random bits, or more if the policy demands a longer password.
    pub(crate) fn new(app: &App) -> Result<Self, Error> {
        let mut text = new_secret()?.to_string();
        while text.len() < app.policy.min_length() {
            text.push_str(&new_secret()?);
        }
        let password =
            app.policy.check(&text, &[]).map_err(|_| Error::fault("the policy refuses a random password"))?;
        Ok(Self { text, password })
    }
}

pub(crate) fn hash(password: &NewPassword) -> Result<PasswordHash, Error> {
    password.hash().map_err(|error| Error::fault("hashing").because(error))
}

/// Whether this is already the person's password.
pub(crate) async fn is_current(app: &App, id: &str, password: &NewPassword, now: Time) -> Result<bool, Error> {
    let Some(stored) = app.users.password(id, now).await? else { return Ok(false) };
    let stored = PasswordHash::parse(&stored.hash)
        .map_err(|error| Error::fault("a stored password hash is malformed").because(error))?;
    Ok(password.opens(&stored))
}

/// Replaces the person's password, ends every session and tells the person.
pub(crate) async fn replace(app: &App, user: &User, password: &NewPassword, now: Time) -> Result<(), Error> {
    let stored = app.users.password(&user.id, now).await?.ok_or_else(|| Error::fault("the person has no password"))?;
    let hash = hash(password)?;
    let message = Message::PasswordChanged { account: app.account() };
    let mail = app.tell(user.email(now), message, now).await?;
    let change = Change::Password { proven: &stored, hash: hash.as_str() };
    let out = SignOut { stays: None, change, mail: mail.as_ref() };
    let replaced = app.sessions.sign_out(user.clone(), &out, now).await?;
    if replaced { Ok(()) } else { Err(Error::passing("the person has just changed the password")) }
}
