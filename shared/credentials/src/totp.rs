//! One-time codes of authenticator apps (RFC 6238): six digits from a secret and the time, with HMAC-SHA-1 and steps of 30
//! seconds, which is what every app can do.
//!
//! A code is accepted during its own step and during the steps before and after it, for clocks that are wrong. Whoever
//! accepts a code stores its step, so that each step works once (RFC 6238 section 5.2).

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use qrcode::QrCode;
use qrcode::render::svg;
use totp_rs::{Algorithm, Builder, Secret, Totp};
use zeroize::Zeroizing;

/// Steps before and after the present one.
const SKEW: u16 = 1;
const DIGITS: u8 = 6;
const STEP_SECONDS: u64 = 30;
/// Pixels of the smallest square of a QR code.
const QR_MODULE: u32 = 4;

/// What stays as it is in a URI (RFC 3986 section 2.3).
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// The secret that an authenticator app and the service share.
pub struct TotpSecret(Totp);

impl TotpSecret {
    /// Bytes in a new secret: as many as a digest of SHA-1 has (RFC 4226 section 4).
    pub const LENGTH: usize = 20;

    /// The secret of these bytes.
    pub fn of(bytes: &[u8]) -> Self {
        let builder = Builder::new().with_algorithm(Algorithm::SHA1).with_digits(DIGITS).with_skew(SKEW);
        Self(builder.with_step_duration(STEP_SECONDS).with_secret(Secret::from(bytes)).build_noncompliant())
    }

    /// The secret in Base32, as people type it.
    pub fn text(&self) -> Zeroizing<String> {
        Zeroizing::new(self.0.secret().to_base32())
    }

    /// The URI that authenticator apps read from a QR code. They show `issuer` and `account`.
    pub fn uri(&self, issuer: &str, account: &str) -> Zeroizing<String> {
        let escaped = |text| utf8_percent_encode(text, ESCAPED);
        let (secret, issuer, account) = (self.text(), escaped(issuer), escaped(account));
        Zeroizing::new(format!(
            "otpauth://totp/{issuer}:{account}?secret={}&issuer={issuer}&algorithm=SHA1&digits={DIGITS}&period={STEP_SECONDS}",
            *secret
        ))
    }

    /// A URI as a QR code: an SVG image, dark on white, without a declaration before it. `None`: it is too long.
    pub fn qr(uri: &str) -> Option<String> {
        let image = QrCode::new(uri).ok()?.render::<svg::Color<'_>>().module_dimensions(QR_MODULE, QR_MODULE).build();
        image.find("<svg").map(|start| image[start..].to_owned())
    }

    /// The step of `code` at an instant, in epoch seconds, if it is right. Spaces do not count.
    pub fn step_of(&self, code: &str, seconds: u64) -> Option<u64> {
        let digits: Zeroizing<String> = Zeroizing::new(code.chars().filter(|c| !c.is_whitespace()).take(16).collect());
        self.0.check(&digits, seconds)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The secret of RFC 6238 appendix B.
    fn secret() -> TotpSecret {
        TotpSecret::of(b"12345678901234567890")
    }

    #[test]
    fn the_codes_of_the_rfc_are_right_at_their_times() {
        let last_six = [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ];
        for (seconds, code) in last_six {
            assert_eq!(secret().step_of(code, seconds), Some(seconds / 30), "{code}");
        }
    }

    #[test]
    fn a_code_is_right_for_one_step_before_and_after_its_own() {
        let step: u64 = 1_111_111_109 / 30;
        for (offset, right) in [(-2_i64, false), (-1, true), (0, true), (1, true), (2, false)] {
            let seconds = (step * 30).saturating_add_signed(offset * 30);
            assert_eq!(secret().step_of("081804", seconds), right.then_some(step), "{offset}");
        }
    }

    #[test]
    fn a_code_may_have_spaces_and_nothing_else() {
        assert!(secret().step_of(" 287 082 ", 59).is_some());
        for wrong in ["", "28708", "2870820", "287082\0", "-287082", "٢٨٧٠٨٢", "94287082", "287082".repeat(99).as_str()]
        {
            assert_eq!(secret().step_of(wrong, 59), None, "{wrong}");
        }
    }

    #[test]
    fn the_uri_names_issuer_and_account_and_escapes_both() {
        let uri = secret().uri("Notes & Co: a/b", "alice+x@example.com");
        let expected = "otpauth://totp/Notes%20%26%20Co%3A%20a%2Fb:alice%2Bx%40example.com\
                        ?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Notes%20%26%20Co%3A%20a%2Fb\
                        &algorithm=SHA1&digits=6&period=30";
        assert_eq!(*uri, expected);
    }

    #[test]
    fn a_uri_becomes_one_image_without_scripts_and_styles() {
        let image = TotpSecret::qr(&secret().uri("Notes", "alice")).unwrap();
        assert!(image.starts_with("<svg ") && image.ends_with("</svg>"), "{image}");
        assert_eq!(image.matches('<').count(), 4, "an image of a rectangle and a path");
        assert!(TotpSecret::qr(&"x".repeat(5000)).is_none());
    }
}
