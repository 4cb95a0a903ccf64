//! Passwords that an operator sets for somebody.

use credentials::{NewPassword, PasswordHash};
use oauth::{Error, Time};
use store::new_secret;

use crate::app::App;

/// A password that only its report shows.
pub(crate) struct RandomPassword {
    /// In plain text.
    pub(crate) text: String,
    /// The same, ready to be hashed.
    pub(crate) password: NewPassword,
}

impl RandomPassword {
    /// 256 random bits or more, as long as the policy wants it.
    pub(crate) fn new(app: &App) -> Result<Self, Error> {
        let mut text = new_secret()?.to_string();
        while text.len() < app.policy.min_length() {
            text.push_str(&new_secret()?);
        }
        let password =
            app.policy.check(&text, &[]).map_err(|_| Error::fault("a random password is not good enough"))?;
        Ok(Self { text, password })
    }
}

pub(crate) fn hash(password: &NewPassword) -> Result<PasswordHash, Error> {
    password.hash().map_err(|error| Error::fault("hashing").because(error))
}

/// Whether it is the person's password already.
pub(crate) async fn is_current(app: &App, id: &str, password: &NewPassword, now: Time) -> Result<bool, Error> {
    let Some(stored) = app.users.password(id, now).await? else { return Ok(false) };
    let stored = PasswordHash::parse(&stored.hash).map_err(|error| Error::fault("stored password").because(error))?;
    Ok(password.opens(&stored))
}

/// Sets the password in place of the one that the person has, and ends every session.
pub(crate) async fn replace(app: &App, id: &str, password: &NewPassword, now: Time) -> Result<(), Error> {
    let stored = app.users.password(id, now).await?.ok_or_else(|| Error::fault("this person has no password"))?;
    if !app.users.change_password(id, &stored, hash(password)?.as_str(), now).await? {
        return Err(Error::passing("the person changed the password at the same moment"));
    }
    app.sessions.end_others(id, None, now).await
}
