//! A token with any single byte changed, removed or added is refused.

use std::sync::LazyLock;

use crate::common::*;
use proptest::prelude::*;

static TOKENS: LazyLock<Vec<String>> =
    LazyLock::new(|| SIGNERS.iter().map(|key| key.sign(&claims()).unwrap()).collect());

proptest! {
    #[test]
    fn any_other_byte_in_any_place_is_refused(token in 0..3_usize, place in any::<prop::sample::Index>(), byte in 0..128_u8) {
        let mut bytes = TOKENS[token].clone().into_bytes();
        let place = place.index(bytes.len());
        prop_assume!(bytes[place] != byte);
        bytes[place] = byte;
        prop_assert!(verify(&String::from_utf8(bytes).unwrap()).is_err());
    }

    #[test]
    fn a_missing_byte_is_refused(token in 0..3_usize, place in any::<prop::sample::Index>()) {
        let mut text = TOKENS[token].clone();
        text.remove(place.index(text.len()));
        prop_assert!(verify(&text).is_err());
    }

    #[test]
    fn an_added_character_is_refused(token in 0..3_usize, place in any::<prop::sample::Index>(), character in any::<char>()) {
        let mut text = TOKENS[token].clone();
        text.insert(place.index(text.len() + 1), character);
        prop_assert!(verify(&text).is_err());
    }

    #[test]
    fn no_text_makes_the_reader_panic(text in ".{0,300}") {
        prop_assert!(verify(&text).is_err());
    }

    #[test]
    fn no_signed_payload_makes_the_reader_panic(payload in prop::collection::vec(any::<u8>(), 0..300)) {
        prop_assert!(verify(&with_payload(payload)).is_err());
    }
}
