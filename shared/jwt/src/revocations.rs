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
    /// People who signed out everywhere: their tokens with an `iat` up to this second are revoked, except as [`People`]
    /// says. Verifiers that do not read `people` also refuse the tokens of the session that stays, until it refreshes.
    users: HashMap<String, u64>,
    /// What is known more exactly about the same people.
    #[serde(default)]
    people: HashMap<String, People>,
    /// Tokens up to a second, as in `users`, for one client of a person, and for all tokens of a client.
    clients: HashMap<String, u64>,
}

/// Which sessions of a person have ended. A token with the claim `epoch` is judged by it; the time in `users` is for
/// tokens without the claim.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct People {
    /// The sessions of earlier epochs.
    before: u64,
    /// But not this one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    stays: Option<String>,
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

    /// Revokes the tokens of all sessions of a person that began before the epoch `before`, except the session `stays`.
    /// Tokens without an epoch are revoked if they were issued up to the second `until`.
    pub fn person(&mut self, sub: &str, before: u64, stays: Option<&str>, until: u64) {
        let person = hash("user", &[sub]);
        later(&mut self.users, person.clone(), until);
        if self.people.get(&person).is_none_or(|known| known.before < before) {
            let stays = stays.map(|sid| hash("session", &[sid]));
            self.people.insert(person, People { before, stays });
        }
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
        let client = || made_by(self.clients.get(&hash("registration", &[&claims.client_id])));
        (!self.sessions.is_empty() && session())
            || (!self.tokens.is_empty() && token())
            || (!self.users.is_empty() && self.covers_person(claims))
            || (!self.clients.is_empty() && client())
    }

    /// Whether the token's session ended when its person signed out everywhere.
    fn covers_person(&self, claims: &AccessClaims) -> bool {
        let person = hash("user", &[&claims.sub]);
        let known = self.people.get(&person);
        let ended = match (claims.epoch, known) {
            (Some(epoch), Some(known)) => epoch < known.before,
            _ => self.users.get(&person).is_some_and(|until| claims.iat <= *until),
        };
        let stays = || known?.stays.as_ref().zip(claims.sid.as_deref());
        ended && stays().is_none_or(|(stays, sid)| *stays != hash("session", &[sid]))
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
            acr: None,
            epoch: Some(0),
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
        assert!(covers(|list| list.person("u", 1, None, 0)));
        assert!(covers(|list| list.registration("c", 100)));
    }

    #[test]
    fn a_token_made_later_and_tokens_of_others_are_not_covered() {
        assert!(!covers(|list| list.person("u", 0, None, 100)));
        assert!(!covers(|list| list.registration("c", 99)) && !covers(|list| list.registration("u", 100)));
        assert!(!covers(|list| list.session("j")) && !covers(|list| list.token("s")));
        assert!(!covers(|list| list.person("c", 1, None, 100)));
        assert!(!covers(|_| ()));
    }

    #[test]
    fn of_a_person_who_signs_out_everywhere_one_session_stays_and_later_ones_begin() {
        let stays = |sid: Option<&str>, epoch| {
            let mut list = RevocationList::default();
            list.person("u", 3, Some("s"), 100);
            !list.covers(&AccessClaims { sid: sid.map(str::to_owned), epoch, ..claims() })
        };
        assert!(stays(Some("s"), Some(2)) && stays(Some("s"), None), "the session that stays");
        assert!(!stays(Some("other"), Some(2)) && !stays(None, Some(2)), "the others");
        assert!(stays(Some("other"), Some(3)) && stays(Some("other"), Some(4)), "sessions that began afterwards");
    }

    #[test]
    fn a_token_without_an_epoch_is_judged_by_its_time() {
        let mut list = RevocationList::default();
        list.person("u", 3, Some("s"), 100);
        let made = |iat| AccessClaims { sid: Some("other".into()), epoch: None, iat, ..claims() };
        assert!(list.covers(&made(100)) && !list.covers(&made(101)));
    }

    #[test]
    fn the_latest_sign_out_of_a_person_counts_in_whatever_order_they_are_read() {
        for order in [[1, 2], [2, 1]] {
            let mut list = RevocationList::default();
            for before in order {
                list.person("u", before, Some(if before == 1 { "s" } else { "t" }), before);
            }
            let ended = |sid: &str, epoch| list.covers(&AccessClaims { sid: Some(sid.into()), epoch, ..claims() });
            assert!(ended("s", Some(0)), "it stayed at first");
            assert!(!ended("t", Some(1)));
        }
    }

    #[test]
    fn the_example_of_a_hash_in_the_documentation_is_correct() {
        assert_eq!(hash("session", &["01a20b06-1fc0-7985-8a48-c26fd6e00ea1"]), "sOnl-NZ0TUPvk_9OITcVWw");
        assert!(include_str!("../../../docs/verify.md").contains("sOnl-NZ0TUPvk_9OITcVWw"));
    }

    #[test]
    fn a_list_of_a_release_that_knew_no_epochs_is_read() {
        let document = br#"{"sessions":[],"tokens":[],"users":{},"clients":{}}"#;
        assert_eq!(RevocationList::from_json(document), Some(RevocationList::default()));
    }

    #[test]
    fn a_malformed_document_is_not_read_as_an_empty_list() {
        assert!(RevocationList::from_json(b"").is_none() && RevocationList::from_json(b"[]").is_none());
        assert!(RevocationList::from_json(b"{}").is_none() && RevocationList::from_json(br#"{"error":"x"}"#).is_none());
        assert!(RevocationList::from_json(br#"{"sessions": 1}"#).is_none());
    }
}
