//! Initial access tokens (RFC 7591 section 3), each for one registration, at `ONCE#INITIAL#hash / ONCE`.

use oauth::{Error, Time};
use serde::{Deserialize, Serialize};

use crate::secret::SecretHash;
use crate::table::{self, Key, Table, Update, Write, number};

/// The unused initial access tokens.
#[derive(Clone, Debug)]
pub struct InitialTokens(Table);

#[derive(Serialize, Deserialize)]
struct InitialToken {
    expires_at: u64,
}

impl InitialTokens {
    /// The tokens in `table`.
    pub fn new(table: &Table) -> Self {
        Self(table.clone())
    }

    /// Issues the token with this hash, for one use until `expires_at` (epoch seconds).
    pub async fn issue(&self, token: &SecretHash, expires_at: u64) -> Result<(), Error> {
        let item = table::item(key(token), &InitialToken { expires_at })?;
        self.0.transact(vec![Write::PutNew(item)]).await.map(drop)
    }

    /// Whether the token with this hash is usable now. [`crate::Clients::create_with`] uses it.
    pub async fn is_good(&self, token: &SecretHash, now: Time) -> Result<bool, Error> {
        Ok(self.0.get::<InitialToken>(key(token), now).await?.is_some())
    }
}

/// Uses a token up, as part of a larger write.
pub(crate) fn take(token: &SecretHash, now: Time) -> Write {
    Write::Delete(Update {
        condition: "#expires_at > :now",
        values: vec![(":now", number(now.seconds()))],
        ..Update::nothing(key(token))
    })
}

fn key(token: &SecretHash) -> Key {
    Key::new(format!("ONCE#INITIAL#{}", token.text()), "ONCE")
}
