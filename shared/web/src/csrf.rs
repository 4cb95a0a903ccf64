//! The token that ties a form to the browser that it was shown to, and to its purpose.
//!
//! An HMAC keyed with the browser's cookie: nothing is stored, and who does not know the cookie (which no script and no
//! other host can read) can make no token. It covers the origin, the path and what the form is about, so that a token of
//! one form is of no use in another.

use aws_lc_rs::hmac::{self, HMAC_SHA256, Key};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// What a form is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Purpose<'a> {
    pub(crate) origin: &'a str,
    pub(crate) path: &'a str,
    /// What it is about, such as a stored request's id.
    pub(crate) subject: &'a str,
}

/// The token of a form in the browser with this cookie.
pub(crate) fn token(browser: &str, purpose: Purpose<'_>) -> String {
    URL_SAFE_NO_PAD.encode(hmac::sign(&key(browser), &message(purpose)))
}

/// Whether `token` is that one. Takes the same time wherever it differs.
pub(crate) fn is_right(token: &str, browser: &str, purpose: Purpose<'_>) -> bool {
    let tag = URL_SAFE_NO_PAD.decode(token).unwrap_or_default();
    hmac::verify(&key(browser), &message(purpose), &tag).is_ok()
}

fn key(browser: &str) -> Key {
    Key::new(HMAC_SHA256, browser.as_bytes())
}

/// Each part goes after its length: no two lists of parts give the same message.
fn message(purpose: Purpose<'_>) -> Vec<u8> {
    let parts = ["form", purpose.origin, purpose.path, purpose.subject];
    parts.iter().flat_map(|part| [&(part.len() as u64).to_be_bytes()[..], part.as_bytes()].concat()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn purpose<'a>(path: &'a str, subject: &'a str) -> Purpose<'a> {
        Purpose { origin: "https://id.example", path, subject }
    }

    #[test]
    fn a_token_is_good_for_its_browser_origin_path_and_subject_only() {
        let here = purpose("/sign-in", "request");
        let good = token("browser", here);
        assert!(is_right(&good, "browser", here));
        assert!(!is_right(&good, "another", here));
        assert!(!is_right(&good, "browser", Purpose { origin: "https://other.example", ..here }));
        assert!(!is_right(&good, "browser", purpose("/consent", "request")));
        assert!(!is_right(&good, "browser", purpose("/sign-in", "another")));
        assert!(!is_right(&good, "browser", purpose("/sign-inr", "equest")), "a part cannot borrow from its neighbour");
    }

    #[test]
    fn what_is_not_a_token_is_wrong() {
        let here = purpose("/sign-in", "request");
        let good = token("browser", here);
        for wrong in ["", "%", &good[1..], &format!("{good}A"), &good.to_lowercase()] {
            assert!(!is_right(wrong, "browser", here), "{wrong}");
        }
    }
}
