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
    /// A code that works once: of an authenticator app, of the list of recovery codes, or from a mail.
    #[serde(rename = "otp")]
    OneTimePassword,
    /// A passkey that stays on its device.
    #[serde(rename = "hwk")]
    HardwareKey,
    /// A passkey that is synchronised between devices.
    #[serde(rename = "swk")]
    SoftwareKey,
    /// The person was verified at their device, by a PIN or by a biometric feature.
    #[serde(rename = "user")]
    UserVerified,
    /// Several factors took part.
    #[serde(rename = "mfa")]
    MultiFactor,
}

/// An authentication context class, weakest first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Level {
    /// One factor, such as a password.
    #[default]
    #[serde(rename = "1")]
    OneFactor,
    /// Two factors, such as a password and a code.
    #[serde(rename = "2")]
    TwoFactors,
    /// Two factors of which phishing gets none: a passkey after a password, or one whose device has verified the person
    /// (OpenID Connect Extended Authentication Profile ACR Values 1.0).
    #[serde(rename = "phr")]
    PhishingResistant,
}

/// A second factor that a person has proven after their password.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Second {
    /// A code that works once.
    OneTimePassword,
    /// A passkey.
    Passkey(Passkey),
}

/// How a passkey was used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Passkey {
    /// Whether it is synchronised between devices.
    pub is_synced: bool,
    /// Whether the device has verified the person.
    pub is_user_verified: bool,
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

    /// The same, after the person has proven a second factor, too.
    #[must_use]
    pub fn and(mut self, second: Second, now: Time) -> Self {
        let (methods, level) = match second {
            Second::OneTimePassword => (vec![Method::OneTimePassword], Level::TwoFactors),
            Second::Passkey(passkey) => (passkey.methods(), Level::PhishingResistant),
        };
        self.methods.extend(methods);
        self.methods.push(Method::MultiFactor);
        Self { level: self.level.max(level), at: now, ..self }
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

impl Passkey {
    fn methods(self) -> Vec<Method> {
        let key = if self.is_synced { Method::SoftwareKey } else { Method::HardwareKey };
        [Some(key), self.is_user_verified.then_some(Method::UserVerified)].into_iter().flatten().collect()
    }
}

impl Method {
    /// Every method.
    pub const ALL: [Self; 6] = [
        Self::Password,
        Self::OneTimePassword,
        Self::HardwareKey,
        Self::SoftwareKey,
        Self::UserVerified,
        Self::MultiFactor,
    ];

    /// The value in `amr`.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Password => "pwd",
            Self::OneTimePassword => "otp",
            Self::HardwareKey => "hwk",
            Self::SoftwareKey => "swk",
            Self::UserVerified => "user",
            Self::MultiFactor => "mfa",
        }
    }
}

impl Level {
    /// Every level, weakest first.
    pub const ALL: [Self; 3] = [Self::OneFactor, Self::TwoFactors, Self::PhishingResistant];
    /// Those that people can reach, as `acr_values_supported` lists them.
    pub const REACHABLE: [Self; 2] = [Self::OneFactor, Self::TwoFactors];

    /// The level with this value of `acr`.
    pub fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|level| level.word() == word)
    }

    /// The value in `acr`.
    pub const fn word(self) -> &'static str {
        match self {
            Self::OneFactor => "1",
            Self::TwoFactors => "2",
            Self::PhishingResistant => "phr",
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn tokens_and_stored_items_use_the_same_words() {
        for method in Method::ALL {
            assert_eq!(serde_json::to_value(method).unwrap(), method.word());
        }
        for level in Level::ALL {
            assert_eq!(serde_json::to_value(level).unwrap(), level.word());
            assert_eq!(Level::of(level.word()), Some(level));
        }
    }

    #[test]
    fn an_unknown_level_is_none() {
        assert!(["", "0", "3", "PHR", "phrh"].iter().all(|word| Level::of(word).is_none()));
    }

    #[test]
    fn once_checked_together_with_the_epoch_a_password_is_not_checked_again() {
        let authentication = Authentication::by_password(3, Time::from_seconds(1), Time::from_seconds(2)).settled();
        assert_eq!(authentication.rests_on, RestsOn { epoch: 3, factors: Vec::new() });
    }

    #[test]
    fn a_second_factor_raises_the_level_and_a_passkey_resists_phishing() {
        let password = Authentication::by_password(0, Time::from_seconds(1), Time::from_seconds(2));
        let code = password.clone().and(Second::OneTimePassword, Time::from_seconds(3));
        let expected = vec![Method::Password, Method::OneTimePassword, Method::MultiFactor];
        assert_eq!((code.methods, code.level, code.at), (expected, Level::TwoFactors, Time::from_seconds(3)));
        let passkey = Passkey { is_synced: true, is_user_verified: false };
        let passkey = password.and(Second::Passkey(passkey), Time::from_seconds(3));
        assert_eq!(passkey.methods, [Method::Password, Method::SoftwareKey, Method::MultiFactor]);
        assert!(passkey.level > Level::TwoFactors);
    }

    #[test]
    fn an_item_without_a_level_is_read() {
        let stored = json!({"amr": ["pwd"], "auth_time": 5000, "epoch": 2});
        let authentication: Authentication = serde_json::from_value(stored).unwrap();
        assert_eq!((authentication.level, authentication.rests_on.epoch), (Level::OneFactor, 2));
    }
}
