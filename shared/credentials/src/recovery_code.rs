//! Recovery codes, for people who have lost their other second factors. Each works once.
//!
//! A code has 80 random bits, so nobody finds it by trying hashes, and a fast hash of it can be stored.

use zeroize::Zeroizing;

/// How many codes a person gets at a time.
pub const RECOVERY_CODES: usize = 10;

/// Crockford's alphabet: without I, L, O and U, which look like others.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// Characters between two hyphens.
const GROUP: usize = 4;

/// A recovery code in its normal form, without hyphens.
pub struct RecoveryCode(Zeroizing<String>);

impl RecoveryCode {
    /// Characters of a code.
    pub const LENGTH: usize = 16;

    /// The code of these random bytes. Each gives one character, five of its bits.
    pub fn of(bytes: &[u8; Self::LENGTH]) -> Self {
        Self(Zeroizing::new(bytes.iter().map(|byte| char::from(ALPHABET[usize::from(byte % 32)])).collect()))
    }

    /// A code that somebody typed: case, spaces and hyphens do not count, and look-alikes are read as what they look like.
    /// `None`: no code looks like this.
    pub fn read(typed: &str) -> Option<Self> {
        let typed = typed.chars().filter(|c| !c.is_whitespace() && *c != '-');
        let code: Zeroizing<String> = Zeroizing::new(typed.take(Self::LENGTH + 1).map(read).collect());
        let is_possible = code.len() == Self::LENGTH && code.bytes().all(|byte| ALPHABET.contains(&byte));
        is_possible.then_some(Self(code))
    }

    /// The normal form.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The code in groups, such as `4F7K-Q2M9-0XZA-7R3B`.
    pub fn text(&self) -> Zeroizing<String> {
        let mut text = Zeroizing::new(String::with_capacity(Self::LENGTH + Self::LENGTH / GROUP));
        for (place, c) in self.0.chars().enumerate() {
            if place > 0 && place % GROUP == 0 {
                text.push('-');
            }
            text.push(c);
        }
        text
    }
}

fn read(c: char) -> char {
    match c.to_ascii_uppercase() {
        'O' => '0',
        'I' | 'L' => '1',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_shown_in_groups_and_read_as_people_type_it() {
        let bytes = std::array::from_fn(|place| u8::try_from(place * 17).unwrap());
        let code = RecoveryCode::of(&bytes);
        let text = code.text();
        assert_eq!((text.len(), text.matches('-').count()), (19, 3));
        for typed in [text.to_lowercase(), text.replace('-', ""), text.replace('-', " "), text.replace('0', "o")] {
            assert_eq!(RecoveryCode::read(&typed).unwrap().as_str(), code.as_str(), "{typed}");
        }
    }

    #[test]
    fn what_no_code_looks_like_is_not_read() {
        let long = "0".repeat(100_000);
        for wrong in
            ["", "0000-0000-0000-000", "0000-0000-0000-00000", "0000-0000-0000-000U", "0000-0000-0000-000é", &long]
        {
            assert!(RecoveryCode::read(wrong).is_none());
        }
    }
}
