//! Secrets in the table that are sealed under another secret, which only its holder has: a dump of the table reveals
//! none of them.
//!
//! AES-256-GCM under a key that is derived from the other secret (HKDF, RFC 5869). A sealed secret is bound to its
//! purpose and its place and cannot be opened anywhere else.

use aws_lc_rs::aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey};
use aws_lc_rs::hkdf::{HKDF_SHA256, Salt};
use oauth::Error;
use zeroize::Zeroizing;

/// The other secret, the purpose, and the place of the sealed secret.
#[derive(Clone, Copy)]
pub(crate) struct Held<'a> {
    /// At least 128 random bits.
    pub(crate) secret: &'a [u8],
    pub(crate) purpose: &'static str,
    pub(crate) place: &'a str,
}

impl Held<'_> {
    /// Seals `secret`: nonce, ciphertext, tag.
    pub(crate) fn seal(&self, secret: &[u8]) -> Result<Vec<u8>, Error> {
        let mut sealed = secret.to_vec();
        let nonce = self
            .cipher()?
            .seal_in_place_append_tag(Aad::from(self.place.as_bytes()), &mut sealed)
            .map_err(|_| Error::fault("sealing a secret failed"))?;
        Ok([nonce.as_ref().as_slice(), &sealed].concat())
    }

    /// Opens what [`Held::seal`] sealed. Anything else is a fault.
    pub(crate) fn open(&self, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, Error> {
        let broken = || Error::fault("opening a sealed secret failed");
        let (nonce, sealed) = sealed.split_at_checked(NONCE_LEN).ok_or_else(broken)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| broken())?;
        let mut sealed = Zeroizing::new(sealed.to_vec());
        let aad = Aad::from(self.place.as_bytes());
        let length = self.cipher()?.open_in_place(nonce, aad, &mut sealed).map_err(|_| broken())?.len();
        sealed.truncate(length);
        Ok(sealed)
    }

    fn cipher(&self) -> Result<RandomizedNonceKey, Error> {
        let fault = || Error::fault("deriving a key failed");
        let mut key = Zeroizing::new([0; 32]);
        let secret = Salt::new(HKDF_SHA256, &[]).extract(self.secret);
        let info = [self.purpose.as_bytes()];
        let derived = secret.expand(&info, &AES_256_GCM).map_err(|_| fault())?;
        derived.fill(key.as_mut_slice()).map_err(|_| fault())?;
        RandomizedNonceKey::new(&AES_256_GCM, key.as_slice()).map_err(|_| fault())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sealed_secret_opens_only_with_the_same_secret_purpose_and_place() {
        let held = Held { secret: b"a secret", purpose: "test", place: "here" };
        let sealed = held.seal(b"content").unwrap();
        assert_eq!(held.open(&sealed).unwrap().as_slice(), b"content");
        for other in [
            Held { secret: b"another", ..held },
            Held { purpose: "another", ..held },
            Held { place: "elsewhere", ..held },
        ] {
            assert!(other.open(&sealed).is_err());
        }
        assert!(held.open(&sealed[..20]).is_err() && held.open(&[]).is_err());
    }
}
