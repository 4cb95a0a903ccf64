//! Common passwords, and simple variations of them (NIST SP 800-63B-4 section 3.1.1.2).
//!
//! The list is in `data/`. The binary contains only a filter of 16-bit fingerprints, which finds every listed password
//! and takes one unlisted text in 65,536 for a listed one. A candidate is looked up in several forms, so about one good
//! password in ten thousand is refused; adding a word helps.

use std::sync::LazyLock;

use xorf::{BinaryFuse16, Descriptor, Filter};

use crate::fold::key;

/// Longer candidates are not split, in code points: no two listed passwords together are that long.
const MAX_PIECES: usize = 64;

/// Shorter pieces are on the list too often to mean anything. Code points.
const MIN_PIECE: usize = 3;

include!(concat!(env!("OUT_DIR"), "/common_passwords.rs"));

static LISTED: LazyLock<BinaryFuse16> =
    LazyLock::new(|| BinaryFuse16 { descriptor: DESCRIPTOR, fingerprints: Box::from(FINGERPRINTS.as_slice()) });

/// Whether a folded candidate is a listed password or a simple variation of one:
///
/// - with digits or punctuation around it (`password2026!`),
/// - repeated, even with an incomplete last repetition (`passwordpasswordpass`), or any repetition of at most three
///   characters (`abcabcabcabcabc`),
/// - two listed passwords in a row (`passwordqwerty123`),
/// - a run of consecutive characters (`abcdefghijklmnop`, `98765432109876543`).
pub(crate) fn is_common(folded: &str) -> bool {
    let chars: Vec<char> = folded.chars().collect();
    let bare: Vec<char> = bare(folded).chars().collect();
    is_disguised(folded)
        || is_run(&chars)
        || period(&chars).is_some_and(|period| period <= 3)
        || [chars.as_slice(), bare.as_slice()].into_iter().any(is_repeated)
        || (chars.len() <= MAX_PIECES && is_two(folded))
}

/// Whether a folded text is itself on the list.
pub(crate) fn is_listed(folded: &str) -> bool {
    !folded.is_empty() && LISTED.contains(&key(folded))
}

fn is_disguised(folded: &str) -> bool {
    is_listed(folded) || is_listed(bare(folded))
}

/// The text without digits and punctuation at its ends.
fn bare(folded: &str) -> &str {
    folded.trim_matches(|c: char| c.is_numeric() || c.is_ascii_punctuation())
}

fn is_repeated(chars: &[char]) -> bool {
    period(chars).is_some_and(|period| is_disguised(&chars[..period].iter().collect::<String>()))
}

/// The number of characters after which a text repeats.
fn period(chars: &[char]) -> Option<usize> {
    (1..=chars.len() / 2).find(|&period| chars[period..].iter().zip(chars).all(|(next, first)| next == first))
}

/// Whether the characters are consecutive, all ascending or all descending. 9 and 0 are neighbours.
fn is_run(chars: &[char]) -> bool {
    let follows = |low: char, high: char| u32::from(low) + 1 == u32::from(high) || (low, high) == ('9', '0');
    chars.len() > 1
        && (chars.windows(2).all(|pair| follows(pair[0], pair[1]))
            || chars.windows(2).all(|pair| follows(pair[1], pair[0])))
}

fn is_two(folded: &str) -> bool {
    let starts: Vec<usize> = folded.char_indices().map(|(start, _)| start).collect();
    let last = starts.len().saturating_sub(MIN_PIECE - 1);
    let cuts = starts.into_iter().take(last).skip(MIN_PIECE);
    cuts.map(|cut| folded.split_at(cut)).any(|(first, second)| is_disguised(first) && is_disguised(second))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fold::fold;

    fn common(password: &str) -> bool {
        is_common(&fold(password))
    }

    #[test]
    fn every_listed_password_is_found() {
        let list = include_str!("../data/common-passwords.txt");
        assert!(list.lines().count() >= 100_000);
        assert_eq!(list.lines().find(|line| !common(line)), None);
    }

    #[test]
    fn case_width_and_spaces_make_no_difference() {
        for password in ["1Q2w3e4r5t6y7u8i", "Manchester United", "ｐａｓｓｗｏｒｄ", "pass word", "PA\u{17f}SWORD"]
        {
            assert!(common(password), "{password}");
        }
    }

    #[test]
    fn simple_variations_of_a_listed_password_are_common() {
        for password in [
            "Password123456789",
            "!!! password 2026",
            "passwordpasswordpass",
            "PasswordPassword1!",
            "password1password1",
            "qwertyuiopasdfghjkl",
            "Password-LetMeIn-2026",
            "aaaaaaaaaaaaaaaa",
            "abcabcabcabcabcab",
            "abcdefghijklmnop",
            "zyxwvutsrqponmlk",
            "56789012345678901234",
            "43210987654321098",
        ] {
            assert!(common(password), "{password}");
        }
    }

    #[test]
    fn three_words_in_a_row_are_not_common() {
        assert!(common("manchester butterfly"));
        assert!(!common("manchester butterfly dragon"));
    }

    #[test]
    fn few_unlisted_texts_are_mistaken_for_listed_ones() {
        let taken = (0..200_000).filter(|n| is_listed(&format!("unlisted {n}"))).count();
        assert!(taken < 15, "expected about 3 of 200,000, found {taken}");
    }
}
