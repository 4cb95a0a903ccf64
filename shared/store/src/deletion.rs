//! The deletion of a person: what is stored about them goes, and their username and address are free again.
//!
//! It runs in three steps. If it stops between two of them, the person still exists and can ask again; nothing is left that
//! belongs to nobody:
//! 1. Every session and browser ends, except the session that asks.
//! 2. What refers to the person is removed: browsers, consents, known devices and the history.
//! 3. One transaction removes the profile, the factors, the names and addresses and the session that asks, and revokes its
//!    tokens. If the person has some time to keep the account, it gives them an end instead.
//!
//! The revocations stay, so that authorizers refuse the tokens. So does what expires within hours and opens nothing without
//! the profile: codes, authorization requests, limits.

use oauth::{Error, Time};

use crate::audit;
use crate::browsers;
use crate::consents;
use crate::devices;
use crate::names::{self, Claims, Name};
use crate::outbox::SealedMail;
use crate::sessions::{Change, Session, Sessions, SignOut};
use crate::table::Table;
use crate::users::{self, Password, User, Users};

/// Deletes people.
#[derive(Clone, Debug)]
pub struct Deletions {
    table: Table,
    sessions: Sessions,
}

/// Who asks for the deletion of a person.
#[derive(Clone, Copy)]
pub enum Asker<'a> {
    /// The person, in a session, with the password or after a recent authentication.
    Session(&'a Session, Option<&'a Password>),
    /// The person, in a browser.
    Browser(&'a Password),
    /// An operator.
    Operator,
}

/// What a deletion needs to know.
pub struct Deletion<'a> {
    /// The forms of the person's username.
    pub name: Option<Name<'a>>,
    /// Who asks.
    pub by: Asker<'a>,
    /// The mail that says that the account was deleted.
    pub mail: Option<&'a SealedMail>,
    /// Until when the person can keep the account, in epoch seconds. `None`: it is gone at once.
    pub end: Option<u64>,
}

impl<'a> Asker<'a> {
    fn session(self) -> Option<&'a Session> {
        match self {
            Self::Session(session, _) => Some(session),
            Self::Browser(_) | Self::Operator => None,
        }
    }

    /// The password that was verified. It must still be set.
    fn proven(self) -> Option<&'a Password> {
        match self {
            Self::Session(_, proven) => proven,
            Self::Browser(proven) => Some(proven),
            Self::Operator => None,
        }
    }
}

impl Deletions {
    /// Deletions from `table`, with sessions that end in `sessions`.
    pub fn new(table: &Table, sessions: Sessions) -> Self {
        Self { table: table.clone(), sessions }
    }

    /// Deletes `user`. `false`: the session or the password of the asker is no longer valid, or the person was deleted in
    /// the meantime.
    pub async fn delete(&self, user: User, deletion: Deletion<'_>, now: Time) -> Result<bool, Error> {
        let Deletion { name, by, mail, end } = deletion;
        let id = user.id.clone();
        let others = SignOut { stays: by.session(), change: Change::Nothing, mail: None };
        if !self.sessions.sign_out(user, &others, now).await? {
            return Ok(false);
        }
        self.remove_references(&id).await?;
        let Some(user) = Users::new(&self.table).by_id(&id, now).await? else { return Ok(false) };
        let mut claims = match name {
            Some(name) => names::claims_of(&self.table, &id, name, now).await?,
            None => Claims::default(),
        };
        if end.is_none() {
            claims = claims.and(users::claims_of(&self.table, &user, now).await?);
        }
        let factors = users::other_factors(&self.table, &id, now).await?;
        let factors: &Vec<String> = &factors.into_iter().map(|(sort_key, _)| sort_key).collect();
        let (proven, session, claims) = (by.proven(), by.session(), &claims);
        let change = match end {
            None => Change::Deletion { proven, claims, factors, session },
            Some(end) => Change::Leaving { proven, claims, factors, end, session },
        };
        let deleted = self.sessions.sign_out(user, &SignOut { stays: None, change, mail }, now).await?;
        if deleted {
            // What began between the steps. Nothing more can begin without an active profile.
            self.remove_references(&id).await?;
            self.end_history(&id, end, now).await;
        }
        Ok(deleted)
    }

    /// Removes what refers to the person.
    async fn remove_references(&self, id: &str) -> Result<(), Error> {
        let (browsers, consents, devices) = tokio::join!(
            Box::pin(browsers::remove_all(&self.table, id)),
            Box::pin(consents::remove_all(&self.table, id)),
            Box::pin(devices::remove_all(&self.table, id))
        );
        browsers.and(consents).and(devices)
    }

    /// Removes the history, or ends it with the account, so that whoever keeps the account sees what a thief did. Only once the
    /// account is deleted: a thief must not remove traces with a deletion that is refused. What a fault leaves, expires.
    async fn end_history(&self, id: &str, end: Option<u64>, now: Time) {
        let ended = match end {
            None => audit::remove_all(&self.table, id).await,
            Some(end) => audit::end_all(&self.table, id, end, now).await,
        };
        if let Err(error) = ended {
            tracing::error!(%error, "removing the history of a deleted account failed");
        }
    }
}
