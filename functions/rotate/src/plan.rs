//! Decides what a rotation changes in the key ring, on plain data.
//!
//! A key goes from next to current to retired. It is published as next long before it signs, and stays published as
//! retired long after, so that no verifier's cache ever lacks the key of a valid token.

use oauth::{Code, Error, Time};
use store::{KeyState, PublicKey, Ring};

/// How long a key is published before the schedule lets it sign, in seconds: longer than the hour for which the slowest
/// verifiers, API Gateway's own, cache a key set.
const LEAD: u64 = 2 * 3600;
/// How long a key stays published after its last signature, in seconds: the longest token lifetime (an hour), the
/// slowest cache (an hour), and an hour of margin.
const KEEP: u64 = 3 * 3600;
/// Most keys that are published at once: the limit of `jwt::KeySet`.
const MOST: usize = jwt::MAX_KEYS;

/// How often keys rotate on schedule.
pub(crate) struct Schedule {
    seconds: u64,
}

/// What an event asks for.
pub(crate) enum Wish {
    /// Whatever is due on schedule.
    Schedule,
    /// A rotation now.
    Rotate,
    /// Removal of a key.
    Withdraw(String),
}

/// The ring after the change.
pub(crate) struct Plan {
    /// Keys that stay, with their new states.
    pub(crate) keep: Vec<PublicKey>,
    /// The states of the keys to be generated.
    pub(crate) wanted: Vec<KeyState>,
    /// The ids of keys whose private halves are destroyed.
    pub(crate) gone: Vec<String>,
    changed: bool,
}

impl Schedule {
    /// A rotation every `days` days.
    pub(crate) fn days(days: u64) -> Self {
        Self { seconds: days * 86_400 }
    }
}

impl Plan {
    /// The changes that `wish` makes to `ring` now. New keys are for `algorithm`.
    pub(crate) fn make(
        ring: &Ring,
        wish: &Wish,
        schedule: &Schedule,
        algorithm: &str,
        now: Time,
    ) -> Result<Self, Error> {
        let mut plan = Self { keep: ring.keys.clone(), wanted: Vec::new(), gone: Vec::new(), changed: false };
        match wish {
            Wish::Schedule => {}
            Wish::Rotate => plan.promote(now),
            Wish::Withdraw(kid) => plan.withdraw(kid, now)?,
        }
        plan.drop_old(now);
        plan.replace_unused_of_other_algorithm(algorithm);
        if matches!(wish, Wish::Schedule) && plan.is_due(schedule, algorithm, now) {
            plan.promote(now);
        }
        plan.want_next();
        if plan.keep.len() + plan.wanted.len() > MOST {
            Err(Error::new(Code::TooManyRequests, "too many keys are published; wait until retired keys are removed"))
        } else {
            Ok(plan)
        }
    }

    /// Whether anything has to be written.
    pub(crate) fn changes(&self) -> bool {
        self.changed
    }

    fn is_due(&self, schedule: &Schedule, algorithm: &str, now: Time) -> bool {
        let Some(current) = self.in_state(KeyState::Current) else { return true };
        let Some(next) = self.in_state(KeyState::Next) else { return false };
        let aged = current.since.plus(schedule.seconds) <= now || current.alg != algorithm;
        aged && next.published_at.plus(LEAD) <= now
    }

    fn in_state(&self, state: KeyState) -> Option<&PublicKey> {
        self.keep.iter().find(|key| key.state == state)
    }

    /// Retires the current key and makes the next key current. Without a next key, a fresh key becomes current.
    fn promote(&mut self, now: Time) {
        self.changed = true;
        let mut promoted = false;
        for key in &mut self.keep {
            let state = match key.state {
                KeyState::Next => KeyState::Current,
                KeyState::Current => KeyState::Retired,
                KeyState::Retired => continue,
            };
            promoted |= state == KeyState::Current;
            (key.state, key.since) = (state, now);
        }
        if !promoted {
            self.wanted.push(KeyState::Current);
        }
    }

    fn withdraw(&mut self, kid: &str, now: Time) -> Result<(), Error> {
        let position = self.keep.iter().position(|key| key.kid == kid);
        let position = position.ok_or_else(|| Error::new(Code::NotFound, "no key with this kid is published"))?;
        let key = self.keep.remove(position);
        self.changed = true;
        if key.state == KeyState::Current {
            self.promote(now);
        }
        self.gone.push(key.kid);
        Ok(())
    }

    fn drop_old(&mut self, now: Time) {
        self.remove(|key| key.state == KeyState::Retired && key.since.plus(KEEP) <= now);
    }

    /// Replaces a next key that never signed when the configured algorithm has changed.
    fn replace_unused_of_other_algorithm(&mut self, algorithm: &str) {
        self.remove(|key| key.state == KeyState::Next && key.alg != algorithm);
    }

