//! Revocations that affect access tokens which have not expired: `REVOKED#hour / kind#id`, and for people who signed out
//! everywhere `REVOKED#PEOPLE#hour / person`.
//!
//! Entries are grouped by the hour, so that two or three queries read all that matter. They expire by themselves, when
//! the longest token that is configured has expired. Nobody can add many: a session is one entry when it ends, sessions
//! are limited for each person and minute, and signing out everywhere is one entry, whatever ends with it.

use oauth::{Config, Error, HOUR, Time};
use serde::{Deserialize, Serialize};

use crate::resources::Resources;
use crate::table::{self, Key, Table, Write};

/// What an entry is kept beyond the lifetime of a token, in seconds: clocks differ, and processes use the declared
/// resources and the clients for a while as they read them.
const LEEWAY: u64 = 60;
/// The longest that an entry is ever kept, in seconds: the longest token lifetime that template.yaml allows, and the
/// leeway.
pub const LONGEST_TOKEN: u64 = 3600 + LEEWAY;
/// The length of a group in seconds.
const BUCKET: u64 = HOUR;

/// The recent revocations.
#[derive(Clone, Debug)]
pub struct Revocations {
    table: Table,
    retention: Retention,
}

/// How long revocations are kept: as long as the longest access token that is configured can be valid. By default, as
/// long as one that could be configured.
#[derive(Clone, Debug, Default)]
pub struct Retention(Option<Configured>);

/// The configured lifetimes of access tokens.
#[derive(Clone, Debug)]
struct Configured {
    /// Without a resource, or for a resource without its own.
    access_token_seconds: u64,
    /// May declare longer ones.
    resources: Resources,
}

impl Retention {
    /// Reads `ACCESS_TOKEN_SECONDS`. The lifetimes of declared resources are looked up when something is revoked.
    pub fn read(config: &Config, resources: &Resources) -> Result<Self, Error> {
        let access_token_seconds = config.parsed("ACCESS_TOKEN_SECONDS")?;
        Ok(Self(Some(Configured { access_token_seconds, resources: resources.clone() })))
    }

    /// When a revocation of `now` may be forgotten, in epoch seconds. If the resources cannot be read, it is kept for
    /// longer.
    pub(crate) async fn end(&self, now: Time) -> u64 {
        let longest = match &self.0 {
            Some(Configured { access_token_seconds, resources }) => {
                let known = resources.known(now).await;
                known.map_or(LONGEST_TOKEN, |known| known.longest_token(*access_token_seconds) + LEEWAY)
            }
            None => LONGEST_TOKEN,
        };
        now.plus(longest).seconds()
    }
}

/// One revocation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Revoked {
    /// Every token of a session.
    Session {
        /// Its id.
        sid: String,
    },
    /// Every token that a client got up to a second, after its registration was removed.
    Registration {
        /// The client's id.
        client_id: String,
        /// Epoch seconds. Tokens with this `iat` are included.
        until: u64,
    },
    /// One token.
    Token {
        /// Its id.
        jti: String,
    },
    /// The tokens of all sessions of a person that began before they signed out everywhere.
    Person {
        /// The person.
        user: String,
        /// The epoch of the profile since then. The sessions of earlier epochs have ended.
        before: u64,
        /// The session that stays, if any.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        stays: Option<String>,
        /// Epoch seconds, for tokens that do not say at which epoch their session began.
        until: u64,
    },
}

#[derive(Serialize, Deserialize)]
struct Entry {
    #[serde(flatten)]
    revoked: Revoked,
    expires_at: u64,
}

impl Revocations {
    /// The revocations in `table`.
    pub fn new(table: &Table) -> Self {
        Self { table: table.clone(), retention: Retention::default() }
    }

    /// The same, with revocations that are kept as `retention` says.
    #[must_use]
    pub fn revoking(self, retention: Retention) -> Self {
        Self { retention, ..self }
    }

    /// Adds a revocation in a write of its own.
    pub async fn add(&self, revoked: &Revoked, now: Time) -> Result<(), Error> {
        let write = write(revoked, self.retention.end(now).await, now)?;
        self.table.transact(vec![write]).await.map(drop)
    }

    /// Whether a token issued at `since` was revoked individually. Reads one item for each hour of its lifetime.
    pub async fn has_token(&self, jti: &str, since: Time, now: Time) -> Result<bool, Error> {
        let revoked = Revoked::Token { jti: jti.to_owned() };
        for bucket in since.seconds() / BUCKET..=now.seconds() / BUCKET {
            if self.table.item(key(&revoked, bucket), now).await?.is_some() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// All revocations that still matter.
    pub async fn list(&self, now: Time) -> Result<Vec<Revoked>, Error> {
        let (first, last) = (now.seconds().saturating_sub(LONGEST_TOKEN) / BUCKET, now.seconds() / BUCKET);
        let mut recent = Vec::new();
        for bucket in first..=last {
            let (partition, people) = (partition(bucket), partition_of_people(bucket));
            let (entries, people) = tokio::join!(self.table.query(&partition, now), self.table.query(&people, now));
            let entries = <Vec<Entry>>::into_iter(entries?).chain(<Vec<Entry>>::into_iter(people?));
            recent.extend(entries.map(|entry| entry.revoked));
        }
        Ok(recent)
    }
}

/// A revocation as part of a larger write, kept until `expires_at`, which [`Retention::end`] computes.
pub(crate) fn write(revoked: &Revoked, expires_at: u64, now: Time) -> Result<Write, Error> {
    let entry = Entry { revoked: revoked.clone(), expires_at };
    Ok(Write::Put(table::item(key(revoked, now.seconds() / BUCKET), &entry)?))
}

fn key(revoked: &Revoked, bucket: u64) -> Key {
    let sk = match revoked {
        Revoked::Session { sid } => format!("sid#{sid}"),
        Revoked::Registration { client_id, .. } => format!("registration#{client_id}"),
        Revoked::Token { jti } => format!("jti#{jti}"),
        Revoked::Person { user, .. } => return Key::new(partition_of_people(bucket), user),
    };
    Key::new(partition(bucket), sk)
}

fn partition(bucket: u64) -> String {
    format!("REVOKED#{bucket}")
}

/// A partition of its own, because a release that does not know these entries would fail to read the others.
fn partition_of_people(bucket: u64) -> String {
    format!("REVOKED#PEOPLE#{bucket}")
}
