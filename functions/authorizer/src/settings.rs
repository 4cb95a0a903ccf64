//! The settings: environment variables, read once at cold start. An empty variable counts as absent.
//!
//! | variable | default | |
//! |---|---|---|
//! | `ISSUER` | none, required | the exact `iss` of tokens; keys and revocations are fetched from there |
//! | `AUDIENCE` | the issuer | accepted `aud` values, separated by commas; an API may name its own instead, see `stage.rs` |
//! | `REQUIRED_SCOPES` | none | required scopes by target, see `rules.rs` |
//! | `RESPONSE` | `simple` | the form of answers to HTTP APIs with payload 2.0: `simple` or `policy` |
//! | `CLOCK_LEEWAY_SECONDS` | 5 | tolerated difference between clocks, at most 5 |
//! | `REVOCATION_SECONDS` | 10 | how old the list of revocations may be, at most 300; 0 fetches it for every decision |

use fetch::{Roots, Source};
use jwt::MAX_LEEWAY;
use oauth::Error;

use crate::revoked::MAX_UNSEEN;
use crate::rules::Rules;

/// The default of `REVOCATION_SECONDS`.
const REVOCATION_SECONDS: u64 = 10;

/// All settings.
#[derive(Debug)]
pub struct Settings {
    pub(crate) issuer: String,
    pub(crate) audiences: Vec<String>,
    pub(crate) rules: Rules,
    pub(crate) format: Format,
    pub(crate) leeway: u64,
    pub(crate) revocation_seconds: u64,
    pub(crate) source: Source,
}

/// The form of answers to HTTP APIs with payload 2.0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Allowed or not.
    Simple,
    /// An IAM policy.
    Policy,
}

impl Settings {
    /// Reads the environment of the process.
    pub fn from_environment() -> Result<Self, Error> {
        Self::read(|name| std::env::var(name).ok(), Roots::web())
    }

    /// Reads settings with `variable`. Servers are trusted if `roots` vouch for them.
    pub fn read(variable: impl Fn(&str) -> Option<String>, roots: Roots) -> Result<Self, Error> {
        let variable = |name: &str| variable(name).filter(|value| !value.is_empty());
        let issuer = variable("ISSUER").ok_or_else(|| Error::fault("the environment variable ISSUER is missing"))?;
        Ok(Self {
            source: source(&issuer, roots)?,
            audiences: audiences(variable("AUDIENCE").as_deref().unwrap_or(&issuer)),
            rules: variable("REQUIRED_SCOPES").map_or(Ok(Rules::default()), |json| Rules::parse(&json))?,
            format: variable("RESPONSE").map_or(Ok(Format::Simple), |name| format(&name))?,
            leeway: variable("CLOCK_LEEWAY_SECONDS").map_or(Ok(MAX_LEEWAY), |text| leeway(&text))?,
            revocation_seconds: variable("REVOCATION_SECONDS")
                .map_or(Ok(REVOCATION_SECONDS), |text| revocation(&text))?,
            issuer,
        })
    }
}

fn source(issuer: &str, roots: Roots) -> Result<Source, Error> {
    Source::new(issuer, roots).map_err(|error| Error::fault(format!("ISSUER: {error}: {issuer:?}")))
}

fn audiences(list: &str) -> Vec<String> {
    list.split(',').map(str::trim).filter(|name| !name.is_empty()).map(str::to_owned).collect()
}

fn format(name: &str) -> Result<Format, Error> {
    match name {
        "simple" => Ok(Format::Simple),
        "policy" => Ok(Format::Policy),
        _ => Err(Error::fault(format!("RESPONSE must be `simple` or `policy`: {name:?}"))),
    }
}

fn leeway(text: &str) -> Result<u64, Error> {
    seconds("CLOCK_LEEWAY_SECONDS", text, MAX_LEEWAY)
}

fn revocation(text: &str) -> Result<u64, Error> {
    seconds("REVOCATION_SECONDS", text, MAX_UNSEEN)
}

fn seconds(name: &str, text: &str, most: u64) -> Result<u64, Error> {
    let seconds = text.parse().ok().filter(|seconds| *seconds <= most);
    seconds.ok_or_else(|| Error::fault(format!("{name} must be 0 to {most}: {text:?}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pairs: &[(&str, &str)]) -> Result<Settings, Error> {
        let variable = |name: &str| pairs.iter().find(|pair| pair.0 == name).map(|pair| pair.1.to_owned());
        Settings::read(variable, Roots::none())
    }

    #[test]
    fn an_issuer_is_enough() {
        let settings = read(&[("ISSUER", "https://id.example"), ("AUDIENCE", ""), ("RESPONSE", "")]).unwrap();
        assert_eq!(settings.audiences, ["https://id.example"]);
        assert_eq!((settings.format, settings.leeway, settings.revocation_seconds), (Format::Simple, 5, 10));
    }

    #[test]
    fn audiences_are_separated_by_commas() {
        let settings = read(&[("ISSUER", "https://id.example"), ("AUDIENCE", "https://a.example, urn:b,")]).unwrap();
        assert_eq!(settings.audiences, ["https://a.example", "urn:b"]);
    }

    #[test]
    fn a_wrong_setting_stops_the_function_and_is_named() {
        for (name, value) in [
            ("ISSUER", ""),
            ("REQUIRED_SCOPES", "things:read"),
            ("RESPONSE", "Simple"),
            ("CLOCK_LEEWAY_SECONDS", "6"),
            ("CLOCK_LEEWAY_SECONDS", "-1"),
            ("CLOCK_LEEWAY_SECONDS", "1.5"),
            ("REVOCATION_SECONDS", "301"),
            ("REVOCATION_SECONDS", "-1"),
        ] {
            let error = read(&[(name, value), ("ISSUER", "https://id.example")]).err().unwrap();
            assert!(error.to_string().to_lowercase().contains(&name.to_lowercase()), "{error}");
        }
    }
}
