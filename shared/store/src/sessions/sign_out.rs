//! Signing a person out everywhere: one write ends all of their sessions, whatever their number.
//!
//! The write raises the epoch of the profile, notes there that the sessions of earlier epochs have ended, and adds one
//! revocation for all of their access tokens. The items of the sessions are removed afterwards. If that stops halfway,
//! nobody is signed in by those that remain, because every use of a session also asks the profile ([`Session::is_kept_by`]).

use oauth::{Error, Time};

use crate::names::{self, Claims};
use crate::once::{Opened, Purpose};
use crate::outbox::SealedMail;
use crate::revocations::{self, Revoked};
use crate::table::{REMOVED_AT_ONCE, Table, Write, Written};
use crate::users::{self, Password, Status, User, Users};

use super::{Session, Sessions, partition, remove};

/// How often the write is tried again when others change the profile at the same time.
const TRIES: usize = 5;

/// What happens when a person is signed out everywhere.
#[derive(Clone, Copy)]
pub struct SignOut<'a> {
    /// The session that stays, if any.
    pub stays: Option<&'a Session>,
    /// What the same write changes.
    pub change: Change<'a>,
    /// The mail about it to the person.
    pub mail: Option<&'a SealedMail>,
}

/// A change that ends all sessions.
#[derive(Clone, Copy)]
pub enum Change<'a> {
    /// Nothing else changes.
    Nothing,
    /// The status.
    Status(Status),
    /// The password.
    Password {
        /// The verified password.
        proven: &'a Password,
        /// The new one, as a PHC string.
        hash: &'a str,
    },
    /// The person is deleted.
    Deletion {
        /// The verified password, if the person gave it.
        proven: Option<&'a Password>,
        /// The names that become free.
        claims: &'a Claims,
        /// The sort keys of the factors besides the password.
        factors: &'a [String],
        /// A session that the same write removes: that of the request.
        session: Option<&'a Session>,
    },
    /// The person asked for the deletion, and has some time to keep the account.
    Leaving {
        /// The verified password, if the person gave it.
        proven: Option<&'a Password>,
        /// The names that become free then.
        claims: &'a Claims,
        /// The sort keys of the factors besides the password.
        factors: &'a [String],
        /// When, in epoch seconds.
        end: u64,
        /// A session that the same write removes: that of the request.
        session: Option<&'a Session>,
    },
    /// The password, by somebody who presented a secret that was sent.
    Reset {
        /// The password that the secret replaces.
        proven: &'a Password,
        /// The new one, as a PHC string.
        hash: &'a str,
        /// The secret, which the same write uses up.
        secret: &'a Opened,
    },
}

impl Sessions {
    /// Signs a person out everywhere. `user` is the profile as it was read. `false`: the session that should stay has
    /// ended, the password has changed, or the person no longer exists. When it returns, no other session that began before the call is active.
    pub async fn sign_out(&self, user: User, out: &SignOut<'_>, now: Time) -> Result<bool, Error> {
        let (partition, expires_at) = (partition(&user.id), self.retention.end(now).await);
        let Some(before) = commit(&self.table, expires_at, user, out, now).await? else { return Ok(false) };
        let sessions: Vec<Session> = self.table.query(&partition, now).await?;
        let stays = |session: &Session| out.stays.is_some_and(|stays| stays.sid == session.sid);
        let ended = |session: &&Session| session.authentication.rests_on.epoch < before && !stays(session);
        let ended: Vec<_> = sessions.iter().filter(ended).collect();
        for some in ended.chunks(REMOVED_AT_ONCE) {
            self.table.transact(some.iter().map(|session| remove(&session.user, &session.sid)).collect()).await?;
        }
        Ok(true)
    }
}

