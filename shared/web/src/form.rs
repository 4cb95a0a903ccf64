//! A form body, read as RFC 6749 appendix B says: an empty parameter counts as absent, a repeated one is an error, an
//! unknown one is ignored.

use oauth::{Code, Error};

/// Most parameters that a form may have.
const MAX_PARAMETERS: usize = 64;

/// The parameters of a form.
#[derive(Debug)]
pub struct Form(Vec<(String, String)>);

impl Form {
    /// Reads a form. Percent-encoded bytes must be UTF-8.
    pub fn parse(body: &[u8]) -> Result<Self, Error> {
        let refuse = |detail| Error::new(Code::InvalidRequest, detail);
        let mut parameters: Vec<(String, String)> = Vec::new();
        for (name, value) in form_urlencoded::parse(body) {
            if name.contains('\u{fffd}') || value.contains('\u{fffd}') {
                return Err(refuse("a parameter that is not UTF-8"));
            }
            if parameters.iter().any(|(known, _)| *known == name) {
                return Err(refuse("a repeated parameter"));
            }
            if parameters.len() == MAX_PARAMETERS {
                return Err(refuse("too many parameters"));
            }
            parameters.push((name.into_owned(), value.into_owned()));
        }
        Ok(Self(parameters))
    }

    /// A parameter's value, unless it is absent or empty.
    pub fn optional(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, value)| known == name && !value.is_empty()).map(|(_, value)| value.as_str())
    }

    /// A parameter that must be there.
    pub fn required(&self, name: &'static str) -> Result<&str, Error> {
        self.optional(name).ok_or_else(|| Error::new(Code::InvalidRequest, format!("{name} is missing")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_decoded_and_empty_ones_are_absent() {
        let form = Form::parse(b"a=1+2&b=%C3%A9&c=&d").unwrap();
        assert_eq!((form.optional("a"), form.optional("b")), (Some("1 2"), Some("\u{e9}")));
        assert!(form.optional("c").is_none() && form.optional("d").is_none() && form.required("e").is_err());
    }

    #[test]
    fn a_repeated_parameter_is_an_error_even_when_it_is_the_same() {
        assert!(Form::parse(b"a=1&a=1").is_err() && Form::parse(b"a=1&%61=2").is_err());
        assert!(Form::parse(b"a=%ff").is_err());
    }
}
