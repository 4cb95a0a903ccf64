//! Secrets that this service issues and later verifies: generated here, shown once, stored only as hashes.

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use oauth::Error;
use zeroize::Zeroizing;

use crate::random;

/// The kind of a secret. The hash covers it, so that a secret of one kind never matches another kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SecretKind {
    /// An authorization code.
    Code,
    /// The cookie of a signed-in browser.
    BrowserSession,
    /// The cookie that identifies a browser.
    Browser,
    /// The cookie of a device on which a person has signed in.
    Device,
    /// The reference to an authorization request in progress.
    Request,
    /// The reference to a pushed authorization request (RFC 9126).
    RequestUri,
    /// A client's secret.
    ClientSecret,
    /// The token that manages a registration (RFC 7592).
    RegistrationAccessToken,
    /// The token that permits a registration (RFC 7591 section 3).
    InitialAccessToken,
    /// The `jti` of a client assertion (RFC 7523 section 3).
    AssertionId,
    /// The link that proves an address.
    AddressLink,
    /// The link that sets a new password.
    ResetLink,
    /// The link that stops a change of address.
    KeepLink,
    /// What a browser adds to the code of a mail.
    Keeper,
    /// The code of a mail, with its keeper.
    MailedCode,
    /// A recovery code, with the id of its owner.
    RecoveryCode,
    /// The token of a sign-in that lacks its second factor.
    MfaToken,
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
            Self::Device => "device",
            Self::Request => "authorization request",
            Self::RequestUri => "pushed authorization request",
            Self::ClientSecret => "client secret",
            Self::RegistrationAccessToken => "registration access token",
            Self::InitialAccessToken => "initial access token",
            Self::AssertionId => "client assertion",
            Self::AddressLink => "link that proves an address",
            Self::ResetLink => "link that resets a password",
            Self::KeepLink => "link that keeps an address",
            Self::Keeper => "keeper of a mailed code",
            Self::MailedCode => "mailed code",
            Self::RecoveryCode => "recovery code",
            Self::MfaToken => "sign-in without second factor",
        }
    }
}

impl SecretHash {
    /// The hash of `secret` as a secret of this kind.
    pub fn of(kind: SecretKind, secret: &str) -> Self {
        let message = Zeroizing::new([kind.word().as_bytes(), &[0], secret.as_bytes()].concat());
        let mut hash = [0; 32];
        hash.copy_from_slice(digest(&SHA256, &message).as_ref());
        Self(hash)
    }

    /// The hash in a form for keys: 43 characters of base64url.
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
    fn a_secret_of_one_kind_never_matches_another_kind() {
        let secret = generate().unwrap();
        assert_eq!(secret.len(), 43);
        assert_ne!(SecretHash::of(SecretKind::Code, &secret), SecretHash::of(SecretKind::ClientSecret, &secret));
        assert_eq!(SecretHash::of(SecretKind::Code, &secret), SecretHash::of(SecretKind::Code, &secret));
    }
}
