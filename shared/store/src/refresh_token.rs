//! The format of refresh tokens, and how one is replaced by the next.
//!
//! A token is `gwr_` and 96 bytes in base64url: user id (16), session id (16), family secret (32), own secret (32). It
//! is opaque to clients. The table contains only hashes of the two secrets. A successor is stored sealed under a key
//! that is derived from its predecessor: a client that lost the reply can get the successor again within the grace
//! window, and a dump of the table reveals no token.

use std::fmt;

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use oauth::Error;
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::held::Held;
use crate::random;
use crate::secret::SecretHash;

/// Lets secret scanners recognise a leaked token.
const PREFIX: &str = "gwr_";
const BYTES: usize = 96;
const SECRET: usize = 32;

/// Hashes of a refresh token's two secrets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TokenHashes {
    /// Of the secret that all tokens of a family share.
    pub(crate) family: SecretHash,
    /// Of the secret of this token.
    pub(crate) own: SecretHash,
}

/// A parsed refresh token. `Debug` hides it.
pub struct RefreshToken {
    user: Uuid,
    sid: Uuid,
    family: Zeroizing<[u8; SECRET]>,
    own: Zeroizing<[u8; SECRET]>,
}

impl RefreshToken {
    /// The first token of a session. `user` and `sid` are ids made by this crate.
    pub fn first(user: &str, sid: &str) -> Result<Self, Error> {
        let id = |text: &str| Uuid::parse_str(text).map_err(|error| Error::fault("an id is not a UUID").because(error));
        let family = Zeroizing::new(random::bytes()?);
        Ok(Self { user: id(user)?, sid: id(sid)?, family, own: Zeroizing::new(random::bytes()?) })
    }

    /// A new token of the same family.
    pub fn successor(&self) -> Result<Self, Error> {
        Ok(self.with(Zeroizing::new(random::bytes()?)))
    }

    fn with(&self, own: Zeroizing<[u8; SECRET]>) -> Self {
        Self { user: self.user, sid: self.sid, family: self.family.clone(), own }
    }

    /// Parses a token from a client. `None` if it is malformed.
    pub fn parse(text: &str) -> Option<Self> {
        let encoded = text.strip_prefix(PREFIX).filter(|encoded| encoded.len() == BYTES / 3 * 4)?;
        let bytes = Zeroizing::new(URL_SAFE_NO_PAD.decode(encoded).ok()?);
        let (user, rest) = bytes.split_first_chunk::<16>()?;
        let (sid, rest) = rest.split_first_chunk::<16>()?;
        let (family, rest) = rest.split_first_chunk::<SECRET>()?;
        let own: &[u8; SECRET] = rest.try_into().ok()?;
        let (family, own) = (Zeroizing::new(*family), Zeroizing::new(*own));
        Some(Self { user: Uuid::from_bytes(*user), sid: Uuid::from_bytes(*sid), family, own })
    }

    /// The token in the form that clients get.
    pub fn text(&self) -> String {
        let bytes = [self.user.as_bytes(), self.sid.as_bytes(), self.family.as_slice(), self.own.as_slice()].concat();
        format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(Zeroizing::new(bytes)))
    }

    /// The id of the person in the token. Unverified until the secrets are compared.
    pub fn user(&self) -> String {
        self.user.to_string()
    }

    /// The session id in the token. Unverified until the secrets are compared.
    pub fn sid(&self) -> String {
        self.sid.to_string()
    }

    /// The hashes that are stored.
    pub(crate) fn hashes(&self) -> TokenHashes {
        TokenHashes { family: self.hash("refresh family", &self.family), own: self.hash("refresh token", &self.own) }
    }

    /// The hash covers the kind and the session, so that a secret never matches one of another kind or session.
    fn hash(&self, kind: &str, secret: &[u8; SECRET]) -> SecretHash {
        let message = Zeroizing::new([kind.as_bytes(), &[0], self.sid.as_bytes(), secret].concat());
        let mut hash = [0; 32];
        hash.copy_from_slice(digest(&SHA256, &message).as_ref());
        SecretHash(hash)
    }

    /// Seals the successor's own secret, so that only this token opens it: nonce, ciphertext, tag.
    pub(crate) fn seal(&self, successor: &Self) -> Result<Vec<u8>, Error> {
        self.held(&self.place()).seal(successor.own.as_slice())
    }

    /// Opens the successor that [`RefreshToken::seal`] sealed.
    pub(crate) fn open(&self, sealed: &[u8]) -> Result<Self, Error> {
        let own = self.held(&self.place()).open(sealed)?;
        let own: &[u8; SECRET] =
            own.as_slice().try_into().map_err(|_| Error::fault("a sealed successor has the wrong length"))?;
        Ok(self.with(Zeroizing::new(*own)))
    }

    fn held<'a>(&'a self, place: &'a str) -> Held<'a> {
        Held { secret: self.own.as_slice(), purpose: "successor of a refresh token", place }
    }

    /// The place of the sealed successor. It cannot be opened anywhere else.
    fn place(&self) -> String {
        format!("SESSION#{}/{}", self.user, self.sid)
    }
}

impl fmt::Debug for RefreshToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RefreshToken(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const USER: &str = "018f0000-0000-7000-8000-000000000001";
    const SID: &str = "018f0000-0000-7000-8000-000000000002";

    #[test]
    fn a_token_survives_a_round_trip_and_other_texts_are_refused() {
        let token = RefreshToken::first(USER, SID).unwrap();
        let text = token.text();
        let read = RefreshToken::parse(&text).unwrap();
        assert_eq!((read.user(), read.sid()), (USER.to_owned(), SID.to_owned()));
        assert_eq!(read.hashes(), token.hashes());
        for text in
            [&text[4..], &text[..text.len() - 1], &format!("{text}A"), &text.replace("gwr_", "gwx_"), "", "gwr_é"]
        {
            assert!(RefreshToken::parse(text).is_none(), "{text}");
        }
    }

    #[test]
    fn only_the_token_that_was_replaced_opens_its_successor() {
        let token = RefreshToken::first(USER, SID).unwrap();
        let next = token.successor().unwrap();
        let sealed = token.seal(&next).unwrap();
        assert_eq!(token.open(&sealed).unwrap().text(), next.text());
        assert!(next.open(&sealed).is_err());
        assert!(token.open(&sealed[..20]).is_err() && token.open(&[]).is_err());
    }

    #[test]
    fn the_two_secrets_of_a_token_never_have_equal_hashes() {
        let token = RefreshToken::first(USER, SID).unwrap();
        let twin = token.with(token.family.clone());
        assert_ne!(twin.hashes().own, twin.hashes().family);
    }
}
