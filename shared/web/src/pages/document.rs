//! A page as an HTTP answer, and the headers that confine it.

use std::sync::LazyLock;

use askama::Template;
use oauth::Error;

use super::Layout;
use super::look::{Look, source};
use crate::Response;

/// Makes forms more comfortable: shows a password, counts its characters, warns of Caps Lock, sends a form once.
pub(super) const FORM: &str = include_str!("../../templates/form.js");
/// Sends the page's form.
pub(super) const SUBMIT: &str = include_str!("../../templates/submit.js");

static FORM_SOURCE: LazyLock<String> = LazyLock::new(|| source(FORM));
static SUBMIT_SOURCE: LazyLock<String> = LazyLock::new(|| source(SUBMIT));

/// What a page may do beyond being read.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Leave {
    /// Whether what answers its form may lead to an app.
    pub(super) to_app: bool,
    pub(super) script: Script,
}

/// The script in a page.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Script {
    #[default]
    None,
    Form,
    Submit,
}

/// Renders a page.
pub(super) fn document(status: u16, page: &impl Template, layout: Layout<'_>, leave: Leave) -> Result<Response, Error> {
    let body = page.render().map_err(|error| Error::fault("page").because(error))?;
    // An app may have opened the page in a window of its own, and waits for word from it when it comes back there.
    let opener = if leave.to_app { "unsafe-none" } else { "same-origin" };
    // A form's POST says its origin only if the page's policy lets referrers go that far.
    let referrer = if leave.script == Script::Submit { "strict-origin" } else { "same-origin" };
    Ok(Response::text(status, "text/html; charset=utf-8", body)
        .header("cache-control", "no-store")
        .header("content-language", layout.language.tag())
        .header("content-security-policy", policy(layout.look, leave))
        .header("cross-origin-opener-policy", opener)
        .header("cross-origin-resource-policy", "same-origin")
        .header("permissions-policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()")
        .header("referrer-policy", referrer)
        .header("x-frame-options", "DENY"))
}

/// Renders a page with a form. Its status is that of the error that it shows, if any; the caller adds the error's headers
/// with [`Response::refusing`].
pub(super) fn with_form(
    page: &impl Template,
    layout: Layout<'_>,
    to_app: bool,
    error: Option<&Error>,
) -> Result<Response, Error> {
    let status = error.map_or(200, |error| error.code().status());
    document(status, page, layout, Leave { to_app, script: Script::Form })
}

/// Content Security Policy, level 3: nothing is loaded but the logo, nothing runs but what is written here, nobody frames
/// it.
///
/// Chromium holds every redirect after a form's POST against `form-action`, those of the app's own address included. Many
/// apps redirect from there to a scheme of their own, which no policy of ours can know: a page whose form leads to an app
/// has no `form-action`.
fn policy(look: &Look, leave: Leave) -> String {
    let script = match leave.script {
        Script::None => "'none'",
        Script::Form => &FORM_SOURCE,
        Script::Submit => &SUBMIT_SOURCE,
    };
    let (pictures, style) = (look.picture_source(), look.style_source());
    let form = if leave.to_app { "" } else { "form-action 'self'; " };
    format!(
        "default-src 'none'; img-src {pictures}; style-src {style}; script-src {script}; {form}frame-ancestors 'none'; \
         base-uri 'none'"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_script_can_end_its_element() {
        for script in [FORM, SUBMIT] {
            assert!(!script.contains("</") && !script.contains("<!--"));
            assert!(script.len() < 3 * 1024, "{}", script.len());
        }
    }
}
