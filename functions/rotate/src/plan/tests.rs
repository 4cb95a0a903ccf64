//! Which keys a rotation generates, promotes, retires and removes.

use oauth::Config;

use super::*;
use Algorithm::{ES256, EdDSA, RS256};
use KeyState::{Current, Next, Retired};

fn key(kid: &str, algorithm: Algorithm, state: KeyState, since: u64) -> PublicKey {
    let since = Time::from_seconds(since);
    PublicKey { kid: kid.into(), alg: algorithm.to_string(), jwk: "{}".into(), published_at: since, state, since }
}

fn try_make(keys: &[PublicKey], wish: &Wish, algorithms: &str, now: u64) -> Result<Plan, Error> {
    let config = Config::from_pairs([("SIGNING_ALGORITHMS".to_owned(), algorithms.to_owned())]);
    let policy = Policy::new(30, SigningAlgorithms::read(&config).unwrap());
    let ring = Ring { version: 1, keys: keys.to_vec() };
    Plan::make(&ring, wish, &policy, Time::from_seconds(now))
}

fn make(keys: &[PublicKey], wish: &Wish, algorithms: &str, now: u64) -> Plan {
    try_make(keys, wish, algorithms, now).unwrap()
}

fn states(plan: &Plan) -> Vec<(&str, KeyState)> {
    plan.keep.iter().map(|key| (key.kid.as_str(), key.state)).collect()
}

fn wanted(plan: &Plan) -> Vec<(Algorithm, KeyState)> {
    plan.wanted.iter().map(|wanted| (wanted.algorithm, wanted.state)).collect()
}

#[test]
fn the_first_run_publishes_a_next_key_and_later_runs_change_nothing() {
    let plan = make(&[key("a", RS256, Current, 0)], &Wish::Schedule, "RS256", 10);
    assert_eq!(states(&plan), [("a", Current)]);
    assert_eq!(wanted(&plan), [(RS256, Next)]);
    let keys = [key("a", RS256, Current, 0), key("b", RS256, Next, 10)];
    assert!(!make(&keys, &Wish::Schedule, "RS256", 29 * DAY).changes());
}

#[test]
fn when_due_the_current_key_retires_and_the_next_one_signs() {
    let keys = [key("a", RS256, Current, 0), key("b", RS256, Next, 10)];
    let plan = make(&keys, &Wish::Schedule, "RS256", 30 * DAY);
    assert_eq!(states(&plan), [("a", Retired), ("b", Current)]);
    assert_eq!(wanted(&plan), [(RS256, Next)]);
}

#[test]
fn the_schedule_publishes_a_key_long_enough_before_it_signs() {
    let keys = [key("a", RS256, Current, 0), key("b", RS256, Next, 30 * DAY)];
    assert!(!make(&keys, &Wish::Schedule, "RS256", 30 * DAY + LEAD - 1).changes());
    assert!(make(&keys, &Wish::Schedule, "RS256", 30 * DAY + LEAD).changes());
}

#[test]
fn a_retired_key_stays_published_for_the_longest_token_and_cache() {
    let keys = [key("a", RS256, Retired, 0), key("b", RS256, Current, 0), key("c", RS256, Next, 0)];
    assert!(!make(&keys, &Wish::Schedule, "RS256", KEEP - 1).changes());
    let plan = make(&keys, &Wish::Schedule, "RS256", KEEP);
    assert_eq!((plan.gone.as_slice(), plan.wanted.len()), (["a".to_owned()].as_slice(), 0));
}

#[test]
fn the_algorithms_of_a_ring_rotate_apart() {
    let old = [key("a", RS256, Current, 0), key("b", RS256, Next, 10)];
    let young = [key("c", ES256, Current, 5 * DAY), key("d", ES256, Next, 5 * DAY)];
    let plan = make(&[old, young].concat(), &Wish::Schedule, "ES256,RS256", 30 * DAY);
    assert_eq!(states(&plan), [("a", Retired), ("b", Current), ("c", Current), ("d", Next)]);
    assert_eq!(wanted(&plan), [(RS256, Next)]);
}

#[test]
fn an_operators_rotation_is_of_every_algorithm() {
    let keys =
        [key("a", RS256, Current, 0), key("b", RS256, Next, 0), key("c", ES256, Current, 0), key("d", ES256, Next, 0)];
    let plan = make(&keys, &Wish::Rotate, "ES256,RS256", 5);
    assert_eq!(states(&plan), [("a", Retired), ("b", Current), ("c", Retired), ("d", Current)]);
    assert_eq!(wanted(&plan), [(ES256, Next), (RS256, Next)]);
}

