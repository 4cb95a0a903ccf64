//! How a person authenticated. Every proof of identity yields an [`Authentication`]; signed-in browsers, codes,
//! sessions and ID tokens carry it.

use serde::{Deserialize, Serialize};

use crate::time::Time;

/// A completed authentication: its methods, its strength, its time, and what it depends on.
///
/// In the table, its members are stored beside those of the item that carries it, under the names of the claims.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Authentication {
    /// The methods used (RFC 8176).
    #[serde(rename = "amr", default)]
    pub methods: Vec<Method>,
    /// The strength (OpenID Connect Core section 2, `acr`).
    #[serde(rename = "acr", default)]
    pub level: Level,
    /// When the person authenticated.
    #[serde(rename = "auth_time")]
    pub at: Time,
    /// What must be unchanged for the authentication to remain valid.
    #[serde(flatten)]
    pub rests_on: RestsOn,
}

/// What an authentication depends on. The write that uses the authentication checks all of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RestsOn {
    /// The epoch of the profile. It rises with every change that invalidates earlier authentications, such as a new
    /// password.
    #[serde(default)]
    pub epoch: u64,
    /// The factors used, in their state at that time.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub factors: Vec<Factor>,
}

/// A factor that a person authenticates with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Factor {
    /// The password.
    Password {
        /// When the password was set.
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
    /// An authentication with a password that was set at `changed_at`, when the profile was at `epoch`.
    pub fn by_password(epoch: u64, changed_at: Time, now: Time) -> Self {
        Self {
            methods: vec![Method::Password],
            level: Level::OneFactor,
            at: now,
            rests_on: RestsOn { epoch, factors: vec![Factor::Password { changed_at }] },
        }
    }

    /// The same, without the factors whose changes raise the epoch. Call it after a write has checked factors and epoch
    /// together: from then on, the epoch alone is sufficient.
    #[must_use]
    pub fn settled(mut self) -> Self {
        self.rests_on.factors.retain(|factor| !factor.raises_epoch());
        self
    }
}

impl Factor {
    /// Whether every change of the factor raises the profile's epoch in the same write.
    const fn raises_epoch(&self) -> bool {
        match self {
            Self::Password { .. } => true,
        }
    }
}

impl Method {
    /// The value in `amr`.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Password => "pwd",
        }
    }
}

impl Level {
    /// Every level, as `acr_values_supported` lists them.
    pub const ALL: [Self; 1] = [Self::OneFactor];

    /// The value in `acr`.
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
    fn tokens_and_stored_items_use_the_same_words() {
        assert_eq!(serde_json::to_value(Method::Password).unwrap(), Method::Password.word());
        for level in Level::ALL {
            assert_eq!(serde_json::to_value(level).unwrap(), level.word());
        }
    }

    #[test]
    fn once_checked_together_with_the_epoch_a_password_is_not_checked_again() {
        let authentication = Authentication::by_password(3, Time::from_seconds(1), Time::from_seconds(2)).settled();
        assert_eq!(authentication.rests_on, RestsOn { epoch: 3, factors: Vec::new() });
    }

    #[test]
    fn an_item_without_a_level_is_read() {
        let stored = json!({"amr": ["pwd"], "auth_time": 5000, "epoch": 2});
        let authentication: Authentication = serde_json::from_value(stored).unwrap();
        assert_eq!((authentication.level, authentication.rests_on.epoch), (Level::OneFactor, 2));
    }
}
