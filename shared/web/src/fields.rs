//! Reads the JSON object of a body field by field, and reports every problem at once.
//!
//! Unknown and repeated members are problems too, because two readers could interpret such an object differently.

use std::borrow::Cow;
use std::fmt;

use oauth::{Error, FieldProblem, Parameters};
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::{Map, Value};

/// Most members that a request object may have.
const MAX_MEMBERS: usize = 64;

/// A problem of a value: a stable code, and a sentence that says what to change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Such as `too_short`.
    pub code: &'static str,
    /// Such as "Use at least 15 characters."
    pub detail: Cow<'static, str>,
}

impl Problem {
    /// A problem with a sentence.
    pub fn new(code: &'static str, detail: impl Into<Cow<'static, str>>) -> Self {
        Self { code, detail: detail.into() }
    }

    /// Problems from pairs of a code and a sentence.
    pub fn all<P: Into<(&'static str, Cow<'static, str>)>>(problems: impl IntoIterator<Item = P>) -> Vec<Self> {
        let problem = |problem: P| {
            let (code, detail) = problem.into();
            Self { code, detail }
        };
        problems.into_iter().map(problem).collect()
    }
}

/// The members of the body that have not been read yet, and the problems found so far.
///
/// Read each member, then call [`Fields::finish`] with the results:
///
/// ```
/// # use web::{Fields, Problem};
/// # fn parse(text: &str) -> Result<String, Vec<Problem>> { Ok(text.to_owned()) }
/// let mut fields = Fields::parse(br#"{"username": "alice"}"#)?;
/// let username = fields.required("username", parse);
/// let name = fields.optional("name", parse);
/// let (username, name) = fields.finish((username, name))?;
/// # assert_eq!((username.as_str(), name), ("alice", None));
/// # Ok::<(), oauth::Error>(())
/// ```
#[derive(Debug)]
pub struct Fields {
    members: Vec<(String, Value)>,
    problems: Vec<FieldProblem>,
}

impl Fields {
    /// Parses a JSON object of at most 64 members and 128 levels.
    pub fn parse(body: &[u8]) -> Result<Self, Error> {
        if body.is_empty() {
            return Err(body_problem(Problem::new("missing", "Send a JSON object as the body.")));
        }
        let Members(members) = serde_json::from_slice(body).map_err(|error| body_problem(describe(&error)))?;
        if members.len() > MAX_MEMBERS {
            return Err(body_problem(Problem::new("too_many", "Send at most 64 members.")));
        }
        let mut fields = Self { members: Vec::with_capacity(members.len()), problems: Vec::new() };
        for (name, value) in members {
            if fields.members.iter().any(|(known, _)| *known == name) {
                fields.report(&name, Problem::new("repeated", "Send this member once."));
            } else {
                fields.members.push((name, value));
            }
        }
        Ok(fields)
    }

    /// The named parameters of a form, as members. Other fields of the form are ignored.
    pub fn of_form(form: &Parameters, names: &[&str]) -> Self {
        let member = |name: &&str| Some(((*name).to_owned(), Value::from(form.optional(name)?)));
        Self { members: names.iter().filter_map(member).collect(), problems: Vec::new() }
    }

    /// Reads a required string. `None` means that a problem was recorded.
    pub fn required<T>(&mut self, field: &str, parse: impl FnOnce(&str) -> Result<T, Vec<Problem>>) -> Option<T> {
        let Some(value) = self.take(field) else {
            self.report(field, Problem::new("missing", "This member is required."));
            return None;
        };
        self.string(field, &value, parse)
    }

    /// Reads an optional string. The outer `None` means that a problem was recorded.
    pub fn optional<T>(
        &mut self,
        field: &str,
        parse: impl FnOnce(&str) -> Result<T, Vec<Problem>>,
    ) -> Option<Option<T>> {
        match self.take(field) {
            Some(value) => self.string(field, &value, parse).map(Some),
            None => Some(None),
        }
    }

