//! Limits against guessing, and on what one person can make the service write.
//!
//! An attempt to sign in is counted before the password is verified, and given back if it was right. It counts for the
//! account (by the name that was typed), for the account and the caller's address together, and for the address over all accounts ([`crate::bucket`]).
//! Nothing is ever locked: whoever guesses waits longer and longer between two guesses, as the buckets with longer windows
//! fill up, and what is refused is not counted. A device on which the person has signed in before counts for itself only
//! ([`crate::Devices`]), so that an attack on an account does not keep its owner out.
//!
//! Right sign-ins have a rate of their own, for each account and minute, which by default is so high that wrong guesses
//! alone never reach it. It bounds how many sessions somebody can begin and end, because each that ends is in the list of
//! revocations for a while. Sessions that apps begin with codes, and codes that need no page, are limited for each person
//! in the same way.

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use oauth::{Config, DAY, Error, HOUR, MINUTE, Time};

use crate::bucket::{Bucket, Buckets, Kept, Rate, Taken, Tally};
use crate::table::{Key, Table, Update, Write, number};

/// Wrong guesses at one account from one address: ten at once, then one in almost three minutes.
const OF_ADDRESS: Rate = Rate::new(20, 30 * MINUTE);
/// ... and when they go on, one in three quarters of an hour, so that one address cannot use up what the account has in a day.
const OF_ADDRESS_AND_DAY: Rate = Rate::new(60, DAY);
/// Wrong guesses at one account from all addresses: 25 at once, then one in 70 seconds ...
const OF_ACCOUNT: Rate = Rate::new(50, 30 * MINUTE);
/// ... and when they go on, one in a quarter of an hour.
const OF_ACCOUNT_AND_DAY: Rate = Rate::new(200, DAY);
/// Wrong guesses from one known device: ten at once, and 50 in a day.
pub(crate) const OF_DEVICE: Rate = Rate::new(20, 30 * MINUTE);
pub(crate) const OF_DEVICE_AND_DAY: Rate = Rate::new(50, DAY);
/// Failed proofs of a password by somebody who is signed in. Each may have tried two passwords: the current one, and whether
/// the new one is set already.
const OF_PERSON: Rate = Rate::new(10, 30 * MINUTE);
const OF_PERSON_AND_DAY: Rate = Rate::new(24, DAY);
/// All of them, right ones too: each may change something, which writes an event and sends a mail.
const OF_PERSON_IN_ALL: Rate = Rate::new(60, HOUR);
/// Wrong second factors of one person, over all methods and sign-ins: five at once, then one in five minutes ...
const OF_FACTORS: Rate = Rate::new(10, 30 * MINUTE);
/// ... and when they go on, 24 in a day. Whoever can use this up knows the password.
const OF_FACTORS_AND_DAY: Rate = Rate::new(24, DAY);
/// How many half hours' worth of guesses one address has in a day.
const HALF_HOURS: u64 = 10;
/// Into how many groups the addresses that guess at an account are divided, so that its item stays small. Which addresses
/// share a group differs from account to account.
const GROUPS: u8 = 24;

/// Sign-ins of one account, or sessions from codes of one person, in a minute, unless configured.
pub(crate) const PER_MINUTE: u64 = 60;
/// Wrong guesses from one address at all accounts in half an hour, unless configured.
const PER_ADDRESS: u64 = 200;

/// The counters: `LIMIT#LOGIN#account` (with a bucket for each group of addresses), `LIMIT#ADDRESS#network`,
/// `LIMIT#PROOF#person`, `LIMIT#FACTOR#person` and `LIMIT#CODES#person`.
#[derive(Clone, Debug)]
pub struct Limits {
    table: Table,
    sign_ins_per_minute: u64,
    guesses_per_address: u64,
}

/// Whose password is guessed, and from where.
#[derive(Clone, Copy, Debug)]
pub struct Guess<'a> {
    /// The typed name, in the form in which names are compared. A person with a username and an address has two of them:
    /// counting both together would show strangers that they belong together.
    pub account: &'a str,
    /// The caller's address.
    pub address: &'a str,
}

