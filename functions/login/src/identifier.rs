//! What people type to say who they are: a username, or a proven e-mail address.

use credentials::{EmailAddress, Username};
use oauth::{Error, Time};
use store::Users;

/// Used as the id of a person who does not exist, so that the same reads are made.
pub(crate) const NOBODY: &str = "nobody";

/// A typed name.
pub(crate) enum Identifier<'a> {
    Username(Username),
    Email(EmailAddress),
    /// Nobody's: it can be neither, or people do not sign in with addresses here.
    Nobody(&'a str),
}

impl<'a> Identifier<'a> {
    /// Any text is accepted: one that cannot be a name is nobody's. `addresses` says whether people sign in with them.
    pub(crate) fn read(text: &'a str, addresses: bool) -> Self {
        if let Ok(username) = Username::parse(text) {
            return Self::Username(username);
        }
        match EmailAddress::parse(text.trim()) {
            Ok(email) if addresses => Self::Email(email),
            _ => Self::Nobody(text),
        }
    }

    /// What attempts are counted for. Names that look alike share their attempts: only one of them can exist.
    pub(crate) fn subject(&self) -> &str {
        match self {
            Self::Username(username) => username.skeleton(),
            Self::Email(email) => email.canonical(),
            Self::Nobody(text) => text,
        }
    }

    /// The id of the person. Takes the same reads whether there is one or not.
    pub(crate) async fn find(&self, users: &Users, now: Time) -> Result<Option<String>, Error> {
        match self {
            Self::Username(username) => users.id_of(username.forms().into(), now).await,
            Self::Email(email) => users.id_of_email(email.canonical(), now).await,
            Self::Nobody(_) => {
                users.id_of([NOBODY; 4].into(), now).await?;
                Ok(None)
            }
        }
    }
}