    /// Reads an optional boolean, which is `false` if it is absent. `None` means that a problem was recorded.
    pub fn flag(&mut self, field: &str) -> Option<bool> {
        match self.take(field) {
            None => Some(false),
            Some(Value::Bool(value)) => Some(value),
            Some(_) => {
                self.report(field, Problem::new("wrong_type", "This member must be true or false."));
                None
            }
        }
    }

    /// Reads a member of a merge patch (RFC 7396). `None` means that a problem was recorded.
    pub fn patch<T>(&mut self, field: &str, parse: impl FnOnce(&str) -> Result<T, Vec<Problem>>) -> Option<Patch<T>> {
        match self.take(field) {
            Some(Value::Null) => Some(Patch::Remove),
            Some(value) => self.string(field, &value, parse).map(Patch::Set),
            None => Some(Patch::Keep),
        }
    }

    /// The string in `field`, without marking it as read, for a check that needs the value of another member.
    pub fn peek(&self, field: &str) -> Option<&str> {
        self.members.iter().find(|(name, _)| name == field).and_then(|(_, value)| value.as_str())
    }

    /// Whether [`Fields::finish`] would fail: a problem was recorded, or a member was not read.
    pub fn are_wrong(&self) -> bool {
        !self.problems.is_empty() || !self.members.is_empty()
    }

    /// Records a problem.
    pub fn report(&mut self, field: &str, problem: Problem) {
        let field: String = field.chars().take(64).collect();
        self.problems.push(FieldProblem { field, code: problem.code, detail: problem.detail });
    }

    /// Returns what was read, or a 400 that names every problem, including unknown members.
    pub fn finish<T: Read>(mut self, read: T) -> Result<T::Values, Error> {
        for (name, _) in std::mem::take(&mut self.members) {
            self.report(&name, Problem::new("unknown", "This endpoint does not support this member."));
        }
        match read.values() {
            Some(values) if self.problems.is_empty() => Ok(values),
            _ => Err(Error::fields(self.problems)),
        }
    }

    /// All members, for a document whose unknown members are ignored. Fails with a 400 that names repeated members.
    pub fn into_object(self) -> Result<Map<String, Value>, Error> {
        if self.problems.is_empty() {
            Ok(self.members.into_iter().collect())
        } else {
            Err(Error::fields(self.problems))
        }
    }

    fn take(&mut self, field: &str) -> Option<Value> {
        let position = self.members.iter().position(|(name, _)| name == field)?;
        Some(self.members.swap_remove(position).1)
    }

    fn string<T>(
        &mut self,
        field: &str,
        value: &Value,
        parse: impl FnOnce(&str) -> Result<T, Vec<Problem>>,
    ) -> Option<T> {
        let Some(text) = value.as_str() else {
            self.report(field, Problem::new("wrong_type", "This member must be a string."));
            return None;
        };
        match parse(text) {
            Ok(value) => Some(value),
            Err(problems) => {
                for problem in problems {
                    self.report(field, problem);
                }
                None
            }
        }
    }
}

/// What a merge patch does to a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Patch<T> {
    /// The member is absent: the value stays.
    Keep,
    /// The member is `null`: the value is removed.
    Remove,
    /// The value is replaced.
    Set(T),
}

/// A tuple of results of [`Fields::required`] and [`Fields::optional`].
pub trait Read {
    /// The same tuple without the outer `Option`s.
    type Values;
    /// `None` if any of them is `None`.
    fn values(self) -> Option<Self::Values>;
}

macro_rules! read_tuple {
    ($($name:ident)+) => {
        impl<$($name),+> Read for ($(Option<$name>,)+) {
            type Values = ($($name,)+);

            #[expect(non_snake_case, reason = "variables have the names of the type parameters")]
            fn values(self) -> Option<Self::Values> {
                let ($($name,)+) = self;
                Some(($($name?,)+))
            }
        }
    };
}

