//! The configuration of a function: the environment variables that template.yaml sets, as values. `web` reads them
//! once, at cold start.

use std::collections::HashMap;
use std::str::FromStr;

use crate::error::Error;

/// The environment at cold start. An empty variable counts as absent.
pub struct Config(HashMap<String, String>);

impl Config {
    /// A configuration with these names and values.
    pub fn from_pairs(pairs: impl IntoIterator<Item = (String, String)>) -> Self {
        Self(pairs.into_iter().filter(|(_, value)| !value.is_empty()).collect())
    }

    /// A required variable.
    pub fn required(&self, name: &str) -> Result<&str, Error> {
        self.optional(name).ok_or_else(|| Error::fault(format!("the environment variable {name} is missing")))
    }

    /// An optional variable.
    pub fn optional(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// A variable parsed as a `T`, such as a number.
    pub fn parsed<T: FromStr>(&self, name: &str) -> Result<T, Error> {
        let text = self.required(name)?;
        text.parse().map_err(|_| Error::fault(format!("the environment variable {name} is malformed: {text:?}")))
    }

    /// A variable with values separated by commas. Absent means none.
    pub fn list(&self, name: &str) -> Vec<String> {
        let words = self.optional(name).unwrap_or_default().split(',');
        words.map(str::trim).filter(|word| !word.is_empty()).map(str::to_owned).collect()
    }
}
