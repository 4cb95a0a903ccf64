//! Limits on what strangers write.

use aws_sdk_dynamodb::types::AttributeValue;
use futures_util::future::join_all;
use oauth::{Code, Time};
use store::Strangers;

use crate::engine::{Engine, START};

async fn is_allowed(strangers: &Strangers, address: &str, now: Time) -> bool {
    match strangers.count(address, now).await {
        Ok(()) => true,
        Err(error) => {
            assert_eq!(error.code(), Code::TooManyRequests, "{error}");
            false
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_100_concurrent_requests_from_one_address_exactly_the_limit_is_allowed() {
    let engine = Engine::start().await;
    // Each one is a process of its own, which remembers nothing of the others.
    let tries = (0..100).map(|_| {
        let strangers = Strangers::clients(&engine.table, 20, 1000);
        tokio::spawn(async move { is_allowed(&strangers, "192.0.2.1", START).await })
    });
    let allowed = join_all(tries).await.into_iter().filter(|tried| matches!(tried, Ok(true))).count();
    assert_eq!(allowed, 20);
    assert!(is_allowed(&Strangers::clients(&engine.table, 20, 1000), "192.0.2.2", START).await, "another address");
    assert!(is_allowed(&Strangers::people(&engine.table, 20), "192.0.2.1", START).await, "another kind");
}

#[tokio::test(flavor = "multi_thread")]
async fn all_addresses_of_an_ipv6_network_count_as_one() {
    let engine = Engine::start().await;
    let strangers = Strangers::requests(&engine.table, 3);
    for host in ["::1", "::ffff:2", ":abcd:0:0:3"] {
        assert!(is_allowed(&strangers, &format!("2001:db8:1:2{host}"), START).await, "{host}");
    }
    assert!(!is_allowed(&strangers, "2001:db8:1:2::4", START).await, "a neighbour");
    assert!(is_allowed(&strangers, "2001:db8:1:3::1", START).await, "another network");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_limit_ends_with_its_window_and_retry_after_says_when() {
    let engine = Engine::start().await;
    let strangers = Strangers::requests(&engine.table, 1);
    assert!(is_allowed(&strangers, "192.0.2.1", START).await);
    for _ in 0..3 {
        let wait = strangers.count("192.0.2.1", START).await.expect_err("the limit").retry_after().expect("seconds");
        assert!((1..=60).contains(&wait), "{wait}");
        assert!(!is_allowed(&strangers, "192.0.2.1", START.plus(wait - 1)).await);
    }
    let wait = strangers.count("192.0.2.1", START).await.expect_err("the limit").retry_after().expect("seconds");
    assert!(is_allowed(&strangers, "192.0.2.1", START.plus(wait)).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn all_addresses_together_have_a_limit_for_clients() {
    let engine = Engine::start().await;
    let strangers = Strangers::clients(&engine.table, 20, 1000);
    assert!(is_allowed(&strangers, "192.0.2.1", START).await);
    let window = (START.seconds() / 3600).to_string();
    engine.set("LIMIT#CLIENT#ALL", &window, "count", AttributeValue::N("999".to_owned())).await;
    assert!(is_allowed(&strangers, "192.0.2.2", START).await);
    assert!(!is_allowed(&strangers, "203.0.113.1", START).await, "the thousand and first");
}
