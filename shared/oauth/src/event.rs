//! Security events: what happened, to whom, from where, by which client, and with which result.
//!
//! An event contains no secret, and no name that somebody typed: people type passwords into fields for names. Texts that
//! come from a caller are cut, so that an event has a greatest size.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Longest text of an event, in bytes.
const LONGEST: usize = 256;

/// One event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SecurityEvent {
    /// What happened.
    pub action: Action,
    /// Whether it was done.
    pub outcome: Outcome,
    /// Why it happened or was refused, where the action does not say it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Reason>,
    /// The id of the person that it concerns. None: it concerns the service.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// The client that took part, or that an order was about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_id: Option<String>,
    /// The session or browser that began or ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session: Option<String>,
    /// The word of an operator's order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order: Option<String>,
    /// Another thing that it is about: the id of a key, or an API.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub object: Option<String>,
    /// When it takes effect, in epoch seconds, if later: the end of an account, or a change of address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub effective_at: Option<u64>,
    /// The caller's IP address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// What the caller's program says it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_agent: Option<String>,
    /// The id of the request, which is in the log lines and in the response.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
}

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// A person signed in with a password: by the JSON API, or in a browser.
    SignIn,
    /// An account was created.
    Registration,
    /// The address of a new account was proven, so that its owner can sign in.
    AddressProven,
    /// A new address was proven that replaces the present one later.
    AddressChanging,
    /// An account has a new address.
    AddressChanged,
    /// A change of address was stopped.
    AddressKept,
    /// Somebody who is signed in gave the password again.
    PasswordProven,
    /// A person changed or removed their display name.
    NameChanged,
    /// A person downloaded what is kept about them.
    DataExported,
    /// A person replaced the password.
    PasswordChanged,
    /// A person who had forgotten the password set a new one.
    PasswordReset,
    /// Somebody asked for a mail to set a new password.
    ResetRequested,
    /// A person allowed a client something.
    ConsentGiven,
    /// A person took back what they had allowed a client.
    ConsentRemoved,
    /// A session ended.
    SessionEnded,
    /// A browser was signed out, with the sessions that had begun in it.
    BrowserSignedOut,
    /// All sessions and browsers of a person ended.
    SignedOutEverywhere,
    /// The refresh tokens of a session ended with it.
    TokensEnded,
    /// Somebody who is signed in gave a code of a second factor.
    FactorProven,
    /// A second factor was added.
    FactorAdded,
    /// A second factor was removed.
    FactorRemoved,
    /// A second factor is removed later, unless the person keeps it.
    FactorLeaving,
    /// A second factor that was about to be removed was kept.
    FactorKept,
    /// New recovery codes replaced the old ones.
    RecoveryCodesReplaced,
    /// An account was deleted.
    AccountDeleted,
    /// An account ends later, unless its owner keeps it.
    AccountLeaving,
    /// A person kept an account that was about to end.
    AccountKept,
    /// A client registered itself.
    ClientRegistered,
    /// A client changed its registration.
    ClientChanged,
    /// A client removed its registration.
    ClientRemoved,
    /// An operator gave an order.
    Order,
    /// Signing keys were replaced.
    KeysRotated,
    /// A signing key was withdrawn.
    KeyWithdrawn,
}

/// Whether something was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It was.
    Success,
    /// It was not, because of who asked or what they knew.
    Refused,
}

/// Why something happened or was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// Nobody has the name that was typed.
    UnknownPerson,
    /// The password was wrong, or the person may not sign in.
    WrongPassword,
    /// The code or link of a mail was wrong, used or too old.
    WrongCode,
    /// Too many attempts.
    TooMany,
    /// The person said no.
    Denied,
    /// The address is not proven yet.
    AddressUnproven,
    /// A refresh token was used again after it had been replaced.
    RefreshTokenReused,
    /// An authorization code was used again.
    CodeReused,
    /// The client asked for it.
    Revoked,
    /// The session that asked stays.
    ExceptThisSession,
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.serialize(f)
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.serialize(f)
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.serialize(f)
    }
}

impl SecurityEvent {
    /// Something that was done.
    pub fn of(action: Action) -> Self {
        Self {
            action,
            outcome: Outcome::Success,
            reason: None,
            user: None,
            client_id: None,
            session: None,
            order: None,
            object: None,
            effective_at: None,
            address: None,
            user_agent: None,
            request_id: None,
        }
    }

    /// The same, refused.
    #[must_use]
    pub fn refused(self, reason: Reason) -> Self {
        Self { outcome: Outcome::Refused, reason: Some(reason), ..self }
    }

    /// The same for a reason.
    #[must_use]
    pub fn because(self, reason: Reason) -> Self {
        Self { reason: Some(reason), ..self }
    }

    /// The same, concerning a person.
    #[must_use]
    pub fn for_person(self, id: &str) -> Self {
        Self { user: Some(id.to_owned()), ..self }
    }

    /// The same with a client.
    #[must_use]
    pub fn by_client(self, id: &str) -> Self {
        Self { client_id: cut(id), ..self }
    }

    /// The same about a session or browser.
    #[must_use]
    pub fn of_session(self, id: &str) -> Self {
        Self { session: cut(id), ..self }
    }

    /// The same as the result of an order.
    #[must_use]
    pub fn by_order(self, word: &str) -> Self {
        Self { order: cut(word), ..self }
    }

    /// The same about a key or an API.
    #[must_use]
    pub fn about(self, object: &str) -> Self {
        Self { object: cut(object), ..self }
    }

    /// The same, if it takes effect at a later instant, in epoch seconds.
    #[must_use]
    pub fn taking_effect(self, at: Option<u64>) -> Self {
        Self { effective_at: at, ..self }
    }

    /// The same with where it came from.
    #[must_use]
    pub fn from_address(self, address: &str, user_agent: Option<&str>) -> Self {
        Self { address: cut(address), user_agent: user_agent.and_then(cut), ..self }
    }

    /// The same with the id of its request.
    #[must_use]
    pub fn in_request(self, id: &str) -> Self {
        Self { request_id: cut(id), ..self }
    }
}

/// The beginning of a text, unless it is empty.
fn cut(text: &str) -> Option<String> {
    let end = text.floor_char_boundary(LONGEST);
    text.get(..end).filter(|text| !text.is_empty()).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_event_is_flat_and_has_only_what_is_known() {
        let event = SecurityEvent::of(Action::SignIn).refused(Reason::WrongPassword).for_person("alice");
        let flat = json!({"action": "sign_in", "outcome": "refused", "reason": "wrong_password", "user": "alice"});
        assert_eq!(serde_json::to_value(&event).unwrap(), flat);
        assert_eq!(serde_json::from_value::<SecurityEvent>(flat).unwrap(), event);
    }

    #[test]
    fn a_word_in_a_log_line_is_the_one_that_is_stored() {
        assert_eq!(Action::SignedOutEverywhere.to_string(), "signed_out_everywhere");
        assert_eq!(
            (Outcome::Success.to_string(), Reason::CodeReused.to_string()),
            ("success".into(), "code_reused".into())
        );
    }

    #[test]
    fn texts_of_callers_are_cut_between_two_characters() {
        let long = "é".repeat(LONGEST);
        let event = SecurityEvent::of(Action::SignIn).from_address("", Some(&format!("a{long}"))).by_client(&long);
        assert_eq!(event.address, None);
        assert_eq!(event.user_agent.unwrap().len(), LONGEST - 1);
        assert_eq!(event.client_id.unwrap().len(), LONGEST);
    }
}
