//! The password policy: NIST SP 800-63B-4 section 3.1.1. A minimum length and a list of common passwords; no
//! composition rules and no silent truncation.

use std::fmt;

use zeroize::Zeroizing;

use crate::fold::fold;
use crate::hash::{HashError, PasswordHash};
use crate::normal::{MAX_BYTES, normal};
use crate::{Problem, common, context};

/// The requirements for a new password.
#[derive(Clone, Debug)]
pub struct Policy {
    min: usize,
    /// The name of the service.
    service: String,
}

impl Policy {
    /// At least `min` Unicode code points, clamped to 8 to 256, and not made of the name of the service.
    pub fn new(min: usize, service: &str) -> Self {
        Self { min: min.clamp(8, 256), service: service.to_owned() }
    }

    /// Minimum length of a password in code points.
    pub fn min_length(&self) -> usize {
        self.min
    }

    /// Checks whether `candidate` is acceptable as a new password.
    ///
    /// `context` is what an attacker knows about the person: username, e-mail address, names. The names of the service and
    /// of this software are always included. Codes: `too_short`, `too_long`, `too_common`, `contains_context`.
    pub fn check(&self, candidate: &str, context: &[&str]) -> Result<NewPassword, Vec<Problem>> {
        let Some(password) = normal(candidate) else {
            return Err(vec![Problem::new("too_long", format!("Use at most {MAX_BYTES} bytes."))]);
        };
        let mut problems = Vec::new();
        if password.chars().count() < self.min {
            let detail = format!("Use at least {} characters. Several words in a row are easy to remember.", self.min);
            problems.push(Problem::new("too_short", detail));
        }
        let folded = Zeroizing::new(fold(&password));
        if common::is_common(&folded) {
            problems.push(Problem::new("too_common", "This password is too common. Combine words that are unrelated."));
        }
        let context: Vec<&str> = context.iter().copied().chain([self.service.as_str()]).collect();
        if context::is_made_of(&folded, &context) {
            let detail = "Use more than your username, your e-mail address or the name of this service.";
            problems.push(Problem::new("contains_context", detail));
        }
        if problems.is_empty() { Ok(NewPassword(password)) } else { Err(problems) }
    }
}

/// A password that passed a [`Policy`]. It is wiped from memory when dropped, and `Debug` hides it.
pub struct NewPassword(Zeroizing<String>);

impl NewPassword {
    /// Whether `hash` is a hash of this password.
    pub fn opens(&self, hash: &PasswordHash) -> bool {
        hash.verify(&self.0)
    }

    /// The text, in NFC. To be hashed elsewhere, never to be stored or logged.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Hashes the password with a new salt.
    pub fn hash(&self) -> Result<PasswordHash, HashError> {
        PasswordHash::create(self.0.as_bytes())
    }
}

impl fmt::Debug for NewPassword {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("NewPassword(…)")
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const PEOPLE: &[&str] = &["alice", "alice.liddell@wonderland.example"];

    fn codes(candidate: &str) -> Vec<&'static str> {
        let checked = Policy::new(15, "Acme Identity").check(candidate, PEOPLE);
        checked.err().unwrap_or_default().iter().map(|problem| problem.code).collect()
    }

    #[test]
    fn a_sentence_is_a_good_password() {
        for good in [
            "a lantern on the north pier",
            "correct horse battery staple",
            "ein Pfannkuchen für Ömer",
            "北の桟橋に灯りがひとつともっている夜",
        ] {
            assert_eq!(codes(good), Vec::<&str>::new(), "{good}");
        }
    }

    #[test]
    fn generated_passwords_are_good_passwords() {
        for good in [
            "vT9-kqW2x_Lm4#pZr",
            "8f14e45fceea167a5a36dedd4bea2543",
            "60239184755820391746",
            "🦊🌧🎻🧭🪁🥐🌵🚲🪐🧵🎈🐚🧊🪵🌶",
        ] {
            assert_eq!(codes(good), Vec::<&str>::new(), "{good}");
        }
    }

    #[test]
    fn length_counts_code_points_after_normalisation() {
        assert_eq!(codes("zwölf Ölkannen!"), Vec::<&str>::new());
        assert_eq!(codes("zwo\u{308}lf Olkanne"), ["too_short"], "15 code points, but 14 in NFC");
        assert_eq!(codes(""), ["too_short"]);
    }

    #[test]
    fn a_minimum_below_8_counts_as_8() {
        let policy = Policy::new(0, "");
        assert!(policy.check("q7-Rkwz", &[]).is_err());
        assert!(policy.check("q7-Rkwzv", &[]).is_ok());
    }

    #[test]
    fn up_to_1024_bytes_are_taken_and_one_more_is_not() {
        let long = (0..400).map(|n| (n * n + 7).to_string()).collect::<Vec<_>>().join(" ")[..1024].to_owned();
        assert!(Policy::new(15, "").check(&long, &[]).is_ok());
        assert_eq!(codes(&format!("{long}!")), ["too_long"]);
        assert_eq!(codes(&"\u{1d160}".repeat(1024)), ["too_long"], "NFC triples this character");
    }

    #[test]
    fn all_problems_are_reported_at_once() {
        assert_eq!(codes("password"), ["too_short", "too_common"]);
        assert_eq!(codes("liddell1"), ["too_short", "contains_context"]);
    }

    #[test]
    fn a_password_made_of_the_name_of_the_service_is_refused() {
        for bad in ["Acme Identity 2026", "acme-acme-acme-acme", "my identity1234!", "gatewright-2026-1"] {
            assert!(codes(bad).contains(&"contains_context"), "{bad}");
        }
        assert_eq!(codes("acme sells anvils to a coyote"), Vec::<&str>::new());
    }

    #[test]
    fn debug_output_contains_no_secret() {
        let Ok(password) = Policy::new(15, "").check("a lantern on the north pier", &[]) else { panic!("refused") };
        assert_eq!(format!("{password:?}"), "NewPassword(…)");
    }

    proptest! {
        #[test]
        fn checking_never_panics_and_never_repeats_the_candidate(candidate in any::<String>(), context in any::<String>()) {
            let checked = Policy::new(15, &context).check(&candidate, &[&context]);
            for problem in checked.err().unwrap_or_default() {
                prop_assert!(candidate.chars().count() < 15 || !problem.detail.contains(&candidate));
            }
        }
    }
}
