//! The list of revocations that affect tokens which have not expired yet. `GET /revocations` publishes it, and
//! verifiers look tokens up in it.
//!
//! The list is public, so it contains hashes instead of ids. An entry for a session or a token takes 22 characters.

use std::collections::{HashMap, HashSet};

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};

use crate::AccessClaims;

/// Length of the truncated SHA-256 digest of an id: 128 bits.
const HASH_BYTES: usize = 16;

/// Recent revocations. The list is usually empty, and then a lookup costs nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RevocationList {
    /// Sessions whose tokens are all revoked.
    sessions: HashSet<String>,
    /// Single tokens.
    tokens: HashSet<String>,
    /// People whose tokens with an `iat` up to this second are revoked.
    users: HashMap<String, u64>,
    /// The same for one client of a person, and for all tokens of a client.
    clients: HashMap<String, u64>,
}

impl RevocationList {
    /// Parses the published document. `None` when it is malformed.
    pub fn from_json(document: &[u8]) -> Option<Self> {
        crate::object::read(std::str::from_utf8(document).ok()?).ok()
    }

    /// Revokes every token of a session.
    pub fn session(&mut self, sid: &str) {
        self.sessions.insert(hash("session", &[sid]));
    }

    /// Revokes one token.
    pub fn token(&mut self, jti: &str) {
        self.tokens.insert(hash("token", &[jti]));
    }

    /// Revokes a person's tokens that were issued up to the second `until`.
    pub fn user(&mut self, sub: &str, until: u64) {
        later(&mut self.users, hash("user", &[sub]), until);
    }

    /// Revokes the tokens of one person and one client that were issued up to the second `until`.
    pub fn client(&mut self, sub: &str, client_id: &str, until: u64) {
        later(&mut self.clients, hash("client", &[sub, client_id]), until);
    }

    /// Revokes all tokens of a client that were issued up to the second `until`, whatever their subject.
    pub fn registration(&mut self, client_id: &str, until: u64) {
        later(&mut self.clients, hash("registration", &[client_id]), until);
    }

    /// Whether a token with these claims is revoked.
    pub fn covers(&self, claims: &AccessClaims) -> bool {
        let session = || claims.sid.as_deref().is_some_and(|sid| self.sessions.contains(&hash("session", &[sid])));
        let token = || self.tokens.contains(&hash("token", &[&claims.jti]));
        let made_by = |until: Option<&u64>| until.is_some_and(|until| claims.iat <= *until);
        let user = || made_by(self.users.get(&hash("user", &[&claims.sub])));
        let client = || {
            made_by(self.clients.get(&hash("client", &[&claims.sub, &claims.client_id])))
                || made_by(self.clients.get(&hash("registration", &[&claims.client_id])))
        };
        (!self.sessions.is_empty() && session())
            || (!self.tokens.is_empty() && token())
            || (!self.users.is_empty() && user())
            || (!self.clients.is_empty() && client())
    }
}

/// The hash covers the kind and the length of each part, so that an id of one kind never equals an id of another.
fn hash(kind: &str, ids: &[&str]) -> String {
    let parts = ids.iter().map(|id| format!("{}:{id}", id.len())).collect::<Vec<_>>();
    let message = format!("{kind}:{}", parts.concat());
    URL_SAFE_NO_PAD.encode(&digest(&SHA256, message.as_bytes()).as_ref()[..HASH_BYTES])
}

fn later(map: &mut HashMap<String, u64>, id: String, until: u64) {
    let known = map.entry(id).or_default();
    *known = until.max(*known);
}

#[cfg(test)]
mod tests {
    use oauth::Scopes;

    use super::*;
    use crate::Audience;

    fn claims() -> AccessClaims {
        AccessClaims {
            iss: "https://id.example".into(),
            sub: "u".into(),
            aud: Audience::one("https://id.example"),
            client_id: "c".into(),
            iat: 100,
            exp: 200,
            nbf: None,
            jti: "j".into(),
            scope: Scopes::default(),
            sid: Some("s".into()),
            auth_time: None,
            username: None,
            roles: Vec::new(),
        }
    }

    fn covers(revoke: impl FnOnce(&mut RevocationList)) -> bool {
        let mut list = RevocationList::default();
        revoke(&mut list);
        let document = serde_json::to_vec(&list).unwrap();
        RevocationList::from_json(&document).unwrap().covers(&claims())
    }

    #[test]
    fn a_token_is_covered_by_its_session_itself_its_person_and_its_client() {
        assert!(covers(|list| list.session("s")) && covers(|list| list.token("j")));
        assert!(covers(|list| list.user("u", 100)) && covers(|list| list.client("u", "c", 100)));
        assert!(covers(|list| list.registration("c", 100)));
    }

    #[test]
    fn a_token_made_later_and_tokens_of_others_are_not_covered() {
        assert!(!covers(|list| list.user("u", 99)) && !covers(|list| list.client("u", "c", 99)));
        assert!(!covers(|list| list.registration("c", 99)) && !covers(|list| list.registration("u", 100)));
        assert!(!covers(|list| list.session("j")) && !covers(|list| list.token("s")));
        assert!(!covers(|list| list.user("c", 100)) && !covers(|list| list.client("c", "u", 100)));
        assert!(!covers(|_| ()));
    }

    #[test]
    fn a_malformed_document_is_not_read_as_an_empty_list() {
        assert!(RevocationList::from_json(b"").is_none() && RevocationList::from_json(b"[]").is_none());
        assert!(RevocationList::from_json(b"{}").is_none() && RevocationList::from_json(br#"{"error":"x"}"#).is_none());
        assert!(RevocationList::from_json(br#"{"sessions": 1}"#).is_none());
    }
}
