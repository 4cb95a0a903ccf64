//! Ids of used client assertions (RFC 7523 section 3, `jti`), at `ONCE#ASSERTION#hash / ONCE`. They are kept for as
//! long as the assertion could be replayed.

use oauth::{Error, Time};
use serde::Serialize;

use crate::secret::{SecretHash, SecretKind};
use crate::table::{self, Key, Table, Write, Written};

/// The used assertions.
#[derive(Clone, Debug)]
pub struct Assertions(Table);

#[derive(Serialize)]
struct Used {
    expires_at: u64,
}

impl Assertions {
    /// The assertions in `table`.
    pub fn new(table: &Table) -> Self {
        Self(table.clone())
    }

    /// Records the use of an assertion that is valid until `end`. `false`: it was used before.
    pub async fn first_use(&self, client_id: &str, jti: &str, end: Time) -> Result<bool, Error> {
        let hash = SecretHash::of(SecretKind::AssertionId, &format!("{client_id} {jti}"));
        let key = Key::new(format!("ONCE#ASSERTION#{}", hash.text()), "ONCE");
        let used = Used { expires_at: end.plus(1).seconds() };
        Ok(self.0.transact(vec![Write::PutNew(table::item(key, &used)?)]).await? == Written::Done)
    }
}
