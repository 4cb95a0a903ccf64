//! Passwords that appeared in a known breach (NIST SP 800-63B-4 section 3.1.1.2), from an index with the API of Have I
//! Been Pwned.
//!
//! The index learns the first five hexadecimal digits of a SHA-1 hash, which some 2,000 listed passwords share, and
//! answers with the rest of all of them. If it does not answer in time, every password passes: an index that is down must
//! not keep people from registering.

use std::fmt::Write;
use std::time::Duration;

use aws_lc_rs::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};
use credentials::NewPassword;
use fetch::{Roots, Source, Wanted};
use oauth::{Config, Error};

/// The public index.
const PUBLIC: &str = "https://api.pwnedpasswords.com";
/// Longest wait for the index, connection and handshake included.
const TIMEOUT: Duration = Duration::from_millis(500);
/// Largest answer in bytes. One of the public index has about 40 kB.
const MOST_BYTES: usize = 1 << 20;
/// Hexadecimal digits of a hash that the index learns.
const PREFIX: usize = 5;

/// An index of passwords from breaches, or none.
#[derive(Clone, Debug)]
pub struct Breaches(Option<Source>);

impl Breaches {
    /// Reads `BREACHED_PASSWORDS`: `off`, `pwned` for the public index, or the origin of another one. Opens no connection.
    pub fn read(config: &Config) -> Result<Self, Error> {
        let origin = match config.required("BREACHED_PASSWORDS")? {
            "off" => return Ok(Self(None)),
            "pwned" => PUBLIC,
            origin => origin,
        };
        let source = Source::new(origin, Roots::web());
        Ok(Self(Some(source.map_err(|error| Error::fault("BREACHED_PASSWORDS").because(error))?)))
    }

    /// Fails with a problem of the field `password` if the password is in the index.
    pub async fn refuse(&self, password: &NewPassword) -> Result<(), Error> {
        let Some(source) = &self.0 else { return Ok(()) };
        let hash = hash(password.as_str());
        let (prefix, rest) = hash.split_at(PREFIX);
        let path = format!("/range/{prefix}");
        let wanted = Wanted { path: &path, accept: "text/plain", most_bytes: MOST_BYTES, timeout: TIMEOUT };
        match Box::pin(source.document(&wanted)).await {
            Ok(answer) if lists(&answer.body, rest) => {
                let detail = "This password appeared in a data breach. Choose another one.";
                Err(Error::parameter("password", "breached", detail))
            }
            Ok(_) => Ok(()),
            Err(error) => {
                tracing::warn!(?source, %error, "a password was not looked up in the index of breaches");
                Ok(())
            }
        }
    }
}

/// SHA-1, in upper-case hexadecimal digits as the index has it.
fn hash(password: &str) -> String {
    let mut digits = String::new();
    for byte in digest(&SHA1_FOR_LEGACY_USE_ONLY, password.as_bytes()).as_ref() {
        let _ = write!(digits, "{byte:02X}");
    }
    digits
}

/// Whether lines of the form `REST:COUNT` have this rest. A count of 0 is padding.
fn lists(lines: &[u8], rest: &str) -> bool {
    let line = |line: &[u8]| {
        let (listed, count) = std::str::from_utf8(line).ok()?.trim().split_once(':')?;
        Some(listed.eq_ignore_ascii_case(rest) && count.parse::<u64>().is_ok_and(|count| count > 0))
    };
    lines.split(|byte| *byte == b'\n').any(|text| line(text) == Some(true))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_is_written_as_the_index_has_it() {
        assert_eq!(hash("password"), "5BAA61E4C9B93F3F0682250B6CF8331B7EE68FD8");
    }

    #[test]
    fn a_rest_is_listed_if_its_count_is_not_zero() {
        let lines =
            b"0018A45C4D1DEF81644B54AB7F969B88D65:1\r\n00D4F6E8FA6EECAD2A3AA415EEC418D38EC:0\r\nbroken\r\n\xff:9\r\n";
        assert!(lists(lines, "0018A45C4D1DEF81644B54AB7F969B88D65"));
        assert!(!lists(lines, "00D4F6E8FA6EECAD2A3AA415EEC418D38EC"), "padding");
        assert!(!lists(lines, "011053FD0102E94D6AE2F8B83D76FAF94F6"));
        assert!(!lists(b"", ""));
    }

    #[test]
    fn an_index_is_off_public_or_at_an_origin_over_https() {
        let read =
            |value: &str| Breaches::read(&Config::from_pairs([("BREACHED_PASSWORDS".to_owned(), value.to_owned())]));
        assert!(read("off").is_ok_and(|breaches| breaches.0.is_none()));
        for value in ["pwned", "https://breaches.example", "http://127.0.0.1:8080"] {
            assert!(read(value).is_ok_and(|breaches| breaches.0.is_some()), "{value}");
        }
        for value in ["", "on", "http://breaches.example", "https://breaches.example/path"] {
            assert!(read(value).is_err(), "{value}");
        }
    }
}
