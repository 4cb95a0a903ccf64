//! Password hashes as stored: Argon2id (RFC 9106) in PHC strings. The only module that uses argon2.

use std::error::Error;
use std::fmt;

use argon2::password_hash::phc;
use argon2::{ARGON2ID_IDENT, Algorithm, Argon2, Params, PasswordHasher, Version};

use crate::normal::normal;

/// The cost of new hashes: 19 MiB, two passes, one lane (OWASP Password Storage Cheat Sheet).
const PARAMS: Params = match Params::new(19 * 1024, 2, 1, Some(32)) {
    Ok(params) => params,
    Err(_) => Params::DEFAULT,
};

/// Most memory that a stored hash may require, in KiB.
const MAX_MEMORY: u32 = 64 * 1024;

/// Most work that a stored hash may require (memory times passes, in KiB): four times that of a new hash.
const MAX_WORK: u64 = 4 * 2 * 19 * 1024;

/// Most lanes that a stored hash may require.
const MAX_LANES: u32 = 4;

/// Shortest output that is accepted, in bytes.
const MIN_OUTPUT: usize = 16;

const SALT_BYTES: usize = 16;

/// A stored password hash. `Debug` hides it.
#[derive(Clone)]
pub struct PasswordHash {
    phc: String,
    params: Params,
    salt: Vec<u8>,
    /// `None` in a decoy, so that no password matches.
    output: Option<phc::Output>,
}

impl PasswordHash {
    /// Parses a PHC string. Only Argon2id version 19 is accepted, with at most four times the work of a new hash, so
    /// that a malicious string cannot exhaust memory or time.
    pub fn parse(text: &str) -> Result<Self, UnreadableHash> {
        let parsed = phc::PasswordHash::new(text).map_err(|_| UnreadableHash("not a PHC string"))?;
        if parsed.algorithm != ARGON2ID_IDENT || parsed.version != Some(Version::V0x13.into()) {
            return Err(UnreadableHash("not Argon2id version 19"));
        }
        let params = Params::try_from(&parsed).map_err(|_| UnreadableHash("unknown parameters"))?;
        let work = u64::from(params.m_cost()) * u64::from(params.t_cost());
        if params.m_cost() > MAX_MEMORY || work > MAX_WORK || params.p_cost() > MAX_LANES {
            return Err(UnreadableHash("parameters too large"));
        }
        let (Some(salt), Some(output)) = (parsed.salt, parsed.hash) else {
            return Err(UnreadableHash("no salt or no output"));
        };
        if output.len() < MIN_OUTPUT {
            return Err(UnreadableHash("output too short"));
        }
        Ok(Self { phc: text.to_owned(), params, salt: salt.as_ref().to_vec(), output: Some(output) })
    }

    /// A hash that no password matches, for accounts that do not exist. Verifying against it takes exactly as long as
    /// against a new hash. It has no PHC string.
    pub fn decoy() -> Self {
        Self { phc: String::new(), params: PARAMS, salt: vec![0; SALT_BYTES], output: None }
    }

    /// The PHC string, for storage.
    pub fn as_str(&self) -> &str {
        &self.phc
    }

    /// Whether `candidate` is the password.
    ///
    /// Argon2 always runs, even for an empty or an overlong candidate, so that the time reveals nothing.
    pub fn verify(&self, candidate: &str) -> bool {
        let password = normal(candidate);
        let bytes = password.as_ref().map_or([].as_slice(), |password| password.as_bytes());
        let computed = argon2(self.params.clone()).hash_password_with_salt(bytes, &self.salt);
        // `Output` compares in constant time.
        let equal = computed.is_ok_and(|computed| self.output.is_some() && computed.hash == self.output);
        password.is_some() && equal
    }

    /// Whether the hash has other parameters than new hashes: hash the password again when it is available.
    pub fn needs_rehash(&self) -> bool {
        let cost = |params: &Params| (params.m_cost(), params.t_cost(), params.p_cost(), params.output_len());
        cost(&self.params) != cost(&PARAMS)
    }

    /// Hashes the same password with a new salt and the current parameters. The caller has verified `candidate`.
    pub fn renewed(&self, candidate: &str) -> Result<Self, HashError> {
        let password = normal(candidate).ok_or_else(|| HashError("the password is too long".to_owned()))?;
        Self::create(password.as_bytes())
    }

