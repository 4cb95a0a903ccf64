//! The form in which passwords, listed passwords and context words are compared. `build.rs` includes this file too, so
//! that the list and the lookups always use the same form.

use unicode_normalization::UnicodeNormalization;

/// `text` in Unicode form NFKC, in lower case and without white space: "Ｐass Word" becomes "password".
pub(crate) fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(2 * text.len());
    folded.extend(text.nfkc().filter(|c| !c.is_whitespace()).flat_map(char::to_lowercase).nfc());
    folded
}

/// The key of a folded text in the filter: 64-bit FNV-1a, which is the same on every platform and in every build.
pub(crate) fn key(folded: &str) -> u64 {
    folded.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}
