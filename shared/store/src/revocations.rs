//! Revocations that affect access tokens which have not expired: `REVOKED#hour / kind#id`.
//!
//! Entries are grouped by the hour, so that two or three queries read all that matter. They expire by themselves.

use oauth::{Error, Time};
use serde::{Deserialize, Serialize};

use crate::table::{self, Key, Table, Write};

/// The longest lifetime of an access token in seconds: the maximum that template.yaml allows, and a minute of leeway.
pub const LONGEST_TOKEN: u64 = 3600 + 60;
/// The length of a group in seconds.
const BUCKET: u64 = 3600;

/// The recent revocations.
#[derive(Clone, Debug)]
pub struct Revocations(Table);

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
        Self(table.clone())
    }

    /// Adds a revocation in a write of its own.
    pub async fn add(&self, revoked: &Revoked, now: Time) -> Result<(), Error> {
        self.0.transact(vec![write(revoked, now)?]).await.map(drop)
    }

    /// Whether a token issued at `since` was revoked individually. Reads one item for each hour of its lifetime.
    pub async fn has_token(&self, jti: &str, since: Time, now: Time) -> Result<bool, Error> {
        let revoked = Revoked::Token { jti: jti.to_owned() };
        for bucket in since.seconds() / BUCKET..=now.seconds() / BUCKET {
            if self.0.item(key(&revoked, bucket), now).await?.is_some() {
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
            let entries: Vec<Entry> = self.0.query(&partition(bucket), now).await?;
            recent.extend(entries.into_iter().map(|entry| entry.revoked));
        }
        Ok(recent)
    }
}

/// A revocation as part of a larger write.
pub(crate) fn write(revoked: &Revoked, now: Time) -> Result<Write, Error> {
    let entry = Entry { revoked: revoked.clone(), expires_at: now.plus(LONGEST_TOKEN).seconds() };
    Ok(Write::Put(table::item(key(revoked, now.seconds() / BUCKET), &entry)?))
}

fn key(revoked: &Revoked, bucket: u64) -> Key {
    let sk = match revoked {
        Revoked::Session { sid } => format!("sid#{sid}"),
        Revoked::Registration { client_id, .. } => format!("registration#{client_id}"),
        Revoked::Token { jti } => format!("jti#{jti}"),
    };
    Key::new(partition(bucket), sk)
}

fn partition(bucket: u64) -> String {
    format!("REVOKED#{bucket}")
}