read_tuple!(A);
read_tuple!(A B);
read_tuple!(A B C);
read_tuple!(A B C D);

/// The members of a JSON object in their original order, including repeated ones.
struct Members(Vec<(String, Value)>);

impl<'de> Deserialize<'de> for Members {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(MembersVisitor)
    }
}

struct MembersVisitor;

impl<'de> Visitor<'de> for MembersVisitor {
    type Value = Members;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members, A::Error> {
        let mut members = Vec::new();
        while let Some(member) = map.next_entry()? {
            members.push(member);
        }
        Ok(Members(members))
    }
}

fn body_problem(problem: Problem) -> Error {
    Error::fields(vec![FieldProblem { field: "body".to_owned(), code: problem.code, detail: problem.detail }])
}

fn describe(error: &serde_json::Error) -> Problem {
    match error.classify() {
        serde_json::error::Category::Data => Problem::new("wrong_type", "The body must be a JSON object."),
        _ => Problem::new(
            "malformed_json",
            format!("The body is not valid JSON in UTF-8 (line {}, column {}).", error.line(), error.column()),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[expect(clippy::unnecessary_wraps, reason = "stands in for a parser")]
    fn any(text: &str) -> Result<String, Vec<Problem>> {
        Ok(text.to_owned())
    }

    fn problems(body: &str) -> Vec<(String, &'static str)> {
        let read = Fields::parse(body.as_bytes()).and_then(|mut fields| {
            let a = fields.required("a", any);
            let b = fields.optional("b", any);
            fields.finish((a, b))
        });
        let error = read.expect_err("problems");
        error.field_problems().iter().map(|problem| (problem.field.clone(), problem.code)).collect()
    }

    #[test]
    fn every_invalid_field_is_reported_at_once() {
        let mut found = problems(r#"{"b": 1, "c": true, "c": false, "d": null}"#);
        found.sort();
        let expected = [("a", "missing"), ("b", "wrong_type"), ("c", "repeated"), ("c", "unknown"), ("d", "unknown")];
        assert_eq!(found, expected.map(|(field, code)| (field.to_owned(), code)));
    }

    #[test]
    fn a_document_with_a_repeated_member_is_refused() {
        let read = |body: &str| Fields::parse(body.as_bytes()).and_then(Fields::into_object);
        assert_eq!(read(r#"{"a": [1], "b": null}"#).unwrap().len(), 2);
        assert_eq!(read(r#"{"a": 1, "a": 1}"#).unwrap_err().field_problems()[0].code, "repeated");
    }

    #[test]
    fn a_body_that_is_not_an_object_is_refused_with_a_reason() {
        let deep = "[".repeat(100_000);
        for (body, code) in [
            ("", "missing"),
            ("[]", "wrong_type"),
            ("\"a\"", "wrong_type"),
            ("{\"a\":", "malformed_json"),
            ("{\"a\":\"\\ud800\"}", "malformed_json"),
            ("{} {}", "malformed_json"),
            (&format!("{{\"a\":{deep}"), "malformed_json"),
        ] {
            assert_eq!(problems(body), [("body".to_owned(), code)], "{}", &body[..body.len().min(20)]);
        }
        assert!(Fields::parse(b"{\"a\":\"\xff\"}").is_err());
    }

    #[test]
    fn a_flag_is_a_boolean_and_false_if_absent() {
        let flag = |body: &str| Fields::parse(body.as_bytes()).unwrap().flag("keep");
        assert_eq!((flag("{}"), flag(r#"{"keep":true}"#), flag(r#"{"keep":"true"}"#)), (Some(false), Some(true), None));
    }

    #[test]
    fn a_null_is_a_value_of_the_wrong_type() {
        assert_eq!(problems(r#"{"a":null}"#), [("a".to_owned(), "wrong_type")]);
    }
}
