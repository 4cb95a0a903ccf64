//! Client names (RFC 7591 section 5: a name is a claim that nobody has verified).

use credentials::DisplayName;
use unicode_security::MixedScript;

use super::members::Wrong;

/// A name on one line that does not change how the surrounding text is displayed. Each word uses one script: `Gооgle`
/// with Cyrillic letters is refused.
pub(crate) fn client_name(text: &str) -> Result<String, Wrong> {
    let name = line(text)?;
    let between_words = |c: char| c.is_whitespace() || c.is_ascii_punctuation() || "–—·".contains(c);
    if name.split(between_words).all(is_one_script) {
        Ok(name)
    } else {
        Err(("mixed_scripts", "Use only one script in each word.".to_owned()))
    }
}

/// Text on one line, such as a contact.
pub(crate) fn line(text: &str) -> Result<String, Wrong> {
    let name = DisplayName::parse(text).map_err(|problem| (problem.code, problem.detail.into_owned()))?;
    Ok(name.as_str().to_owned())
}

/// Whether the word uses one script, as defined in Unicode Technical Standard 39 section 5.1. Chinese, Japanese and
/// Korean words may contain plain Latin letters.
fn is_one_script(word: &str) -> bool {
    let rest: String = word.chars().filter(|c| !c.is_ascii_alphabetic()).collect();
    let rest = rest.as_str().resolve_script_set();
    word.is_single_script() || rest.hanb || rest.jpan || rest.kore
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_apps_from_all_over_the_world_are_accepted() {
        for name in [
            "Notes",
            "Notes 2 (beta)",
            "Яндекс Музыка",
            "Яндекс.Music",
            "微信读书",
            "QQ音乐",
            "ニコニコ動画",
            "카카오톡",
            "O’Reilly",
            "Καλημέρα",
            "می\u{200c}خواهم",
            "🚀 Rocket",
        ] {
            assert_eq!(client_name(name).as_deref(), Ok(name));
        }
    }

    #[test]
    fn names_that_imitate_others_are_refused() {
        for (name, code) in [
            ("G\u{43e}\u{43e}gle", "mixed_scripts"),
            ("\u{391}pple", "mixed_scripts"),
            ("Goo\u{200d}gl\u{435}", "mixed_scripts"),
            ("Notes\u{202e}kcattA", "invalid_characters"),
            ("\u{2066}Notes", "invalid_characters"),
            ("Notes\nTrusted by your bank", "invalid_characters"),
            ("\u{200b}", "too_short"),
            (&"a".repeat(129), "too_long"),
        ] {
            assert_eq!(client_name(name).unwrap_err().0, code, "{}", name.escape_unicode());
        }
    }
}
