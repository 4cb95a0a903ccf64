//! The service from a browser's side: one origin, three cookies, one look, and forms that only its own pages can send.
//!
//! The origin is that of the configured issuer, never of `Host` or a forwarded header.
//!
//! A form is accepted as ours only if all of this holds:
//! - `Origin`, if present, is the issuer's. A page without an origin (`null`) is not ours.
//! - `Sec-Fetch-Site`, if present, is `same-origin`, or `none` (an action of the person, such as restoring a tab).
//!   Other hosts of our domain (`same-site`) are refused.
//! - The token in the form was made for this browser, this path and this subject ([`csrf`]).
//!
//! The headers protect against a leaked token; the token protects in browsers without these headers. A request with
//! neither header is therefore accepted with its token alone: no browser of recent years sends one, and the cookie that
//! the token needs is not sent with a POST from another site anyway (`SameSite=Lax`).

use oauth::language::Languages;
use oauth::{Code, Config, Error, Language, Parameters};

use crate::Request;
use crate::cookies::{Cookie, Cookies};
use crate::csrf::{self, Purpose};
use crate::pages::{Layout, Look};

/// The name of the form field that holds the token.
const TOKEN_FIELD: &str = "csrf";

/// The service as browsers know it.
#[derive(Clone, Debug)]
pub struct Site {
    origin: String,
    cookies: Cookies,
    look: Look,
    languages: Languages,
}

/// The purpose of a page visit, and its browser.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Visit<'r> {
    /// The id of an authorization request: the parameter `request`.
    pub request: String,
    /// The cookie values that identify this browser; at least one.
    pub browsers: Vec<&'r str>,
}

impl Site {
    /// Reads `ISSUER`, `SERVICE_NAME`, `LOGO`, `ACCENT_COLOR` and `LANGUAGES`.
    pub fn read(config: &Config) -> Result<Self, Error> {
        let issuer = config.required("ISSUER")?;
        Ok(Self {
            origin: origin(issuer),
            cookies: Cookies::new(issuer.starts_with("https://")),
            look: Look::read(config)?,
            languages: Languages::read(config)?,
        })
    }

    /// The name of the service.
    pub fn name(&self) -> &str {
        self.look.name()
    }

