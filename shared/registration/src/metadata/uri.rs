//! The URIs that can be registered (RFC 6749 section 3.1.2, RFC 8252 section 7, RFC 9700 section 2.1, RFC 7591 section
//! 5).
//!
//! A URI is accepted only in the normal form of the URL standard, which browsers follow, so that there is only one way
//! to read it. What the standard would repair, such as `https:evil`, `https://good\@evil` or a host in capitals, is
//! refused, and the error shows the normal form.

use url::Url;

use super::members::Wrong;
use super::scheme::Schemes;

/// Longest URI, in bytes.
const MAX_BYTES: usize = 1024;

/// Parameters of an authorization response. A redirect URI that already has one of them could make the client accept a
/// response that is not ours.
const RESPONSE: [&str; 7] = ["code", "state", "iss", "error", "error_description", "error_uri", "response"];

/// A URI that browsers may be redirected to. `issuer` is our own origin, whose pages must not receive codes.
pub(crate) fn redirect(text: &str, issuer: &Url, schemes: &Schemes) -> Result<Url, Wrong> {
    let url = normal(text)?;
    match url.scheme() {
        "https" => {}
        "http" if is_loopback(&url) => {}
        "http" => return wrong("scheme", "Use https. http is allowed only for 127.0.0.1, [::1] and localhost."),
        scheme if schemes.accept(scheme) => {
            if url.cannot_be_a_base() {
                return wrong("malformed", "Put a slash after the scheme, as in com.example.app:/callback.");
            }
        }
        _ => {
            return wrong(
                "scheme",
                "Use https, http on 127.0.0.1, [::1] or localhost, or a scheme of the app's own: your domain in reverse \
                 order, as in com.example.app:/callback, or a scheme that the operator allows (RedirectSchemes).",
            );
        }
    }
    if url.origin() == issuer.origin() {
        return wrong("own_origin", "This is a URL of the authorization server itself.");
    }
    if url.query_pairs().any(|(name, _)| RESPONSE.contains(&name.as_ref())) {
        return wrong("response_parameter", "Leave out parameters of the authorization response.");
    }
    Ok(url)
}

/// The URL of a page about the client, for people to read. It is never compared, so any form that browsers understand
/// is accepted.
pub(crate) fn page(text: &str) -> Option<Url> {
    let url = Url::parse(text).ok().filter(|url| url.scheme() == "https" && url.as_str().len() <= MAX_BYTES)?;
    (url.username().is_empty() && url.password().is_none()).then_some(url)
}

/// Whether it is on the person's own machine.
pub(crate) fn is_loopback(url: &Url) -> bool {
    matches!(url.host_str(), Some("127.0.0.1" | "[::1]" | "localhost"))
}

fn normal(text: &str) -> Result<Url, Wrong> {
    if text.len() > MAX_BYTES {
        return wrong("too_long", format!("Use at most {MAX_BYTES} characters."));
    }
    if !text.bytes().all(|byte| byte.is_ascii_graphic() && !br#""<>\^`{|}"#.contains(&byte)) {
        return wrong(
            "invalid_characters",
            "Use only the characters of a URI. Percent-encode others, and write internationalised host names in the form xn--.",
        );
    }
    if text.contains('*') {
        return wrong("wildcard", "Write every URI in full. Wildcards are not supported.");
    }
    if text.contains('#') {
        return wrong("fragment", "Leave out the fragment.");
    }
    if has_encoded_control(text) {
        return wrong("invalid_characters", "Leave out control characters, including encoded ones.");
    }
    let Ok(url) = Url::parse(text) else {
        return wrong("malformed", "Use an absolute URI, such as https://app.example/callback.");
    };
    if !url.username().is_empty() || url.password().is_some() {
        return wrong("userinfo", "Leave out the user name and password before the host.");
    }
    if url.as_str() == text || url.as_str().strip_suffix('/') == Some(text) {
        Ok(url)
    } else {
        wrong("not_normal", format!("Write this as {url}, here and in requests."))
    }
}

/// Malformed percent-encoding counts too.
fn has_encoded_control(text: &str) -> bool {
    text.split('%').skip(1).any(|after| {
        let code = after.get(..2).and_then(|digits| u8::from_str_radix(digits, 16).ok());
        after.starts_with('+') || code.is_none_or(|code| code.is_ascii_control())
    })
}

