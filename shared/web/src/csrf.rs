//! The CSRF token that binds a form to the browser in which it was shown, and to its purpose.
//!
//! An HMAC keyed with the browser's cookie, so nothing is stored. Nobody can compute it without the cookie, which no
//! script and no other host can read. It covers the origin, the path and the subject of the form, so that the token of
//! one form is useless for another.

use aws_lc_rs::hmac::{self, HMAC_SHA256, Key};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// The purpose of a form.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Purpose<'a> {
    pub(crate) origin: &'a str,
    pub(crate) path: &'a str,
    /// The subject, such as the id of a stored request.
    pub(crate) subject: &'a str,
}

/// The token of a form in the browser with this cookie.
pub(crate) fn token(browser: &str, purpose: Purpose<'_>) -> String {
    URL_SAFE_NO_PAD.encode(hmac::sign(&key(browser), &message(purpose)))
}

/// Whether `token` is correct. Takes the same time wherever it differs.
pub(crate) fn is_right(token: &str, browser: &str, purpose: Purpose<'_>) -> bool {
    let tag = URL_SAFE_NO_PAD.decode(token).unwrap_or_default();
    hmac::verify(&key(browser), &message(purpose), &tag).is_ok()
}

fn key(browser: &str) -> Key {
    Key::new(HMAC_SHA256, browser.as_bytes())
}

/// Each part is preceded by its length, so that different parts never yield the same message.
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
    fn a_token_is_valid_only_for_its_browser_origin_path_and_subject() {
        let here = purpose("/sign-in", "request");
        let good = token("browser", here);
        assert!(is_right(&good, "browser", here));
        assert!(!is_right(&good, "another", here));
        assert!(!is_right(&good, "browser", Purpose { origin: "https://other.example", ..here }));
        assert!(!is_right(&good, "browser", purpose("/consent", "request")));
        assert!(!is_right(&good, "browser", purpose("/sign-in", "another")));
        assert!(!is_right(&good, "browser", purpose("/sign-inr", "equest")), "characters cannot move between parts");
    }

    #[test]
    fn a_malformed_token_is_wrong() {
        let here = purpose("/sign-in", "request");
        let good = token("browser", here);
        for wrong in ["", "%", &good[1..], &format!("{good}A"), &good.to_lowercase()] {
            assert!(!is_right(wrong, "browser", here), "{wrong}");
        }
    }
}
