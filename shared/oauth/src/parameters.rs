//! The parameters of a request as RFC 6749 section 3.1 and appendix B read them: an empty one counts as absent, a
//! repeated one is an error, an unknown one is ignored.

use crate::error::Error;

/// Most parameters that a request may have.
const MAX_PARAMETERS: usize = 64;
/// The one parameter that may come more than once (RFC 8707 section 2).
const REPEATABLE: &str = "resource";

/// Decoded names and values, in the order in which they came.
#[derive(Clone, Debug, Default)]
pub struct Parameters(Vec<(String, String)>);

impl Parameters {
    /// Takes decoded pairs. What is not UTF-8 comes as U+FFFD and is refused.
    pub fn from_pairs<N, V>(pairs: impl IntoIterator<Item = (N, V)>) -> Result<Self, Error>
    where
        N: Into<String>,
        V: Into<String>,
    {
        let mut parameters: Vec<(String, String)> = Vec::new();
        for (name, value) in pairs {
            let (name, value) = (name.into(), value.into());
            if name.contains('\u{fffd}') || value.contains('\u{fffd}') {
                return Err(Error::parameter(&name, "not_utf8", "Send parameters in UTF-8."));
            }
            if name != REPEATABLE && parameters.iter().any(|(known, _)| *known == name) {
                return Err(Error::parameter(&name, "repeated", "Send this parameter once."));
            }
            if parameters.len() == MAX_PARAMETERS {
                return Err(Error::parameter(&name, "too_many", "Send at most 64 parameters."));
            }
            parameters.push((name, value));
        }
        Ok(Self(parameters))
    }

    /// A parameter's value, unless it is absent or empty.
    pub fn optional(&self, name: &str) -> Option<&str> {
        self.iter().find(|(known, value)| *known == name && !value.is_empty()).map(|(_, value)| value)
    }

    /// A parameter that must be there.
    pub fn required(&self, name: &str) -> Result<&str, Error> {
        self.optional(name).ok_or_else(|| Error::parameter(name, "missing", "This parameter is required."))
    }

    /// Every value of a parameter that may come more than once.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        let named = self.0.iter().filter(move |(known, value)| known == name && !value.is_empty());
        named.map(|(_, value)| value.as_str())
    }

    /// Whether there is no parameter at all.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Names and values as they came.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn empty_parameters_are_absent_and_repeated_ones_refused_unless_they_name_resources() {
        let parameters = Parameters::from_pairs([("a", "1"), ("b", ""), ("resource", "x"), ("resource", "y")]).unwrap();
        assert_eq!((parameters.optional("a"), parameters.optional("b")), (Some("1"), None));
        assert_eq!(parameters.all("resource").collect::<Vec<_>>(), ["x", "y"]);
        assert_eq!(parameters.required("c").unwrap_err().field_problems()[0].field, "c");
        assert!(Parameters::from_pairs([("a", "1"), ("a", "1")]).is_err());
        assert!(Parameters::from_pairs([("a", "\u{fffd}")]).is_err());
        assert!(Parameters::from_pairs((0..65).map(|number| (number.to_string(), "x"))).is_err());
    }
}
