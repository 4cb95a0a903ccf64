//! What is kept for a while of something that lives elsewhere: the one cache of this project.
//!
//! - A value is fresh for as long as its reader said. While it is fresh, nobody reads it again.
//! - If it cannot be read again, the last value serves on, up to the age [`Bounds::stale`].
//! - If many callers need the same value at once, one of them reads. The others share its result, a failure included.
//! - A failure is remembered for [`Bounds::pause`] or [`Bounds::negative`], so that trouble elsewhere does not cause a
//!   storm of attempts.
//! - At most [`Bounds::values`] values are kept. The one that was read longest ago makes room for a new one.
//!
//! Time is a parameter, the time since the Unix epoch: the cache reads no clock and starts nothing in the background.
//! It is in this crate, and not in `oauth`, because a caller waits for another one's reading with an asynchronous lock,
//! and because the guarded mode keeps its documents in such a cache. `oauth` has no I/O and imports no runtime.

use std::collections::HashMap;
use std::fmt;
use std::hash::Hash;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Values by key. `E` is why one cannot be read.
pub struct Cache<K, V, E> {
    bounds: Bounds,
    slots: Mutex<HashMap<K, Arc<Slot<V, E>>>>,
}

/// How much is kept, and what happens when something cannot be read.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// Most values.
    pub values: usize,
    /// A value that cannot be read again serves until it is this old.
    pub stale: Duration,
    /// Least time between a failure and the next attempt while there is a value, however old.
    pub pause: Duration,
    /// Least time between a failure and the next attempt while there is none.
    pub negative: Duration,
}

impl Bounds {
    /// At most `values` values; none serves when it is no longer fresh, and failures are not remembered.
    pub const fn of(values: usize) -> Self {
        Self { values, stale: Duration::ZERO, pause: Duration::ZERO, negative: Duration::ZERO }
    }
}

/// What was read.
#[derive(Debug)]
pub struct Reading<V> {
    value: V,
    fresh: Option<Duration>,
}

impl<V> Reading<V> {
    /// A value to keep, and how long it is fresh.
    pub fn fresh_for(fresh: Duration, value: V) -> Self {
        Self { value, fresh: Some(fresh) }
    }

    /// A value for those who asked now. It is not kept, and neither is the one before.
    pub fn not_kept(value: V) -> Self {
        Self { value, fresh: None }
    }
}

/// The place of one value.
struct Slot<V, E> {
    /// Held by the one who reads.
    turn: tokio::sync::Mutex<()>,
    state: Mutex<State<V, E>>,
}

struct State<V, E> {
    held: Option<Held<V>>,
    /// The last failure, unless a success followed it.
    failed: Option<(Duration, E)>,
    /// How many failures there were: whoever waited during one shares it.
    failures: u64,
    /// When it was last needed and not there.
    read: Duration,
}

struct Held<V> {
    value: V,
    /// When it was asked for: nothing in it is older than this, except what the source itself remembers.
    read: Duration,
    fresh: Duration,
}

/// What somebody needs: a value that is younger than `younger` at `now`.
#[derive(Clone, Copy)]
struct Need {
    now: Duration,
    younger: Duration,
}

impl<K: Clone + Eq + Hash, V: Clone, E: Clone> Cache<K, V, E> {
    /// Nothing yet.
    pub fn new(bounds: Bounds) -> Self {
        Self { bounds, slots: Mutex::default() }
    }

    /// The value of `key`; `read` runs only if there is no fresh one.
    pub async fn value(
        &self,
        key: &K,
        now: Duration,
        read: impl AsyncFnOnce() -> Result<Reading<V>, E>,
    ) -> Result<V, E> {
        self.younger(key, now, Duration::MAX, read).await
    }

    /// The same, where a value of the age `younger` or more does not serve, be it fresh or the last resort.
    pub async fn younger(
        &self,
        key: &K,
        now: Duration,
        younger: Duration,
        read: impl AsyncFnOnce() -> Result<Reading<V>, E>,
    ) -> Result<V, E> {
        let need = Need { now, younger };
        let slot = self.slot(key, now);
        let failures = {
            let state = slot.state();
            if let Some(answer) = state.at_hand(need, &self.bounds) {
                return answer;
            }
            state.failures
        };
        let _turn = slot.turn.lock().await;
        {
            let state = slot.state();
            if let Some(answer) =
                state.at_hand(need, &self.bounds).or_else(|| state.since(failures, need, &self.bounds))
            {
                return answer;
            }
        }
        // Boxed: reading is seldom and its future large, and all who may read carry room for it.
        let outcome = Box::pin(read()).await;
        let answer = slot.state().record(outcome, need, &self.bounds);
        self.tidy(key, &slot);
        answer
    }

