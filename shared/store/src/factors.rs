//! What people authenticate with, at `FACTOR#person`: the password, the secret of an authenticator app, recovery codes. One
//! query reads all of it.
//!
//! The secret of an app is sealed and bound to its item. Recovery codes have 80 random bits, so they are stored as SHA-256, like
//! other random secrets; the hash covers the owner's id. Each step of an app and each recovery code works once: using it is a
//! conditional part ([`Spent`]) of the transaction that begins what rests on it.
//!
//! The profile repeats which second factors there are, for functions that may not read this partition
//! ([`User::has_second_factor`]).

mod codes;
mod removal;
mod totp;

use oauth::{Error, Time};

use crate::seal::Seal;
use crate::table::{self, Item, Key, Table};
use crate::users::Password;

pub use codes::{Recovery, recovery_hash};
pub use removal::Proof;
pub use totp::{Confirmation, Enrolling, Totp};

/// The factors of all people.
#[derive(Clone, Debug)]
pub struct Factors {
    table: Table,
    seal: Seal,
}

/// The factors of one person.
#[derive(Default)]
pub struct FactorSet {
    /// The password.
    pub password: Option<Password>,
    /// The authenticator app, once it was confirmed with a code.
    pub totp: Option<Totp>,
    /// An authenticator app that was not confirmed yet. It proves nothing.
    pub enrolling: Option<Enrolling>,
    /// The recovery codes.
    pub recovery: Option<Recovery>,
}

impl Factors {
    /// The factors in `table`, with secrets that `seal` seals.
    pub fn new(table: &Table, seal: Seal) -> Self {
        Self { table: table.clone(), seal }
    }

    /// The factors of a person, without those that have left by now.
    pub async fn of(&self, user: &str, now: Time) -> Result<FactorSet, Error> {
        let mut set = FactorSet::default();
        for item in self.table.query_items(&partition(user), now).await? {
            set.add(item)?;
        }
        Ok(set)
    }
}

impl FactorSet {
    /// Whether there is a second factor. Recovery codes stand in for one that is lost, and are none themselves.
    pub fn has_second_factor(&self) -> bool {
        self.totp.is_some()
    }

    /// How many recovery codes are left.
    pub fn codes_left(&self) -> usize {
        self.recovery.as_ref().map_or(0, Recovery::left)
    }

    fn add(&mut self, item: Item) -> Result<(), Error> {
        match item.get("sk").and_then(|sk| sk.as_s().ok()).map(String::as_str) {
            Some("PASSWORD") => self.password = Some(table::read(item)?),
            Some(totp::SORT_KEY) => (self.totp, self.enrolling) = totp::read(item)?,
            Some(codes::SORT_KEY) => self.recovery = Some(table::read(item)?),
            _ => {}
        }
        Ok(())
    }
}

fn key(user: &str, sort_key: &str) -> Key {
    Key::new(partition(user), sort_key)
}

fn partition(user: &str) -> String {
    format!("FACTOR#{user}")
}