#[test]
fn an_added_algorithm_is_published_for_two_hours_before_it_signs() {
    let keys = [key("a", RS256, Current, 0), key("b", RS256, Next, 0)];
    let plan = make(&keys, &Wish::Schedule, "ES256,RS256", 100);
    assert_eq!((states(&plan), wanted(&plan)), (vec![("a", Current), ("b", Next)], vec![(ES256, Next)]));
    let keys = [keys.as_slice(), &[key("c", ES256, Next, 100)]].concat();
    assert!(!make(&keys, &Wish::Schedule, "ES256,RS256", 100 + LEAD - 1).changes());
    let plan = make(&keys, &Wish::Schedule, "ES256,RS256", 100 + LEAD);
    assert_eq!(states(&plan), [("a", Current), ("b", Next), ("c", Current)]);
    assert_eq!(wanted(&plan), [(ES256, Next)]);
}

#[test]
fn a_removed_algorithm_retires_as_soon_as_another_one_signs() {
    let keys =
        [key("a", RS256, Current, 0), key("b", RS256, Next, 0), key("c", ES256, Current, 0), key("d", ES256, Next, 0)];
    let plan = make(&keys, &Wish::Schedule, "ES256", LEAD);
    assert_eq!(states(&plan), [("a", Retired), ("c", Current), ("d", Next)]);
    assert_eq!((plan.gone.as_slice(), plan.wanted.len()), (["b".to_owned()].as_slice(), 0));
}

#[test]
fn an_algorithm_that_is_replaced_signs_until_the_other_one_does() {
    let keys = [key("a", RS256, Current, 0), key("b", RS256, Next, 0)];
    let plan = make(&keys, &Wish::Schedule, "ES256", LEAD);
    assert_eq!((states(&plan), wanted(&plan)), (vec![("a", Current)], vec![(ES256, Next)]));
    let keys = [key("a", RS256, Current, 0), key("c", ES256, Next, LEAD)];
    let plan = make(&keys, &Wish::Schedule, "ES256", 2 * LEAD);
    assert_eq!(states(&plan), [("a", Retired), ("c", Current)]);
    let plan = make(&keys, &Wish::Rotate, "ES256", LEAD + 1);
    assert_eq!(states(&plan), [("a", Retired), ("c", Current)]);
}

#[test]
fn withdrawing_a_current_key_makes_the_next_one_of_its_algorithm_sign_at_once() {
    let keys =
        [key("a", RS256, Current, 0), key("b", RS256, Next, 0), key("c", ES256, Current, 0), key("d", ES256, Next, 0)];
    let plan = make(&keys, &Wish::Withdraw("a".into()), "ES256,RS256", 5);
    assert_eq!(states(&plan), [("b", Current), ("c", Current), ("d", Next)]);
    assert_eq!((plan.gone.as_slice(), wanted(&plan)), (["a".to_owned()].as_slice(), vec![(RS256, Next)]));
    assert!(try_make(&keys, &Wish::Withdraw("x".into()), "RS256", 1).is_err());
}

#[test]
fn withdrawing_a_next_key_only_replaces_it() {
    let keys = [key("a", RS256, Current, 0), key("b", RS256, Next, 0)];
    let plan = make(&keys, &Wish::Withdraw("b".into()), "RS256", 5);
    assert_eq!((states(&plan), wanted(&plan)), (vec![("a", Current)], vec![(RS256, Next)]));
}

#[test]
fn withdrawing_the_only_key_creates_a_new_one() {
    let plan = make(&[key("a", RS256, Current, 0)], &Wish::Withdraw("a".into()), "RS256", 5);
    assert_eq!(wanted(&plan), [(RS256, Current), (RS256, Next)]);
}

#[test]
fn withdrawing_the_last_key_of_a_removed_algorithm_makes_the_configured_ones_sign_at_once() {
    let keys = [key("a", RS256, Current, 0), key("b", ES256, Next, 0)];
    let plan = make(&keys, &Wish::Withdraw("a".into()), "ES256,EdDSA", 5);
    assert_eq!(states(&plan), [("b", Current)]);
    assert_eq!(wanted(&plan), [(EdDSA, Current), (ES256, Next), (EdDSA, Next)]);
}

#[test]
fn a_key_can_be_withdrawn_from_a_full_ring() {
    let retired: Vec<_> = (1..MOST).map(|number| key(&format!("r{number}"), RS256, Retired, 0)).collect();
    let keys = [vec![key("stolen", RS256, Current, 0)], retired].concat();
    let withdrawn = make(&keys, &Wish::Withdraw("stolen".to_owned()), "RS256", 10);
    assert_eq!((withdrawn.keep.len(), wanted(&withdrawn)), (MOST - 1, vec![(RS256, Current)]));
    assert!(try_make(&keys, &Wish::Rotate, "RS256", 10).is_err());
}
