//! Limits against guessing and flooding. Attempts are counted exactly, even concurrent ones.
//!
//! A sign-in attempt is counted before the password is verified, and uncounted if it was correct. A thousand parallel
//! guesses are therefore limited like a thousand sequential ones. A person who signs in often is not limited, unless
//! more than ten of their sign-ins from one address are in progress at the same time.

use aws_lc_rs::digest::{SHA256, digest};
use aws_sdk_dynamodb::types::AttributeValue;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use oauth::{Error, Time};

use crate::random;
use crate::table::{Item, Key, Table, Update, Updated, number};

/// How many attempts of a kind are allowed.
struct Rule {
    /// The length of a window in seconds. Windows are aligned to the clock.
    window: u64,
    /// Attempts per window from one address.
    per_address: u64,
    /// Attempts per window from all addresses.
    total: u64,
}

/// Failed attempts for one account.
const SIGN_IN: Rule = Rule { window: 15 * 60, per_address: 10, total: 50 };

/// Clients that register themselves without an initial access token.
const CLIENTS: Rule = Rule { window: 3600, per_address: 20, total: 1000 };

/// The counters, at `LIMIT#kind#subject / window`: one item per subject and window, with one count per address (`a_…`)
/// and one for all (`total`), so that one conditional write checks and increments both.
#[derive(Clone, Debug)]
pub struct Limits(Table);

/// Whether an attempt is allowed.
#[derive(Debug)]
pub enum Attempt {
    /// Allowed and counted. Uncount it with [`Limits::give_back`] if the password was correct.
    Counted(Counted),
    /// Not allowed before `retry_after` seconds have passed.
    Refused {
        /// Seconds until the window ends.
        retry_after: u64,
    },
}

/// A counted attempt.
#[derive(Debug)]
pub struct Counted {
    key: Key,
    address: String,
}

impl Limits {
    /// The limits in `table`.
    pub fn new(table: &Table) -> Self {
        Self(table.clone())
    }

    /// Counts an attempt to sign in as `subject` (a canonical username that may not exist) from `source_ip`.
    pub async fn sign_in(&self, subject: &str, source_ip: &str, now: Time) -> Result<Attempt, Error> {
        self.count(&SIGN_IN, format!("LIMIT#LOGIN#{}", hash(subject)), source_ip, now).await
    }

    /// Counts a client registration from `source_ip`.
    pub async fn client(&self, source_ip: &str, now: Time) -> Result<Attempt, Error> {
        self.count(&CLIENTS, "LIMIT#REGISTER#CLIENTS".to_owned(), source_ip, now).await
    }

    async fn count(&self, rule: &Rule, pk: String, source_ip: &str, now: Time) -> Result<Attempt, Error> {
        let window = now.seconds() / rule.window;
        let end = (window + 1) * rule.window;
        let key = Key::new(pk, window.to_string());
        let counted = Counted { key: key.clone(), address: format!("a_{}", hash(&network(source_ip))) };
        let nonce = nonce()?;
        let update = Update {
            key,
            expression: "SET #address = if_not_exists(#address, :zero) + :one, \
                         #total = if_not_exists(#total, :zero) + :one, #expires_at = :end, #writer = :writer",
            condition: "(attribute_not_exists(#address) OR #address < :per_address) \
                        AND (attribute_not_exists(#total) OR #total < :most) \
                        AND (attribute_not_exists(#writer) OR #writer <> :writer)",
            names: vec![("#address", counted.address.clone())],
            values: vec![
                (":zero", number(0)),
                (":one", number(1)),
                (":per_address", number(rule.per_address)),
                (":most", number(rule.total)),
                (":end", number(end)),
                (":writer", nonce.clone()),
            ],
        };
        Ok(match self.0.update(update).await? {
            Updated::Done(_) => Attempt::Counted(counted),
            Updated::Refused(Some(item)) if wrote(&item, &nonce) => Attempt::Counted(counted),
            Updated::Refused(_) => Attempt::Refused { retry_after: end.saturating_sub(now.seconds()).max(1) },
        })
    }

    /// Uncounts an attempt that was correct, or that failed because of a fault of ours. If the store fails here, the
    /// person has one attempt less until the window ends.
    pub async fn give_back(&self, counted: Counted) {
        if let Err(error) = self.refund(counted).await {
            tracing::warn!(%error, "uncounting an attempt failed");
        }
    }

    async fn refund(&self, counted: Counted) -> Result<(), Error> {
        let nonce = nonce()?;
        let update = Update {
            key: counted.key,
            expression: "SET #address = #address - :one, #total = #total - :one, #writer = :writer",
            condition: "#address >= :one AND #total >= :one AND #writer <> :writer",
            names: vec![("#address", counted.address)],
            values: vec![(":one", number(1)), (":writer", nonce.clone())],
        };
        self.0.update(update).await.map(drop)
    }
}

/// The network of an address: the host for IPv4, the /64 for IPv6, because one host usually has a whole /64.
fn network(source_ip: &str) -> String {
    match source_ip.parse::<std::net::IpAddr>() {
        Ok(std::net::IpAddr::V6(address)) => format!("{:?}", &address.segments()[..4]),
        _ => source_ip.to_owned(),
    }
}

/// 128 bits of SHA-256 in base64url, so that keys have a fixed length and contain nothing that people typed.
fn hash(text: &str) -> String {
    URL_SAFE_NO_PAD.encode(&digest(&SHA256, text.as_bytes()).as_ref()[..16])
}

fn nonce() -> Result<AttributeValue, Error> {
    Ok(AttributeValue::B(random::bytes::<12>()?.to_vec().into()))
}

fn wrote(item: &Item, nonce: &AttributeValue) -> bool {
    item.get("writer") == Some(nonce)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_addresses_of_one_ipv6_network_share_a_limit() {
        assert_eq!(network("2001:db8:1:2::1"), network("2001:db8:1:2:ffff::9"));
        assert_ne!(network("2001:db8:1:2::1"), network("2001:db8:1:3::1"));
        assert_ne!(network("192.0.2.1"), network("192.0.2.2"));
    }
}