    /// Hashes a normalised password with a new salt.
    #[expect(clippy::disallowed_methods, reason = "salts are made only here, and this crate cannot use store::random")]
    pub(crate) fn create(password: &[u8]) -> Result<Self, HashError> {
        let mut salt = [0; SALT_BYTES];
        getrandom::fill(&mut salt).map_err(|error| HashError(error.to_string()))?;
        let hash = argon2(PARAMS).hash_password_with_salt(password, &salt);
        let hash = hash.map_err(|error| HashError(error.to_string()))?;
        Ok(Self { phc: hash.to_string(), params: PARAMS, salt: salt.to_vec(), output: hash.hash })
    }
}

impl fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PasswordHash(…)")
    }
}

fn argon2(params: Params) -> Argon2<'static> {
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

/// Hashing failed for lack of randomness or memory. An internal fault, never caused by the password.
#[derive(Debug)]
pub struct HashError(String);

impl fmt::Display for HashError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "hashing the password failed: {}", self.0)
    }
}

impl Error for HashError {}

/// A stored text is not a password hash of a supported kind. Never shows the text.
#[derive(Debug)]
pub struct UnreadableHash(&'static str);

impl fmt::Display for UnreadableHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "unsupported password hash: {}", self.0)
    }
}

impl Error for UnreadableHash {}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use argon2::ParamsBuilder;
    use proptest::prelude::*;

    use super::*;
    use crate::Policy;

    // Generated with the reference implementation in C.
    const PIER: &str =
        "$argon2id$v=19$m=19456,t=2,p=1$c2l4dGVlbiBzYWx0eSBieQ$EDI97YQ7FayB5xIeg0Y/sG1MJAkfT2ph4RwbdWVxTCk";
    const OIL: &str =
        "$argon2id$v=19$m=19456,t=2,p=1$c2l4dGVlbiBzYWx0eSBieQ$5N8Rz7WBotXH5r4SMXF31kS7WbLKx70dl/xLvxwCt7w";
    const EMPTY: &str =
        "$argon2id$v=19$m=19456,t=2,p=1$c2l4dGVlbiBzYWx0eSBieQ$7y9GfMp83EuhTxw3BzcWAN8e282+SaWucdCVCci5LlY";
    const OLDER: &str =
        "$argon2id$v=19$m=4096,t=3,p=1$c2l4dGVlbiBzYWx0eSBieQ$YTYHLFdlv3Z5nXPfRMZe6FGsHkf4wQzPz/nRSsUoYQM";

    fn parse(text: &str) -> PasswordHash {
        PasswordHash::parse(text).unwrap()
    }

    fn hash(password: &str) -> PasswordHash {
        Policy::new(8, "").check(password, &[]).unwrap().hash().unwrap()
    }

    #[test]
    fn argon2id_matches_the_test_vector_of_rfc_9106_section_5_3() {
        let mut params = ParamsBuilder::new();
        params.m_cost(32).t_cost(3).p_cost(4).data(argon2::AssociatedData::new(&[4; 12]).unwrap());
        let params = params.build().unwrap();
        let argon2 = Argon2::new_with_secret(&[3; 8], Algorithm::Argon2id, Version::V0x13, params).unwrap();
        let mut tag = [0; 32];
        argon2.hash_password_into(&[1; 32], &[2; 16], &mut tag).unwrap();
        let expected = [
            0x0d, 0x64, 0x0d, 0xf5, 0x8d, 0x78, 0x76, 0x6c, 0x08, 0xc0, 0x37, 0xa3, 0x4a, 0x8b, 0x53, 0xc9, 0xd0, 0x1e,
            0xf0, 0x45, 0x2d, 0x75, 0xb6, 0x5e, 0xb5, 0x25, 0x20, 0xe9, 0x6b, 0x01, 0xe6, 0x59,
        ];
        assert_eq!(tag, expected);
    }

    #[test]
    fn hashes_of_the_reference_implementation_verify() {
        assert!(parse(PIER).verify("a lantern on the north pier"));
        assert!(!parse(PIER).verify("A lantern on the north pier"));
        assert!(parse(OLDER).verify("a lantern on the north pier"));
    }

    #[test]
    fn composed_and_decomposed_accents_are_the_same_password() {
        assert!(parse(OIL).verify("zwölf Ölkannen im Keller"));
        assert!(parse(OIL).verify("zwo\u{308}lf O\u{308}lkannen im Keller"));
    }

    #[test]
    fn a_new_hash_verifies_and_carries_the_parameters() {
        let made = hash("a lantern on the north pier");
        assert!(made.as_str().starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{}", made.as_str());
        assert!(!made.needs_rehash());
        let read = parse(made.as_str());
        assert!(read.verify("a lantern on the north pier") && !read.verify("a lantern on the south pier"));
        assert!(!read.needs_rehash());
        assert_ne!(made.as_str(), hash("a lantern on the north pier").as_str(), "salts differ");
    }

    #[test]
    fn every_byte_of_a_long_password_counts() {
        let long = (0..400).map(|n| (n * n + 7).to_string()).collect::<Vec<_>>().join(" ")[..1024].to_owned();
        let made = hash(&long);
        assert!(made.verify(&long));
        assert!(!made.verify(&long[..1023]));
        assert!(!made.verify(&format!("{}x", &long[..1023])));
    }

    #[test]
    fn an_overlong_candidate_does_not_match_the_text_hashed_in_its_place() {
        assert!(parse(EMPTY).verify(""));
        assert!(!parse(EMPTY).verify(&"x".repeat(1025)));
    }

    #[test]
    fn hashes_with_other_parameters_need_a_rehash() {
        assert!(!parse(PIER).needs_rehash());
        assert!(parse(OLDER).needs_rehash());
        assert!(!PasswordHash::decoy().needs_rehash());
    }

    #[test]
    fn nothing_matches_a_decoy() {
        let decoy = PasswordHash::decoy();
        assert!(!decoy.verify("") && !decoy.verify("a lantern on the north pier"));
        assert!(PasswordHash::parse(decoy.as_str()).is_err(), "a decoy that was stored by mistake cannot be parsed");
    }

    #[test]
    #[expect(clippy::disallowed_methods, reason = "the test measures time")]
    fn unknown_accounts_and_odd_candidates_cost_what_a_wrong_password_costs() {
        let (known, decoy, long) = (parse(PIER), PasswordHash::decoy(), "x".repeat(60_000));
        let cases = [(&known, "a wrong but ordinary one"), (&decoy, "an ordinary one"), (&known, ""), (&known, &long)];
        let mut fastest = [Duration::MAX; 4];
        let mut ratios = [0.0; 4];
        // The cases take turns, so that other load on the machine slows all of them alike. More rounds only come nearer to
        // what each of them costs alone.
        for _ in 0..200 {
            for ((hash, candidate), fastest) in cases.iter().zip(&mut fastest) {
                let start = std::time::Instant::now();
                assert!(!hash.verify(candidate));
                *fastest = start.elapsed().min(*fastest);
            }
            ratios = fastest.map(|time| time.as_secs_f64() / fastest[0].as_secs_f64());
            if ratios.iter().all(|ratio| (0.7..1.4).contains(ratio)) {
                return;
            }
        }
        panic!("{ratios:?}");
    }

    #[test]
    fn a_malicious_hash_string_is_refused_before_hashing() {
        for parameters in [
            "m=4194304,t=2,p=1",
            "m=19456,t=1000000,p=1",
            "m=65536,t=3,p=1",
            "m=19456,t=2,p=64",
            "m=4294967295,t=4294967295,p=1",
        ] {
            let hostile = PIER.replace("m=19456,t=2,p=1", parameters);
            assert_eq!(PasswordHash::parse(&hostile).unwrap_err().0, "parameters too large", "{parameters}");
        }
    }

    #[test]
    fn only_complete_argon2id_strings_are_parsed() {
        for text in [
            String::new(),
            "password".to_owned(),
            PIER.replace("argon2id", "argon2i"),
            PIER.replace("argon2id", "scrypt"),
            PIER.replace("v=19", "v=16"),
            PIER.replace("$v=19", ""),
            PIER.replace("p=1", "p=0"),
            PIER.replace("m=19456,t=2,p=1", "m=19456,t=2,p=1,x=1"),
            PIER.rsplit_once('$').unwrap().0.to_owned(),
            PIER[..PIER.len() - 30].to_owned(),
            format!("{PIER}$"),
            "$argon2id$v=19$m=19456,t=2,p=1".to_owned(),
        ] {
            assert!(PasswordHash::parse(&text).is_err(), "{text}");
        }
    }

    #[test]
    fn debug_output_contains_no_secret() {
        assert_eq!(format!("{:?}", parse(PIER)), "PasswordHash(…)");
        assert!(!format!("{:?}", PasswordHash::parse(&PIER[..60])).contains("c2l4"));
    }

    proptest! {
        #[test]
        fn reading_a_hash_never_panics(text in r"(\$argon2id\$v=19\$)?\PC{0,80}", cut in 0..PIER.len()) {
            let _ = PasswordHash::parse(&text);
            let _ = PasswordHash::parse(&PIER[..cut]);
            let _ = PasswordHash::parse(&format!("{}{text}", &PIER[..cut]));
        }
    }
}
