//! The members of a metadata document, read one by one, with every problem told at once.

use oauth::{Code, Error, FieldProblem};
use serde_json::{Map, Value};

/// Members that tell what was registered and cannot be set.
pub(crate) const READ_ONLY: [&str; 7] = [
    "client_id",
    "client_id_issued_at",
    "client_secret",
    "client_secret_expires_at",
    "registration_access_token",
    "registration_client_uri",
    "trust",
];

/// Members of the registries that have no effect here, and cost the client nothing that it relies on. Whoever sends
/// them, they are accepted and not kept.
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

/// What has not been read yet, and what is wrong with what has.
pub(crate) struct Members {
    left: Map<String, Value>,
    author: Author,
    problems: Vec<FieldProblem>,
}

/// Who wrote a document, and so what helps its author.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Author {
    /// A program, which sends whatever its library knows. What is not offered is left out, and the answer shows what was
    /// registered (RFC 7591 section 3.2.1); members that are not known are ignored (section 2).
    Client,
    /// A person, who may have mistyped something: what is not known or not offered is named.
    Operator,
}

/// The words of an array: those that are known, and what is wrong with the others.
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

/// What is wrong with one value: a stable word, and a sentence that says what to do.
pub(crate) type Wrong = (&'static str, String);

impl Members {
    pub(crate) fn new(members: Map<String, Value>, author: Author) -> Self {
        Self { left: members, author, problems: Vec::new() }
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

    /// A flag that is an operator's to set. What a client says of it is ignored.
    pub(crate) fn operators_flag(&mut self, name: &str) -> bool {
        self.author == Author::Operator && self.flag(name)
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

    /// An array of words, some of which `parse` knows; `offered` lists them for people. A repeated word counts once.
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
                None => words.unknown.push(("unknown", format!("{text:.64} is not offered; use {offered}."))),
            }
        }
        words
    }

    /// One of a few words. Another one is left out.
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

    /// A string that `check` finds nothing wrong with.
    pub(crate) fn checked<T>(&mut self, name: &str, check: impl FnOnce(&str) -> Result<T, Wrong>) -> Option<T> {
        let text = self.text(name)?;
        check(&text).map_err(|wrong| self.report(name, wrong)).ok()
    }

    /// The same for a text that describes the client: an empty one says nothing.
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

    /// Leaves out what `refused` tells of, unless a person wrote it or nothing usable is left: then each is named.
    pub(crate) fn leave_out(&mut self, field: &str, refused: Vec<Wrong>, is_usable: bool) {
        if self.author == Author::Operator || !is_usable {
            for wrong in refused {
                self.report(field, wrong);
            }
        }
    }

    /// `read`, unless anything was wrong.
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
            // A human-readable member may name its language: client_name#ja (RFC 7591 section 2.2). One language is kept.
            let has_effect = !name.contains('#') && !WITHOUT_EFFECT.contains(&name.as_str());
            if READ_ONLY.contains(&name.as_str()) && !value.is_null() {
                self.report(&name, ("read_only", "This member cannot be set; leave it out.".to_owned()));
            } else if has_effect && !value.is_null() {
                self.report(&name, ("unknown", "This member is not known here; leave it out.".to_owned()));
            }
        }
    }

    fn wrong_type<T>(&mut self, name: &str, wanted: &str) -> Option<T> {
        self.report(name, ("wrong_type", format!("This member must be {wanted}.")));
        None
    }
}
