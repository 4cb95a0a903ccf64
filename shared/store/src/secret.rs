//! Secrets that others hold and we recognise: made here, handed out once, stored only as hashes.

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use oauth::Error;
use zeroize::Zeroizing;

use crate::random;

/// What a secret is for. The kind takes part in the hash, so that none can be found as another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SecretKind {
    /// An authorization code.
    Code,
    /// The cookie of a browser that is signed in.
    BrowserSession,
    /// The cookie that tells browsers apart.
    Browser,
    /// The reference to an authorization request under way.
    Request,
    /// The reference to a pushed authorization request (RFC 9126).
    RequestUri,
    /// A client's secret.
    ClientSecret,
    /// What manages a registration (RFC 7592).
    RegistrationAccessToken,
    /// What allows a registration (RFC 7591 section 3).
    InitialAccessToken,
    /// The `jti` of a client assertion (RFC 7523 section 3).
    AssertionId,
}

/// SHA-256 of a secret. The secret itself is never stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SecretHash(pub [u8; 32]);

impl SecretKind {
    const fn word(self) -> &'static str {
        match self {
            Self::Code => "authorization code",
            Self::BrowserSession => "browser session",
            Self::Browser => "browser",
            Self::Request => "authorization request",
            Self::RequestUri => "pushed authorization request",
            Self::ClientSecret => "client secret",
            Self::RegistrationAccessToken => "registration access token",
            Self::InitialAccessToken => "initial access token",
            Self::AssertionId => "client assertion",
        }
    }
}

impl SecretHash {
    /// The hash under which `secret`, as its holder presents it, is known as one of `kind`.
    pub fn of(kind: SecretKind, secret: &str) -> Self {
        let message = Zeroizing::new([kind.word().as_bytes(), &[0], secret.as_bytes()].concat());
        let mut hash = [0; 32];
        hash.copy_from_slice(digest(&SHA256, &message).as_ref());
        Self(hash)
    }

    /// The hash as a part of a key: 43 characters of base64url.
    pub fn text(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.0)
    }
}

/// A new secret of 256 random bits: 43 characters of base64url.
pub fn generate() -> Result<Zeroizing<String>, Error> {
    let bytes = Zeroizing::new(random::bytes::<32>()?);
    Ok(Zeroizing::new(URL_SAFE_NO_PAD.encode(bytes.as_slice())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_of_one_kind_is_never_found_as_another() {
        let secret = generate().unwrap();
        assert_eq!(secret.len(), 43);
        assert_ne!(SecretHash::of(SecretKind::Code, &secret), SecretHash::of(SecretKind::ClientSecret, &secret));
        assert_eq!(SecretHash::of(SecretKind::Code, &secret), SecretHash::of(SecretKind::Code, &secret));
    }
}