    /// The layout of a page in response to `request`, in the language that the app requests with `ui_locales` or the
    /// browser prefers.
    pub fn layout(&self, request: &Request, ui_locales: Option<&str>) -> Layout<'_> {
        self.layout_in(self.languages.choose(ui_locales, request.header("accept-language").as_deref()))
    }

    /// The layout of a page in this language.
    pub fn layout_in(&self, language: Language) -> Layout<'_> {
        Layout::new(&self.look, language)
    }

    /// The language for the person who sent `request`.
    pub fn language(&self, request: &Request) -> Language {
        self.languages.choose(None, request.header("accept-language").as_deref())
    }

    /// An absolute address on this service.
    pub fn address(&self, path: &str) -> String {
        format!("{}{path}", self.origin)
    }

    /// A cookie value that identifies this browser. `None` on its first visit.
    pub fn browser<'r>(&self, request: &'r Request) -> Option<&'r str> {
        self.cookies.browsers(request).first().copied()
    }

    /// All cookie values that identify this browser.
    pub fn browsers<'r>(&self, request: &'r Request) -> Vec<&'r str> {
        self.cookies.browsers(request)
    }

    /// The request that a page visit belongs to. Fails without a request id or a browser cookie.
    pub fn visit<'r>(&self, request: &'r Request) -> Result<Visit<'r>, Error> {
        let parameters = request.query_parameters()?;
        let browsers = self.cookies.browsers(request);
        match parameters.optional("request") {
            Some(id) if !browsers.is_empty() => Ok(Visit { request: id.to_owned(), browsers }),
            _ => Err(Error::new(Code::StaleRequest, "no request id, or no browser cookie")),
        }
    }

    /// The secret of the single sign-on session. `None` if nobody is signed in.
    pub fn session<'r>(&self, request: &'r Request) -> Option<&'r str> {
        self.cookies.session(request)
    }

    /// The cookie of a device on which somebody has signed in before.
    pub fn device<'r>(&self, request: &'r Request) -> Option<&'r str> {
        self.cookies.device(request)
    }

    /// Sets the cookie of a device, for `seconds`.
    pub fn keep_device(&self, value: &str, seconds: u64) -> Cookie {
        self.cookies.keep_device(value, seconds)
    }

    /// Sets a cookie that identifies the browser: at least 128 random bits, as base64url.
    pub fn keep_browser(&self, value: &str) -> Cookie {
        self.cookies.keep_browser(value)
    }

    /// Sets the session cookie to a secret, as base64url, for `seconds`. Each sign-in uses a new one.
    pub fn keep_session(&self, value: &str, seconds: u64) -> Cookie {
        self.cookies.keep_session(value, seconds)
    }

    /// Removes the session cookie.
    pub fn end_session(&self) -> Cookie {
        self.cookies.end_session()
    }

    /// The token for the form at `path` about `subject`, such as the id of a stored request, in the browser with this
    /// cookie.
    pub fn token(&self, browser: &str, path: &str, subject: &str) -> String {
        csrf::token(browser, self.purpose(path, subject))
    }

    /// Whether [`Site::token`] made this token in the browser that sent `request`.
    pub fn made(&self, request: &Request, token: &str, path: &str, subject: &str) -> bool {
        let right = |browser: &&str| csrf::is_right(token, browser, self.purpose(path, subject));
        self.cookies.browsers(request).iter().any(right)
    }

    /// The form of a POST, after verifying that it was sent from our own page in this browser. `subject` must be that
    /// of the token; the path is that of the request.
    pub fn form(&self, request: &Request, subject: &str) -> Result<Parameters, Error> {
        let foreign = |detail| Error::new(Code::ForeignForm, detail);
        if !self.sent_from_here(request) {
            return Err(foreign("wrong origin"));
        }
        let form = request.form()?;
        let token = form.optional(TOKEN_FIELD).ok_or_else(|| foreign("no token"))?;
        if self.made(request, token, request.path(), subject) {
            Ok(form)
        } else {
            Err(foreign("wrong token or another browser"))
        }
    }

    fn purpose<'a>(&'a self, path: &'a str, subject: &'a str) -> Purpose<'a> {
        Purpose { origin: &self.origin, path, subject }
    }

    fn sent_from_here(&self, request: &Request) -> bool {
        let origin = request.header("origin").is_none_or(|origin| origin == self.origin);
        let site = request.header("sec-fetch-site").is_none_or(|site| ["same-origin", "none"].contains(&site.as_str()));
        origin && site
    }
}

/// The issuer as browsers write an origin: in lower case, without the default port.
fn origin(issuer: &str) -> String {
    let issuer = issuer.to_ascii_lowercase();
    let implied = if issuer.starts_with("https://") { ":443" } else { ":80" };
    issuer.strip_suffix(implied).unwrap_or(&issuer).to_owned()
}

#[cfg(test)]
mod tests {
    use oauth::Time;
    use serde_json::{Value, json};

    use super::*;

    const ISSUER: &str = "https://id.example";

    fn site() -> Site {
        let pairs = [("ISSUER", ISSUER), ("SERVICE_NAME", "Gatewright"), ("ACCENT_COLOR", "#0a6350")];
        Site::read(&Config::from_pairs(pairs.map(|(name, value)| (name.to_owned(), value.to_owned())))).unwrap()
    }

    /// A form sent from our page at `/sign-in?request=r`, with these headers in addition.
    fn post(headers: &Value, token: &str) -> Result<Parameters, Error> {
        post_with(headers, &format!("csrf={token}&username=alice"), &["__Host-gatewright-browser=b"])
    }

