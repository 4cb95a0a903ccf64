//! The parameter `SignInWith`: what people register and sign in with.

use std::str::FromStr;

use crate::config::Config;
use crate::error::Error;

/// What people register and sign in with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignInWith {
    /// A username. An address is only for mails.
    Username,
    /// An address that was proven. New people have no username.
    Email,
    /// Either of them, or both.
    Both,
}

impl SignInWith {
    /// Reads `SIGN_IN_WITH` and `MAIL`. Without mail no address can be proven, so it is a username.
    pub fn read(config: &Config) -> Result<Self, Error> {
        let with = config.parsed("SIGN_IN_WITH")?;
        Ok(if config.optional("MAIL").is_some() { with } else { Self::Username })
    }

    /// Whether a proven address signs somebody in.
    pub fn addresses(self) -> bool {
        self != Self::Username
    }
}

impl FromStr for SignInWith {
    type Err = &'static str;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        match word {
            "username" => Ok(Self::Username),
            "email" => Ok(Self::Email),
            "both" => Ok(Self::Both),
            _ => Err("not username, email or both"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_mail_people_sign_in_with_a_username() {
        let read = |pairs: &[(&str, &str)]| {
            let pairs = pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
            SignInWith::read(&Config::from_pairs(pairs)).unwrap()
        };
        assert_eq!(read(&[("SIGN_IN_WITH", "both")]), SignInWith::Username);
        assert_eq!(read(&[("SIGN_IN_WITH", "both"), ("MAIL", "on")]), SignInWith::Both);
    }
}
