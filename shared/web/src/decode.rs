//! Decoding of base64 and of form values.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// The bytes of standard base64 (RFC 4648 section 4). `None` if it is malformed.
pub fn base64(text: &str) -> Option<Vec<u8>> {
    STANDARD.decode(text).ok()
}

/// One decoded value of `application/x-www-form-urlencoded`. `None` if it is not UTF-8.
pub fn form_decoded(text: &str) -> Option<String> {
    // A separator would end the value.
    if text.contains(['&', '=']) {
        return None;
    }
    let (value, _) = form_urlencoded::parse(text.as_bytes()).next().unwrap_or_default();
    (!value.contains('\u{fffd}')).then(|| value.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_decoded_completely_or_not_at_all() {
        assert_eq!(form_decoded("a%3Ab+c").as_deref(), Some("a:b c"));
        assert_eq!(form_decoded("").as_deref(), Some(""));
        for text in ["a&b", "a=b", "%ff"] {
            assert_eq!(form_decoded(text), None, "{text}");
        }
    }
}
