//! The cache's promises, at times of the test's own.

use std::sync::atomic::{AtomicU64, Ordering};

use futures_util::future::join_all;
use tokio::time::timeout;

use super::*;

const S: Duration = Duration::from_secs(1);

/// Something elsewhere that counts how often it is read.
#[derive(Default)]
struct Elsewhere {
    read: AtomicU64,
}

impl Elsewhere {
    /// The next number, fresh for ten seconds.
    async fn number(&self) -> Result<Reading<u64>, &'static str> {
        tokio::task::yield_now().await;
        Ok(Reading::fresh_for(10 * S, self.read.fetch_add(1, Ordering::SeqCst) + 1))
    }

    async fn failure(&self) -> Result<Reading<u64>, &'static str> {
        tokio::task::yield_now().await;
        self.read.fetch_add(1, Ordering::SeqCst);
        Err("down")
    }

    fn reads(&self) -> u64 {
        self.read.load(Ordering::SeqCst)
    }
}

fn cache(bounds: Bounds) -> (Cache<&'static str, u64, &'static str>, Elsewhere) {
    (Cache::new(bounds), Elsewhere::default())
}

#[tokio::test]
async fn a_fresh_value_is_not_read_again() {
    let (cache, elsewhere) = cache(Bounds::of(4));
    for (second, number) in [(100, 1), (109, 1), (110, 2), (119, 2), (90, 2)] {
        assert_eq!(cache.value(&"a", second * S, async || elsewhere.number().await).await, Ok(number), "at {second}");
    }
    assert_eq!(
        cache.younger(&"a", 112 * S, 2 * S, async || elsewhere.number().await).await,
        Ok(3),
        "older than was asked for"
    );
}

#[tokio::test]
async fn a_value_that_is_not_to_be_kept_is_gone_and_so_is_the_one_before() {
    let (cache, elsewhere) = cache(Bounds { stale: Duration::MAX, ..Bounds::of(4) });
    assert_eq!(cache.value(&"a", 100 * S, async || elsewhere.number().await).await, Ok(1));
    let passing = async || Ok(Reading::not_kept(7));
    assert_eq!(cache.value(&"a", 110 * S, passing).await, Ok(7));
    assert_eq!((cache.held(&"a"), cache.lock().len()), (None, 0));
    assert_eq!(cache.value(&"a", 110 * S, async || elsewhere.failure().await).await, Err("down"));
}

#[tokio::test]
async fn the_last_value_serves_while_no_other_comes_but_not_for_ever() {
    let (cache, elsewhere) = cache(Bounds { stale: 60 * S, pause: 5 * S, ..Bounds::of(4) });
    assert_eq!(cache.value(&"a", 100 * S, async || elsewhere.number().await).await, Ok(1));
    for (second, reads) in [(110, 2), (114, 2), (115, 3), (159, 4)] {
        assert_eq!(cache.value(&"a", second * S, async || elsewhere.failure().await).await, Ok(1), "at {second}");
        assert_eq!(elsewhere.reads(), reads, "at {second}");
    }
    assert_eq!(
        cache.younger(&"a", 159 * S, 20 * S, async || elsewhere.failure().await).await,
        Err("down"),
        "too old for this one"
    );
    assert_eq!(cache.value(&"a", 160 * S, async || elsewhere.number().await).await, Err("down"), "within the pause");
    assert_eq!(elsewhere.reads(), 4);
    assert_eq!(cache.value(&"a", 164 * S, async || elsewhere.number().await).await, Ok(5));
}

#[tokio::test]
async fn without_a_value_a_failure_is_remembered_only_as_long_as_was_said() {
    let (forgetful, elsewhere) = cache(Bounds { pause: 5 * S, ..Bounds::of(4) });
    for reads in 1..4 {
        assert_eq!(forgetful.value(&"a", 100 * S, async || elsewhere.failure().await).await, Err("down"));
        assert_eq!((elsewhere.reads(), forgetful.lock().len()), (reads, 0));
    }
    let (mindful, elsewhere) = cache(Bounds { negative: 5 * S, ..Bounds::of(4) });
    for (second, reads) in [(100, 1), (104, 1), (105, 2)] {
        assert_eq!(mindful.value(&"a", second * S, async || elsewhere.failure().await).await, Err("down"));
        assert_eq!(elsewhere.reads(), reads);
    }
    assert_eq!(
        mindful.value(&"b", 105 * S, async || elsewhere.number().await).await,
        Ok(3),
        "another value has nothing to do with it"
    );
}

#[tokio::test]
async fn of_many_who_need_a_value_at_once_one_reads_it() {
    let (cache, elsewhere) = cache(Bounds::of(4));
    let (cache, elsewhere) = (&cache, &elsewhere);
    let needs = (0..64).map(|_| cache.value(&"a", 100 * S, async || elsewhere.number().await));
    assert_eq!(join_all(needs).await, vec![Ok(1); 64]);
    let needs = (0..64).map(|_| cache.value(&"b", 100 * S, async || elsewhere.failure().await));
    assert_eq!(join_all(needs).await, vec![Err("down"); 64]);
    assert_eq!(elsewhere.reads(), 2);
}

#[tokio::test]
async fn somebody_who_gives_up_reading_lets_the_next_one_read() {
    let (cache, elsewhere) = cache(Bounds::of(4));
    let given_up = cache.value(&"a", 100 * S, std::future::pending);
    assert!(timeout(Duration::ZERO, given_up).await.is_err());
    assert_eq!(cache.value(&"a", 100 * S, async || elsewhere.number().await).await, Ok(1));
}

#[tokio::test]
async fn a_fresh_value_serves_while_somebody_reads_a_newer_one() {
    let (cache, elsewhere) = cache(Bounds::of(4));
    assert_eq!(cache.value(&"a", 100 * S, async || elsewhere.number().await).await, Ok(1));
    let mut reading = Box::pin(cache.younger(&"a", 105 * S, S, std::future::pending));
    assert!(timeout(Duration::ZERO, &mut reading).await.is_err());
    assert_eq!(cache.value(&"a", 105 * S, async || elsewhere.number().await).await, Ok(1));
}

#[tokio::test]
async fn the_one_that_was_read_longest_ago_makes_room() {
    let (cache, elsewhere) = cache(Bounds::of(3));
    for (second, key) in [(100, "a"), (101, "b"), (102, "c"), (111, "a"), (112, "d")] {
        cache.value(&key, second * S, async || elsewhere.number().await).await.unwrap();
    }
    let held = ["a", "b", "c", "d"].map(|key| cache.held(&key).is_some());
    assert_eq!(held, [true, false, true, true]);
    for _ in 0..1000 {
        let _ = cache.value(&"e", 113 * S, async || elsewhere.failure().await).await;
    }
    assert_eq!(cache.lock().len(), 2, "what cannot be read takes the place of one value at most");
}
