//! How many requests this process makes on behalf of strangers in a minute: to one host, for one network, and in all.
//!
//! Each process has its own budgets. A limit for all processes together must be counted in the store.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use crate::error::Error;
use crate::network::network;

/// Requests are counted together for this long.
const WINDOW: Duration = Duration::from_mins(1);
/// Most requests to one host.
const PER_HOST: u32 = 10;
/// Most requests for one asking network.
const PER_NETWORK: u32 = 10;
/// Most requests in all. There are no more counters than twice as many.
const IN_ALL: u32 = 60;

/// The requests of the current window.
#[derive(Debug, Default)]
pub(crate) struct Budgets(Mutex<Spent>);

#[derive(Debug, Default)]
struct Spent {
    window: u128,
    all: u32,
    hosts: HashMap<String, u32>,
    networks: HashMap<IpAddr, u32>,
}

impl Budgets {
    /// Counts a request to `host` for somebody at the address `asking`, or refuses it and counts nothing.
    pub(crate) fn take(&self, host: &str, asking: IpAddr, now: Duration) -> Result<(), Error> {
        let mut spent = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let window = now.as_nanos() / WINDOW.as_nanos();
        if window > spent.window {
            *spent = Spent { window, ..Spent::default() };
        }
        let network = network(asking);
        let count = |counted: Option<&u32>| counted.copied().unwrap_or_default();
        if count(spent.hosts.get(host)) >= PER_HOST {
            return Err(Error::Budget("to this host"));
        }
        if count(spent.networks.get(&network)) >= PER_NETWORK {
            return Err(Error::Budget("from this address"));
        }
        if spent.all >= IN_ALL {
            return Err(Error::Budget("in all"));
        }
        spent.all += 1;
        *spent.hosts.entry(host.to_owned()).or_default() += 1;
        *spent.networks.entry(network).or_default() += 1;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Duration = Duration::from_hours(500_000);

    fn address(number: u32) -> IpAddr {
        std::net::Ipv4Addr::from_bits(number).into()
    }

    #[test]
    fn a_host_gets_ten_requests_a_minute() {
        let budgets = Budgets::default();
        let asked = (0..20).filter(|number| budgets.take("a.example", address(*number), NOW).is_ok()).count();
        assert_eq!(asked, 10);
        assert!(budgets.take("b.example", address(0), NOW).is_ok(), "another host");
        let next = NOW + WINDOW;
        assert!(budgets.take("a.example", address(0), next).is_ok(), "another minute");
        assert!(
            budgets.take("a.example", address(0), NOW).is_ok(),
            "a request that began earlier counts in the current minute"
        );
    }

    #[test]
    fn a_network_causes_ten_requests_a_minute() {
        let budgets = Budgets::default();
        let host = |number: u32| format!("{number}.example");
        let v6 = |number: u32| -> IpAddr { format!("2a00:1:2:3::{number:x}").parse().unwrap() };
        let asked = (0..20).filter(|number| budgets.take(&host(*number), v6(*number), NOW).is_ok()).count();
        assert_eq!(asked, 10);
        assert!(budgets.take("a.example", "2a00:1:2:4::1".parse().unwrap(), NOW).is_ok(), "another network");
    }

    #[test]
    fn there_are_sixty_requests_a_minute_in_all() {
        let budgets = Budgets::default();
        let take = |number: u32, now| budgets.take(&format!("{number}.example"), address(number), now).is_ok();
        assert_eq!((0..10_000).filter(|number| take(*number, NOW)).count(), 60);
        let spent = budgets.0.lock().unwrap();
        assert_eq!((spent.hosts.len(), spent.networks.len()), (60, 60), "nothing else is remembered");
        drop(spent);
        assert!(take(0, NOW + WINDOW));
    }
}
