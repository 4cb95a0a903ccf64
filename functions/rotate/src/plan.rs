//! Decides what a rotation changes in the key ring, on plain data.
//!
//! Each algorithm of the ring has its own keys. A key goes from next to current to retired. It is published as next long before it signs, and stays published as
//! retired long after, so that no verifier's cache ever lacks the key of a valid token.

use oauth::{Algorithm, Code, DAY, Error, HOUR, SigningAlgorithms, Time};
use store::{KeyState, PublicKey, Ring};

/// How long a key is published before the schedule lets it sign, in seconds: longer than the hour for which the slowest
/// verifiers, API Gateway's own, cache a key set.
const LEAD: u64 = 2 * HOUR;
/// How long a key stays published after its last signature, in seconds: the longest token lifetime (an hour), the
/// slowest cache (an hour), and an hour of margin.
const KEEP: u64 = 3 * HOUR;
/// Most keys that are published at once: the limit of `jwt::KeySet`.
const MOST: usize = jwt::MAX_KEYS;

/// What the deployment asks of the ring.
pub(crate) struct Policy {
    /// How long a key signs, in seconds.
    signs: u64,
    /// The algorithms of the ring. Each one has its own current, next and retired keys.
    algorithms: SigningAlgorithms,
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

/// A key to be generated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Wanted {
    pub(crate) algorithm: Algorithm,
    pub(crate) state: KeyState,
}

/// The ring after the change.
pub(crate) struct Plan {
    /// Keys that stay, with their new states.
    pub(crate) keep: Vec<PublicKey>,
    /// The keys to be generated.
    pub(crate) wanted: Vec<Wanted>,
    /// The ids of keys whose private halves are destroyed.
    pub(crate) gone: Vec<String>,
    changed: bool,
}

impl Policy {
    /// Keys of these algorithms that sign for `days` days.
    pub(crate) fn new(days: u64, algorithms: SigningAlgorithms) -> Self {
        Self { signs: days * DAY, algorithms }
    }
}

impl Plan {
    /// The changes that `wish` makes to `ring` now.
    pub(crate) fn make(ring: &Ring, wish: &Wish, policy: &Policy, now: Time) -> Result<Self, Error> {
        let mut plan = Self { keep: ring.keys.clone(), wanted: Vec::new(), gone: Vec::new(), changed: false };
        match wish {
            Wish::Schedule => plan.promote_what_is_due(policy, now),
            Wish::Rotate => plan.promote_all(policy, now),
            Wish::Withdraw(kid) => plan.withdraw(kid, policy, now)?,
        }
        if !plan.keep.iter().any(|key| key.state == KeyState::Current) && plan.wanted.is_empty() {
            plan.promote_all(policy, now); // otherwise nothing would sign
        }
        plan.end_other_algorithms(policy, now);
        plan.drop_old(now);
        plan.want_next_keys(policy);
        if matches!(wish, Wish::Withdraw(_)) && plan.is_too_large() {
            plan.wanted.retain(|wanted| wanted.state != KeyState::Next); // a later run makes them, when there is room
        }
        if plan.is_too_large() {
            Err(Error::new(Code::TooManyRequests, "too many keys are published; wait until retired keys are removed"))
        } else {
            Ok(plan)
        }
    }

    /// Whether verifiers would refuse a set with so many keys.
    fn is_too_large(&self) -> bool {
        self.keep.len() + self.wanted.len() > MOST
    }

    /// Whether anything has to be written.
    pub(crate) fn changes(&self) -> bool {
        self.changed
    }

    fn promote_what_is_due(&mut self, policy: &Policy, now: Time) {
        for algorithm in policy.algorithms.all() {
            if self.is_due(*algorithm, policy, now) {
                self.promote(*algorithm, now);
            }
        }
    }

    fn promote_all(&mut self, policy: &Policy, now: Time) {
        for algorithm in policy.algorithms.all() {
            self.promote(*algorithm, now);
        }
    }

    /// Whether the next key has been published for long enough, and the current key is old. An algorithm that was added
    /// to the ring has no current key.
    fn is_due(&self, algorithm: Algorithm, policy: &Policy, now: Time) -> bool {
        let Some(next) = self.key(algorithm, KeyState::Next) else { return false };
        let current = self.key(algorithm, KeyState::Current);
        let aged = current.is_none_or(|current| current.since.plus(policy.signs) <= now);
        aged && next.published_at.plus(LEAD) <= now
    }

    fn key(&self, algorithm: Algorithm, state: KeyState) -> Option<&PublicKey> {
        self.keep.iter().find(|key| key.state == state && key.alg == algorithm.name())
    }

    /// Retires the current key of an algorithm and makes its next key current. Without a next key, a fresh key becomes
    /// current.
    fn promote(&mut self, algorithm: Algorithm, now: Time) {
        self.changed = true;
        if self.key(algorithm, KeyState::Next).is_none() {
            self.wanted.push(Wanted { algorithm, state: KeyState::Current });
        }
        for key in self.keep.iter_mut().filter(|key| key.alg == algorithm.name()) {
            match key.state {
                KeyState::Next => (key.state, key.since) = (KeyState::Current, now),
                KeyState::Current => (key.state, key.since) = (KeyState::Retired, now),
                KeyState::Retired => {}
            }
        }
    }

    fn withdraw(&mut self, kid: &str, policy: &Policy, now: Time) -> Result<(), Error> {
        let position = self.keep.iter().position(|key| key.kid == kid);
        let position = position.ok_or_else(|| Error::new(Code::NotFound, "no key with this kid is published"))?;
        let key = self.keep.remove(position);
        self.changed = true;
        let algorithm = policy.algorithms.all().iter().find(|algorithm| algorithm.name() == key.alg);
        if let Some(algorithm) = algorithm.filter(|_| key.state == KeyState::Current) {
            self.promote(*algorithm, now);
        }
        self.gone.push(key.kid);
        Ok(())
    }

    /// Ends what an algorithm that left the ring still has: its next key, which never signed, at once, and its current
    /// key when a configured algorithm signs.
    fn end_other_algorithms(&mut self, policy: &Policy, now: Time) {
        let is_other = |key: &PublicKey| !policy.algorithms.all().iter().any(|it| it.name() == key.alg);
        self.remove(|key| key.state == KeyState::Next && is_other(key));
        let signs = |key: &PublicKey| key.state == KeyState::Current && !is_other(key);
        if self.keep.iter().any(signs) || self.wanted.iter().any(|key| key.state == KeyState::Current) {
            for key in self.keep.iter_mut().filter(|key| key.state == KeyState::Current && is_other(key)) {
                (key.state, key.since) = (KeyState::Retired, now);
                self.changed = true;
            }
        }
    }

    fn drop_old(&mut self, now: Time) {
        self.remove(|key| key.state == KeyState::Retired && key.since.plus(KEEP) <= now);
    }

    fn remove(&mut self, leaves: impl Fn(&PublicKey) -> bool) {
        let (gone, keep): (Vec<_>, Vec<_>) = std::mem::take(&mut self.keep).into_iter().partition(leaves);
        self.changed |= !gone.is_empty();
        self.gone.extend(gone.into_iter().map(|key| key.kid));
        self.keep = keep;
    }

    fn want_next_keys(&mut self, policy: &Policy) {
        for algorithm in policy.algorithms.all() {
            if self.key(*algorithm, KeyState::Next).is_none() {
                self.changed = true;
                self.wanted.push(Wanted { algorithm: *algorithm, state: KeyState::Next });
            }
        }
    }
}

#[cfg(test)]
mod tests;
