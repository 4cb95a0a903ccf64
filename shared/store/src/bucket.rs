//! Rates: how often something may happen, counted exactly and without windows that are aligned to the clock.
//!
//! A bucket is one number in an item: the instant at which everything that it counted has drained (a "theoretical arrival
//! time", as in the generic cell rate algorithm of ITU-T I.371). Something that is counted moves the instant by one step.
//! One conditional write checks all buckets of an item and moves them, so that a thousand parallel callers count like a
//! thousand in a row. What is refused is not counted, so nobody can keep a bucket full by asking again and again.
//!
//! Half of what a [`Rate`] allows may happen at once, the rest drips in evenly. In any period as long as the window, at
//! most [`Rate::most`] is therefore allowed, wherever the period begins.

use aws_sdk_dynamodb::types::AttributeValue;
use oauth::{Error, Time};
use serde::Deserialize;

use crate::item::is_expired;
use crate::random;
use crate::table::{Composed, Item, Key, Table, Updated, number};

/// How often the states of the buckets of an item may change under a writer before it gives up.
const TRIES: usize = 8;

/// At most `most` in any period of `window` seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Rate {
    most: u64,
    window: u64,
}

/// A bucket: the name of its attribute, and its rate.
#[derive(Clone, Debug)]
pub(crate) struct Bucket {
    pub(crate) name: String,
    pub(crate) rate: Rate,
    /// Whether something that turns out to be harmless is given back.
    pub(crate) gives_back: bool,
}

/// How long the item of the buckets is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kept {
    /// While it counts something.
    AsLongAsNeeded,
    /// As its `expires_at` says. Without the item, nothing is counted.
    AsItIs,
}

/// The buckets of one item.
#[derive(Clone, Debug)]
pub(crate) struct Buckets {
    key: Key,
    kept: Kept,
    each: Vec<Bucket>,
    /// Whether the item also says how many attempts were not given back ([`Tally`]).
    tallies: bool,
}

/// Attempts that turned out to be wrong, as the item of their buckets counts them. It costs no write of its own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct Tally {
    /// How many, since there were last none for the life of the item.
    #[serde(default, rename = "n")]
    pub count: u64,
    /// Since when they are counted.
    #[serde(default)]
    pub first: Option<Time>,
    /// When the last one was. Of attempts at the same moment, one may be taken for another.
    #[serde(default)]
    pub last: Option<Time>,
}

impl Tally {
    /// Both together.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        match (self.count, other.count) {
            (_, 0) => self,
            (0, _) => other,
            (one, another) => Self {
                count: one.saturating_add(another),
                first: self.first.min(other.first),
                last: self.last.max(other.last),
            },
        }
    }
}

/// What came of counting.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Taken {
    /// It was counted in every bucket.
    Counted,
    /// A bucket is full, and nothing was counted. There is room at this instant.
    Full {
        /// When it makes sense to try again.
        until: Time,
    },
    /// The item does not exist, and must ([`Kept::AsItIs`]).
    Absent,
}

impl Rate {
    /// At most `most` (at least one) in any period of `window` seconds.
    pub(crate) const fn new(most: u64, window: u64) -> Self {
        Self { most: if most == 0 { 1 } else { most }, window }
    }

    /// How many are allowed at once.
    pub(crate) const fn at_once(self) -> u64 {
        self.most.div_ceil(2)
    }

    /// The time in milliseconds in which one drains.
    pub(crate) const fn step(self) -> u64 {
        (self.window * 1000).div_ceil(self.most - self.at_once() + 1)
    }

    /// The latest instant to which a bucket may have been moved for one more to be allowed.
    pub(crate) const fn room(self, now: Time) -> u64 {
        now.millis() + (self.at_once() - 1) * self.step()
    }

    /// When a bucket that has been moved to `level` has room again.
    fn free_at(self, level: u64) -> Time {
        Time::from_millis(level.saturating_sub((self.at_once() - 1) * self.step()))
    }
}

impl Bucket {
    /// A bucket that gives back.
    pub(crate) fn of(name: impl Into<String>, rate: Rate) -> Self {
        Self { name: name.into(), rate, gives_back: true }
    }

    /// The same, for what counts in any case.
    pub(crate) fn for_good(self) -> Self {
        Self { gives_back: false, ..self }
    }

