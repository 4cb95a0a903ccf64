//! The form in which a password is hashed and its length is measured.

use unicode_normalization::UnicodeNormalization;
use zeroize::Zeroizing;

/// Most bytes of a password, in NFC and UTF-8. All of them are hashed.
pub(crate) const MAX_BYTES: usize = 1024;

/// A password as it is hashed: in NFC, so that composed and decomposed accents are equal. `None` for more than
/// [`MAX_BYTES`], without reading the rest.
pub(crate) fn normal(password: &str) -> Option<Zeroizing<String>> {
    let mut normal = Zeroizing::new(String::with_capacity(MAX_BYTES));
    for c in password.nfc() {
        if normal.len() + c.len_utf8() > MAX_BYTES {
            return None;
        }
        normal.push(c);
    }
    Some(normal)
}