    fn remove(&mut self, leaves: impl Fn(&PublicKey) -> bool) {
        let (gone, keep): (Vec<_>, Vec<_>) = std::mem::take(&mut self.keep).into_iter().partition(leaves);
        self.changed |= !gone.is_empty();
        self.gone.extend(gone.into_iter().map(|key| key.kid));
        self.keep = keep;
    }

    fn want_next(&mut self) {
        if self.in_state(KeyState::Next).is_none() {
            self.changed = true;
            self.wanted.push(KeyState::Next);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: u64 = 86_400;

    fn key(kid: &str, state: KeyState, since: u64) -> PublicKey {
        let since = Time::from_seconds(since);
        PublicKey { kid: kid.into(), alg: "RS256".into(), jwk: "{}".into(), published_at: since, state, since }
    }

    fn make(keys: &[PublicKey], wish: &Wish, algorithm: &str, now: u64) -> Plan {
        let ring = Ring { version: 1, keys: keys.to_vec() };
        Plan::make(&ring, wish, &Schedule::days(30), algorithm, Time::from_seconds(now)).unwrap()
    }

    fn states(plan: &Plan) -> Vec<(&str, KeyState)> {
        plan.keep.iter().map(|key| (key.kid.as_str(), key.state)).collect()
    }

    #[test]
    fn the_first_run_publishes_a_next_key_and_later_runs_change_nothing() {
        let plan = make(&[key("a", KeyState::Current, 0)], &Wish::Schedule, "RS256", 10);
        assert_eq!(states(&plan), [("a", KeyState::Current)]);
        assert_eq!(plan.wanted, [KeyState::Next]);
        let keys = [key("a", KeyState::Current, 0), key("b", KeyState::Next, 10)];
        assert!(!make(&keys, &Wish::Schedule, "RS256", 29 * DAY).changes());
    }

    #[test]
    fn when_due_the_current_key_retires_and_the_next_one_signs() {
        let keys = [key("a", KeyState::Current, 0), key("b", KeyState::Next, 10)];
        let plan = make(&keys, &Wish::Schedule, "RS256", 30 * DAY);
        assert_eq!(states(&plan), [("a", KeyState::Retired), ("b", KeyState::Current)]);
        assert_eq!(plan.wanted, [KeyState::Next]);
    }

    #[test]
    fn the_schedule_publishes_a_key_long_enough_before_it_signs() {
        let keys = [key("a", KeyState::Current, 0), key("b", KeyState::Next, 30 * DAY)];
        assert!(!make(&keys, &Wish::Schedule, "RS256", 30 * DAY + LEAD - 1).changes());
        assert!(make(&keys, &Wish::Schedule, "RS256", 30 * DAY + LEAD).changes());
    }

    #[test]
    fn a_retired_key_stays_published_for_the_longest_token_and_cache() {
        let keys = [key("a", KeyState::Retired, 0), key("b", KeyState::Current, 0), key("c", KeyState::Next, 0)];
        assert!(!make(&keys, &Wish::Schedule, "RS256", KEEP - 1).changes());
        let plan = make(&keys, &Wish::Schedule, "RS256", KEEP);
        assert_eq!((plan.gone.as_slice(), plan.wanted.len()), (["a".to_owned()].as_slice(), 0));
    }

    #[test]
    fn another_algorithm_starts_with_the_next_key_without_an_outage() {
        let keys = [key("a", KeyState::Current, 0), key("b", KeyState::Next, 0)];
        let plan = make(&keys, &Wish::Schedule, "ES256", LEAD);
        assert_eq!(states(&plan), [("a", KeyState::Current)]);
        assert_eq!(plan.wanted, [KeyState::Next]);
        let mut next = key("c", KeyState::Next, LEAD);
        next.alg = "ES256".into();
        let plan = make(&[key("a", KeyState::Current, 0), next], &Wish::Schedule, "ES256", 2 * LEAD);
        assert_eq!(states(&plan), [("a", KeyState::Retired), ("c", KeyState::Current)]);
    }

    #[test]
    fn withdrawing_the_current_key_makes_the_next_one_sign_at_once() {
        let keys = [key("a", KeyState::Current, 0), key("b", KeyState::Next, 0)];
        let plan = make(&keys, &Wish::Withdraw("a".into()), "RS256", 5);
        assert_eq!(
            (states(&plan), plan.gone.as_slice()),
            (vec![("b", KeyState::Current)], ["a".to_owned()].as_slice())
        );
        let ring = Ring { version: 1, keys: keys.to_vec() };
        let unknown =
            Plan::make(&ring, &Wish::Withdraw("x".into()), &Schedule::days(1), "RS256", Time::from_seconds(1));
        assert!(unknown.is_err());
    }

    #[test]
    fn withdrawing_the_only_key_creates_a_new_one() {
        let plan = make(&[key("a", KeyState::Current, 0)], &Wish::Withdraw("a".into()), "RS256", 5);
        assert_eq!(plan.wanted, [KeyState::Current, KeyState::Next]);
    }
}