/// Whether an attempt is allowed.
#[derive(Debug)]
pub enum Attempt {
    /// Allowed and counted. Uncount it with [`Limits::give_back`] if the password was right.
    Counted(Counted),
    /// Not allowed before `retry_after` seconds have passed.
    Refused {
        /// Seconds until there is room for one attempt.
        retry_after: u64,
    },
}

impl Attempt {
    /// The counted attempt. Fails with `too_many_requests` if it was refused.
    pub fn counted(self) -> Result<Counted, Error> {
        match self {
            Self::Counted(counted) => Ok(counted),
            Self::Refused { retry_after } => {
                Err(Error::too_many(retry_after, "attempts at a password or a second factor"))
            }
        }
    }
}

/// A counted attempt.
#[derive(Debug)]
pub struct Counted {
    counters: Vec<Buckets>,
    /// The new end of a known device's item, if the attempt turns out to be right.
    renewed: Option<u64>,
}

impl Counted {
    /// An attempt on a known device, whose item ends at `renewed` if the attempt turns out to be right.
    pub(crate) fn on_device(counter: Buckets, renewed: u64) -> Self {
        Self { counters: vec![counter], renewed: Some(renewed) }
    }

    /// Whether it was made on a known device.
    pub fn is_on_known_device(&self) -> bool {
        self.renewed.is_some()
    }
}

impl Limits {
    /// The limits in `table`.
    pub fn new(table: &Table) -> Self {
        Self { table: table.clone(), sign_ins_per_minute: PER_MINUTE, guesses_per_address: PER_ADDRESS }
    }

    /// The same, as `SIGN_INS_PER_MINUTE` and, where it is set, `GUESSES_PER_ADDRESS` say.
    pub fn configured(self, config: &Config) -> Result<Self, Error> {
        let guesses = config.optional("GUESSES_PER_ADDRESS").map(|_| config.parsed("GUESSES_PER_ADDRESS"));
        let guesses_per_address = guesses.transpose()?.unwrap_or(self.guesses_per_address);
        Ok(Self { sign_ins_per_minute: config.parsed("SIGN_INS_PER_MINUTE")?, guesses_per_address, ..self })
    }

    /// The same, with at most `sign_ins` of one account in a minute.
    #[must_use]
    pub fn per_minute(self, sign_ins: u64) -> Self {
        Self { sign_ins_per_minute: sign_ins, ..self }
    }

    /// The same, with at most `guesses` from one address in half an hour.
    #[must_use]
    pub fn per_address(self, guesses: u64) -> Self {
        Self { guesses_per_address: guesses, ..self }
    }

    /// Counts an attempt to sign in, or refuses it and counts nothing.
    pub async fn sign_in(&self, guess: Guess<'_>, now: Time) -> Result<Attempt, Error> {
        let network = network(guess.address);
        let (account, address) = (self.account(guess, &network), self.address(&network));
        let (of_account, of_address) =
            tokio::join!(Box::pin(account.take(&self.table, now)), Box::pin(address.take(&self.table, now)));
        let (counters, refused) = match (of_account, of_address) {
            (Ok(Taken::Counted), Ok(Taken::Counted)) => (vec![account, address], None),
            (Ok(Taken::Counted), refused) => (vec![account], Some(refused)),
            (refused, Ok(Taken::Counted)) => (vec![address], Some(refused)),
            (refused, _) => (Vec::new(), Some(refused)),
        };
        let counted = Counted { counters, renewed: None };
        match refused {
            None => Ok(Attempt::Counted(counted)),
            Some(refused) => {
                self.undo(counted).await;
                refused_by(&refused?, now)
            }
        }
    }

    /// The refused attempts to sign in with a name ([`Guess::account`]), until a day without any has passed. Those on known
    /// devices count there ([`crate::Device`]), and those beyond a limit nowhere.
    pub async fn refused(&self, name: &str, now: Time) -> Result<Tally, Error> {
        Ok(self.table.get(login_key(name), now).await?.unwrap_or_default())
    }

