//! Redirect URIs: whether the URI of a request is one that the client registered (RFC 9700 section 2.1, RFC 8252).

/// Whether `presented` is one of `registered`. Strings are compared exactly, except that any port is accepted for a
/// loopback address, because the system assigns a native app's port. RFC 8252 demands this for IP literals (section
/// 7.3) and discourages `localhost` (section 8.3), but many apps register it.
pub fn is_registered(presented: &str, registered: &[String]) -> bool {
    registered.iter().any(|uri| uri == presented || same_loopback(uri, presented))
}

fn same_loopback(one: &str, other: &str) -> bool {
    match (loopback(one), loopback(other)) {
        (Some(one), Some(other)) => one == other,
        _ => false,
    }
}

/// The host of a loopback redirect URI and everything after its port. `None` for other URIs.
fn loopback(uri: &str) -> Option<(&str, &str)> {
    let rest = uri.strip_prefix("http://")?;
    let host = ["127.0.0.1", "[::1]", "localhost"].into_iter().find(|host| rest.starts_with(host))?;
    let rest = &rest[host.len()..];
    let Some(port) = rest.strip_prefix(':') else { return starts_well(rest).then_some((host, rest)) };
    let digits = port.bytes().take_while(u8::is_ascii_digit).count();
    let (port, rest) = port.split_at(digits);
    (port.parse::<u16>().is_ok() && starts_well(rest)).then_some((host, rest))
}

/// The path must follow the host or port directly: `127.0.0.1.evil.example` is another host.
fn starts_well(rest: &str) -> bool {
    rest.is_empty() || rest.starts_with(['/', '?'])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn registered(uri: &str, presented: &str) -> bool {
        is_registered(presented, &[uri.to_owned()])
    }

    #[test]
    fn comparison_is_of_the_exact_strings() {
        let uri = "https://app.example/cb";
        assert!(registered(uri, uri));
        for other in [
            "https://app.example/cb/",
            "https://app.example/cb?x=1",
            "https://APP.example/cb",
            "https://app.example:443/cb",
            "http://app.example/cb",
            "https://app.example/cb/../cb",
            "https://app.example/",
            "",
        ] {
            assert!(!registered(uri, other), "{other}");
        }
        assert!(registered("com.example.app:/cb", "com.example.app:/cb"));
    }

    #[test]
    fn only_the_port_of_a_loopback_address_may_differ() {
        for (uri, presented) in [
            ("http://127.0.0.1/cb", "http://127.0.0.1:51000/cb"),
            ("http://127.0.0.1:1/cb", "http://127.0.0.1:2/cb"),
            ("http://127.0.0.1:1/cb", "http://127.0.0.1/cb"),
            ("http://[::1]/cb", "http://[::1]:8080/cb"),
            ("http://127.0.0.1", "http://127.0.0.1:9"),
            ("http://localhost:3000/cb", "http://localhost:51000/cb"),
            ("http://localhost/cb", "http://localhost:80/cb"),
        ] {
            assert!(registered(uri, presented), "{uri} {presented}");
        }
        for (uri, presented) in [
            ("http://127.0.0.1/cb", "http://127.0.0.1:51000/other"),
            ("http://127.0.0.1/cb", "http://[::1]:51000/cb"),
            ("http://127.0.0.1/cb", "https://127.0.0.1:51000/cb"),
            ("http://127.0.0.1/cb", "http://127.0.0.1:99999/cb"),
            ("http://127.0.0.1/cb", "http://127.0.0.1:/cb"),
            ("http://127.0.0.1/cb", "http://127.0.0.1:80@evil.example/cb"),
            ("http://127.0.0.1", "http://127.0.0.1.evil.example"),
            ("http://127.0.0.1/cb", "http://127.0.0.1:80#/cb"),
            ("http://localhost/cb", "http://127.0.0.1:80/cb"),
            ("http://localhost/cb", "http://localhost.evil.example/cb"),
            ("https://app.example/cb", "https://app.example:8443/cb"),
        ] {
            assert!(!registered(uri, presented), "{uri} {presented}");
        }
    }
}
