//! Reads the members of a metadata document one by one, and reports every problem at once.

use oauth::{Code, Error, FieldProblem};
use serde_json::{Map, Value};

/// Members of the response that cannot be set.
pub(crate) const READ_ONLY: [&str; 7] = [
    "client_id",
    "client_id_issued_at",
    "client_secret",
    "client_secret_expires_at",
    "registration_access_token",
    "registration_client_uri",
    "trust",
];

/// Registered members that have no effect here and on which no client depends. They are accepted and not stored.
const WITHOUT_EFFECT: [&str; 20] = [
    "authorization_details_types",
    "backchannel_logout_session_required",
    "backchannel_logout_uri",
    "default_acr_values",
    "frontchannel_logout_session_required",
    "frontchannel_logout_uri",
    "initiate_login_uri",
    "logo_uri",
    "request_object_encryption_alg",
    "request_object_encryption_enc",
    "request_object_signing_alg",
    "request_uris",
    "require_auth_time",
    "sector_identifier_uri",
    "software_id",
    "software_statement",
    "software_version",
    "tls_client_auth_san_dns",
    "tls_client_auth_san_uri",
    "tls_client_auth_subject_dn",
];

/// The members that have not been read yet, and the problems of those that have.
pub(crate) struct Members {
    left: Map<String, Value>,
    author: Author,
    problems: Vec<FieldProblem>,
}

/// The author of a document, which decides how problems are handled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Author {
    /// A program, which sends whatever its library supports. Unsupported values are left out, and the response shows
    /// what was registered (RFC 7591 section 3.2.1); unknown members are ignored (section 2).
    Client,
    /// A person, who may make typing errors: unknown and unsupported values are reported.
    Operator,
}

/// The known words of an array, and the problems of the others.
pub(crate) struct Words<T> {
    pub(crate) known: Vec<T>,
    pub(crate) unknown: Vec<Wrong>,
}

impl<T> Words<T> {
    /// Whether there was no word at all.
    pub(crate) fn is_empty(&self) -> bool {
        self.known.is_empty() && self.unknown.is_empty()
    }
}

/// A problem of a value: a stable code, and a sentence that says what to change.
pub(crate) type Wrong = (&'static str, String);

impl Members {
    pub(crate) fn new(members: Map<String, Value>, author: Author) -> Self {
        Self { left: members, author, problems: Vec::new() }
    }

    /// Whether the member is present and not null or empty, whatever its type.
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

    pub(crate) fn flag(&mut self, name: &str) -> Option<bool> {
        match self.take(name)? {
            Value::Bool(flag) => Some(flag),
            _ => self.wrong_type(name, "true or false"),
        }
    }

    /// A flag that only an operator can set. A client's value is ignored.
    pub(crate) fn operators_flag(&mut self, name: &str) -> Option<bool> {
        if self.author == Author::Operator { self.flag(name) } else { None }
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

    /// An array of words that `parse` knows. `offered` lists the supported words for the error. Repeated words count
    /// once.
    pub(crate) fn words<T: PartialEq>(
        &mut self,
        name: &str,
        parse: impl Fn(&str) -> Option<T>,
        offered: &str,
    ) -> Words<T> {
        let mut words = Words { known: Vec::new(), unknown: Vec::new() };
        for text in self.texts(name, 16).unwrap_or_default() {
            match parse(&text) {
                Some(word) if words.known.contains(&word) => {}
                Some(word) => words.known.push(word),
                None => words.unknown.push(("unknown", format!("{text:.64} is not supported. Use {offered}."))),
            }
        }
        words
    }

    /// One word out of a list. Other words are left out.
    pub(crate) fn one_of<T: Copy, const N: usize>(
        &mut self,
        name: &str,
        all: [T; N],
        word: impl Fn(T) -> &'static str,
    ) -> Option<T> {
        let text = self.text(name)?;
        let found = all.into_iter().find(|one| word(*one) == text);
        if found.is_none() {
            let wrong = ("unknown", format!("Use one of {}.", all.map(word).join(", ")));
            self.leave_out(name, vec![wrong], true);
        }
        found
    }

    /// A string that `check` accepts.
    pub(crate) fn checked<T>(&mut self, name: &str, check: impl FnOnce(&str) -> Result<T, Wrong>) -> Option<T> {
        let text = self.text(name)?;
        check(&text).map_err(|wrong| self.report(name, wrong)).ok()
    }

    /// The same for a text that describes the client. An empty one counts as absent.
    pub(crate) fn described<T>(&mut self, name: &str, check: impl FnOnce(&str) -> Result<T, Wrong>) -> Option<T> {
        match self.left.get(name) {
            Some(Value::String(text)) if text.trim().is_empty() => {
                self.left.remove(name);
                None
            }
            _ => self.checked(name, check),
        }
    }

    pub(crate) fn report(&mut self, field: &str, (code, detail): Wrong) {
        let field = field.chars().take(64).collect();
        self.problems.push(FieldProblem { field, code, detail: detail.into() });
    }

    /// Leaves out the `refused` values. If an operator wrote the document, or nothing usable is left, they are reported
    /// instead.
    pub(crate) fn leave_out(&mut self, field: &str, refused: Vec<Wrong>, is_usable: bool) {
        if self.author == Author::Operator || !is_usable {
            for wrong in refused {
                self.report(field, wrong);
            }
        }
    }

    /// Returns `read` unless there were problems.
    pub(crate) fn finish<T>(mut self, read: T) -> Result<T, Error> {
        if self.author == Author::Operator {
            self.name_what_was_not_read();
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

    fn name_what_was_not_read(&mut self) {
        for (name, value) in std::mem::take(&mut self.left) {
            // A human-readable member may have a language: client_name#ja (RFC 7591 section 2.2). Only one language is
            // stored.
            let has_effect = !name.contains('#') && !WITHOUT_EFFECT.contains(&name.as_str());
            if READ_ONLY.contains(&name.as_str()) && !value.is_null() {
                self.report(&name, ("read_only", "This member cannot be set. Leave it out.".to_owned()));
            } else if has_effect && !value.is_null() {
                self.report(&name, ("unknown", "This member is unknown. Leave it out.".to_owned()));
            }
        }
    }

    fn wrong_type<T>(&mut self, name: &str, wanted: &str) -> Option<T> {
        self.report(name, ("wrong_type", format!("This member must be {wanted}.")));
        None
    }
}