    /// What would be answered at `now` without reading: a fresh value, or a failure that is still remembered.
    pub(crate) fn at_hand(&self, key: &K, now: Duration) -> Option<Result<V, E>> {
        let slot = self.lock().get(key).cloned()?;
        let state = slot.state();
        state.at_hand(Need { now, younger: Duration::MAX }, &self.bounds)
    }

    /// The last value, if it may serve at `now` because no other can be had.
    pub fn stale(&self, key: &K, now: Duration) -> Option<V> {
        let slot = self.lock().get(key).cloned()?;
        let state = slot.state();
        let need = Need { now, younger: Duration::MAX };
        state.held.as_ref().filter(|held| held.serves(need, self.bounds.stale)).map(|held| held.value.clone())
    }

    /// The value that is held, however old.
    pub fn held(&self, key: &K) -> Option<V> {
        let slot = self.lock().get(key).cloned()?;
        let state = slot.state();
        state.held.as_ref().map(|held| held.value.clone())
    }

    /// The place of `key`, made if there is none. The place that was read longest ago makes room.
    fn slot(&self, key: &K, now: Duration) -> Arc<Slot<V, E>> {
        let mut slots = self.lock();
        if let Some(slot) = slots.get(key) {
            return slot.clone();
        }
        while slots.len() >= self.bounds.values.max(1) {
            let oldest = slots.values().min_by_key(|slot| slot.state().read).cloned();
            slots.retain(|_, slot| oldest.as_ref().is_none_or(|oldest| !Arc::ptr_eq(slot, oldest)));
        }
        slots.entry(key.clone()).or_insert_with(|| Arc::new(Slot::new(now))).clone()
    }

    /// Removes a place that holds nothing, unless its failure is to be remembered.
    fn tidy(&self, key: &K, slot: &Arc<Slot<V, E>>) {
        let remembered = {
            let state = slot.state();
            state.held.is_some() || state.failed.is_some() && !self.bounds.negative.is_zero()
        };
        let mut slots = self.lock();
        if !remembered && slots.get(key).is_some_and(|current| Arc::ptr_eq(current, slot)) {
            slots.remove(key);
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<K, Arc<Slot<V, E>>>> {
        self.slots.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<V, E> Slot<V, E> {
    fn new(now: Duration) -> Self {
        let state = State { held: None, failed: None, failures: 0, read: now };
        Self { turn: tokio::sync::Mutex::default(), state: Mutex::new(state) }
    }

    fn state(&self) -> MutexGuard<'_, State<V, E>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<V: Clone, E: Clone> State<V, E> {
    /// The answer without reading, if there is one.
    fn at_hand(&self, need: Need, bounds: &Bounds) -> Option<Result<V, E>> {
        let fresh = self.held.as_ref().filter(|held| held.serves(need, held.fresh));
        if let Some(held) = fresh {
            return Some(Ok(held.value.clone()));
        }
        let (at, error) = self.failed.as_ref()?;
        let pause = if self.held.is_some() { bounds.pause } else { bounds.negative };
        (need.now.saturating_sub(*at) < pause).then(|| self.last_resort(need, bounds, error))
    }

    /// The answer for somebody who waited while another's attempt failed, if one did.
    fn since(&self, failures: u64, need: Need, bounds: &Bounds) -> Option<Result<V, E>> {
        let (_, error) = self.failed.as_ref().filter(|_| self.failures != failures)?;
        Some(self.last_resort(need, bounds, error))
    }

    fn record(&mut self, outcome: Result<Reading<V>, E>, need: Need, bounds: &Bounds) -> Result<V, E> {
        self.read = need.now;
        match outcome {
            Ok(Reading { value, fresh }) => {
                self.failed = None;
                self.held = fresh.map(|fresh| Held { value: value.clone(), read: need.now, fresh });
                Ok(value)
            }
            Err(error) => {
                self.failures += 1;
                self.failed = Some((need.now, error.clone()));
                self.last_resort(need, bounds, &error)
            }
        }
    }

    /// The last value, if it is not too old, or else the failure.
    fn last_resort(&self, need: Need, bounds: &Bounds, error: &E) -> Result<V, E> {
        let held = self.held.as_ref().filter(|held| held.serves(need, bounds.stale));
        held.map(|held| held.value.clone()).ok_or_else(|| error.clone())
    }
}

impl<V> Held<V> {
    /// Whether it is younger than `age`, and than what is needed.
    fn serves(&self, need: Need, age: Duration) -> bool {
        need.now.saturating_sub(self.read) < age.min(need.younger)
    }
}

impl<K, V, E> fmt::Debug for Cache<K, V, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cache").field("bounds", &self.bounds).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
