//! E-mail addresses: `local@domain`, the dot-atom form of RFC 5321 section 4.1.2.
//!
//! The domain may be internationalised (UTS 46). The local part is ASCII, because the mail service supports no other;
//! quoted local parts, comments and address literals are refused. Dots and `+tags` are kept: only the receiving
//! provider knows what they mean.

use idna::uts46::{AsciiDenyList, DnsLength, Hyphens, Uts46};

use crate::Problem;

/// Most bytes of an address, and of its local part (RFC 5321 section 4.5.3.1, erratum 1690 of RFC 3696).
const MAX_BYTES: usize = 254;
const MAX_LOCAL_BYTES: usize = 64;

/// Allowed characters of a local part besides letters, digits and dots (RFC 5322 section 3.2.3, `atext`).
const ATEXT: &str = "!#$%&'*+-/=?^_`{|}~";

/// A well-formed address. It says nothing about who reads mail there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EmailAddress {
    spelling: String,
    canonical: String,
}

impl EmailAddress {
    /// Parses an address. Codes: `too_long`, `invalid_address`.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        if text.len() > MAX_BYTES {
            return Err(too_long());
        }
        let (local, domain) = text.rsplit_once('@').ok_or_else(invalid)?;
        if !is_dot_atom(local) || local.len() > MAX_LOCAL_BYTES {
            return Err(invalid());
        }
        let ascii = ascii_domain(domain)?;
        let canonical = format!("{}@{ascii}", local.to_ascii_lowercase());
        if canonical.len() > MAX_BYTES {
            return Err(too_long());
        }
        let spelling = if domain.is_ascii() { text.to_owned() } else { format!("{local}@{}", visible(&ascii)) };
        Ok(Self { spelling, canonical })
    }

    /// The address as typed, without invisible characters in an internationalised domain. Mail goes to this local part
    /// at the domain of the canonical form.
    pub fn as_str(&self) -> &str {
        &self.spelling
    }

    /// The canonical form, equal for all spellings of the address: lower case, the domain in ASCII. For comparison and
    /// lookup.
    pub fn canonical(&self) -> &str {
        &self.canonical
    }
}

fn is_dot_atom(local: &str) -> bool {
    let atext = |c: char| c.is_ascii_alphanumeric() || ATEXT.contains(c);
    local.split('.').all(|atom| !atom.is_empty() && atom.chars().all(atext))
}

/// A lower-case ASCII host name of at least two labels that is not an IP address.
fn ascii_domain(domain: &str) -> Result<String, Problem> {
    let ascii =
        Uts46::new().to_ascii(domain.as_bytes(), AsciiDenyList::STD3, Hyphens::CheckFirstLast, DnsLength::Verify);
    let ascii = ascii.map_err(|_| invalid())?;
    let top = ascii.rsplit_once('.').ok_or_else(invalid)?.1;
    if top.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(invalid());
    }
    Ok(ascii.into_owned())
}

/// The Unicode form of an ASCII domain.
fn visible(ascii: &str) -> String {
    idna::domain_to_unicode(ascii).0
}

fn too_long() -> Problem {
    Problem::new("too_long", format!("Use an address of at most {MAX_BYTES} bytes."))
}

