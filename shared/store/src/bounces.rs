//! Addresses that mails do not reach, at `BOUNCE#hash / BOUNCE`: a mailbox that does not exist, or a person who reported a
//! mail as unwanted.

use aws_lc_rs::digest::{SHA256, digest};
use aws_sdk_dynamodb::types::AttributeValue;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use oauth::{DAY, Error, Time};
use serde::{Deserialize, Serialize};

use crate::table::{Key, Table, Update, number};

/// How long a mark lasts, in seconds: 90 days. A mailbox may exist again.
const KEPT: u64 = 90 * DAY;

/// The addresses that mails do not reach.
#[derive(Clone, Debug)]
pub struct Bounces(Table);

/// Why mails do not reach an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Bounce {
    /// Its mail server refused a mail for good.
    Bounced,
    /// Its owner reported a mail as unwanted.
    Complained,
}

/// A marked address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unreachable {
    /// Why.
    pub reason: Bounce,
    /// Since when.
    pub at: Time,
    /// When the mark ends, in epoch seconds.
    #[serde(rename = "expires_at")]
    pub until: u64,
}

impl Bounces {
    /// The marks in `table`.
    pub fn new(table: &Table) -> Self {
        Self(table.clone())
    }

    /// Marks an address. The spelling of its letters does not matter.
    pub async fn mark(&self, address: &str, reason: Bounce, now: Time) -> Result<(), Error> {
        let word = match reason {
            Bounce::Bounced => "bounced",
            Bounce::Complained => "complained",
        };
        let update = Update {
            expression: "SET #reason = :reason, #at = :now, #expires_at = :end",
            values: vec![
                (":reason", AttributeValue::S(word.to_owned())),
                (":now", number(now.millis())),
                (":end", number(now.plus(KEPT).seconds())),
            ],
            ..Update::nothing(key(address))
        };
        self.0.update(update).await.map(drop)
    }

    /// Why mails do not reach an address, if they do not.
    pub async fn of(&self, address: &str, now: Time) -> Result<Option<Unreachable>, Error> {
        self.0.get(key(address), now).await
    }
}

/// The hash keeps addresses out of the table's stream and out of logs of it.
fn key(address: &str) -> Key {
    let hash = digest(&SHA256, address.to_lowercase().as_bytes());
    Key::new(format!("BOUNCE#{}", URL_SAFE_NO_PAD.encode(hash)), "BOUNCE")
}
