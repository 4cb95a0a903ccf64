//! A proof of work, so that creating many accounts takes a machine time, without a third party and without puzzles for people.
//!
//! The proof is a time and a number: SHA-256 of five lines (the issuer, the time, the username and the address as they are
//! sent, the number) begins with as many zero bits as the service asks for. Nothing is stored, and a proof cannot be used
//! for another account, because it contains what makes the account: a username can be taken once, and an address gets only
//! a few mails.
//!
//! A browser without scripts waits instead, for [`WAIT`] seconds.

use aws_lc_rs::digest::{SHA256, digest};
use oauth::{Config, Error, FieldProblem, Time};

/// How long a proof can be used, in seconds.
const LIFETIME: u64 = 3600;
/// How far ahead the clock of a caller may be, in seconds.
const LEEWAY: u64 = 60;
/// How long a browser without scripts waits, in seconds.
pub const WAIT: u64 = 20;
/// The field that has the proof.
pub const FIELD: &str = "work";

/// The work that the service asks for.
#[derive(Clone, Debug)]
pub struct Work {
    bits: u32,
    issuer: String,
}

/// What makes an account, as it was sent. Absent and empty are the same.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Account {
    /// The username.
    pub username: String,
    /// The e-mail address.
    pub email: String,
}

/// What a page needs so that its script can work.
#[derive(Clone, Copy, Debug)]
pub struct Demand<'a> {
    /// How many zero bits.
    pub bits: u32,
    /// The first line.
    pub issuer: &'a str,
    /// The second line, in epoch seconds.
    pub time: u64,
}

impl Work {
    /// Reads `REGISTRATION_WORK` and `ISSUER`.
    pub fn read(config: &Config) -> Result<Self, Error> {
        Ok(Self { bits: config.parsed("REGISTRATION_WORK")?, issuer: config.required("ISSUER")?.to_owned() })
    }

    /// What a page asks for, if the service asks for work at all.
    pub fn demand(&self, now: Time) -> Option<Demand<'_>> {
        (self.bits > 0).then(|| Demand { bits: self.bits, issuer: &self.issuer, time: now.seconds() })
    }

    /// Refuses if work is asked for and `proof` is none for this account.
    pub fn check(&self, proof: Option<&str>, account: &Account, now: Time) -> Result<(), Error> {
        match proof {
            _ if self.bits == 0 => Ok(()),
            Some(proof) if self.is_done(proof, account, now) => Ok(()),
            Some(_) => Err(self.problem("wrong")),
            None => Err(self.problem("missing")),
        }
    }

    fn is_done(&self, proof: &str, account: &Account, now: Time) -> bool {
        let Some((time, number)) = proof.split_once('.') else { return false };
        let Account { username, email } = account;
        let text = format!("{}\n{time}\n{username}\n{email}\n{number}", self.issuer);
        is_recent(time, now) && zero_bits(digest(&SHA256, text.as_bytes()).as_ref()) >= self.bits
    }

    fn problem(&self, code: &'static str) -> Error {
        let detail = format!("Send a proof of work of {} bits, made within the last hour for this account.", self.bits);
        Error::fields(vec![FieldProblem { field: FIELD.to_owned(), code, detail: detail.into() }])
    }
}

/// Whether an error says that only the proof of work is missing or wrong.
pub fn is_missing(error: &Error) -> bool {
    let problems = error.field_problems();
    !problems.is_empty() && problems.iter().all(|problem| problem.field == FIELD)
}

/// Whether a time in epoch seconds is less than an hour ago, give or take what clocks differ.
pub fn is_recent(time: &str, now: Time) -> bool {
    let range = now.seconds().saturating_sub(LIFETIME)..=now.seconds() + LEEWAY;
    time.parse().is_ok_and(|time: u64| range.contains(&time))
}

/// How many zero bits come first.
fn zero_bits(hash: &[u8]) -> u32 {
    let zeros = hash.iter().take_while(|byte| **byte == 0).count();
    let next = hash.get(zeros).map_or(0, |byte| byte.leading_zeros());
    u32::try_from(zeros * 8).unwrap_or(u32::MAX).saturating_add(next)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Time = Time::from_seconds(1_800_000_000);

    fn work(bits: u32) -> Work {
        Work { bits, issuer: "https://id.example".to_owned() }
    }

    fn alice() -> Account {
        Account { username: "alice".to_owned(), email: String::new() }
    }

    fn proof(work: &Work, account: &Account, time: u64) -> String {
        let mut proofs = (0..u32::MAX).map(|number| format!("{time}.{number}"));
        proofs.find(|proof| work.is_done(proof, account, Time::from_seconds(time))).unwrap()
    }

    #[test]
    fn a_proof_counts_for_its_account_its_issuer_and_an_hour() {
        let work = work(12);
        let proof = proof(&work, &alice(), NOW.seconds());
        assert!(work.check(Some(&proof), &alice(), NOW).is_ok());
        assert!(work.check(Some(&proof), &alice(), NOW.plus(3600)).is_ok());
        assert!(work.check(Some(&proof), &alice(), NOW.plus(3601)).is_err());
        assert!(work.check(Some(&proof), &alice(), Time::from_seconds(NOW.seconds() - 61)).is_err());
        let bob = Account { username: "bob".to_owned(), ..Account::default() };
        assert!(work.check(Some(&proof), &bob, NOW).is_err());
        let elsewhere = Work { issuer: "https://other.example".to_owned(), ..work };
        assert!(elsewhere.check(Some(&proof), &alice(), NOW).is_err());
    }

    #[test]
    fn what_is_no_proof_is_refused_and_what_is_not_asked_for_is_not_looked_at() {
        for wrong in ["", ".", "1", "x.1", "99999999999999999999.1", "1800000000"] {
            assert!(is_missing(&work(8).check(Some(wrong), &alice(), NOW).unwrap_err()), "{wrong}");
            assert!(work(0).check(Some(wrong), &alice(), NOW).is_ok());
        }
        assert_eq!(work(8).check(None, &alice(), NOW).unwrap_err().field_problems()[0].code, "missing");
    }

    #[test]
    fn zero_bits_are_counted_over_bytes() {
        for (hash, bits) in [(&[0x80][..], 0), (&[1], 7), (&[0, 0x0f], 12), (&[0, 0, 0xff], 16), (&[0, 0], 16)] {
            assert_eq!(zero_bits(hash), bits);
        }
    }
}
