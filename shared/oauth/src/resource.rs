//! API resources (RFC 8707): their identifiers, scopes and token lifetimes.
//!
//! An operator declares them by order (docs/apis.md). Only a declared one, or home, ever becomes the `aud` of a token.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::config::Config;
use crate::error::{Error, FieldProblem};
use crate::scope::{self, Scopes};

/// Longest token lifetime of a resource, in seconds.
const MAX_SECONDS: u64 = 3600;
/// Longest identifier of a resource, in bytes.
const MAX_NAME: usize = 512;
/// Most scopes of a resource.
const MAX_SCOPES: usize = 64;
/// Longest name of a scope, in bytes.
const MAX_SCOPE: usize = 128;
/// Longest description of a scope, in characters.
const MAX_SENTENCE: usize = 200;
/// Most clients that may introspect tokens for a resource.
const MAX_CLIENTS: usize = 20;

/// Every resource that tokens can be for.
#[derive(Clone, Debug)]
pub struct Resources {
    /// The resource that is used when a request names none. It also accepts the scopes of OpenID Connect.
    pub(crate) home: String,
    pub(crate) declared: Vec<Resource>,
}

/// One resource server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resource {
    /// The resource's identifier, the `aud` of its tokens: an absolute URI without a fragment.
    pub resource: String,
    /// Its scopes, each with the sentence for the consent page.
    #[serde(default)]
    pub scopes: BTreeMap<String, String>,
    /// The lifetime of its access tokens, if it differs from the default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub access_token_seconds: Option<u64>,
    /// The claims about a person in its tokens, besides `sub`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub claims: Vec<Claim>,
    /// The ids of the clients that may introspect its tokens: its own back ends.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub introspection_clients: Vec<String>,
}

/// A claim about a person that a resource can request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Claim {
    /// The username.
    Username,
    /// The person's roles.
    Roles,
}

/// The resource that is used when a request names none: `DEFAULT_AUDIENCE`, or the issuer.
pub fn home(config: &Config) -> Result<&str, Error> {
    config.optional("DEFAULT_AUDIENCE").map_or_else(|| config.required("ISSUER"), Ok)
}

impl Resources {
    /// These declarations. `home` is used when a request names no resource.
    pub fn new(home: &str, declared: Vec<Resource>) -> Self {
        Self { home: home.to_owned(), declared }
    }

    /// The resource that is used when a request names none.
    pub fn home(&self) -> &str {
        &self.home
    }

    /// The identifiers of the declared resources.
    pub fn declared_names(&self) -> impl Iterator<Item = &str> {
        self.declared.iter().map(|declared| declared.resource.as_str())
    }

    /// The declaration of a resource.
    pub fn declared(&self, resource: &str) -> Option<&Resource> {
        self.declared.iter().find(|declared| declared.resource == resource)
    }

    /// The longest lifetime of an access token, in seconds, where tokens for a resource without one have `default`.
    pub fn longest_token(&self, default: u64) -> u64 {
        self.declared.iter().filter_map(|resource| resource.access_token_seconds).fold(default, u64::max)
    }

    /// Every scope that any client may request.
    pub fn scopes(&self) -> Scopes {
        let declared = self.declared.iter().flat_map(|resource| resource.scopes.keys()).map(String::as_str);
        scope::OPENID.iter().copied().chain(declared).chain([scope::ACCOUNT]).collect()
    }
}

impl Resource {
    /// Checks the declaration and reports every problem.
    pub fn check(&self) -> Result<(), Vec<FieldProblem>> {
        let mut problems = Vec::new();
        let mut refuse = |field: &str, code, detail: String| {
            problems.push(FieldProblem { field: field.to_owned(), code, detail: detail.into() });
        };
        if !is_absolute_uri(&self.resource) {
            let detail = format!("Use an absolute URI without a fragment, of at most {MAX_NAME} bytes.");
            refuse("resource", "malformed", detail);
        }
        if self.access_token_seconds.is_some_and(|seconds| seconds == 0 || seconds > MAX_SECONDS) {
            refuse("access_token_seconds", "out_of_range", format!("Use 1 to {MAX_SECONDS} seconds."));
        }
        if self.scopes.len() > MAX_SCOPES {
            refuse("scopes", "too_many", format!("Declare at most {MAX_SCOPES}."));
        }
        for (word, sentence) in &self.scopes {
            if !is_own_scope(word) {
                let detail =
                    format!("{word:?} must be one word and cannot be a scope of OpenID Connect or of this service.");
                refuse("scopes", "malformed", detail);
            }
            if sentence.chars().count() > MAX_SENTENCE || sentence.chars().any(char::is_control) {
                let detail = format!("The sentence of {word:?} must be one line of at most {MAX_SENTENCE} characters.");
                refuse("scopes", "malformed", detail);
            }
        }
        if self.introspection_clients.len() > MAX_CLIENTS {
            refuse("introspection_clients", "too_many", format!("Name at most {MAX_CLIENTS}."));
        }
        if problems.is_empty() { Ok(()) } else { Err(problems) }
    }
}

/// RFC 8707 section 2. Commas are excluded, because settings list resources.
fn is_absolute_uri(text: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_graphic() && !b"#,\"<>\\^`{|}".contains(&byte);
    text.len() <= MAX_NAME
        && text.starts_with(|first: char| first.is_ascii_alphabetic())
        && text.split_once(':').is_some_and(|(_, rest)| !rest.is_empty())
        && text.bytes().all(fits)
}

/// Whether a resource may define a scope of this name.
fn is_own_scope(word: &str) -> bool {
    let reserved = word == scope::ACCOUNT || scope::OPENID.contains(&word);
    !reserved && word.len() <= MAX_SCOPE && Scopes::parse(word).is_ok_and(|scopes| scopes.contains(word))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const NOTES: &str = "https://notes.example";

    #[test]
    fn a_declaration_that_could_not_work_is_refused_by_the_name_of_the_member() {
        for (declaration, member) in [
            (json!({"resource": "notes"}), "resource"),
            (json!({"resource": "https://a.example#x"}), "resource"),
            (json!({"resource": "https://a.example/,https://b.example/"}), "resource"),
            (json!({"resource": NOTES, "scopes": {"openid": "x"}}), "scopes"),
            (json!({"resource": NOTES, "scopes": {"a b": "x"}}), "scopes"),
            (json!({"resource": NOTES, "scopes": {"a": "x\ny"}}), "scopes"),
            (json!({"resource": NOTES, "access_token_seconds": 7200}), "access_token_seconds"),
            (json!({"resource": NOTES, "introspection_clients": vec!["c"; 21]}), "introspection_clients"),
        ] {
            let resource: Resource = serde_json::from_value(declaration.clone()).unwrap();
            let fields: Vec<_> = resource.check().unwrap_err().into_iter().map(|problem| problem.field).collect();
            assert_eq!(fields, [member], "{declaration}");
        }
        for resource in ["https://a.example", "urn:notes", "api://notes/v1"] {
            let resource: Resource = serde_json::from_value(json!({"resource": resource})).unwrap();
            assert_eq!(resource.check(), Ok(()), "{}", resource.resource);
        }
    }
}
