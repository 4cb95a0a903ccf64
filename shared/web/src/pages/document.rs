//! A page as an HTTP answer, and the headers that confine it.

use std::sync::LazyLock;

use askama::Template;
use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use oauth::Error;

use crate::Response;

/// The one stylesheet, inline in every page.
pub(super) const STYLE: &str = include_str!("../../templates/style.css");
/// Shows and hides a password that is being typed.
pub(super) const REVEAL: &str = include_str!("../../templates/reveal.js");
/// Sends the page's form.
pub(super) const SUBMIT: &str = include_str!("../../templates/submit.js");

static STYLE_SOURCE: LazyLock<String> = LazyLock::new(|| source(STYLE));
static REVEAL_SOURCE: LazyLock<String> = LazyLock::new(|| source(REVEAL));
static SUBMIT_SOURCE: LazyLock<String> = LazyLock::new(|| source(SUBMIT));

/// What a page may do beyond being read.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Leave<'a> {
    /// Where its form, or a redirect that answers it, may lead besides our own origin.
    pub(super) form_to: Option<&'a str>,
    pub(super) script: Script,
}

/// The script in a page.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Script {
    #[default]
    None,
    Reveal,
    Submit,
}

/// Renders a page.
pub(super) fn document(status: u16, page: &impl Template, leave: Leave<'_>) -> Result<Response, Error> {
    let body = page.render().map_err(|error| Error::fault("page").because(error))?;
    // An app may have opened the page in a window of its own, and waits for word from it when it comes back there.
    let opener = if leave.form_to.is_some() { "unsafe-none" } else { "same-origin" };
    // A form's POST says its origin only if the page's policy lets referrers go that far.
    let referrer = if leave.script == Script::Submit { "strict-origin" } else { "same-origin" };
    Ok(Response::text(status, "text/html; charset=utf-8", body)
        .header("cache-control", "no-store")
        .header("content-security-policy", policy(leave))
        .header("cross-origin-opener-policy", opener)
        .header("cross-origin-resource-policy", "same-origin")
        .header("permissions-policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()")
        .header("referrer-policy", referrer)
        .header("x-frame-options", "DENY"))
}

/// Content Security Policy, level 3: nothing is loaded, nothing runs but what is written here, nobody frames it.
fn policy(leave: Leave<'_>) -> String {
    let script = match leave.script {
        Script::None => "'none'",
        Script::Reveal => &REVEAL_SOURCE,
        Script::Submit => &SUBMIT_SOURCE,
    };
    let style: &str = &STYLE_SOURCE;
    let scheme = leave.form_to.and_then(scheme).map(|scheme| format!(" {scheme}:")).unwrap_or_default();
    format!(
        "default-src 'none'; img-src data:; style-src {style}; script-src {script}; form-action 'self'{scheme}; \
         frame-ancestors 'none'; base-uri 'none'"
    )
}

/// The scheme of a redirect URI, as far as it can stand in a policy.
///
/// Chromium holds every redirect after a form's POST against `form-action`, those that the app's own address answers
/// with included: naming the app's origin would break each app that sends people on from there to another host.
fn scheme(uri: &str) -> Option<&str> {
    let (scheme, _) = uri.split_once(':')?;
    let tail = |c: char| c.is_ascii_alphanumeric() || "+-.".contains(c);
    (scheme.starts_with(|c: char| c.is_ascii_alphabetic()) && scheme.chars().all(tail)).then_some(scheme)
}

fn source(text: &str) -> String {
    format!("'sha256-{}'", STANDARD.encode(digest(&SHA256, text.as_bytes())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_may_lead_to_the_apps_scheme_and_a_redirect_uri_writes_no_policy() {
        let policy = |form_to| policy(Leave { form_to, script: Script::None });
        assert!(policy(None).contains("; form-action 'self'; "));
        assert!(policy(Some("https://app.example/cb")).contains("; form-action 'self' https:; "));
        assert!(policy(Some("com.example.app:/cb")).contains("; form-action 'self' com.example.app:; "));
        for odd in ["x; script-src *:", "x y:", "1:", ":", "*:", "app"] {
            assert!(policy(Some(odd)).contains("; form-action 'self'; "), "{odd}");
        }
    }

    #[test]
    fn a_hash_is_the_one_that_a_browser_computes() {
        // `printf %s 'a{}' | openssl dgst -sha256 -binary | base64`
        assert_eq!(source("a{}"), "'sha256-X1RutGBrXCt9KkSaXMK7tHftWiRscFHOhxsS8tv8hBk='");
    }

    #[test]
    fn the_stylesheet_is_small_and_no_asset_can_end_its_element() {
        assert!(STYLE.len() < 6 * 1024, "{}", STYLE.len());
        for asset in [STYLE, REVEAL, SUBMIT] {
            assert!(!asset.contains("</") && !asset.contains("<!--"));
        }
    }
}
