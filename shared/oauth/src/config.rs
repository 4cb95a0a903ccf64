//! A function's configuration: the environment variables that template.yaml fills in, as values. `web` reads them once,
//! at cold start.

use std::collections::HashMap;
use std::str::FromStr;

use crate::error::Error;

/// The environment as it was at start. A variable that is there but empty counts as absent.
pub struct Config(HashMap<String, String>);

impl Config {
    /// A configuration of the given names and values.
    pub fn from_pairs(pairs: impl IntoIterator<Item = (String, String)>) -> Self {
        Self(pairs.into_iter().filter(|(_, value)| !value.is_empty()).collect())
    }

    /// A variable that must be there.
    pub fn required(&self, name: &str) -> Result<&str, Error> {
        self.optional(name).ok_or_else(|| Error::fault(format!("the environment variable {name} is missing")))
    }

    /// A variable that may be absent.
    pub fn optional(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// A variable read as a `T`, such as a number.
    pub fn parsed<T: FromStr>(&self, name: &str) -> Result<T, Error> {
        let text = self.required(name)?;
        text.parse().map_err(|_| Error::fault(format!("the environment variable {name} cannot be read: {text:?}")))
    }

    /// A variable that holds words separated by commas. Absent means none.
    pub fn list(&self, name: &str) -> Vec<String> {
        let words = self.optional(name).unwrap_or_default().split(',');
        words.map(str::trim).filter(|word| !word.is_empty()).map(str::to_owned).collect()
    }
}
