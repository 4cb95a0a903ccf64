//! Base64url without padding (RFC 7515 section 2). Every byte string has exactly one encoding: padding, other
//! alphabets, white space and stray bits in the last character are refused, so that a token cannot be written in two
//! ways.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

pub(crate) fn encode(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Appends the encoded `bytes` to `text`.
pub(crate) fn append(bytes: impl AsRef<[u8]>, text: &mut String) {
    URL_SAFE_NO_PAD.encode_string(bytes, text);
}

/// Decodes `text`. `None` when it is not the canonical encoding of any bytes.
pub(crate) fn decode(text: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_string_has_exactly_one_spelling() {
        assert_eq!(decode("-_8").unwrap(), [0xFB, 0xFF]);
        for text in ["-_8=", "-_9", "+/8", "-_8 ", " -_8", "-_\n8", "-", "-_8-_", "ä"] {
            assert_eq!(decode(text), None, "{text:?}");
        }
    }
}
