//! Usernames: the PRECIS profile `UsernameCaseMapped` (RFC 8265 section 3.3) without `@`, so that no username looks
//! like an e-mail address.
//!
//! PRECIS maps width and case, and refuses spaces, controls, invisible and compatibility characters, symbols, and mixed
//! writing directions. Two names are the same if they are equal after Unicode case folding, and confusable if they look
//! alike (Latin `a`, Cyrillic `а`; Unicode Technical Standard 39). Of several confusable names only one can exist. Because
//! a name is shown as its owner typed it, both its spelling and its folded form are compared.

use std::collections::BTreeSet;

use precis_profiles::UsernameCaseMapped;
use precis_profiles::precis_core::Error;
use precis_profiles::precis_core::profile::PrecisFastInvocation;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use crate::Problem;
use crate::skeleton::{folded, skeleton};

/// Allowed number of code points, of the name as typed and of its canonical form.
const LENGTH: std::ops::RangeInclusive<usize> = 3..=64;

/// Longer input is refused before it is normalised. Bytes; enough for 64 code points in any form.
const MAX_BYTES: usize = 1024;

/// Most rounds of applying the PRECIS rules. One rule can make another applicable (RFC 8264 section 7), so they are
/// applied until nothing changes.
const MAX_ROUNDS: usize = 3;

/// The name that a person signs in with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Username {
    spelling: String,
    canonical: String,
    folded: String,
    skeleton: String,
    shown: String,
}

impl Username {
    /// Parses a username. White space around it is dropped: keyboards add it. Codes: `too_short`, `too_long`,
    /// `invalid_characters`.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        if text.len() > MAX_BYTES {
            return Err(too_long());
        }
        let spelling: String = text.trim().nfc().collect();
        if spelling.is_empty() {
            return Err(too_short());
        }
        let canonical = canonical(&spelling)?;
        if canonical.contains('@') {
            return Err(Problem::new("invalid_characters", "A username cannot contain @."));
        }
        if canonical.starts_with(is_combining_mark) {
            return Err(Problem::new("invalid_characters", "A username cannot begin with a combining accent."));
        }
        let counts = [&spelling, &canonical].map(|form| form.chars().count());
        if counts.iter().any(|count| count < LENGTH.start()) {
            return Err(too_short());
        }
        if counts.iter().any(|count| count > LENGTH.end()) {
            return Err(too_long());
        }
        let folded = folded(&canonical);
        let skeleton = skeleton(&folded);
        let shown = crate::skeleton::skeleton(&spelling);
        Ok(Self { spelling, canonical, folded, skeleton, shown })
    }

    /// The name as its owner typed it, in NFC, for display.
    pub fn as_str(&self) -> &str {
        &self.spelling
    }

    /// The form that is equal for names that look alike. What is counted for a name is counted by it.
    pub fn skeleton(&self) -> &str {
        &self.skeleton
    }

    /// The forms by which a name is found: its skeleton, equal for names that look alike; the skeleton of its spelling,
    /// another one if its capitals look like other letters than its small letters; its case-folded form, equal for
    /// spellings of the same name; and its form of RFC 8265, by which earlier releases found people.
    pub fn forms(&self) -> [&str; 4] {
        [&self.skeleton, &self.shown, &self.folded, &self.canonical]
    }
}

/// Names that nobody may register, and with them all that look like them.
#[derive(Clone, Debug)]
pub struct Reserved(BTreeSet<String>);

impl Reserved {
    /// Parses names separated by commas. Fails with the first that is no username.
    pub fn parse(list: &str) -> Result<Self, String> {
        let names = list.split(',').map(str::trim).filter(|name| !name.is_empty());
        let parsed = |name: &str| Username::parse(name).map_err(|_| name.to_owned());
        let names = names.map(parsed).collect::<Result<Vec<_>, _>>()?;
        Ok(Self(names.into_iter().flat_map(|name| [name.skeleton, name.shown]).collect()))
    }

    /// Whether `username` is reserved or looks like a reserved name.
    pub fn contains(&self, username: &Username) -> bool {
        self.0.contains(&username.skeleton) || self.0.contains(&username.shown)
    }
}

fn canonical(spelling: &str) -> Result<String, Problem> {
    let mut current = spelling.to_owned();
    for _ in 0..MAX_ROUNDS {
        let next = UsernameCaseMapped::enforce(current.as_str()).map_err(|error| refusal(&error))?.into_owned();
        if next == current {
            return Ok(current);
        }
        current = next;
    }
    Err(refusal(&Error::Invalid))
}

