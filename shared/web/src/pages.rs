//! The hosted pages: rendered here, sent with headers that let them do nothing but be read and be sent.
//!
//! No page needs a script. Two small ones help where scripts run, and are allowed by their hash: one shows a password
//! that is being typed, the other sends a form that would otherwise need a press of its button. All sentences are in
//! [`text`], all looks in `templates/style.css`.

mod consent;
mod document;
mod error;
mod form_post;
mod sign_in;
mod sign_out;
mod sign_up;
mod text;

pub use consent::{Consent, Permission};
pub use error::Error;
pub use form_post::FormPost;
pub use sign_in::SignIn;
pub use sign_out::{SignOut, SignedOut};
pub use sign_up::SignUp;

/// The app that a person is on the way to.
#[derive(Clone, Copy, Debug)]
pub struct Client<'a> {
    /// As the app calls itself.
    pub name: &'a str,
    /// Where the answer will go.
    pub redirect_uri: &'a str,
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

impl Client<'_> {
    /// What a person can recognise of where the answer goes: the host, or the scheme that an app has for itself.
    fn destination(&self) -> &str {
        let (scheme, rest) = self.redirect_uri.split_once(':').unwrap_or(("", self.redirect_uri));
        match rest.strip_prefix("//") {
            Some(rest) if matches!(scheme, "http" | "https") => rest.split(['/', '?', '#']).next().unwrap_or(rest),
            _ => scheme,
        }
    }
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

    #[test]
    fn a_person_is_told_the_host_or_the_apps_own_scheme() {
        for (redirect_uri, expected) in [
            ("https://app.example/cb?x=1", "app.example"),
            ("https://app.example:8443#f", "app.example:8443"),
            ("http://[::1]:8080/cb", "[::1]:8080"),
            ("com.example.app:/cb", "com.example.app"),
            ("com.example.app://cb", "com.example.app"),
        ] {
            assert_eq!(Client { name: "", redirect_uri }.destination(), expected);
        }
    }

    #[test]
    fn a_request_id_cannot_leave_its_parameter() {
        let client = Client { name: "", redirect_uri: "https://app.example" };
        let step = Step { request: "a&b=\"c", token: "", client };
        assert_eq!(step.link("/sign-in"), "/sign-in?request=a%26b%3D%22c");
    }
}
