//! What holds for every catalogue.

use std::collections::HashSet;

use super::*;

/// A catalogue as text, every sentence in it.
fn written(language: Language) -> String {
    format!("{:?}", Words::of(language))
}

#[test]
fn every_catalogue_has_sentences_of_its_own() {
    let mut titles = HashSet::new();
    for language in Language::ALL {
        let words = Words::of(language);
        let text = written(language);
        let whole = text.replace("before: \"\"", "").replace("after: \"\"", "");
        assert!(!whole.contains("\"\""), "{language:?} has an empty sentence");
        assert!(titles.insert(words.notices.expired.title), "{language:?} speaks another's language");
        let letters = text.chars().filter(|c| !c.is_ascii()).count();
        assert!(letters > 0 || language == Language::English, "{language:?}");
    }
}

#[test]
fn a_wait_is_told_in_whole_minutes_and_never_as_none() {
    for language in Language::ALL {
        let told = |seconds| Words::of(language).wait(seconds);
        assert_eq!(told(0), told(60), "{language:?}");
        assert_ne!(told(60), told(61), "{language:?}");
        assert!(told(840).contains("14"), "{language:?}: {}", told(840));
    }
    assert_eq!(Words::of(Language::English).wait(61), "Too many attempts. Try again in 2 minutes.");
}

#[test]
fn a_moment_is_told_with_its_day_and_time() {
    let told = Words::of(Language::English).moment(Time::from_seconds(1_795_824_000 + 9 * 3600 + 65));
    assert_eq!(told, "28 November 2026 at 09:01 UTC");
}

#[test]
fn every_error_has_a_title_and_a_sentence_in_every_language() {
    for language in Language::ALL {
        for code in Code::ALL {
            let (title, text) = Words::of(language).error(*code, Some(61));
            assert!(!title.is_empty() && !text.is_empty(), "{language:?} {code:?}");
        }
    }
}

#[test]
fn a_sentence_is_split_at_the_place_of_its_name() {
    let around = Around::new("a {} b");
    assert_eq!((around.before, around.after, around.with(7)), ("a ", " b", "a 7 b".to_owned()));
}
