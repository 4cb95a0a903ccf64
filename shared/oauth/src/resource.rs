//! API resources (RFC 8707): their identifiers, scopes and token lifetimes.
//!
//! They are declared in one file, `resources.json` at the root of the repository, which is built into the functions
//! that need it and so deploys with the template. The environment variable `RESOURCES`, a document of the same form,
//! takes its place where it is set.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::config::Config;
use crate::error::{Error, FieldProblem};
use crate::scope::{self, Scopes};

/// The file as it was when the function was built.
const DECLARED: &str = include_str!("../../../resources.json");
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

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    resources: Vec<Resource>,
}

/// The resource that is used when a request names none: `DEFAULT_AUDIENCE`, or the issuer.
pub fn home(config: &Config) -> Result<&str, Error> {
    config.optional("DEFAULT_AUDIENCE").map_or_else(|| config.required("ISSUER"), Ok)
}

impl Resources {
    /// Reads the declared resources from `RESOURCES`, `DEFAULT_AUDIENCE` and `ISSUER`.
    pub fn read(config: &Config) -> Result<Self, Error> {
        Self::parse(config.optional("RESOURCES").unwrap_or(DECLARED), home(config)?)
    }

    /// Reads a document like `resources.json`.
    pub fn parse(document: &str, home: &str) -> Result<Self, Error> {
        let document: Document =
            serde_json::from_str(document).map_err(|error| Error::fault("resources.json").because(error))?;
        for resource in &document.resources {
            let problem = |problem: &str| Error::fault(format!("resources.json: {}: {problem}", resource.resource));
            resource.check().map_err(|wrong| problem(wrong.first().map_or("", |wrong| wrong.detail.as_ref())))?;
        }
        Ok(Self::new(home, document.resources))
    }

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

    /// The sentence for the consent page, for a scope of a declared resource.
    pub fn sentence(&self, scope: &str) -> Option<&str> {
        self.declared.iter().find_map(|resource| resource.scopes.get(scope)).map(String::as_str)
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
    use super::*;

    const HOME: &str = "https://id.example";

    #[test]
    fn the_file_that_comes_with_the_project_can_be_read() {
        Resources::parse(DECLARED, HOME).unwrap();
    }

    #[test]
    fn an_invalid_declaration_is_refused_at_start() {
        for document in [
            r#"{"resources":[{"resource":"notes"}]}"#,
            r#"{"resources":[{"resource":"https://a.example#x"}]}"#,
            r#"{"resources":[{"resource":"https://a.example","scopes":{"openid":"x"}}]}"#,
            r#"{"resources":[{"resource":"https://a.example","scopes":{"a b":"x"}}]}"#,
            r#"{"resources":[{"resource":"https://a.example","access_token_seconds":7200}]}"#,
        ] {
            assert!(Resources::parse(document, HOME).is_err(), "{document}");
        }
    }
}
