//! The two cookies of the browser channel (RFC 6265bis).
//!
//! One tells browsers apart: random, kept for a year, of no privilege; forms and stored requests are bound to it. The
//! other is the secret of the single sign-on session; without it nobody is signed in. Both are host-only, out of reach
//! of scripts, and not sent along with another site's POST. The prefix `__Host-` keeps other hosts of the same domain
//! from planting one. Browsers take it over https only, so an issuer on a loopback address goes without.

use crate::Request;

/// How long a browser is remembered, in seconds: a year.
const BROWSER_SECONDS: u64 = 365 * 24 * 60 * 60;
/// Longest value that is read, in bytes. Ours are shorter.
const MAX_VALUE_BYTES: usize = 256;

/// The value of a `Set-Cookie` header; see [`Response::cookie`](crate::Response::cookie).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cookie(String);

/// What the cookies are called and how they are set.
#[derive(Clone, Debug)]
pub(crate) struct Cookies {
    secure: bool,
}

impl Cookies {
    /// `secure` is whether the issuer is reached over https.
    pub(crate) fn new(secure: bool) -> Self {
        Self { secure }
    }

    pub(crate) fn browser<'r>(&self, request: &'r Request) -> Option<&'r str> {
        read(request, self.browser_name())
    }

    pub(crate) fn session<'r>(&self, request: &'r Request) -> Option<&'r str> {
        read(request, self.session_name())
    }

    pub(crate) fn keep_browser(&self, value: &str) -> Cookie {
        self.set(self.browser_name(), value, BROWSER_SECONDS)
    }

    pub(crate) fn keep_session(&self, value: &str, seconds: u64) -> Cookie {
        self.set(self.session_name(), value, seconds)
    }

    pub(crate) fn end_session(&self) -> Cookie {
        self.set(self.session_name(), "", 0)
    }

    fn browser_name(&self) -> &'static str {
        if self.secure { "__Host-gatewright-browser" } else { "gatewright-browser" }
    }

    fn session_name(&self) -> &'static str {
        if self.secure { "__Host-gatewright-session" } else { "gatewright-session" }
    }

    fn set(&self, name: &str, value: &str, seconds: u64) -> Cookie {
        let secure = if self.secure { "; Secure" } else { "" };
        Cookie(format!("{name}={value}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}"))
    }
}

impl Cookie {
    pub(crate) fn into_header(self) -> String {
        self.0
    }
}

fn read<'r>(request: &'r Request, name: &str) -> Option<&'r str> {
    request.cookie(name).filter(|value| value.len() <= MAX_VALUE_BYTES)
}

#[cfg(test)]
mod tests {
    use oauth::Time;
    use serde_json::json;

    use super::*;

    fn request(cookies: &[&str]) -> Request {
        let event = json!({
            "version": "2.0", "rawPath": "/sign-in", "headers": {"cookie": "__Host-gatewright-session=header"},
            "cookies": cookies, "requestContext": {"http": {"method": "GET"}}, "isBase64Encoded": false
        });
        Request::from_event(serde_json::from_value(event).unwrap(), "id", Time::from_seconds(1))
    }

    #[test]
    fn a_cookie_is_read_by_its_whole_name_from_where_the_gateway_puts_cookies() {
        let request = request(&["a=1", "__Host-gatewright-session=s3cr=t", "__Host-gatewright-browser=b"]);
        let cookies = Cookies::new(true);
        assert_eq!((cookies.session(&request), cookies.browser(&request)), (Some("s3cr=t"), Some("b")));
        assert_eq!(Cookies::new(false).session(&request), None);
    }

    #[test]
    fn a_cookie_that_comes_twice_or_empty_or_oversized_is_absent() {
        let long = format!("__Host-gatewright-session={}", "x".repeat(MAX_VALUE_BYTES + 1));
        for cookies in [
            &["__Host-gatewright-session=a", "__Host-gatewright-session=b"][..],
            &["__Host-gatewright-session=a", "__Host-gatewright-session=a"],
            &["__Host-gatewright-session="],
            &["__Host-gatewright-session"],
            &["__host-gatewright-session=a"],
            &[&long],
            &[],
        ] {
            assert_eq!(Cookies::new(true).session(&request(cookies)), None, "{cookies:?}");
        }
    }

    #[test]
    fn over_https_cookies_are_bound_to_the_host_and_on_loopback_they_work_at_all() {
        let Cookie(secure) = Cookies::new(true).keep_session("v", 60);
        assert_eq!(secure, "__Host-gatewright-session=v; Path=/; Max-Age=60; HttpOnly; SameSite=Lax; Secure");
        let Cookie(plain) = Cookies::new(false).keep_browser("v");
        assert_eq!(plain, "gatewright-browser=v; Path=/; Max-Age=31536000; HttpOnly; SameSite=Lax");
        let Cookie(ended) = Cookies::new(true).end_session();
        assert!(ended.starts_with("__Host-gatewright-session=; ") && ended.contains("Max-Age=0"), "{ended}");
    }
}
