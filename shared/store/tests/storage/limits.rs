//! Limits on guessing.

use std::future::ready;

use futures_util::stream::{self, StreamExt};
use oauth::Time;
use store::{Attempt, Devices, Guess, Limits};

use crate::engine::{Engine, START};

const ADDRESS: &str = "192.0.2.1";

/// Half an hour, the window of most limits.
const WINDOW: u64 = 30 * 60;

async fn guess(limits: &Limits, account: &str, address: &str, now: Time) -> Attempt {
    limits.sign_in(Guess { account, address }, now).await.expect("no fault")
}

/// Whether a wrong guess is allowed.
async fn is_allowed(limits: &Limits, account: &str, address: &str, now: Time) -> bool {
    matches!(guess(limits, account, address, now).await, Attempt::Counted(_))
}

/// How many of so many concurrent wrong guesses are allowed; each has an account and an address.
async fn concurrently(limits: &Limits, guesses: impl Iterator<Item = (String, String)>, now: Time) -> usize {
    let guesses = guesses.map(|(account, address)| {
        let limits = limits.clone();
        tokio::spawn(async move { is_allowed(&limits, &account, &address, now).await })
    });
    // A slow machine's engine answers 20 at a time within the second that it has.
    let allowed = stream::iter(guesses).buffer_unordered(20).filter(|guess| ready(*guess.as_ref().expect("no panic")));
    allowed.count().await
}

fn address(number: usize) -> String {
    format!("198.51.{}.{}", number / 256, number % 256)
}