fn invalid() -> Problem {
    Problem::new("invalid_address", "Write an address such as alice@example.com.")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn canonical_of(text: &str) -> String {
        EmailAddress::parse(text).unwrap_or_else(|problem| panic!("{text:?}: {problem:?}")).canonical
    }

    fn code_of(text: &str) -> &'static str {
        EmailAddress::parse(text).expect_err(text).code
    }

    #[test]
    fn spellings_of_one_address_are_one_address() {
        assert_eq!(canonical_of("Alice@Example.COM"), "alice@example.com");
        assert_eq!(canonical_of("info@BÜCHER.example"), "info@xn--bcher-kva.example");
        assert_eq!(canonical_of("info@bu\u{308}cher.example"), "info@xn--bcher-kva.example");
        assert_eq!(canonical_of("info@xn--bcher-kva.example"), "info@xn--bcher-kva.example");
        assert_eq!(canonical_of("info@ｅｘａｍｐｌｅ．com"), "info@example.com");
    }

    #[test]
    fn the_spelling_is_kept() {
        assert_eq!(EmailAddress::parse("Alice@Example.COM").unwrap().as_str(), "Alice@Example.COM");
    }

    #[test]
    fn dots_and_tags_are_kept() {
        assert_eq!(canonical_of("a.l.i.c.e+news@gmail.example"), "a.l.i.c.e+news@gmail.example");
        assert_ne!(canonical_of("alice@gmail.example"), canonical_of("alice+news@gmail.example"));
    }

    #[test]
    fn unusual_addresses_are_accepted() {
        for text in
            ["o'hara@example.com", "!#$%&'*+-/=?^_`{|}~@example.com", "1@2.example", "a@b.co", "x@a-b.c--d.example"]
        {
            assert!(EmailAddress::parse(text).is_ok(), "{text}");
        }
    }

    #[test]
    fn malformed_addresses_are_refused() {
        for text in [
            "",
            "@",
            "alice",
            "alice@",
            "@example.com",
            "alice@@example.com",
            "alice@localhost",
            "a@b@c.example",
            ".alice@example.com",
            "alice.@example.com",
            "al..ice@example.com",
            "\"al ice\"@example.com",
            "alice(x)@example.com",
            "alice@example..com",
            "alice@.example.com",
            "alice@example.com.",
            "alice@-example.com",
            "alice@example-.com",
            "alice@exam_ple.com",
            "alice@exam ple.com",
            "alice@[127.0.0.1]",
            "alice@127.0.0.1",
            "alice@[IPv6:::1]",
            " alice@example.com",
            "alice@example.com ",
            "alice@example.com\r\nBcc: mallory@example.org",
            "al\0ice@example.com",
            "ali\u{200b}ce@example.com",
            "älice@example.com",
            "аlice@example.com",
            "alice@exam\u{202e}ple.com",
            "alice@example.com/x",
            "alice@xn--a.example",
            "alice,bob@example.com",
            "<alice@example.com>",
            "alice＠example.com",
        ] {
            assert_eq!(code_of(text), "invalid_address", "{}", text.escape_debug());
        }
    }

    #[test]
    fn invisible_characters_in_a_domain_are_dropped() {
        let address = EmailAddress::parse("Info@bü\u{ad}CHER.example").unwrap();
        assert_eq!((address.as_str(), address.canonical()), ("Info@bücher.example", "info@xn--bcher-kva.example"));
    }

    #[test]
    fn lengths_are_bounded() {
        let local = "a".repeat(64);
        assert!(EmailAddress::parse(&format!("{local}@example.com")).is_ok());
        assert_eq!(code_of(&format!("{local}a@example.com")), "invalid_address");
        let domain = format!("{0}.{0}.{0}", "b".repeat(60));
        assert_eq!(format!("{local}@{domain}.example").len(), 255);
        assert_eq!(code_of(&format!("{local}@{domain}.example")), "too_long");
        assert!(EmailAddress::parse(&format!("{local}@{domain}.exampl")).is_ok());
        assert_eq!(code_of(&format!("a@{}.com", "b".repeat(64))), "invalid_address");
        assert_eq!(code_of(&format!("{local}@{}com", "ü.".repeat(25))), "too_long", "longer in ASCII");
        assert_eq!(code_of(&"@".repeat(1_000_000)), "too_long");
    }

    proptest! {
        #[test]
        fn parsing_never_panics(text in any::<String>(), local in any::<String>(), domain in any::<String>()) {
            let _ = EmailAddress::parse(&text);
            let _ = EmailAddress::parse(&format!("{local}@{domain}"));
            let _ = EmailAddress::parse(&format!("alice@{domain}"));
        }

        #[test]
        fn parsing_twice_changes_nothing(text in r"[a-zA-Z.+]{1,12}@[\p{L}\p{N}.-]{1,20}\.[a-zA-Zäö]{2,6}") {
            if let Ok(address) = EmailAddress::parse(&text) {
                prop_assert_eq!(EmailAddress::parse(address.as_str()), Ok(address.clone()));
                let again = EmailAddress::parse(address.canonical());
                prop_assert_eq!(again.as_ref().map(EmailAddress::canonical), Ok(address.canonical()));
                prop_assert!(address.canonical().is_ascii());
            }
        }
    }
}
