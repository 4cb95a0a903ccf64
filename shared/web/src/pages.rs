//! The hosted pages: rendered here, sent with headers that let them do nothing but be read and be sent.
//!
//! No page needs a script. Two small ones help where scripts run, and are allowed by their hash: one makes forms more
//! comfortable, the other sends a form that would otherwise need a press of its button. All sentences are in [`words`],
//! all looks in `templates/style.css` and [`look`].

mod account;
mod choose;
mod colour;
mod consent;
mod date;
mod device;
mod document;
mod error;
mod form_post;
mod home;
mod look;
mod mailed;
mod second_factor;
mod sign_in;
mod sign_out;
mod sign_up;
mod words;

use oauth::{Language, WayBack};

pub use account::{
    Account, App, AppStep, AuthenticatorApp, ChangeEmail, ChangeName, ChangePassword, DeleteAccount, Deleted, Device,
    Event, NewRecoveryCodes, NextEmail, Presence, RecoveryCodes, SecondFactors, Unreachable,
};
pub use choose::Choose;
pub use colour::Shades;
pub use consent::{Consent, Permission};
pub use error::Error;
pub use form_post::FormPost;
pub use home::Home;
pub use look::Look;
pub use mailed::{Done, Forgot, Form, Mailed, News, Task};
pub use second_factor::{CodeFrom, SecondFactor};
pub use sign_in::{SignIn, Undelivered};
pub use sign_out::{SignOut, SignedOut};
pub use sign_up::{Needed, SignUp};
use words::Words;

/// What every page has in common: how the service looks, and the language in which it speaks to this person.
#[derive(Clone, Copy, Debug)]
pub struct Layout<'a> {
    look: &'a Look,
    language: Language,
    words: &'static Words,
}

/// The app that a person is on the way to.
#[derive(Clone, Copy, Debug)]
pub struct Client<'a> {
    /// As the app calls itself.
    pub name: &'a str,
    /// Where the answer will go.
    pub redirect_uri: &'a str,
    /// Its home page.
    pub uri: Option<&'a str>,
    /// Its privacy policy.
    pub policy_uri: Option<&'a str>,
    /// Its terms of service.
    pub tos_uri: Option<&'a str>,
}

/// A page of a stored authorization request.
#[derive(Clone, Copy, Debug)]
pub struct Step<'a> {
    /// The stored request's id.
    pub request: &'a str,
    /// The form's token: [`Site::token`](crate::Site::token) for the page's path and this request.
    pub token: &'a str,
    /// Who asked.
    pub client: Client<'a>,
}

/// Whoever is signed in.
#[derive(Clone, Copy, Debug)]
pub struct Person<'a> {
    /// The username.
    pub username: &'a str,
    /// The name to greet with.
    pub name: Option<&'a str>,
}

impl<'a> Layout<'a> {
    /// The layout of a page in `language`.
    pub(crate) fn new(look: &'a Look, language: Language) -> Self {
        Self { look, language, words: Words::of(language) }
    }
}

impl<'a> Client<'a> {
    /// What a person can recognise of where the answer goes: the host, or the scheme that an app has for itself.
    fn destination(&self) -> &'a str {
        let (scheme, rest) = self.redirect_uri.split_once(':').unwrap_or(("", self.redirect_uri));
        match rest.strip_prefix("//") {
            Some(rest) if matches!(scheme, "http" | "https") => rest.split(['/', '?', '#']).next().unwrap_or(rest),
            _ => scheme,
        }
    }

    /// Where a person finds the app again: its home page, or else the origin that it answers at.
    pub fn way_back(&self) -> Option<WayBack> {
        let home = link(self.uri).map(str::to_owned);
        let home = home.or_else(|| link(Some(self.redirect_uri)).map(|_| format!("https://{}/", self.destination())));
        home.map(|address| WayBack { name: self.name.to_owned(), address })
    }

    /// Its privacy policy, if people can be sent there.
    fn policy(&self) -> Option<&'a str> {
        link(self.policy_uri)
    }

    /// Its terms of service, if people can be sent there.
    fn terms(&self) -> Option<&'a str> {
        link(self.tos_uri)
    }
}

/// An address that a page may link to.
fn link(uri: Option<&str>) -> Option<&str> {
    uri.filter(|uri| uri.strip_prefix("https://").is_some_and(|rest| !rest.is_empty()))
}

impl Step<'_> {
    /// The address of a page for the same request.
    fn link(&self, path: &str) -> String {
        let request: String = form_urlencoded::byte_serialize(self.request.as_bytes()).collect();
        format!("{path}?request={request}")
    }
}

impl Person<'_> {
    fn called(&self) -> &str {
        self.name.unwrap_or(self.username)
    }

    /// The letter in the circle.
    fn initial(&self) -> String {
        self.called().chars().next().map(|letter| letter.to_uppercase().collect()).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(redirect_uri: &str) -> Client<'_> {
        Client { name: "", redirect_uri, uri: None, policy_uri: None, tos_uri: None }
    }

    #[test]
    fn a_person_is_told_the_host_or_the_apps_own_scheme() {
        for (redirect_uri, expected) in [
            ("https://app.example/cb?x=1", "app.example"),
            ("https://app.example:8443#f", "app.example:8443"),
            ("http://[::1]:8080/cb", "[::1]:8080"),
            ("com.example.app:/cb", "com.example.app"),
            ("com.example.app://cb", "com.example.app"),
        ] {
            assert_eq!(client(redirect_uri).destination(), expected);
        }
    }

    #[test]
    fn the_way_back_is_the_apps_home_page_or_the_origin_that_it_answers_at() {
        let at = |uri, redirect_uri| Client { uri, ..client(redirect_uri) }.way_back().map(|way| way.address);
        let callback = "https://app.example:8443/cb?x";
        assert_eq!(at(Some("https://www.example/start"), callback).as_deref(), Some("https://www.example/start"));
        assert_eq!(at(Some("javascript:alert(1)"), callback).as_deref(), Some("https://app.example:8443/"));
        assert_eq!(at(None, callback).as_deref(), Some("https://app.example:8443/"));
        assert_eq!(at(Some("http://www.example/"), "com.example.app:/cb"), None);
        assert_eq!(at(None, "http://127.0.0.1:5000/cb"), None);
    }

    #[test]
    fn only_https_pages_of_an_app_are_linked_to() {
        for uri in ["http://app.example/terms", "javascript:alert(1)", "https://", "/terms", "data:text/html,x"] {
            let client = Client { policy_uri: Some(uri), tos_uri: Some(uri), ..client("x:/cb") };
            assert_eq!((client.policy(), client.terms()), (None, None), "{uri}");
        }
    }

    #[test]
    fn a_request_id_cannot_leave_its_parameter() {
        let step = Step { request: "a&b=\"c", token: "", client: client("https://app.example") };
        assert_eq!(step.link("/sign-in"), "/sign-in?request=a%26b%3D%22c");
    }
}