    /// Counts a proof of the password by somebody who has a token or a browser of the person already: it counts for the
    /// person only, and nobody without one can use it up. Giving it back leaves it among all that an hour may have.
    pub async fn proof(&self, person: &str, now: Time) -> Result<Attempt, Error> {
        let each = vec![
            Bucket::of("t", OF_PERSON),
            Bucket::of("d", OF_PERSON_AND_DAY),
            Bucket::of("m", OF_PERSON_IN_ALL).for_good(),
        ];
        self.of_person(key("LIMIT#PROOF", &hash(person)), each, now).await
    }

    /// Counts a second factor, of whatever kind, by somebody who has proven the password or is signed in. Strangers cannot
    /// use it up.
    pub async fn factor(&self, person: &str, now: Time) -> Result<Attempt, Error> {
        let each = vec![
            Bucket::of("t", OF_FACTORS),
            Bucket::of("d", OF_FACTORS_AND_DAY),
            Bucket::of("m", OF_PERSON_IN_ALL).for_good(),
        ];
        self.of_person(key("LIMIT#FACTOR", &hash(person)), each, now).await
    }

    async fn of_person(&self, key: Key, each: Vec<Bucket>, now: Time) -> Result<Attempt, Error> {
        let counter = Buckets::at(key, Kept::AsLongAsNeeded, each);
        match counter.take(&self.table, now).await? {
            Taken::Counted => Ok(Attempt::Counted(Counted { counters: vec![counter], renewed: None })),
            refused @ (Taken::Full { .. } | Taken::Absent) => refused_by(&refused, now),
        }
    }

    /// Counts a code that needs no page. Fails with `too_many_requests` if the person has too many.
    pub async fn code(&self, person: &str, now: Time) -> Result<(), Error> {
        let each = vec![per_minute("t", self.sign_ins_per_minute)];
        let counter = Buckets::at(key("LIMIT#CODES", &hash(person)), Kept::AsLongAsNeeded, each);
        match counter.take(&self.table, now).await? {
            Taken::Counted | Taken::Absent => Ok(()),
            Taken::Full { until } => Err(Error::too_many(seconds_until(until, now), "codes of one person")),
        }
    }

    /// Gives back an attempt that was right, or that failed because of a fault of ours. If the store fails here, the
    /// person waits a little longer after the next wrong ones.
    pub async fn give_back(&self, counted: Counted) {
        let Counted { counters, renewed } = counted;
        let mut counters = counters.into_iter();
        let (first, second) = (counters.next(), counters.next());
        tokio::join!(Box::pin(self.give_one_back(first, renewed)), Box::pin(self.give_one_back(second, renewed)));
    }

    /// Takes back an attempt that is refused, also for its minute.
    async fn undo(&self, counted: Counted) {
        for counter in counted.counters {
            self.give_one_back(Some(counter.entirely()), None).await;
        }
    }

    async fn give_one_back(&self, counter: Option<Buckets>, renewed: Option<u64>) {
        let Some(counter) = counter else { return };
        if let Err(error) = counter.give_back(&self.table, renewed).await {
            tracing::warn!(%error, "giving back an attempt failed");
        }
    }

    fn account(&self, guess: Guess<'_>, network: &str) -> Buckets {
        let group = digest(&SHA256, format!("{} {network}", guess.account).as_bytes()).as_ref()[0] % GROUPS;
        let each = vec![
            Bucket::of(format!("a{group}"), OF_ADDRESS),
            Bucket::of(format!("b{group}"), OF_ADDRESS_AND_DAY),
            Bucket::of("t", OF_ACCOUNT),
            Bucket::of("d", OF_ACCOUNT_AND_DAY),
            per_minute("m", self.sign_ins_per_minute),
        ];
        Buckets::at(login_key(guess.account), Kept::AsLongAsNeeded, each).tallying()
    }

