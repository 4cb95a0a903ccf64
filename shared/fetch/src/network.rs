//! The network that an address stands for, wherever callers are counted by address.

use std::net::{IpAddr, Ipv6Addr};

/// One host for IPv4, also where it is written as an IPv6 address. A /64 for IPv6, where one host has that many addresses.
pub fn network(address: IpAddr) -> IpAddr {
    masked(address, 64)
}

/// The /48 of an IPv6 address: what one customer of a provider usually has, with 65,536 networks. `None` for IPv4.
pub fn site(address: IpAddr) -> Option<IpAddr> {
    Some(masked(address, 48)).filter(IpAddr::is_ipv6)
}

fn masked(address: IpAddr, bits: u32) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() & (u128::MAX << (128 - bits))).into(),
        IpAddr::V4(address) => address.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(address: &str, of: impl Fn(IpAddr) -> Option<IpAddr>) -> Option<String> {
        of(address.parse().unwrap()).map(|address| address.to_string())
    }

    #[test]
    fn an_ipv6_address_stands_for_its_network_and_its_site() {
        for (address, expected, wide) in [
            ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::", Some("2001:db8:1::")),
            ("2001:db8:1:2::", "2001:db8:1:2::", Some("2001:db8:1::")),
            ("192.0.2.7", "192.0.2.7", None),
            ("::ffff:192.0.2.7", "192.0.2.7", None),
        ] {
            assert_eq!(text(address, |address| Some(network(address))).as_deref(), Some(expected));
            assert_eq!(text(address, site).as_deref(), wide);
        }
    }
}