/// Signs `user` out with a revocation that is kept until the given second. Returns the new epoch. `None`: the session
/// that should stay has ended, or the password has changed.
///
/// A session that has ended cannot sign the others out. The latest revocation of a person therefore contains all earlier
/// ones, and may replace them.
async fn commit(
    table: &Table,
    expires_at: u64,
    mut user: User,
    out: &SignOut<'_>,
    now: Time,
) -> Result<Option<u64>, Error> {
    if !is_meant(&user.id, out.change) {
        return Ok(None);
    }
    for _ in 0..TRIES {
        if is_by_the_person(out.change) && user.status != Status::Active {
            return Ok(None);
        }
        if out.stays.or(asking(out.change)).is_some_and(|session| !session.is_kept_by(&user)) {
            return Ok(None);
        }
        if attempt(table, expires_at, &user, out, now).await? == Written::Done {
            return Ok(Some(user.epoch + 1));
        }
        match Users::new(table).by_id(&user.id, now).await? {
            Some(current) if (current.epoch, &current.next_email) != (user.epoch, &user.next_email) => user = current,
            _ => return Ok(None),
        }
    }
    Err(Error::passing("concurrent changes of the profile"))
}

async fn attempt(table: &Table, expires_at: u64, user: &User, out: &SignOut<'_>, now: Time) -> Result<Written, Error> {
    let stays = out.stays.map(|session| session.sid.as_str());
    let mut writes = changes(user, stays, out.change, now);
    let revoked = Revoked::Person {
        user: user.id.clone(),
        before: user.epoch + 1,
        stays: stays.map(str::to_owned),
        until: now.seconds(),
    };
    writes.push(revocations::write(&revoked, expires_at, now)?);
    writes.extend(out.mail.map(|mail| mail.clone().write()));
    table.transact(writes).await
}

/// Whether a person deletes their own account. Somebody who was disabled in the meantime must not come back by that.
fn is_by_the_person(change: Change<'_>) -> bool {
    let gave_password = matches!(change, Change::Leaving { .. } | Change::Deletion { proven: Some(_), .. });
    gave_password || asking(change).is_some()
}

/// The session that asks for a deletion.
fn asking(change: Change<'_>) -> Option<&Session> {
    match change {
        Change::Deletion { session, .. } | Change::Leaving { session, .. } => session,
        _ => None,
    }
}

/// Whether a presented secret is for this person's present password.
fn is_meant(id: &str, change: Change<'_>) -> bool {
    let Change::Reset { proven, secret, .. } = change else { return true };
    matches!(&secret.purpose, Purpose::Reset { user, replaces, .. } if user == id && *replaces == proven.changed_at)
}

/// The writes of a change, except the revocation.
fn changes(user: &User, stays: Option<&str>, change: Change<'_>, now: Time) -> Vec<Write> {
    let signed_out = |status| users::signed_out(user, stays, status);
    match change {
        Change::Nothing => vec![signed_out(None)],
        Change::Status(status) => vec![signed_out(Some(status))],
        Change::Password { proven, hash } => {
            let mut writes = users::signed_out_by_new_password(user, stays, now);
            writes.push(users::new_password(&user.id, proven, hash, now));
            writes
        }
        Change::Reset { proven, hash, secret } => {
            let address = match &secret.purpose {
                Purpose::Reset { canonical, .. } => canonical.as_deref(),
                _ => None,
            };
            let mut writes = users::signed_out_by_new_password(user, stays, now);
            writes.extend([users::new_password(&user.id, proven, hash, now), secret.spend(now)]);
            // Stopping a change of address writes the claim of the present one, which checks it as well.
            let written = user.next_email(now).and(user.email(now)).map(|email| email.canonical.as_str());
            let unchecked = address.filter(|address| Some(*address) != written);
            writes.extend(unchecked.map(|address| users::still_owns(&user.id, address, now)));
            writes
        }
        Change::Deletion { proven, claims, factors, session } => {
            let session = session.map(|session| remove(&session.user, &session.sid));
            users::removed(user, proven, factors)
                .into_iter()
                .chain(names::give_up(claims, &user.id))
                .chain(session)
                .collect()
        }
        Change::Leaving { proven, claims, factors, end, session } => {
            let session = session.map(|session| remove(&session.user, &session.sid));
            users::leaving(user, (proven, claims, factors), end, now).into_iter().chain(session).collect()
        }
    }
}
