//! The edge in front of the API (`edge/template.yaml`): how the service recognises it, and the address of the caller.
//!
//! `CloudFront` adds a secret header to each request, and `CloudFront-Viewer-Address`. Anybody can send the second one to
//! the API's own address, so it counts only beside the secret. The service knows only hashes of the secret. Where one is
//! configured, requests without the secret are refused: the API's own address leads around the firewall. Where none is
//! configured, the address is always that of the gateway's event.

use std::net::SocketAddr;

use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::digest::{SHA256, digest};
use oauth::{Config, Error};

/// The header with the secret.
const SECRET: &str = "x-origin-secret";
/// The header with the address and the port of the viewer.
const VIEWER: &str = "cloudfront-viewer-address";
/// Most accepted secrets: the current one, and the one before or after it during a change.
const MOST: usize = 2;

/// How requests of the edge are recognised.
#[derive(Debug, Default)]
pub(crate) struct Edge {
    /// SHA-256 of each accepted secret. Without one there is no edge.
    hashes: Vec<[u8; 32]>,
}

/// The way on which a request came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    /// From a caller of the API's own address, where that is allowed.
    Direct,
    /// Through the edge, from this address if the edge names one.
    Edge(Option<String>),
    /// Around the edge.
    Around,
}

impl Edge {
    /// Reads `ORIGIN_SECRET_HASHES`: at most two SHA-256 hashes in hexadecimal digits, separated by a comma.
    pub(crate) fn read(config: &Config) -> Result<Self, Error> {
        let texts = config.list("ORIGIN_SECRET_HASHES");
        let hashes: Option<Vec<_>> = texts.iter().map(|text| parse(text)).collect();
        match hashes {
            Some(hashes) if hashes.len() <= MOST => Ok(Self { hashes }),
            _ => Err(Error::fault("ORIGIN_SECRET_HASHES takes one or two SHA-256 hashes in hexadecimal digits")),
        }
    }

    /// The way of a request with these headers.
    pub(crate) fn way(&self, header: impl Fn(&str) -> Option<String>) -> Way {
        if self.hashes.is_empty() {
            Way::Direct
        } else if header(SECRET).is_some_and(|secret| self.accepts(&secret)) {
            Way::Edge(header(VIEWER).as_deref().and_then(address))
        } else {
            Way::Around
        }
    }

    /// Compares with every hash, in constant time.
    fn accepts(&self, secret: &str) -> bool {
        let hash = digest(&SHA256, secret.as_bytes());
        let equal = |known: &[u8; 32]| verify_slices_are_equal(known, hash.as_ref()).is_ok();
        self.hashes.iter().fold(false, |found, known| equal(known) | found)
    }
}

/// The address in `address:port`. `CloudFront` writes IPv6 addresses without brackets.
fn address(viewer: &str) -> Option<String> {
    if let Ok(address) = viewer.parse::<SocketAddr>() {
        return Some(address.ip().to_string());
    }
    let (address, port) = viewer.rsplit_once(':')?;
    port.parse::<u16>().ok()?;
    address.parse::<std::net::Ipv6Addr>().ok().map(|address| address.to_string())
}

fn parse(text: &str) -> Option<[u8; 32]> {
    let mut hash = [0; 32];
    if text.len() != 64 || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    for (byte, digits) in hash.iter_mut().zip(0..) {
        *byte = u8::from_str_radix(&text[2 * digits..2 * digits + 2], 16).ok()?;
    }
    Some(hash)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// SHA-256 of `old secret` and `new secret`.
    const HASHES: [&str; 2] = [
        "f8ee85f59a75fdb3a3fbf0941423f26a65a8ed0a5f6d7ff832acd8edf5635499",
        "859601deb772672b933ef30d66609610c928bcf116951a52f4b8698f34c1fc80",
    ];

    fn edge(hashes: &str) -> Result<Edge, Error> {
        Edge::read(&Config::from_pairs([("ORIGIN_SECRET_HASHES".to_owned(), hashes.to_owned())]))
    }

    fn way(edge: &Edge, secret: Option<&str>, viewer: Option<&str>) -> Way {
        edge.way(|name| if name == SECRET { secret } else { viewer }.map(str::to_owned))
    }

    #[test]
    fn without_a_configured_hash_no_header_counts() {
        let none = edge("").unwrap();
        assert_eq!(way(&none, Some("old secret"), Some("198.51.100.7:443")), Way::Direct);
        assert_eq!(way(&none, None, None), Way::Direct);
    }

    #[test]
    fn the_viewers_address_counts_only_beside_the_secret() {
        let both = edge(&HASHES.join(", ")).unwrap();
        for secret in ["old secret", "new secret"] {
            assert_eq!(way(&both, Some(secret), Some("198.51.100.7:443")), Way::Edge(Some("198.51.100.7".into())));
            assert_eq!(way(&both, Some(secret), None), Way::Edge(None));
        }
        for secret in [None, Some(""), Some("Old secret"), Some("old secret,new secret"), Some(HASHES[0])] {
            assert_eq!(way(&both, secret, Some("198.51.100.7:443")), Way::Around, "{secret:?}");
        }
        assert_eq!(way(&edge(HASHES[1]).unwrap(), Some("old secret"), None), Way::Around);
    }

    #[test]
    fn addresses_of_both_kinds_are_read_without_their_port() {
        for (viewer, expected) in [
            ("198.51.100.7:46532", Some("198.51.100.7")),
            ("2001:db8:1:2::9:46532", Some("2001:db8:1:2::9")),
            ("2001:0db8:0001:0002:0000:0000:0000:0009:443", Some("2001:db8:1:2::9")),
            ("[2001:db8::9]:443", Some("2001:db8::9")),
            ("198.51.100.7", None),
            ("a stranger:1", None),
            ("", None),
        ] {
            assert_eq!(address(viewer).as_deref(), expected, "{viewer:?}");
        }
    }

    #[test]
    fn a_configuration_that_is_no_hash_is_refused() {
        for wrong in ["x", "00", &"g".repeat(64), &[HASHES[0]; 3].join(",")] {
            assert!(edge(wrong).is_err(), "{wrong}");
        }
    }
}
