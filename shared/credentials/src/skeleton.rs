//! How names are compared: Unicode default case folding, and the skeletons of Unicode Technical Standard 39 section 4.
//!
//! A skeleton here ignores case, too: `0` looks like `O` and so like `o`, and a capital `i` looks like `l`, so `i` and `l`
//! are one. The tables contain only characters that a username can have, so they are a tenth of Unicode's. `build.rs`
//! makes them.

use unicode_normalization::UnicodeNormalization;

/// What some characters become, ordered by character.
struct Replacements {
    /// Each character, and where its replacement ends in `text`. The replacement begins where the one before ends.
    ends: &'static [(char, u16)],
    text: &'static str,
}

include!(concat!(env!("OUT_DIR"), "/replacements.rs"));

/// The case-folded form of a name in lower case. In NFC.
pub(crate) fn folded(canonical: &str) -> String {
    FOLDED.apply(canonical.nfd()).nfc().collect()
}

/// The skeleton of a name. Names with equal skeletons look alike. In NFD.
pub(crate) fn skeleton(name: &str) -> String {
    LOOKS.apply(name.nfkd()).nfd().collect()
}

impl Replacements {
    fn apply(&self, chars: impl Iterator<Item = char>) -> String {
        let mut text = String::new();
        for c in chars {
            match self.find(c) {
                Some(replacement) => text.push_str(replacement),
                None => text.push(c),
            }
        }
        text
    }

    fn find(&self, c: char) -> Option<&'static str> {
        let index = self.ends.binary_search_by_key(&c, |&(replaced, _)| replaced).ok()?;
        let start = index.checked_sub(1).map_or(0, |before| self.ends[before].1);
        self.text.get(usize::from(start)..usize::from(self.ends[index].1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tables_hold_what_the_standards_say() {
        assert_eq!(folded("ς"), "σ");
        assert_eq!(folded("ß"), "ss");
        assert_eq!(folded("alice"), "alice");
        assert_eq!(skeleton("m"), "rn");
        assert_eq!(skeleton("1"), "l");
        assert_eq!(skeleton("а"), "a", "Cyrillic");
        assert_eq!(skeleton("é"), "e\u{301}");
        assert_eq!(skeleton("I"), skeleton("i"));
        assert_eq!(skeleton("0"), "o");
        assert_eq!(skeleton("КАТЕ"), "kate", "Cyrillic");
        assert_eq!(skeleton("北"), "北");
    }

    #[test]
    fn a_skeleton_is_its_own_skeleton() {
        for c in LOOKS.ends.iter().map(|&(c, _)| c) {
            let once = skeleton(&c.to_string());
            assert_eq!(skeleton(&once), once, "{}", c.escape_unicode());
        }
    }

    #[test]
    fn the_tables_are_small() {
        let bytes = |table: &Replacements| 8 * table.ends.len() + table.text.len();
        assert!(bytes(&FOLDED) < 4_000, "{}", bytes(&FOLDED));
        assert!(bytes(&LOOKS) < 45_000, "{}", bytes(&LOOKS));
    }
}
