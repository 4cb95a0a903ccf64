//! The three cookies of the browser channel (RFC 6265bis).
//!
//! One identifies the browser: random, kept for a year, without privileges. Forms and stored requests are bound to it.
//! Each new one has its own name, so that two tabs that open at once in a new browser get one each and keep both. The
//! next is the secret of the single sign-on session; without it nobody is signed in. The third says that somebody has signed
//! in on this device before; it opens nothing. All are host-only, not readable by scripts, and not sent with a POST from
//! another site. The prefix `__Host-` keeps other hosts of the same domain
//! from setting one. Browsers accept it over https only, so an issuer on a loopback address does without.

use crate::Request;

/// How long a browser is remembered, in seconds: a year.
const BROWSER_SECONDS: u64 = 365 * 24 * 60 * 60;
/// Longest value that is read, in bytes. Ours are shorter.
const MAX_VALUE_BYTES: usize = 256;
/// Most cookies that identify one browser. Few tabs open at once in a new browser.
const MAX_BROWSERS: usize = 8;
/// How many characters of the value are part of the name, to distinguish the cookies of one browser.
const LABEL: usize = 6;

/// The value of a `Set-Cookie` header. See [`Response::cookie`](crate::Response::cookie).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cookie(String);

/// The names and attributes of the cookies.
#[derive(Clone, Debug)]
pub(crate) struct Cookies {
    secure: bool,
}

impl Cookies {
    /// `secure` means that the issuer uses https.
    pub(crate) fn new(secure: bool) -> Self {
        Self { secure }
    }

    /// The values that identify a browser, always in the same order.
    pub(crate) fn browsers<'r>(&self, request: &'r Request) -> Vec<&'r str> {
        let mut named: Vec<_> = request.cookies(self.browser_name()).collect();
        named.retain(|(_, value)| value.len() <= MAX_VALUE_BYTES);
        named.sort_unstable();
        named.truncate(MAX_BROWSERS);
        named.into_iter().map(|(_, value)| value).collect()
    }

    pub(crate) fn session<'r>(&self, request: &'r Request) -> Option<&'r str> {
        read(request, self.session_name())
    }

    pub(crate) fn device<'r>(&self, request: &'r Request) -> Option<&'r str> {
        read(request, self.device_name())
    }

    pub(crate) fn keep_device(&self, value: &str, seconds: u64) -> Cookie {
        self.set(self.device_name(), value, seconds)
    }

    pub(crate) fn keep_browser(&self, value: &str) -> Cookie {
        let label = value.get(..LABEL).unwrap_or(value);
        self.set(&format!("{}-{label}", self.browser_name()), value, BROWSER_SECONDS)
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

    fn device_name(&self) -> &'static str {
        if self.secure { "__Host-gatewright-device" } else { "gatewright-device" }
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
        assert_eq!((cookies.session(&request), cookies.browsers(&request)), (Some("s3cr=t"), vec!["b"]));
        assert_eq!(Cookies::new(false).session(&request), None);
    }

    #[test]
    fn a_cookie_that_is_repeated_empty_or_too_long_is_absent() {
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
    fn a_browser_may_have_several_cookies_and_similar_names_do_not_count() {
        let cookies =
            ["gatewright-browser-b=2", "gatewright-browser-a=1", "gatewright-browsers=3", "gatewright-browser-a=4"];
        assert_eq!(Cookies::new(false).browsers(&request(&cookies)), ["2"], "a repeated cookie is absent");
        let many: Vec<String> = (0..20).map(|number| format!("gatewright-browser-{number:02}={number}")).collect();
        let many: Vec<&str> = many.iter().map(String::as_str).collect();
        assert_eq!(Cookies::new(false).browsers(&request(&many)).len(), MAX_BROWSERS);
    }

    #[test]
    fn cookies_are_bound_to_the_host_over_https_and_work_on_loopback() {
        let Cookie(secure) = Cookies::new(true).keep_session("v", 60);
        assert_eq!(secure, "__Host-gatewright-session=v; Path=/; Max-Age=60; HttpOnly; SameSite=Lax; Secure");
        let Cookie(plain) = Cookies::new(false).keep_browser("value-of-it");
        let attributes = "Path=/; Max-Age=31536000; HttpOnly; SameSite=Lax";
        assert_eq!(plain, format!("gatewright-browser-value-=value-of-it; {attributes}"));
        let Cookie(ended) = Cookies::new(true).end_session();
        assert!(ended.starts_with("__Host-gatewright-session=; ") && ended.contains("Max-Age=0"), "{ended}");
    }
}
