//! Limits on guessing.

use futures_util::future::join_all;
use store::{Attempt, Limits};

use crate::engine::{Engine, START};

const ADDRESS: &str = "192.0.2.1";

#[tokio::test(flavor = "multi_thread")]
async fn of_100_concurrent_guesses_exactly_ten_are_allowed() {
    let engine = Engine::start().await;
    let limits = Limits::new(&engine.table);
    let guesses: Vec<_> = (0..100)
        .map(|_| {
            let limits = limits.clone();
            tokio::spawn(async move { limits.sign_in("alice", ADDRESS, START).await.expect("no fault") })
        })
        .collect();
    let counted = join_all(guesses).await.into_iter().filter(|guess| matches!(guess, Ok(Attempt::Counted(_)))).count();
    assert_eq!(counted, 10);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_has_a_limit_for_guesses_from_all_addresses() {
    let engine = Engine::start().await;
    let limits = Limits::new(&engine.table);
    let mut counted = 0;
    for number in 0..80 {
        let guess = limits.sign_in("alice", &format!("192.0.2.{number}"), START).await.expect("no fault");
        counted += usize::from(matches!(guess, Attempt::Counted(_)));
    }
    assert_eq!(counted, 50);
    assert!(matches!(limits.sign_in("bob", ADDRESS, START).await, Ok(Attempt::Counted(_))));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_correct_guess_is_uncounted_and_a_new_window_begins_at_zero() {
    let engine = Engine::start().await;
    let limits = Limits::new(&engine.table);
    for _ in 0..30 {
        match limits.sign_in("alice", ADDRESS, START).await.expect("no fault") {
            Attempt::Counted(counted) => limits.give_back(counted).await,
            Attempt::Refused { .. } => panic!("a correct guess was counted"),
        }
    }
    for _ in 0..10 {
        assert!(matches!(limits.sign_in("alice", ADDRESS, START).await, Ok(Attempt::Counted(_))));
    }
    match limits.sign_in("alice", ADDRESS, START).await.expect("no fault") {
        Attempt::Refused { retry_after } => {
            let later = START.plus(retry_after);
            assert!(matches!(limits.sign_in("alice", ADDRESS, later).await, Ok(Attempt::Counted(_))));
        }
        Attempt::Counted(_) => panic!("an eleventh guess was allowed"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn correct_sign_ins_are_limited_for_each_account_and_minute() {
    let engine = Engine::start().await;
    let limits = Limits::new(&engine.table).per_minute(5);
    let sign_in = async |name: &str, now| match limits.sign_in(name, ADDRESS, now).await.expect("no fault") {
        Attempt::Counted(counted) => {
            limits.give_back(counted).await;
            None
        }
        Attempt::Refused { retry_after } => Some(retry_after),
    };
    for _ in 0..5 {
        assert_eq!(sign_in("alice", START).await, None);
    }
    assert_eq!(sign_in("alice", START).await, Some(60));
    assert_eq!(sign_in("alice", START.plus(59)).await, Some(1));
    assert_eq!(sign_in("alice", START.plus(60)).await, None);
    assert_eq!(sign_in("bob", START).await, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_guesses_alone_never_reach_the_limit_of_correct_sign_ins() {
    let engine = Engine::start().await;
    let limits = Limits::new(&engine.table);
    let mut refused = Vec::new();
    for number in 0..80 {
        let guess = limits.sign_in("alice", &format!("192.0.2.{number}"), START).await.expect("no fault");
        if let Attempt::Refused { retry_after } = guess {
            refused.push(retry_after);
        }
    }
    let of_window = 900 - START.seconds() % 900;
    assert_eq!(refused, vec![of_window; 30], "the limit of the window");
}
