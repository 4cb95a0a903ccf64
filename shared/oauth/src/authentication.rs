//! How somebody proved who they are: what any proof of a person yields, wherever it happens. Signed-in browsers, codes,
//! sessions and ID tokens carry it.

use serde::{Deserialize, Serialize};

use crate::time::Time;

/// A proof of a person: how, how strongly, when, and what it stands or falls with.
///
/// In the table its members lie beside those of the item that carries it, under the names of the claims.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Authentication {
    /// How (RFC 8176).
    #[serde(rename = "amr", default)]
    pub methods: Vec<Method>,
    /// How strongly (OpenID Connect Core section 2, `acr`).
    #[serde(rename = "acr", default)]
    pub level: Level,
    /// When.
    #[serde(rename = "auth_time")]
    pub at: Time,
    /// What must still be so for the proof to count.
    #[serde(flatten)]
    pub rests_on: RestsOn,
}

/// What a proof stands or falls with. The write that uses the proof checks all of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RestsOn {
    /// The profile's epoch: it rises with every change that ends earlier proofs, such as a new password.
    #[serde(default)]
    pub epoch: u64,
    /// What was used, each as it was then.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub factors: Vec<Factor>,
}

/// Something that a person proves themselves by.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Factor {
    /// The password.
    Password {
        /// When it was set.
        changed_at: Time,
    },
}

/// An authentication method reference (RFC 8176 section 2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Method {
    /// A password.
    #[serde(rename = "pwd")]
    Password,
}

/// An authentication context class, weakest first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Level {
    /// One factor, such as a password.
    #[default]
    #[serde(rename = "1")]
    OneFactor,
}

impl Authentication {
    /// A proof by a password that was set at `changed_at`, of a person whose profile is at `epoch`.
    pub fn by_password(epoch: u64, changed_at: Time, now: Time) -> Self {
        Self {
            methods: vec![Method::Password],
            level: Level::OneFactor,
            at: now,
            rests_on: RestsOn { epoch, factors: vec![Factor::Password { changed_at }] },
        }
    }

    /// The same once a write has seen factors and epoch together. A factor whose change raises the epoch need not be
    /// looked at again: the epoch tells.
    #[must_use]
    pub fn settled(mut self) -> Self {
        self.rests_on.factors.retain(|factor| !factor.raises_epoch());
        self
    }
}

impl Factor {
    /// Whether every change of it raises the profile's epoch in the same write.
    const fn raises_epoch(&self) -> bool {
        match self {
            Self::Password { .. } => true,
        }
    }
}

impl Method {
    /// The word in `amr`.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Password => "pwd",
        }
    }
}

impl Level {
    /// Every level, as `acr_values_supported` lists them.
    pub const ALL: [Self; 1] = [Self::OneFactor];

    /// The word in `acr`.
    pub const fn word(self) -> &'static str {
        match self {
            Self::OneFactor => "1",
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn words_in_tokens_are_the_stored_ones() {
        assert_eq!(serde_json::to_value(Method::Password).unwrap(), Method::Password.word());
        for level in Level::ALL {
            assert_eq!(serde_json::to_value(level).unwrap(), level.word());
        }
    }

    #[test]
    fn once_seen_together_with_the_epoch_a_password_need_not_be_looked_at_again() {
        let authentication = Authentication::by_password(3, Time::from_seconds(1), Time::from_seconds(2)).settled();
        assert_eq!(authentication.rests_on, RestsOn { epoch: 3, factors: Vec::new() });
    }

    #[test]
    fn an_item_that_was_written_before_there_were_levels_is_read() {
        let stored = json!({"amr": ["pwd"], "auth_time": 5000, "epoch": 2});
        let authentication: Authentication = serde_json::from_value(stored).unwrap();
        assert_eq!((authentication.level, authentication.rests_on.epoch), (Level::OneFactor, 2));
    }
}
