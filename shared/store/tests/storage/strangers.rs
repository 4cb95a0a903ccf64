//! Limits on what strangers write.

use futures_util::future::join_all;
use oauth::Time;
use store::Strangers;

use crate::engine::{Engine, START};

async fn is_allowed(strangers: &Strangers, address: &str, now: Time) -> bool {
    match strangers.count(address, now).await {
        Ok(()) => true,
        Err(error) if error.retry_after().is_some() && error.code() == oauth::Code::TooManyRequests => false,
        Err(error) => panic!("a fault: {error}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_100_concurrent_writes_from_one_address_exactly_half_of_the_limit_is_allowed_at_once() {
    let engine = Engine::start().await;
    let writes = (0..100).map(|_| {
        // Each has its own memory, like a process of its own.
        let strangers = Strangers::clients(&engine.table, 40, 1000);
        tokio::spawn(async move { is_allowed(&strangers, "192.0.2.1", START).await })
    });
    let allowed = join_all(writes).await.into_iter().filter(|write| matches!(write, Ok(true))).count();
    assert_eq!(allowed, 20);
    assert!(is_allowed(&Strangers::clients(&engine.table, 40, 1000), "192.0.2.2", START).await, "another address");
    assert!(is_allowed(&Strangers::people(&engine.table, 40), "192.0.2.1", START).await, "another kind");
}

#[tokio::test(flavor = "multi_thread")]
async fn all_addresses_of_an_ipv6_network_count_as_one() {
    let engine = Engine::start().await;
    let strangers = Strangers::requests(&engine.table, 6);
    for host in ["::1", "::2", ":ffff::3"] {
        assert!(is_allowed(&strangers, &format!("2001:db8:1:2{host}"), START).await, "{host}");
    }
    assert!(!is_allowed(&strangers, "2001:db8:1:2::4", START).await, "a neighbour");
    assert!(is_allowed(&strangers, "2001:db8:1:3::1", START).await, "another network");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_ipv6_site_registers_as_much_as_four_of_its_networks() {
    let engine = Engine::start().await;
    let strangers = Strangers::clients(&engine.table, 10, 1_000_000);
    let mut allowed = 0;
    for number in 0..60 {
        allowed += u32::from(is_allowed(&strangers, &format!("2001:db8:1:{number:x}::1"), START).await);
    }
    assert_eq!(allowed, 20);
    assert!(is_allowed(&strangers, "2001:db8:2:1::1", START).await, "another site");
    let requests = Strangers::requests(&engine.table, 10);
    for number in 0..60 {
        assert!(is_allowed(&requests, &format!("2001:db8:1:{number:x}::1"), START).await, "requests are short-lived");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_is_refused_until_there_is_room() {
    let engine = Engine::start().await;
    let strangers = Strangers::requests(&engine.table, 1);
    assert!(is_allowed(&strangers, "192.0.2.1", START).await);
    for _ in 0..3 {
        let wait = strangers.count("192.0.2.1", START).await.expect_err("the limit").retry_after().expect("seconds");
        assert_eq!(wait, 60);
        assert!(!is_allowed(&strangers, "192.0.2.1", START.plus(wait - 1)).await);
    }
    assert!(is_allowed(&strangers, "192.0.2.1", START.plus(60)).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_minute_has_more_requests_than_the_limit_wherever_it_begins() {
    let engine = Engine::start().await;
    let strangers = Strangers::requests(&engine.table, 20);
    let mut allowed = Vec::new();
    for seconds in 0..180 {
        let now = START.plus(seconds);
        while is_allowed(&strangers, "192.0.2.1", now).await {
            allowed.push(seconds);
        }
    }
    let most = allowed.iter().map(|from| allowed.iter().filter(|at| (*from..from + 60).contains(at)).count()).max();
    assert_eq!(most, Some(20));
}

#[tokio::test(flavor = "multi_thread")]
async fn registrations_of_clients_have_a_limit_for_all_addresses() {
    let engine = Engine::start().await;
    let strangers = Strangers::clients(&engine.table, 20, 10);
    for number in 0..5 {
        assert!(is_allowed(&strangers, &format!("192.0.2.{number}"), START).await);
    }
    assert!(!is_allowed(&strangers, "203.0.113.1", START).await);
}
