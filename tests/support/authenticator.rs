//! An authenticator app of our own: one-time codes from a secret (RFC 6238), computed without the service's code.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use aws_lc_rs::hmac::{HMAC_SHA1_FOR_LEGACY_USE_ONLY, Key, sign};

/// The alphabet of base32 (RFC 4648 section 6).
const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// How long a code is shown, in seconds.
const STEP_SECONDS: u64 = 30;

/// An app that knows the secret of one person.
#[derive(Clone, Debug)]
pub struct Authenticator(Vec<u8>);

impl Authenticator {
    /// The app that was given this secret, in base32.
    pub fn with(secret: &str) -> Self {
        let (mut bytes, mut buffer, mut bits) = (Vec::new(), 0_u32, 0);
        for letter in secret.bytes() {
            let value = ALPHABET.iter().position(|known| *known == letter).expect("base32");
            buffer = (buffer << 5 | u32::try_from(value).expect("five bits")) & 0xfff;
            bits += 5;
            if bits >= 8 {
                bits -= 8;
                bytes.push(u8::try_from(buffer >> bits & 0xff).expect("a byte"));
            }
        }
        Self(bytes)
    }

    /// The code of a step that is so many steps from the present one. If an earlier one would soon be too old, this waits for
    /// the next step.
    pub fn code(&self, offset: i64) -> String {
        let left = STEP_SECONDS - seconds() % STEP_SECONDS;
        if offset < 0 && left <= STEP_SECONDS / 3 {
            std::thread::sleep(Duration::from_secs(left));
        }
        let seconds = seconds();
        let step = (seconds / STEP_SECONDS).saturating_add_signed(offset);
        let tag = sign(&Key::new(HMAC_SHA1_FOR_LEGACY_USE_ONLY, &self.0), &step.to_be_bytes());
        let hash = tag.as_ref();
        let at = usize::from(hash[19] & 0xf);
        let number = u32::from_be_bytes([hash[at] & 0x7f, hash[at + 1], hash[at + 2], hash[at + 3]]);
        format!("{:06}", number % 1_000_000)
    }
}

fn seconds() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_secs()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_read_from_base32() {
        assert_eq!(Authenticator::with("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ").0, b"12345678901234567890");
    }
}
