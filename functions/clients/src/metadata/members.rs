//! The members of a metadata document, read one by one, with every problem told at once.

use oauth::{Code, Error, FieldProblem};
use serde_json::{Map, Value};

/// What has not been read yet, and what is wrong with what has.
pub(crate) struct Members {
    left: Map<String, Value>,
    problems: Vec<FieldProblem>,
}

/// What becomes of members that nobody has read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unknown {
    /// They are ignored, as RFC 7591 section 2 says.
    Ignored,
    /// They are refused: a person may have mistyped them.
    Refused,
}

/// What is wrong with one value: a stable word, and a sentence that says what to do.
pub(crate) type Wrong = (&'static str, String);

impl Members {
    pub(crate) fn new(members: Map<String, Value>) -> Self {
        Self { left: members, problems: Vec::new() }
    }

    /// Whether the member is there and not null or empty, of whatever kind it is.
    pub(crate) fn says(&self, name: &str) -> bool {
        self.left
            .get(name)
            .is_some_and(|value| !value.is_null() && value.as_array().is_none_or(|list| !list.is_empty()))
    }

    /// The member's value. Null counts as absent, as RFC 7592 section 2.2 says.
    pub(crate) fn take(&mut self, name: &str) -> Option<Value> {
        self.left.remove(name).filter(|value| !value.is_null())
    }

    pub(crate) fn text(&mut self, name: &str) -> Option<String> {
        match self.take(name)? {
            Value::String(text) => Some(text),
            _ => self.wrong_type(name, "a string"),
        }
    }

    pub(crate) fn flag(&mut self, name: &str) -> bool {
        match self.take(name) {
            Some(Value::Bool(flag)) => flag,
            Some(_) => self.wrong_type(name, "true or false").unwrap_or_default(),
            None => false,
        }
    }

    pub(crate) fn number(&mut self, name: &str) -> Option<u64> {
        let value = self.take(name)?;
        value.as_u64().or_else(|| self.wrong_type(name, "a whole number that is not negative"))
    }

    /// An array of strings, at most `most` of them.
    pub(crate) fn texts(&mut self, name: &str, most: usize) -> Option<Vec<String>> {
        let value = self.take(name)?;
        let texts: Option<Vec<String>> =
            value.as_array().and_then(|values| values.iter().map(|value| value.as_str().map(str::to_owned)).collect());
        let Some(texts) = texts else { return self.wrong_type(name, "an array of strings") };
        if texts.len() > most {
            self.report(name, ("too_many", format!("Send at most {most}.")));
            return None;
        }
        Some(texts)
    }

    /// An array of words, each of which `parse` knows; `known` lists them for people. A repeated word counts once.
    pub(crate) fn words<T: PartialEq>(
        &mut self,
        name: &str,
        parse: impl Fn(&str) -> Option<T>,
        known: &str,
    ) -> Option<Vec<T>> {
        let mut words = Vec::new();
        for text in self.texts(name, 16)? {
            match parse(&text) {
                Some(word) if words.contains(&word) => {}
                Some(word) => words.push(word),
                None => {
                    self.report(name, ("unknown", format!("Use only {known}.")));
                    return None;
                }
            }
        }
        Some(words)
    }

    /// One of a few words.
    pub(crate) fn one_of<T: Copy, const N: usize>(
        &mut self,
        name: &str,
        all: [T; N],
        word: impl Fn(T) -> &'static str,
    ) -> Option<T> {
        let text = self.text(name)?;
        let found = all.into_iter().find(|one| word(*one) == text);
        if found.is_none() {
            self.report(name, ("unknown", format!("Use one of {}.", all.map(word).join(", "))));
        }
        found
    }

    /// A string that `check` finds nothing wrong with.
    pub(crate) fn checked<T>(&mut self, name: &str, check: impl FnOnce(&str) -> Result<T, Wrong>) -> Option<T> {
        let text = self.text(name)?;
        check(&text).map_err(|wrong| self.report(name, wrong)).ok()
    }

    pub(crate) fn report(&mut self, field: &str, (code, detail): Wrong) {
        let field = field.chars().take(64).collect();
        self.problems.push(FieldProblem { field, code, detail: detail.into() });
    }

    /// `read`, unless anything was wrong.
    pub(crate) fn finish<T>(mut self, read: T, unknown: Unknown) -> Result<T, Error> {
        if unknown == Unknown::Refused {
            for name in std::mem::take(&mut self.left).keys() {
                self.report(name, ("unknown", "This member is not known here; leave it out.".to_owned()));
            }
        }
        let about_redirects = |problem: &FieldProblem| problem.field.starts_with("redirect_uris");
        match self.problems.as_slice() {
            [] => Ok(read),
            problems if problems.iter().any(about_redirects) => {
                Err(Error::fields(self.problems).with_code(Code::InvalidRedirectUri))
            }
            _ => Err(Error::fields(self.problems).with_code(Code::InvalidClientMetadata)),
        }
    }

    fn wrong_type<T>(&mut self, name: &str, wanted: &str) -> Option<T> {
        self.report(name, ("wrong_type", format!("This member must be {wanted}.")));
        None
    }
}
