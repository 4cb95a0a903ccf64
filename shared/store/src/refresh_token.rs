//! Refresh tokens: what they look like, and how one becomes the next.
//!
//! A token is `gwr_` and 96 bytes in base64url: user id (16), session id (16), family secret (32), own secret (32). It
//! is opaque to clients. Only hashes of the two secrets are stored. A successor is stored sealed under a key derived from
//! the token that it replaces. A client whose reply was lost can therefore get it again within the grace window, and a
//! dump of the table opens nothing.

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

/// Makes a token recognisable to programs that search for leaked secrets.
const PREFIX: &str = "gwr_";
const BYTES: usize = 96;
const SECRET: usize = 32;

/// Hashes of a refresh token's two secrets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TokenHashes {
    /// Of the secret that all tokens of the family share.
    pub(crate) family: SecretHash,
    /// Of the secret that this token alone has.
    pub(crate) own: SecretHash,
}

/// A refresh token, taken apart. `Debug` hides it.
pub struct RefreshToken {
    user: Uuid,
    sid: Uuid,
    family: Zeroizing<[u8; SECRET]>,
    own: Zeroizing<[u8; SECRET]>,
}

impl RefreshToken {
    /// The first token of a session. `user` and `sid` are ids of ours.
    pub fn first(user: &str, sid: &str) -> Result<Self, Error> {
        let id =
            |text: &str| Uuid::parse_str(text).map_err(|error| Error::fault("an id that is no UUID").because(error));
        let family = Zeroizing::new(random::bytes()?);
        Ok(Self { user: id(user)?, sid: id(sid)?, family, own: Zeroizing::new(random::bytes()?) })
    }

    /// A token of the same family with an own secret of its own.
    pub fn successor(&self) -> Result<Self, Error> {
        Ok(self.with(Zeroizing::new(random::bytes()?)))
    }

    fn with(&self, own: Zeroizing<[u8; SECRET]>) -> Self {
        Self { user: self.user, sid: self.sid, family: self.family.clone(), own }
    }

    /// Reads a token as a client sends it; `None` for anything that could not be one.
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

    /// The token as a client gets it.
    pub fn text(&self) -> String {
        let bytes = [self.user.as_bytes(), self.sid.as_bytes(), self.family.as_slice(), self.own.as_slice()].concat();
        format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(Zeroizing::new(bytes)))
    }

    /// The id of the person that it names. Unproven until the secrets are compared.
    pub(crate) fn user(&self) -> String {
        self.user.to_string()
    }

    /// The session that it names. Unproven until the secrets are compared.
    pub(crate) fn sid(&self) -> String {
        self.sid.to_string()
    }

    /// Stored in place of the two secrets.
    pub(crate) fn hashes(&self) -> TokenHashes {
        TokenHashes { family: self.hash("refresh family", &self.family), own: self.hash("refresh token", &self.own) }
    }

    /// The kind and the session take part in the hash: no secret can be found as another kind's or another session's.
    fn hash(&self, kind: &str, secret: &[u8; SECRET]) -> SecretHash {
        let message = Zeroizing::new([kind.as_bytes(), &[0], self.sid.as_bytes(), secret].concat());
        let mut hash = [0; 32];
        hash.copy_from_slice(digest(&SHA256, &message).as_ref());
        SecretHash(hash)
    }

    /// The successor's own secret, sealed so that only this token opens it.
    pub(crate) fn seal(&self, successor: &Self) -> Result<Vec<u8>, Error> {
        self.held(&self.place()).seal(successor.own.as_slice())
    }

    /// The successor that [`RefreshToken::seal`] sealed.
    pub(crate) fn open(&self, sealed: &[u8]) -> Result<Self, Error> {
        let own = self.held(&self.place()).open(sealed)?;
        let own: &[u8; SECRET] =
            own.as_slice().try_into().map_err(|_| Error::fault("a sealed successor of the wrong length"))?;
        Ok(self.with(Zeroizing::new(*own)))
    }

    fn held<'a>(&'a self, place: &'a str) -> Held<'a> {
        Held { secret: self.own.as_slice(), purpose: "successor of a refresh token", place }
    }

    /// Where the sealed successor lies; it opens nowhere else.
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
    fn a_token_survives_the_trip_and_nothing_else_is_taken_for_one() {
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
    fn the_two_secrets_of_a_token_never_hash_alike() {
        let token = RefreshToken::first(USER, SID).unwrap();
        let twin = token.with(token.family.clone());
        assert_ne!(twin.hashes().own, twin.hashes().family);
    }
}