    fn address(&self, network: &str) -> Buckets {
        let most = self.guesses_per_address;
        let of_day = Rate::new(most.saturating_mul(HALF_HOURS), DAY);
        let each = vec![Bucket::of("t", Rate::new(most, 30 * MINUTE)), Bucket::of("d", of_day)];
        Buckets::at(key("LIMIT#ADDRESS", &hash(network)), Kept::AsLongAsNeeded, each)
    }
}

/// A bucket for what counts in any case, for each minute.
pub(crate) fn per_minute(name: &str, most: u64) -> Bucket {
    Bucket::of(name, Rate::new(most, MINUTE)).for_good()
}

/// The answer to an attempt that was not counted.
pub(crate) fn refused_by(taken: &Taken, now: Time) -> Result<Attempt, Error> {
    match taken {
        Taken::Full { until } => Ok(Attempt::Refused { retry_after: seconds_until(*until, now) }),
        Taken::Counted | Taken::Absent => Err(Error::fault("an attempt was neither counted nor refused")),
    }
}

/// The whole seconds until an instant, at least one.
pub(crate) fn seconds_until(until: Time, now: Time) -> u64 {
    until.millis().saturating_sub(now.millis()).div_ceil(1000).max(1)
}

/// What is known about the sessions that a person's codes became.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Begun {
    /// None that still counts.
    NoneLately,
    /// Some.
    Some,
}

/// Counts, as part of a larger write, a session that an app begins with a code. Refused if `user` has too many in a minute,
/// or if not as many began lately as `begun` says.
pub(crate) fn session_from_code(user: &str, per_minute: u64, begun: Begun, now: Time) -> Write {
    let (rate, key) = (Rate::new(per_minute, MINUTE), key("LIMIT#SESSIONS", user));
    let end = (":end", number(now.plus(MINUTE + 1).seconds()));
    let at = (":now", number(now.millis()));
    Write::Update(match begun {
        Begun::NoneLately => Update {
            expression: "SET #t = :next, #expires_at = :end",
            condition: "attribute_not_exists(#t) OR #t <= :now",
            values: vec![(":next", number(now.millis() + rate.step())), at, end],
            ..Update::nothing(key)
        },
        Begun::Some => Update {
            expression: "SET #t = #t + :step, #expires_at = :end",
            condition: "#t > :now AND #t <= :room",
            values: vec![(":step", number(rate.step())), (":room", number(rate.room(now))), at, end],
            ..Update::nothing(key)
        },
    })
}

/// After how many seconds another session may begin, at the latest, when there were too many.
pub(crate) fn wait_for_session(per_minute: u64) -> u64 {
    Rate::new(per_minute, MINUTE).step().div_ceil(1000)
}

/// The item of the attempts at an account.
fn login_key(account: &str) -> Key {
    key("LIMIT#LOGIN", &hash(account))
}

fn key(prefix: &str, subject: &str) -> Key {
    Key::new(format!("{prefix}#{subject}"), "LIMIT")
}

/// The network of an address, as [`fetch::network`] says. Something that is no address stands for itself.
pub(crate) fn network(source_ip: &str) -> String {
    source_ip.parse().map_or_else(|_| source_ip.to_owned(), |address| fetch::network(address).to_string())
}

/// 128 bits of SHA-256 in base64url, so that keys have a fixed length and contain nothing that people typed.
pub(crate) fn hash(text: &str) -> String {
    URL_SAFE_NO_PAD.encode(&digest(&SHA256, text.as_bytes()).as_ref()[..16])
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

    #[test]
    fn an_ipv4_address_counts_as_itself_in_whichever_form() {
        assert_eq!(network("::ffff:192.0.2.1"), network("192.0.2.1"));
        assert_ne!(network("::ffff:192.0.2.1"), network("::ffff:192.0.2.2"));
    }

    #[test]
    fn wrong_guesses_alone_never_reach_the_limit_of_right_sign_ins() {
        let of_minute = OF_ACCOUNT.at_once() + MINUTE * 1000 / OF_ACCOUNT.step();
        let at_once = Rate::new(PER_MINUTE, MINUTE).at_once();
        assert!(of_minute < at_once, "{of_minute} and {at_once}");
    }
}
