//! Limits against guessing. Attempts are counted exactly, even concurrent ones.
//!
//! A sign-in attempt is counted before the password is verified, and uncounted if it was correct. A thousand parallel
//! guesses are therefore limited like a thousand sequential ones.
//!
//! Correct sign-ins have a limit of their own, for each account and minute, which by default is so high that wrong guesses
//! alone never reach it. It bounds how many sessions somebody can begin and end, because each that ends is in the list of
//! revocations for a while. Sessions that apps begin with codes, without a sign-in, are limited for each person in the
//! same way.

use aws_lc_rs::digest::{SHA256, digest};
use aws_sdk_dynamodb::types::AttributeValue;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use oauth::{Error, Time};

use crate::random;
use crate::table::{Item, Key, Table, Update, Updated, Write, number};

/// How many attempts of a kind are allowed.
struct Rule {
    /// The length of a window in seconds. Windows are aligned to the clock.
    window: u64,
    /// Attempts per window from one address.
    per_address: u64,
    /// Attempts per window from all addresses.
    total: u64,
    /// Attempts per minute from all addresses that are not uncounted.
    per_minute: Option<u64>,
}

/// Sign-ins of one account, or sessions from codes of one person, in a minute, unless configured.
pub(crate) const PER_MINUTE: u64 = 60;
/// The length of a minute in seconds.
const MINUTE: u64 = 60;

/// Failed attempts for one account.
const SIGN_IN: Rule = Rule { window: 15 * MINUTE, per_address: 10, total: 50, per_minute: Some(PER_MINUTE) };

/// The counters, at `LIMIT#kind#subject / window`: one item per subject and window, with one count per address (`a_…`),
/// one for all (`total`) and, for sign-ins, one per minute (`m_…`), so that one conditional write checks and increments
/// all of them.
#[derive(Clone, Debug)]
pub struct Limits {
    table: Table,
    sign_ins_per_minute: u64,
}

/// Whether an attempt is allowed.
#[derive(Debug)]
pub enum Attempt {
    /// Allowed and counted. Uncount it with [`Limits::give_back`] if the password was correct.
    Counted(Counted),
    /// Not allowed before `retry_after` seconds have passed.
    Refused {
        /// Seconds until the window or the minute ends.
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
        Self { table: table.clone(), sign_ins_per_minute: PER_MINUTE }
    }

    /// The same, with at most `sign_ins` of one account in a minute.
    #[must_use]
    pub fn per_minute(self, sign_ins: u64) -> Self {
        Self { sign_ins_per_minute: sign_ins, ..self }
    }

    /// Counts an attempt to sign in as `subject` (a canonical username that may not exist) from `source_ip`.
    pub async fn sign_in(&self, subject: &str, source_ip: &str, now: Time) -> Result<Attempt, Error> {
        let rule = Rule { per_minute: Some(self.sign_ins_per_minute), ..SIGN_IN };
        self.count(&rule, format!("LIMIT#LOGIN#{}", hash(subject)), source_ip, now).await
    }

    async fn count(&self, rule: &Rule, pk: String, source_ip: &str, now: Time) -> Result<Attempt, Error> {
        let window = now.seconds() / rule.window;
        let end = (window + 1) * rule.window;
        let key = Key::new(pk, window.to_string());
        let counted = Counted { key: key.clone(), address: format!("a_{}", hash(&network(source_ip))) };
        let nonce = nonce()?;
        let mut update = Update {
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
        if let Some(per_minute) = rule.per_minute {
            with_minute(&mut update, per_minute, now);
        }
        Ok(match self.table.update(update).await? {
            Updated::Done(_) => Attempt::Counted(counted),
            Updated::Refused(Some(item)) if wrote(&item, &nonce) => Attempt::Counted(counted),
            Updated::Refused(item) => {
                let of_window = item.is_none_or(|item| rule.is_reached(&item, &counted.address));
                let end = if of_window { end } else { minute_end(now) };
                Attempt::Refused { retry_after: end.saturating_sub(now.seconds()).max(1) }
            }
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
        self.table.update(update).await.map(drop)
    }
}

impl Rule {
    /// Whether the limits of the whole window are reached, and not just that of the minute.
    fn is_reached(&self, item: &Item, address: &str) -> bool {
        let reaches = |name: &str, most| count_of(item, name).is_some_and(|count| count >= most);
        reaches(address, self.per_address) || reaches("total", self.total)
    }
}

/// Counts the attempt also for its minute.
fn with_minute(update: &mut Update, per_minute: u64, now: Time) {
    update.expression = "SET #address = if_not_exists(#address, :zero) + :one, \
                         #total = if_not_exists(#total, :zero) + :one, \
                         #minute = if_not_exists(#minute, :zero) + :one, #expires_at = :end, #writer = :writer";
    update.condition = "(attribute_not_exists(#address) OR #address < :per_address) \
                        AND (attribute_not_exists(#total) OR #total < :most) \
                        AND (attribute_not_exists(#minute) OR #minute < :per_minute) \
                        AND (attribute_not_exists(#writer) OR #writer <> :writer)";
    update.names.push(("#minute", format!("m_{}", now.seconds() / MINUTE)));
    update.values.push((":per_minute", number(per_minute)));
}

/// Counts, as part of a larger write, a session that an app begins with a code. Refused if `user` has `most` in this
/// minute.
pub(crate) fn session_from_code(user: &str, most: u64, now: Time) -> Write {
    Write::Update(Update {
        expression: "SET #total = if_not_exists(#total, :zero) + :one, #expires_at = :end",
        condition: "attribute_not_exists(#total) OR #total < :most",
        values: vec![
            (":zero", number(0)),
            (":one", number(1)),
            (":most", number(most)),
            (":end", number(minute_end(now))),
        ],
        ..Update::nothing(Key::new(format!("LIMIT#SESSIONS#{user}"), (now.seconds() / MINUTE).to_string()))
    })
}

/// The end of the current minute, in epoch seconds.
pub(crate) fn minute_end(now: Time) -> u64 {
    (now.seconds() / MINUTE + 1) * MINUTE
}

fn count_of(item: &Item, name: &str) -> Option<u64> {
    item.get(name)?.as_n().ok()?.parse().ok()
}

/// The network of an address: the host for IPv4, the /64 for IPv6, because one host usually has a whole /64.
pub(crate) fn network(source_ip: &str) -> String {
    match source_ip.parse::<std::net::IpAddr>() {
        Ok(std::net::IpAddr::V6(address)) => format!("{:?}", &address.segments()[..4]),
        _ => source_ip.to_owned(),
    }
}

/// 128 bits of SHA-256 in base64url, so that keys have a fixed length and contain nothing that people typed.
pub(crate) fn hash(text: &str) -> String {
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
