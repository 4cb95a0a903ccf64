//! Passwords built from what an attacker knows about the account (NIST SP 800-63B-4 section 3.1.1.2, "context-specific
//! words").

use unicode_normalization::UnicodeNormalization;
use zeroize::Zeroizing;

use crate::common;
use crate::fold::fold;

/// The name of this software, which many people know as that of the service.
const SOFTWARE: &str = "gatewright";

/// Shorter words occur in many good passwords by chance. Code points.
const MIN_WORD: usize = 3;

/// A longer text is not a username or an address and is refused elsewhere. Bytes.
const MAX_CONTEXT: usize = 1024;

/// Fewest characters that must remain beside the context words, digits and punctuation.
const MIN_REST: usize = 4;

/// Whether little remains of a folded candidate without its context words, digits and punctuation: fewer than four
/// characters, or a common password.
///
/// Context words are the name of this software, each context string, and the parts of each between dots, spaces and the like.
pub(crate) fn is_made_of(folded: &str, context: &[&str]) -> bool {
    let mut rest = Zeroizing::new(folded.to_owned());
    for word in words(context) {
        rest = Zeroizing::new(rest.replace(&word, " "));
    }
    if *rest == folded {
        return false;
    }
    rest.retain(|c| !(c.is_whitespace() || c.is_numeric() || c.is_ascii_punctuation()));
    rest.chars().count() < MIN_REST || common::is_listed(&rest)
}

/// The context words, folded, longest first, so that an address is removed before its parts.
fn words(context: &[&str]) -> Vec<String> {
    let mut words = vec![SOFTWARE.to_owned()];
    for text in context.iter().filter(|text| text.len() <= MAX_CONTEXT) {
        let text: String = text.nfkc().collect();
        words.push(fold(&text));
        words.extend(text.split(|c: char| !c.is_alphanumeric()).map(fold));
    }
    words.retain(|word| word.chars().count() >= MIN_WORD);
    words.sort_by_key(|word| std::cmp::Reverse(word.len()));
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made_of(password: &str) -> bool {
        is_made_of(&fold(password), &["Alice.Liddell", "rabbit-hole@wonderland.example", "Ana"])
    }

    #[test]
    fn the_name_and_its_variants_are_context() {
        for password in [
            "alice.liddell",
            "ALICE.LIDDELL-2026!",
            "liddell alice liddell",
            "liddellliddellliddell",
            "rabbit-hole@wonderland.example",
            "wonderland1234567890",
            "Gatewright_2026_Gatewright",
            "gatewright-password",
            "alice 2026 'n bo",
            "ａｌｉｃｅ ａｌｉｃｅ ａｌｉｃｅ",
        ] {
            assert!(made_of(password), "{password}");
        }
    }

    #[test]
    fn a_sentence_that_contains_the_name_is_more_than_context() {
        for password in ["alice fell down a well", "anatomy of a banana", "who works at gatewright?"] {
            assert!(!made_of(password), "{password}");
        }
    }

    #[test]
    fn without_context_words_every_candidate_passes() {
        assert!(!made_of("60239184755820391746"));
        assert!(!made_of(""));
        assert!(!is_made_of("60239184755820391746", &["", "a", "18"]));
    }
}