fn wrong<T>(code: &'static str, detail: impl Into<String>) -> Result<T, Wrong> {
    Err((code, detail.into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(text: &str) -> &'static str {
        match redirect(text, &Url::parse("https://id.example").unwrap(), &Schemes::default()) {
            Ok(_) => "taken",
            Err((code, _)) => code,
        }
    }

    #[test]
    fn the_redirect_uris_of_rfc_8252_can_be_registered() {
        for uri in [
            "https://app.example",
            "https://app.example/",
            "https://app.example/cb",
            "https://app.example:8443/cb?tenant=1",
            "https://xn--bcher-kva.example/cb",
            "https://app.example/%7Euser/cb",
            "http://127.0.0.1/cb",
            "http://127.0.0.1:8080/cb",
            "http://[::1]/cb",
            "http://localhost:3000",
            "com.example.app:/oauth2redirect/example-provider",
            "com.example.app://callback",
            "com.googleusercontent.apps.123-abc:/cb",
            "cursor://anysphere.cursor-mcp/oauth/callback",
            "vscode://publisher.extension/callback",
            "exp://127.0.0.1:8081/--/callback",
        ] {
            assert_eq!(code(uri), "taken", "{uri}");
        }
    }

    #[test]
    fn ambiguous_uris_are_refused() {
        for (uri, problem) in [
            ("https://good.example@evil.example/cb", "userinfo"),
            ("https://good.example:x@evil.example/cb", "userinfo"),
            ("https://@evil.example/cb", "not_normal"),
            ("https://good.example\\@evil.example/cb", "invalid_characters"),
            ("https:evil.example/cb", "not_normal"),
            ("https:/evil.example/cb", "not_normal"),
            ("https:///evil.example/cb", "not_normal"),
            ("HTTPS://app.example/cb", "not_normal"),
            ("https://APP.example/cb", "not_normal"),
            ("https://app.example:443/cb", "not_normal"),
            ("https://app.example/a/../cb", "not_normal"),
            ("https://app.example/a/%2e%2e/cb", "not_normal"),
            ("https://app.example/cb#", "fragment"),
            ("https://app.example/cb#x", "fragment"),
            ("https://app.example/cb%0d%0aLocation:%20https://evil.example", "invalid_characters"),
            ("https://app.example/%00", "invalid_characters"),
            ("https://app.example/%", "invalid_characters"),
            ("https://app.example/%+f", "invalid_characters"),
            ("https://app.example/a\r\nb", "invalid_characters"),
            ("https://app.example/a b", "invalid_characters"),
            (" https://app.example/", "invalid_characters"),
            ("https://\u{430}pp.example/cb", "invalid_characters"),
            ("https://app.example/\u{202e}cb", "invalid_characters"),
            ("https://app%2eexample/cb", "not_normal"),
            ("https://*.example/cb", "wildcard"),
            ("https://app.example/*", "wildcard"),
            ("https://", "malformed"),
            ("https://app..example:99999/", "malformed"),
            ("app.example/cb", "malformed"),
            ("//app.example/cb", "malformed"),
            ("", "malformed"),
        ] {
            assert_eq!(code(uri), problem, "{uri}");
        }
        assert_eq!(code(&format!("https://app.example/{}", "a".repeat(MAX_BYTES))), "too_long");
    }

    #[test]
    fn schemes_that_run_code_or_have_no_owner_are_refused() {
        for uri in [
            "javascript:alert(1)",
            "javascript://app.example/%2Aalert(1)",
            "data:text/html,x",
            "file:///etc/passwd",
            "blob:https://app.example/x",
            "vbscript:x",
            "about:blank",
            "myapp:/cb",
            "myapp://cb",
            "ftp://app.example/cb",
            "wss://app.example/cb",
            "a..b:/cb",
            "intent://x",
            "search-ms:query=x",
            "ms-settings:/x",
            "urn:ietf:wg:oauth:2.0:oob",
        ] {
            assert_eq!(code(uri), "scheme", "{uri}");
        }
        assert_eq!(code("com.example.app:callback"), "malformed");
    }

    #[test]
    fn http_is_allowed_only_for_the_persons_own_machine() {
        for (uri, problem) in [
            ("http://app.example/cb", "scheme"),
            ("http://127.0.0.1.evil.example/cb", "scheme"),
            ("http://127.0.0.2/cb", "scheme"),
            ("http://127.1/cb", "not_normal"),
            ("http://2130706433/cb", "not_normal"),
            ("http://0x7f.0.0.1/cb", "not_normal"),
            ("http://[0:0:0:0:0:0:0:1]/cb", "not_normal"),
            ("http://localhost.evil.example/cb", "scheme"),
            ("http://127.0.0.1:80@evil.example/cb", "userinfo"),
        ] {
            assert_eq!(code(uri), problem, "{uri}");
        }
    }

    #[test]
    fn codes_are_not_sent_to_ourselves_or_to_uris_with_response_parameters() {
        assert_eq!(code("https://id.example/sign-in"), "own_origin");
        assert_eq!(code("https://id.example:8443/sign-in"), "taken");
        for uri in ["https://app.example/?code=x", "https://app.example/?a=b&%63ode=x", "https://app.example/?iss="] {
            assert_eq!(code(uri), "response_parameter", "{uri}");
        }
    }

    #[test]
    fn pages_about_a_client_must_use_https() {
        for uri in ["https://app.example/privacy", "https://APP.example", "https://app.example/\u{fc}ber#us"] {
            assert!(page(uri).is_some_and(|url| url.as_str().starts_with("https://app.example/")), "{uri}");
        }
        for uri in ["", "http://app.example/", "javascript:x", "com.example.app:/x", "x", "https://a@app.example/"] {
            assert!(page(uri).is_none(), "{uri}");
        }
    }
}