    /// The instant to which it has been moved, if that is not over.
    fn level(&self, item: Option<&Item>, now: Time) -> Option<u64> {
        let level = item?.get(&self.name)?.as_n().ok()?.parse().ok()?;
        (level > now.millis()).then_some(level)
    }
}

impl Buckets {
    /// The buckets `each` of the item at `key`.
    pub(crate) fn at(key: Key, kept: Kept, each: Vec<Bucket>) -> Self {
        Self { key, kept, each, tallies: false }
    }

    /// The same, with a tally.
    pub(crate) fn tallying(self) -> Self {
        Self { tallies: true, ..self }
    }

    /// The same buckets, all of which give back.
    pub(crate) fn entirely(mut self) -> Self {
        self.each.iter_mut().for_each(|bucket| bucket.gives_back = true);
        self
    }

    /// Counts one in every bucket, or in none if one of them is full.
    pub(crate) async fn take(&self, table: &Table, now: Time) -> Result<Taken, Error> {
        let nonce = nonce()?;
        let mut seen = None;
        for _ in 0..TRIES {
            let item = match table.update_composed(self.count(seen.as_ref(), &nonce, now)).await? {
                Updated::Done(_) => return Ok(Taken::Counted),
                Updated::Refused(Some(item)) if item.get("writer") == Some(&nonce) => return Ok(Taken::Counted),
                Updated::Refused(item) => item,
            };
            if self.kept == Kept::AsItIs && item.as_ref().is_none_or(|item| is_expired(item, now)) {
                return Ok(Taken::Absent);
            }
            if let Some(until) = self.full_until(item.as_ref(), now) {
                return Ok(Taken::Full { until });
            }
            seen = item;
        }
        Err(Error::passing("too many concurrent writes to the buckets of one item"))
    }

    /// When all buckets have room, if one of them is full.
    fn full_until(&self, item: Option<&Item>, now: Time) -> Option<Time> {
        let full = self.each.iter().filter_map(|bucket| {
            let level = bucket.level(item, now)?;
            (level > bucket.rate.room(now)).then(|| bucket.rate.free_at(level))
        });
        full.max()
    }

    /// The write that counts, if each bucket is empty or not as in `seen`. An empty one is moved from now on, another one
    /// from where it is.
    fn count(&self, seen: Option<&Item>, nonce: &AttributeValue, now: Time) -> Composed {
        let mut write = Composition::by(nonce);
        write.value("now", now.millis());
        for Bucket { name, rate, .. } in self.each.iter().filter(|bucket| bucket.level(seen, now).is_none()) {
            write.set(format!("#{name} = :{name}"));
            write.only_if(format!("(attribute_not_exists(#{name}) OR #{name} <= :now)"));
            write.value(name, now.millis() + rate.step());
        }
        for Bucket { name, rate, .. } in self.each.iter().filter(|bucket| bucket.level(seen, now).is_some()) {
            write.set(format!("#{name} = #{name} + :{name}"));
            write.only_if(format!("#{name} > :now AND #{name} <= :{name}_room"));
            write.value(name, rate.step());
            write.value(&format!("{name}_room"), rate.room(now));
        }
        if self.tallies {
            write.tally();
        }
        if self.kept == Kept::AsItIs {
            write.only_if("#expires_at > :seconds".to_owned());
            write.value("seconds", now.seconds());
        } else {
            let longest = self.each.iter().map(|bucket| bucket.rate.window).max().unwrap_or_default();
            write.end(now.plus(longest + 1).seconds());
        }
        write.at(self.key.clone())
    }

    /// Takes back what was counted, in the buckets that give back. `end` is the new end of an item that is kept for its own
    /// sake.
    pub(crate) async fn give_back(&self, table: &Table, end: Option<u64>) -> Result<(), Error> {
        let mut write = Composition::by(&nonce()?);
        for Bucket { name, rate, .. } in self.each.iter().filter(|bucket| bucket.gives_back) {
            write.set(format!("#{name} = #{name} - :{name}"));
            write.only_if(format!("attribute_exists(#{name})"));
            write.value(name, rate.step());
        }
        if self.tallies {
            write.untally();
        }
        if let Some(end) = end {
            write.end(end);
        }
        table.update_composed(write.at(self.key.clone())).await.map(drop)
    }
}

