//! Display names. Never an identifier: two people may have the same name.

use unicode_normalization::UnicodeNormalization;

use crate::Problem;

/// Most code points.
const MAX: usize = 128;

/// Longer input is refused before it is normalised. Bytes; enough for 128 code points in any form.
const MAX_BYTES: usize = 2048;

/// A name for display: NFC, trimmed, 1 to 128 code points on one line, without characters that change how the
/// surrounding text is displayed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DisplayName(String);

impl DisplayName {
    /// Parses a name. Codes: `too_short`, `too_long`, `invalid_characters`.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        if text.len() > MAX_BYTES {
            return Err(too_long());
        }
        let name: String = text.trim().nfc().collect();
        if name.chars().any(is_unfit) {
            let detail = "Leave out line breaks, control characters and characters that change the writing direction.";
            return Err(Problem::new("invalid_characters", detail));
        }
        if name.chars().all(is_blank) {
            return Err(Problem::new("too_short", "Use at least one visible character, or leave the name out."));
        }
        if name.chars().count() > MAX {
            return Err(too_long());
        }
        Ok(Self(name))
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Controls, line separators, characters with the property `Bidi_Control`, and noncharacters.
fn is_unfit(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}')
        || matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
        || matches!(c, '\u{fdd0}'..='\u{fdef}')
        || u32::from(c) & 0xfffe == 0xfffe
}

/// Invisible on its own. Joiners and selectors are part of many names and emoji, but are not a name by themselves.
fn is_blank(c: char) -> bool {
    c.is_whitespace()
        || matches!(
            c,
            '\u{ad}' | '\u{34f}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
        )
        || matches!(c, '\u{200b}'..='\u{200d}' | '\u{2060}'..='\u{2065}' | '\u{206a}'..='\u{206f}' | '\u{2800}')
        || matches!(c, '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{ffa0}' | '\u{e0000}'..='\u{e0fff}')
}

fn too_long() -> Problem {
    Problem::new("too_long", format!("Use at most {MAX} characters."))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn code_of(text: &str) -> &'static str {
        DisplayName::parse(text).expect_err(text).code
    }

    #[test]
    fn names_of_many_languages_are_accepted() {
        for name in [
            "Alice Liddell",
            "王小明",
            "Ö",
            "O’Brien-Núñez, Jr.",
            "محمد",
            "می\u{200c}خواهم",
            "👩\u{200d}🚀 Ada ❤\u{fe0f}",
        ] {
            assert_eq!(DisplayName::parse(name).unwrap().as_str(), name);
        }
    }

    #[test]
    fn a_name_is_trimmed_and_composed() {
        assert_eq!(DisplayName::parse("  Jose\u{301}\u{3000}").unwrap().as_str(), "José");
    }

    #[test]
    fn a_name_that_changes_the_text_around_it_is_refused() {
        for text in [
            "Al\nice",
            "Al\0ice",
            "Al\u{85}ice",
            "Al\u{1b}[31mice",
            "Alice\u{202e}",
            "\u{2066}Alice",
            "Al\u{2028}ice",
            "Al\u{feff}ice",
        ] {
            assert_eq!(code_of(text), "invalid_characters", "{}", text.escape_unicode());
        }
    }

    #[test]
    fn an_invisible_name_is_refused() {
        for text in ["", "   ", "\u{200b}", "\u{3164}", "\u{2800}\u{200d}", "\u{e0020}", "\u{fe0f}"] {
            assert_eq!(code_of(text), "too_short", "{}", text.escape_unicode());
        }
    }

    #[test]
    fn a_name_has_at_most_128_code_points() {
        assert!(DisplayName::parse(&"北".repeat(128)).is_ok());
        assert_eq!(code_of(&"北".repeat(129)), "too_long");
        assert_eq!(code_of(&"a".repeat(1_000_000)), "too_long");
    }

    proptest! {
        #[test]
        fn parsing_never_panics_and_parsing_again_changes_nothing(text in any::<String>()) {
            if let Ok(name) = DisplayName::parse(&text) {
                prop_assert_eq!(DisplayName::parse(name.as_str()), Ok(name));
            }
        }
    }
}