    fn post_with(headers: &Value, body: &str, cookies: &[&str]) -> Result<Parameters, Error> {
        let mut event = json!({
            "version": "2.0", "rawPath": "/sign-in", "rawQueryString": "request=r", "cookies": cookies, "body": body,
            "headers": {"content-type": "application/x-www-form-urlencoded", "host": "evil.example"},
            "requestContext": {"http": {"method": "POST"}}, "isBase64Encoded": false
        });
        for (name, value) in headers.as_object().unwrap() {
            event["headers"][name] = value.clone();
        }
        let request = Request::from_event(serde_json::from_value(event).unwrap(), "id", Time::from_seconds(1));
        site().form(&request, "r")
    }

    fn token_of(browser: &str, path: &str, subject: &str) -> String {
        site().token(browser, path, subject)
    }

    fn token() -> String {
        token_of("b", "/sign-in", "r")
    }

    #[test]
    fn our_own_page_may_send_a_form_from_browsers_with_and_without_these_headers() {
        for headers in [
            json!({"origin": ISSUER, "sec-fetch-site": "same-origin"}),
            json!({"origin": ISSUER}),
            json!({"sec-fetch-site": "same-origin"}),
            json!({"sec-fetch-site": "none"}),
            json!({}),
        ] {
            assert_eq!(post(&headers, &token()).unwrap().optional("username"), Some("alice"));
        }
    }

    #[test]
    fn another_origin_is_refused_even_with_the_right_token_and_cookie() {
        for headers in [
            json!({"origin": "https://evil.example"}),
            json!({"origin": "null"}),
            json!({"origin": "http://id.example"}),
            json!({"origin": "https://id.example.evil.example"}),
            json!({"origin": "https://id.example:444"}),
            json!({"origin": "https://id.example,https://evil.example"}),
            json!({"origin": "https://evil.example", "sec-fetch-site": "same-origin"}),
            json!({"origin": ISSUER, "sec-fetch-site": "cross-site"}),
            json!({"sec-fetch-site": "same-site"}),
            json!({"sec-fetch-site": "cross-site"}),
            json!({"sec-fetch-site": ""}),
        ] {
            assert_eq!(post(&headers, &token()).unwrap_err().code(), Code::ForeignForm, "{headers}");
        }
    }

    #[test]
    fn a_form_without_the_token_of_this_browser_and_form_is_refused() {
        let refused = |body: &str, cookies: &[&str]| post_with(&json!({}), body, cookies).unwrap_err().code();
        let (here, good) = (["__Host-gatewright-browser=b"], format!("csrf={}", token()));
        for body in [
            "username=alice".to_owned(),
            "csrf=".to_owned(),
            format!("csrf={}", token_of("another", "/sign-in", "r")),
            format!("csrf={}", token_of("b", "/consent", "r")),
            format!("csrf={}", token_of("b", "/sign-in", "s")),
            format!("csrf={}", token_of("", "/sign-in", "r")),
        ] {
            assert_eq!(refused(&body, &here), Code::ForeignForm, "{body}");
        }
        assert_eq!(refused(&good, &[]), Code::ForeignForm);
        assert_eq!(refused(&good, &["__Host-gatewright-browser=c"]), Code::ForeignForm);
        assert_eq!(refused(&good, &["gatewright-browser=b"]), Code::ForeignForm, "a planted cookie has another name");
        assert_eq!(refused(&format!("{good}&{good}"), &here), Code::InvalidRequest);
    }

    #[test]
    fn the_origin_is_that_of_the_issuer_in_the_form_of_browsers() {
        for (issuer, expected) in [
            ("https://ID.example", "https://id.example"),
            ("https://id.example:443", "https://id.example"),
            ("https://id.example:8443", "https://id.example:8443"),
            ("http://127.0.0.1:3000", "http://127.0.0.1:3000"),
            ("http://localhost:80", "http://localhost"),
        ] {
            assert_eq!(origin(issuer), expected);
        }
    }
}