/// An update that is being composed. Each has a nonce, so that a retry after a lost answer recognises its own write.
struct Composition {
    sets: Vec<String>,
    conditions: Vec<String>,
    values: Item,
}

impl Composition {
    fn by(nonce: &AttributeValue) -> Self {
        Self {
            sets: vec!["#writer = :writer".to_owned()],
            conditions: vec!["(attribute_not_exists(#writer) OR #writer <> :writer)".to_owned()],
            values: [(":writer".to_owned(), nonce.clone())].into(),
        }
    }

    fn set(&mut self, assignment: String) {
        self.sets.push(assignment);
    }

    fn only_if(&mut self, condition: String) {
        self.conditions.push(condition);
    }

    fn value(&mut self, name: &str, value: u64) {
        self.values.insert(format!(":{name}"), number(value));
    }

    /// Sets when the item expires, in epoch seconds.
    fn end(&mut self, seconds: u64) {
        self.set("#expires_at = :end".to_owned());
        self.value("end", seconds);
    }

    /// Counts an attempt as a wrong one. Needs the value `now`.
    fn tally(&mut self) {
        self.set("#n = if_not_exists(#n, :none) + :one".to_owned());
        self.set("#first = if_not_exists(#first, :now)".to_owned());
        self.set("#before = if_not_exists(#last, :none)".to_owned());
        self.set("#last = :now".to_owned());
        self.value("none", 0);
        self.value("one", 1);
    }

    /// Takes back the last attempt.
    fn untally(&mut self) {
        self.set("#n = #n - :one".to_owned());
        self.set("#last = #before".to_owned());
        self.only_if("attribute_exists(#before)".to_owned());
        self.value("one", 1);
    }

    fn at(self, key: Key) -> Composed {
        let expression = format!("SET {}", self.sets.join(", "));
        Composed { key, expression, condition: self.conditions.join(" AND "), values: self.values }
    }
}

fn nonce() -> Result<AttributeValue, Error> {
    Ok(AttributeValue::B(random::bytes::<12>()?.to_vec().into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whether a bucket at `level` allows one more, and where it is then.
    fn take(rate: Rate, level: u64, now: Time) -> (bool, u64) {
        if level > rate.room(now) { (false, level) } else { (true, level.max(now.millis()) + rate.step()) }
    }

    #[test]
    fn no_period_as_long_as_the_window_allows_more_than_the_rate() {
        for (most, window) in [(1, 60), (2, 60), (3, 60), (5, 60), (10, 900), (60, 60), (99, 7), (300, 60)] {
            let (rate, mut level) = (Rate::new(most, window), 0);
            let mut allowed = Vec::new();
            // Bursts, pauses of many lengths, and a steady stream, over many windows.
            let mut now = 1_000_000;
            for number in 0..20_000_u64 {
                now += if number % 97 == 0 { window * 1000 / (1 + number % 13) } else { number % 50 };
                let (is_allowed, next) = take(rate, level, Time::from_millis(now));
                level = next;
                allowed.extend(is_allowed.then_some(now));
            }
            let most = usize::try_from(most).unwrap();
            let broken = allowed.windows(most + 1).find(|period| period[most] - period[0] < window * 1000);
            assert_eq!(broken, None, "{rate:?}");
            assert!(allowed.len() > most, "{rate:?}");
        }
    }

    #[test]
    fn half_is_allowed_at_once_and_the_rest_drips_in() {
        let (rate, now) = (Rate::new(20, 1800), Time::from_seconds(1_000));
        let mut level = 0;
        let mut at_once = 0;
        while let (true, next) = take(rate, level, now) {
            (level, at_once) = (next, at_once + 1);
        }
        assert_eq!(at_once, 10);
        let free = rate.free_at(level);
        assert_eq!(free.millis() - now.millis(), rate.step());
        assert!(!take(rate, level, Time::from_millis(free.millis() - 1)).0);
        assert!(take(rate, level, free).0);
    }

    #[test]
    fn a_rate_of_one_is_one_in_a_window() {
        let rate = Rate::new(1, 60);
        assert_eq!((rate.at_once(), rate.step()), (1, 60_000));
        assert_eq!(Rate::new(0, 60), rate);
    }
}
