//! Request parameters as RFC 6749 section 3.1 and appendix B define them: an empty parameter counts as absent, a
//! repeated one is an error, an unknown one is ignored.

use crate::error::Error;
use crate::scope;

/// Most parameters that a request may have.
const MAX_PARAMETERS: usize = 64;

/// Parameters that an endpoint reads and that may occur once. `resource` may be repeated (RFC 8707 section 2), and so
/// may parameters that no endpoint reads. A test finds every name that is read.
pub const ONCE: [&str; 49] = [
    "access_token",
    "acr_values",
    "app",
    "before",
    "claims",
    "claims_locales",
    "client_assertion",
    "client_assertion_type",
    "client_id",
    "client_secret",
    "code",
    "code_challenge",
    "code_challenge_method",
    "code_verifier",
    "csrf",
    "current_password",
    "decision",
    "device",
    "display",
    "download",
    "email",
    "export",
    "grant_type",
    "id_token_hint",
    "keep",
    "login_hint",
    "max_age",
    "method",
    "name",
    "nonce",
    "password",
    "post_logout_redirect_uri",
    "prompt",
    "redirect_uri",
    "refresh_token",
    "request",
    "request_uri",
    "response_mode",
    "response_type",
    "scope",
    "secret",
    "state",
    "step",
    "to",
    "token",
    "token_type_hint",
    "trust",
    "ui_locales",
    "username",
];

/// Decoded names and values in their original order.
#[derive(Clone, Debug, Default)]
pub struct Parameters(Vec<(String, String)>);

impl Parameters {
    /// Takes decoded pairs, including repeated ones. Bytes that were not UTF-8 arrive as U+FFFD and are refused.
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
            if parameters.len() == MAX_PARAMETERS {
                return Err(Error::parameter(&name, "too_many", "Send at most 64 parameters."));
            }
            parameters.push((name, value));
        }
        Ok(Self(parameters))
    }

    /// These parameters, unless one is repeated that may occur only once.
    pub fn each_once(self) -> Result<Self, Error> {
        self.refuse_repeated().map(|()| self)
    }

    /// Refuses a repeated parameter that may occur only once. Before this check, a value is reliable only if its
    /// parameter is not [repeated](Parameters::is_repeated).
    pub fn refuse_repeated(&self) -> Result<(), Error> {
        ONCE.into_iter().try_for_each(|name| self.refuse_repeated_one(name))
    }

    /// The same for one parameter.
    pub fn refuse_repeated_one(&self, name: &str) -> Result<(), Error> {
        if self.is_repeated(name) {
            return Err(Error::parameter(name, "repeated", "Send this parameter once."));
        }
        Ok(())
    }

    /// Whether a parameter occurs more than once.
    pub fn is_repeated(&self, name: &str) -> bool {
        self.0.iter().filter(|(known, _)| known == name).count() > 1
    }

    /// A parameter's value, unless it is absent or empty.
    pub fn optional(&self, name: &str) -> Option<&str> {
        self.iter().find(|(known, value)| *known == name && !value.is_empty()).map(|(_, value)| value)
    }

    /// The value of a required parameter.
    pub fn required(&self, name: &str) -> Result<&str, Error> {
        self.optional(name).ok_or_else(|| Error::parameter(name, "missing", "This parameter is required."))
    }

    /// Every value of a parameter that may be repeated.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        let named = self.0.iter().filter(move |(known, value)| known == name && !value.is_empty());
        named.map(|(_, value)| value.as_str())
    }

    /// Whether this is an OpenID Connect request (Core section 3.1.2.1).
    pub fn is_openid(&self) -> bool {
        self.optional("scope").is_some_and(|scope| scope.split(' ').any(|word| word == scope::OPEN))
    }

    /// Whether there are no parameters.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Names and values in their original order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn empty_parameters_are_absent_and_resources_may_be_repeated() {
        let pairs = [("state", "1"), ("nonce", ""), ("resource", "x"), ("resource", "y")];
        let parameters = Parameters::from_pairs(pairs).unwrap().each_once().unwrap();
        assert_eq!((parameters.optional("state"), parameters.optional("nonce")), (Some("1"), None));
        assert_eq!(parameters.all("resource").collect::<Vec<_>>(), ["x", "y"]);
        assert_eq!(parameters.required("scope").unwrap_err().field_problems()[0].field, "scope");
        assert!(Parameters::from_pairs([("a", "\u{fffd}")]).is_err());
        assert!(Parameters::from_pairs((0..65).map(|number| (number.to_string(), "x"))).is_err());
    }

    #[test]
    fn known_parameters_occur_once_and_unknown_ones_may_be_repeated() {
        let read = |pairs: [(&str, &str); 2]| Parameters::from_pairs(pairs).unwrap().each_once();
        assert_eq!(read([("state", "1"), ("state", "1")]).unwrap_err().field_problems()[0].field, "state");
        assert!(read([("utm_source", "1"), ("utm_source", "2")]).is_ok());
    }
}