fn too_short() -> Problem {
    Problem::new("too_short", format!("Use at least {} characters.", LENGTH.start()))
}

fn too_long() -> Problem {
    Problem::new("too_long", format!("Use at most {} characters.", LENGTH.end()))
}

fn refusal(error: &Error) -> Problem {
    let detail = match error {
        Error::BadCodepoint(bad) => {
            format!("Use only letters, digits and ASCII punctuation. U+{:04X} is not allowed here.", bad.cp)
        }
        Error::Invalid | Error::Unexpected(_) => "Do not mix characters with different writing directions.".to_owned(),
    };
    Problem::new("invalid_characters", detail)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn canonical_of(text: &str) -> String {
        Username::parse(text).unwrap_or_else(|problem| panic!("{text:?}: {problem:?}")).canonical
    }

    fn code_of(text: &str) -> &'static str {
        Username::parse(text).expect_err(text).code
    }

    #[test]
    fn the_valid_examples_of_rfc_8265_section_3_5_are_valid() {
        // Names of one character in the RFC are longer here, because of our minimum length.
        assert_eq!(canonical_of("juliet.example"), "juliet.example");
        assert_eq!(canonical_of("fussball"), "fussball");
        assert_eq!(canonical_of("fußball"), "fußball");
        assert_eq!(canonical_of("πππ"), "πππ");
        assert_eq!(canonical_of("ΣΣΣΑ"), "σσσα");
        assert_eq!(canonical_of("σσσα"), "σσσα");
        assert_ne!(canonical_of("αας"), canonical_of("αασ"), "PRECIS does not fold");
    }

    #[test]
    fn the_invalid_examples_of_rfc_8265_section_3_5_are_invalid() {
        assert_eq!(code_of("foo bar"), "invalid_characters");
        assert_eq!(code_of(""), "too_short");
        assert_eq!(code_of("henryⅣ"), "invalid_characters");
        assert_eq!(code_of("∞∞∞"), "invalid_characters");
    }

    #[test]
    fn spellings_of_one_name_are_equal() {
        for spelling in ["Alice", "ALICE", "ａｌｉｃｅ", "Ａｌｉｃｅ"] {
            assert_eq!(canonical_of(spelling), "alice");
        }
        assert_eq!(canonical_of("Jose\u{301}"), canonical_of("josé"));
        assert_eq!(canonical_of("ｶﾞｶﾞｶﾞ"), "ガガガ");
    }

    #[test]
    fn names_that_differ_only_in_case_are_one_name() {
        for (one, other) in [("αας", "ΑΑΣ"), ("αασ", "αας"), ("fußball", "FUSSBALL"), ("Straße", "strasse")]
        {
            let [one, other] = [one, other].map(|text| Username::parse(text).unwrap_or_else(|_| panic!("{text}")));
            assert_eq!(one.folded, other.folded);
            assert_eq!(one.skeleton, other.skeleton);
        }
    }

    #[test]
    fn names_that_look_alike_are_confusable_and_not_the_same() {
        for (one, other) in [("paypal", "pаypаl"), ("scope", "ѕсоре"), ("user1", "userl"), ("corner", "comer")] {
            let [one, other] = [one, other].map(|text| Username::parse(text).unwrap_or_else(|_| panic!("{text}")));
            assert!(confusable(&one, &other));
            assert_ne!(one.folded, other.folded);
        }
        let [one, other] = ["alice", "alicia"].map(|text| Username::parse(text).expect("a name"));
        assert!(!confusable(&one, &other));
    }

    fn confusable(one: &Username, other: &Username) -> bool {
        [&one.skeleton, &one.shown].iter().any(|form| [&other.skeleton, &other.shown].contains(form))
    }

    #[test]
    fn capitals_and_digits_that_look_like_other_letters_are_confusable() {
        let names = [
            ("paypal", "paypaI"),
            ("official", "officiaI"),
            ("help", "heIp"),
            ("support", "supp0rt"),
            ("root", "r00t"),
            ("alice", "ALlCE"),
            ("kate", "КАТЕ"),
            ("abba", "ΑΒΒΑ"),
            ("john", "johΝ"),
            ("PAYPAL", "РАУРАL"),
            ("ian", "lan"),
        ];
        for (one, other) in names {
            let [first, second] = [one, other].map(|text| Username::parse(text).unwrap_or_else(|_| panic!("{text}")));
            assert!(confusable(&first, &second), "{one} and {other}");
        }
    }

    #[test]
    fn the_spelling_of_most_names_looks_like_their_folded_form() {
        for name in ["alice", "Alice", "ALICE", "José", "Müller", "иван", "ａｌｉｃｅ", "北京人"] {
            let name = Username::parse(name).expect("a name");
            assert_eq!(name.skeleton, name.shown, "{}", name.spelling);
        }
    }

    #[test]
    fn what_looks_like_a_reserved_name_is_reserved() {
        let reserved = Reserved::parse("admin, support,").expect("a list");
        for text in ["admin", "ADMIN", "аdmin", "suppоrt", "SUPP0RT", "admln", "АDМIN"] {
            assert!(reserved.contains(&Username::parse(text).expect("a name")), "{text}");
        }
        assert!(!reserved.contains(&Username::parse("administrator2").expect("a name")));
        assert_eq!(Reserved::parse("admin,no name").expect_err("a space"), "no name");
    }

    #[test]
    fn white_space_around_a_name_is_dropped() {
        for text in [" alice", "alice ", "\talice\n", "\u{a0}alice\u{3000}"] {
            assert_eq!(Username::parse(text).expect("a name"), Username::parse("alice").expect("a name"));
        }
        assert_eq!(code_of("   "), "too_short");
    }

    #[test]
    fn the_spelling_is_kept_in_nfc() {
        assert_eq!(Username::parse("Jose\u{301}").unwrap().as_str(), "José");
        assert_eq!(Username::parse("ALICE").unwrap().as_str(), "ALICE");
    }

    #[test]
    fn invisible_and_misleading_characters_are_refused() {
        for text in [
            "al\u{a0}ice",
            "al\u{3000}ice",
            "al\nice",
            "alice\0",
            "al\u{7f}ice", // spaces and controls
            "al\u{200b}ice",
            "al\u{200d}ice",
            "al\u{200c}ice",
            "al\u{2060}ice",
            "\u{feff}alice",
            "al\u{ad}ice",
            "al\u{34f}ice", // invisible
            "al\u{202e}ice",
            "al\u{2066}ice",
            "al\u{200f}ice",
            "al\u{61c}ice", // directions
            "alice\u{5d0}",
            "\u{5d0}alice",
            "\u{660}\u{6f0}\u{660}", // mixed directions and digits
            "ali\u{fb01}",
            "al\u{2167}ice",
            "alice\u{2122}",
            "alic\u{e000}",
            "alice\u{fdd0}",
            "alice🦊",      // compatibility, private, symbols
            "\u{301}alice", // an accent on whatever stands before the name
            "\u{e0061}lice",
            "al\u{fe0f}ice",
            "\u{3164}\u{3164}\u{3164}",
            "al\u{115f}ice", // tags, selectors, fillers
        ] {
            assert_eq!(code_of(text), "invalid_characters", "{}", text.escape_unicode());
        }
    }

    #[test]
    fn no_username_looks_like_an_address() {
        for text in ["alice@example.com", "@alice", "alice\u{ff20}example.com", "alice\u{fe6b}example.com"] {
            assert_eq!(code_of(text), "invalid_characters", "{text}");
        }
    }

    #[test]
    fn lengths_are_code_points() {
        assert_eq!(code_of("al"), "too_short");
        assert_eq!(canonical_of("ali"), "ali");
        assert_eq!(canonical_of(&"北".repeat(64)), "北".repeat(64));
        assert_eq!(code_of(&"北".repeat(65)), "too_long");
        assert_eq!(code_of("e\u{301}e\u{301}"), "too_short", "four code points as sent, two in NFC");
        assert_eq!(code_of(&"a".repeat(1_000_000)), "too_long");
        assert_eq!(code_of(&" ".repeat(1025)), "too_long", "input of any kind has a limit");
    }

    proptest! {
        #[test]
        fn parsing_never_panics(text in any::<String>()) {
            let _ = Username::parse(&text);
        }

        #[test]
        fn parsing_twice_changes_nothing(text in r"[\p{L}\p{N}\p{M}._ -]{0,24}") {
            if let Ok(username) = Username::parse(&text) {
                prop_assert_eq!(Username::parse(username.as_str()), Ok(username.clone()));
                let again = Username::parse(&username.canonical);
                prop_assert_eq!(again.as_ref().map(|again| &again.canonical), Ok(&username.canonical));
                prop_assert_eq!(again.as_ref().map(Username::as_str), Ok(username.canonical.as_str()));
            }
        }

        #[test]
        fn composed_and_decomposed_spellings_are_one_name(text in r"[\p{Latin}\p{Greek}\p{Hangul}\u{300}-\u{30f}]{3,20}") {
            let decomposed: String = text.nfd().collect();
            prop_assert_eq!(Username::parse(&text), Username::parse(&decomposed));
        }
    }
}