#[tokio::test(flavor = "multi_thread")]
async fn of_100_concurrent_guesses_exactly_ten_are_allowed() {
    let engine = Engine::start().await;
    let limits = Limits::new(&engine.table);
    let guesses = (0..100).map(|_| ("alice".to_owned(), ADDRESS.to_owned()));
    assert_eq!(concurrently(&limits, guesses, START).await, 10);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_concurrent_wrong_guesses_count_as_a_hundred() {
    let engine = Engine::start().await;
    let limits = Limits::new(&engine.table).per_address(200);
    let guesses = (0..100).map(|number| (format!("person{number}"), ADDRESS.to_owned()));
    assert_eq!(concurrently(&limits, guesses, START).await, 100, "the address may guess a hundred times at once");
    assert!(!is_allowed(&limits, "somebody", ADDRESS, START).await, "all of them were counted");
}

#[tokio::test(flavor = "multi_thread")]
async fn spraying_from_one_address_over_many_accounts_is_stopped() {
    let engine = Engine::start().await;
    let limits = Limits::new(&engine.table).per_address(40);
    let guesses = (0..100).map(|number| (format!("person{number}"), format!("2001:db8:1:2::{number:x}")));
    assert_eq!(concurrently(&limits, guesses, START).await, 20, "a network of IPv6 is one address");
    assert!(!is_allowed(&limits, "alice", "2001:db8:1:2:ffff::1", START).await);
    assert!(is_allowed(&limits, "alice", "2001:db8:1:3::1", START).await, "another network");
    // What the address was refused for counts for nobody: the accounts are as they were.
    for number in 0..25 {
        assert!(is_allowed(&limits, "person99", &address(number * 7), START).await, "{number}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_has_a_limit_for_guesses_from_all_addresses() {
    let engine = Engine::start().await;
    let limits = Limits::new(&engine.table);
    let guesses = (0..80).map(|number| ("alice".to_owned(), address(number)));
    assert_eq!(concurrently(&limits, guesses, START).await, 25);
    assert!(is_allowed(&limits, "bob", ADDRESS, START).await);
}

/// However the guesses lie, and wherever a period begins, no half hour has more of them than its limit.
#[tokio::test(flavor = "multi_thread")]
async fn guesses_around_the_boundary_of_a_window_are_never_more_than_one_window_allows() {
    let engine = Engine::start().await;
    let limits = Limits::new(&engine.table).per_minute(1000);
    let boundary = Time::from_seconds(START.seconds().next_multiple_of(WINDOW));
    let mut allowed = Vec::new();
    for seconds in (0..4 * WINDOW).step_by(20) {
        let now = Time::from_seconds(boundary.seconds() - WINDOW + seconds);
        while is_allowed(&limits, "alice", ADDRESS, now).await {
            allowed.push(now.seconds());
        }
    }
    let most = allowed.iter().map(|from| allowed.iter().filter(|at| (*from..from + WINDOW).contains(at)).count()).max();
    assert_eq!(most, Some(20));
    assert!(allowed.len() > 30, "and some are still allowed later: {allowed:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_goes_on_guessing_waits_longer_and_longer() {
    let engine = Engine::start().await;
    let limits = Limits::new(&engine.table);
    let (mut now, mut waits) = (START, Vec::new());
    for number in 0..300 {
        match guess(&limits, "alice", &address(number), now).await {
            Attempt::Counted(_) => {}
            Attempt::Refused { retry_after } => {
                waits.push(retry_after);
                now = now.plus(retry_after);
            }
        }
    }
    let (first, last) = (*waits.first().expect("a wait"), *waits.last().expect("a wait"));
    assert!(first < 2 * 60 && last > 10 * 60, "{waits:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_right_guess_is_given_back_to_the_account_and_to_the_address() {
    let engine = Engine::start().await;
    let limits = Limits::new(&engine.table).per_address(40).per_minute(1000);
    for _ in 0..60 {
        match guess(&limits, "alice", ADDRESS, START).await {
            Attempt::Counted(counted) => limits.give_back(counted).await,
            Attempt::Refused { .. } => panic!("a right guess was counted"),
        }
    }
    for _ in 0..10 {
        assert!(is_allowed(&limits, "alice", ADDRESS, START).await);
    }
    match guess(&limits, "alice", ADDRESS, START).await {
        Attempt::Refused { retry_after } => {
            assert!(!is_allowed(&limits, "alice", ADDRESS, START.plus(retry_after - 1)).await);
            assert!(is_allowed(&limits, "alice", ADDRESS, START.plus(retry_after)).await);
        }
        Attempt::Counted(_) => panic!("an eleventh guess was allowed"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn refused_guesses_do_not_prolong_the_wait() {
    let engine = Engine::start().await;
    let limits = Limits::new(&engine.table);
    let wait = async |now| match guess(&limits, "alice", ADDRESS, now).await {
        Attempt::Refused { retry_after } => retry_after,
        Attempt::Counted(_) => 0,
    };
    while wait(START).await == 0 {}
    let first = wait(START).await;
    for _ in 0..50 {
        assert_eq!(wait(START).await, first, "nobody can keep an account closed by asking");
    }
    assert_eq!(wait(START.plus(first)).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn correct_sign_ins_are_limited_for_each_account_and_minute() {
    let engine = Engine::start().await;
    let limits = Limits::new(&engine.table).per_minute(9);
    let sign_in = async |name: &str, now| match guess(&limits, name, ADDRESS, now).await {
        Attempt::Counted(counted) => {
            limits.give_back(counted).await;
            None
        }
        Attempt::Refused { retry_after } => Some(retry_after),
    };
    for _ in 0..5 {
        assert_eq!(sign_in("alice", START).await, None);
    }
    assert_eq!(sign_in("alice", START).await, Some(12));
    assert_eq!(sign_in("alice", START.plus(11)).await, Some(1));
    assert_eq!(sign_in("alice", START.plus(12)).await, None);
    assert_eq!(sign_in("bob", START).await, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_item_of_an_account_stays_small_however_many_addresses_guess() {
    let engine = Engine::start().await;
    let limits = Limits::new(&engine.table).per_minute(1000);
    for number in 0..400 {
        guess(&limits, "alice", &address(number), START.plus(number as u64 * 900)).await;
    }
    assert!(engine.largest_item("LIMIT#LOGIN#").await < 1024, "one write unit");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_known_device_counts_for_itself_and_only_for_its_person() {
    let engine = Engine::start().await;
    let (limits, devices) = (Limits::new(&engine.table), Devices::new(&engine.table));
    let cookie = devices.remember("alice", None, Some("a browser".to_owned()), START).await.expect("no fault");
    let known = async |person: &str, now| devices.sign_in(person, &cookie, now).await.expect("no fault");
    assert!(known("bob", START).await.is_none() && known("nobody", START).await.is_none());
    while is_allowed(&limits, "alice", ADDRESS, START).await {}
    for _ in 0..10 {
        assert!(matches!(known("alice", START).await, Some(Attempt::Counted(_))));
    }
    let Some(Attempt::Refused { retry_after }) = known("alice", START).await else { panic!("an eleventh guess") };
    let later = START.plus(retry_after);
    let Some(Attempt::Counted(right)) = known("alice", later).await else { panic!("no room") };
    assert!(right.is_on_known_device());
    limits.give_back(right).await;
    assert!(matches!(known("alice", later).await, Some(Attempt::Counted(_))), "a right one is given back");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_is_known_for_30_days_after_the_last_right_sign_in() {
    const DAY: u64 = 24 * 3600;
    let engine = Engine::start().await;
    let (limits, devices) = (Limits::new(&engine.table), Devices::new(&engine.table));
    let cookie = devices.remember("alice", None, None, START).await.expect("no fault");
    let known = async |days: u64| devices.sign_in("alice", &cookie, START.plus(days * DAY)).await.expect("no fault");
    let Some(Attempt::Counted(right)) = known(29).await else { panic!("it is known") };
    limits.give_back(right).await;
    assert_eq!(devices.of("alice", START).await.expect("no fault").len(), 1);
    assert!(known(58).await.is_some(), "renewed by the right one");
    assert!(known(59).await.is_none(), "not by the wrong one");
    assert!(devices.of("alice", START.plus(59 * DAY)).await.expect("no fault").is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn no_more_than_30_devices_of_a_person_are_known() {
    let engine = Engine::start().await;
    let devices = Devices::new(&engine.table);
    for number in 0..42 {
        devices.remember("alice", None, None, START.plus(number)).await.expect("no fault");
    }
    devices.make_room("alice", START.plus(42)).await;
    let known = devices.of("alice", START.plus(42)).await.expect("no fault");
    assert_eq!(known.len(), 30);
    assert!(known.iter().all(|device| device.since >= START.plus(12)), "the latest: {known:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn proofs_of_a_signed_in_person_and_codes_have_limits_of_their_own() {
    let engine = Engine::start().await;
    let limits = Limits::new(&engine.table).per_minute(6);
    for _ in 0..5 {
        assert!(matches!(limits.proof("alice", START).await, Ok(Attempt::Counted(_))));
    }
    assert!(matches!(limits.proof("alice", START).await, Ok(Attempt::Refused { .. })));
    assert!(is_allowed(&limits, "alice", ADDRESS, START).await);
    for _ in 0..3 {
        limits.code("alice", START).await.expect("room");
    }
    let refused = limits.code("alice", START).await.expect_err("the limit");
    assert_eq!(refused.retry_after(), Some(15));
    limits.code("bob", START).await.expect("somebody else");
    limits.code("alice", START.plus(15)).await.expect("room again");
}

#[tokio::test(flavor = "multi_thread")]
async fn right_proofs_of_a_signed_in_person_are_bounded_too() {
    let engine = Engine::start().await;
    let limits = Limits::new(&engine.table);
    let mut right = 0;
    while let Ok(Attempt::Counted(counted)) = limits.proof("alice", START).await {
        limits.give_back(counted).await;
        right += 1;
    }
    assert_eq!(right, 30, "half of what an hour has, at once");
    assert!(matches!(limits.proof("bob", START).await, Ok(Attempt::Counted(_))), "somebody else");
    assert!(matches!(limits.proof("alice", START.plus(120)).await, Ok(Attempt::Counted(_))), "room again");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_caller_is_refused_for_the_address_takes_nothing_from_the_account() {
    let engine = Engine::start().await;
    let limits = Limits::new(&engine.table).per_address(2).per_minute(4);
    while is_allowed(&limits, "nobody", ADDRESS, START).await {}
    for _ in 0..10 {
        assert!(!is_allowed(&limits, "alice", ADDRESS, START).await);
    }
    for number in 1..3 {
        assert!(is_allowed(&limits, "alice", &address(number), START).await, "{number}: half of her minute is hers");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_address_cannot_use_up_what_an_account_has_in_a_day() {
    let engine = Engine::start().await;
    let limits = Limits::new(&engine.table).per_minute(1000);
    let mut allowed = 0;
    for minutes in (0..24 * 60).step_by(5) {
        let now = START.plus(minutes * 60);
        while is_allowed(&limits, "alice", ADDRESS, now).await {
            allowed += 1;
        }
    }
    assert!((30..=60).contains(&allowed), "{allowed}");
    assert!(is_allowed(&limits, "alice", &address(200), START.plus(24 * 3600)).await);
}
