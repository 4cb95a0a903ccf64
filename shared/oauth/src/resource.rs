//! API resources (RFC 8707): who a token may be for, which scopes each takes, how long its tokens live.
//!
//! They are declared in one file, `resources.json` at the root of the repository, which is built into the functions
//! that need it and so deploys with the template. The environment variable `RESOURCES`, a document of the same form,
//! takes its place where it is set.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::client::{Client, Trust};
use crate::config::Config;
use crate::error::{Code, Error, FieldProblem};
use crate::scope::{self, Scopes};

/// The file as it was when the function was built.
const DECLARED: &str = include_str!("../../../resources.json");
/// Most resources that one request may name.
const MAX_ASKED: usize = 8;
/// Longest life of a token that a resource may ask for, in seconds.
const MAX_SECONDS: u64 = 3600;
/// Longest identifier of a resource, in bytes.
const MAX_NAME: usize = 512;
/// Most scopes of a resource.
const MAX_SCOPES: usize = 64;
/// Longest name of a scope, in bytes.
const MAX_SCOPE: usize = 128;
/// Longest sentence of a scope, in characters.
const MAX_SENTENCE: usize = 200;
/// Most clients that may introspect tokens for a resource.
const MAX_CLIENTS: usize = 20;

/// Every resource that tokens can be for.
#[derive(Clone, Debug)]
pub struct Resources {
    /// The one that is meant when none is named: it also takes the scopes of OpenID Connect.
    home: String,
    declared: Vec<Resource>,
}

/// One resource server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resource {
    /// Its identifier: the `aud` of tokens for it. An absolute URI without a fragment.
    pub resource: String,
    /// Its scopes, each with the sentence that people are asked with.
    #[serde(default)]
    pub scopes: BTreeMap<String, String>,
    /// How long access tokens for it live, where it is not as long as all others.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub access_token_seconds: Option<u64>,
    /// What its tokens say about a person besides `sub`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub claims: Vec<Claim>,
    /// Ids of the clients that may introspect tokens for it: its own back ends.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub introspection_clients: Vec<String>,
}

/// A claim about a person that a resource may ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Claim {
    /// The name that the person signs in with.
    Username,
    /// The person's roles.
    Roles,
}

/// The one resource that a token is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// Its identifier: the token's `aud`.
    pub audience: String,
    /// How long the token lives, where it is not as long as all others.
    pub access_token_seconds: Option<u64>,
    /// What the token says about a person besides `sub`.
    pub claims: Vec<Claim>,
}

/// What a client may be given: where, and for what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Granted {
    /// The scopes.
    pub scope: Scopes,
    /// The resources; empty means home.
    pub resources: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    resources: Vec<Resource>,
}

/// The resource that is meant where a request names none: `DEFAULT_AUDIENCE`, or the issuer.
pub fn home(config: &Config) -> Result<&str, Error> {
    config.optional("DEFAULT_AUDIENCE").map_or_else(|| config.required("ISSUER"), Ok)
}

impl Resources {
    /// Reads the declared resources, and `RESOURCES`, `DEFAULT_AUDIENCE` and `ISSUER`.
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

    /// These declarations; `home` is meant where a request names none.
    pub fn new(home: &str, declared: Vec<Resource>) -> Self {
        Self { home: home.to_owned(), declared }
    }

    /// The resource that is meant when none is named.
    pub fn home(&self) -> &str {
        &self.home
    }

    /// The identifiers of the declared resources.
    pub fn declared_names(&self) -> impl Iterator<Item = &str> {
        self.declared.iter().map(|declared| declared.resource.as_str())
    }

    /// What is declared about a resource.
    pub fn declared(&self, resource: &str) -> Option<&Resource> {
        self.declared.iter().find(|declared| declared.resource == resource)
    }

    /// The sentence that people are asked with, for a scope of a declared resource.
    pub fn sentence(&self, scope: &str) -> Option<&str> {
        self.declared.iter().find_map(|resource| resource.scopes.get(scope)).map(String::as_str)
    }

    /// Every scope that any client may ask for.
    pub fn scopes(&self) -> Scopes {
        let declared = self.declared.iter().flat_map(|resource| resource.scopes.keys()).map(String::as_str);
        scope::OPENID.iter().copied().chain(declared).chain([scope::ACCOUNT]).collect()
    }

    /// What `client` gets when it asks for `scope` (everything it may have, if for nothing) at `resources` (home, if at
    /// none). `invalid_target` for a resource that is not known, `invalid_scope` for more than it may have there.
    pub fn grant(&self, client: &Client, scope: Option<&str>, resources: &[&str]) -> Result<Granted, Error> {
        if resources.len() > MAX_ASKED {
            return Err(Error::new(Code::InvalidTarget, "too many resources"));
        }
        let mut offered: Scopes = scope::OPENID.iter().copied().collect();
        let home = [self.home.as_str()];
        for resource in if resources.is_empty() { &home } else { resources } {
            offered.extend(self.offered_by(resource)?);
        }
        if client.trust == Trust::FirstParty {
            offered.extend([scope::ACCOUNT]);
        }
        let allowed: Vec<&str> = offered.iter().filter(|scope| client.scope.contains(scope)).collect();
        Ok(Granted { scope: Scopes::granted(scope, &allowed)?, resources: each_once(resources) })
    }

    fn offered_by<'a>(&'a self, resource: &str) -> Result<Vec<&'a str>, Error> {
        match self.declared(resource) {
            Some(declared) => Ok(declared.scopes.keys().map(String::as_str).collect()),
            None if resource == self.home => Ok(Vec::new()),
            None => Err(Error::new(Code::InvalidTarget, "unknown resource")),
        }
    }

    /// The one resource that a token is for: the one asked for, if it was granted, else the first that was. Home can
    /// always be asked for by who may use OpenID Connect.
    pub fn target(&self, asked: &[&str], granted: &Granted) -> Result<Target, Error> {
        let audience = self.audience(asked, granted)?;
        match self.declared(&audience) {
            Some(declared) => Ok(Target {
                audience,
                access_token_seconds: declared.access_token_seconds,
                claims: declared.claims.clone(),
            }),
            None if audience == self.home => Ok(self.home_target()),
            None => Err(Error::new(Code::InvalidTarget, "a resource that is not declared any more")),
        }
    }

    /// This service itself, where nothing else is declared about it.
    pub fn home_target(&self) -> Target {
        let claims = vec![Claim::Username, Claim::Roles];
        Target { audience: self.home.clone(), access_token_seconds: None, claims }
    }

    fn audience(&self, asked: &[&str], granted: &Granted) -> Result<String, Error> {
        let was_granted = |resource: &str| match granted.resources.iter().any(|granted| granted == resource) {
            false => resource == self.home && (granted.resources.is_empty() || granted.scope.contains(scope::OPEN)),
            true => true,
        };
        match (asked, granted.resources.as_slice()) {
            ([], []) => Ok(self.home.clone()),
            ([], [first, ..]) => Ok(first.clone()),
            ([one], _) if was_granted(one) => Ok((*one).to_owned()),
            ([_], _) => Err(Error::new(Code::InvalidTarget, "a resource that was not granted")),
            _ => Err(Error::new(Code::InvalidTarget, "a token is for one resource: name one")),
        }
    }

    /// What of a granted scope a token for `target` carries: the resource's own scopes, and at home the rest too.
    pub fn scope_at(&self, target: &str, scope: &Scopes) -> Scopes {
        let declared = self.declared(target);
        let own = |word: &&str| declared.is_some_and(|resource| resource.scopes.contains_key(*word));
        let everywhere = |word: &&str| !self.declared.iter().any(|resource| resource.scopes.contains_key(*word));
        scope.iter().filter(|word| own(word) || (target == self.home && everywhere(word))).collect()
    }
}

/// In the order in which they were named: a token is for the first, unless one is asked for.
fn each_once(names: &[&str]) -> Vec<String> {
    let first = |(position, name): &(usize, &&str)| !names[..*position].contains(name);
    names.iter().enumerate().filter(first).map(|(_, name)| (*name).to_owned()).collect()
}

impl Resource {
    /// Everything that keeps this from being declared.
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
            refuse("scopes", "too_many", format!("Name at most {MAX_SCOPES}."));
        }
        for (word, sentence) in &self.scopes {
            if !is_own_scope(word) {
                let detail = format!("{word:?} must be one word that OpenID Connect and this service do not use.");
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

/// RFC 8707 section 2. No comma, because settings list resources.
fn is_absolute_uri(text: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_graphic() && !b"#,\"<>\\^`{|}".contains(&byte);
    text.len() <= MAX_NAME
        && text.starts_with(|first: char| first.is_ascii_alphabetic())
        && text.split_once(':').is_some_and(|(_, rest)| !rest.is_empty())
        && text.bytes().all(fits)
}

/// Whether an API may give the word a meaning.
fn is_own_scope(word: &str) -> bool {
    let reserved = word == scope::ACCOUNT || scope::OPENID.contains(&word);
    !reserved && word.len() <= MAX_SCOPE && Scopes::parse(word).is_ok_and(|scopes| scopes.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOME: &str = "https://id.example";
    const NOTES: &str = "https://notes.example";
    const TASKS: &str = "https://tasks.example";

    fn resources() -> Resources {
        let document = r#"{"resources":[
            {"resource":"https://notes.example","scopes":{"notes:read":"Read","notes:write":"Write"},"claims":["roles"]},
            {"resource":"https://tasks.example","scopes":{"tasks":"Tasks"},"access_token_seconds":60}]}"#;
        Resources::parse(document, HOME).unwrap()
    }

    fn client(scope: &str) -> Client {
        Client { scope: Scopes::parse(scope).unwrap(), trust: Trust::Verified, ..Client::first_party() }
    }

    fn code<T>(result: Result<T, Error>) -> Option<Code> {
        result.err().map(|error| error.code())
    }

    #[test]
    fn the_file_that_comes_with_the_project_can_be_read() {
        Resources::parse(DECLARED, HOME).unwrap();
    }

    #[test]
    fn a_client_gets_scopes_of_the_resources_that_it_names_and_of_no_other() {
        let client = client("openid notes:read tasks account");
        let grant = |scope, at: &[&str]| resources().grant(&client, scope, at).map(|granted| granted.scope.to_string());
        assert_eq!(grant(Some("openid notes:read"), &[NOTES]).unwrap(), "notes:read openid");
        assert_eq!(grant(None, &[NOTES, TASKS]).unwrap(), "notes:read openid tasks");
        assert_eq!(code(grant(Some("notes:write"), &[NOTES])), Some(Code::InvalidScope));
        assert_eq!(code(grant(Some("notes:read"), &[])), Some(Code::InvalidScope));
        assert_eq!(code(grant(Some("account"), &[])), Some(Code::InvalidScope), "only the operator's own clients");
        assert_eq!(code(grant(None, &["https://evil.example"])), Some(Code::InvalidTarget));
    }

    #[test]
    fn a_resource_that_is_named_twice_counts_once_wherever_it_stands() {
        let granted = resources().grant(&client("notes:read tasks"), None, &[TASKS, NOTES, TASKS, NOTES]).unwrap();
        assert_eq!(granted.resources, [TASKS, NOTES]);
    }

    #[test]
    fn a_token_is_for_one_granted_resource() {
        let granted = |resources: &[&str], scope: &str| Granted {
            scope: Scopes::parse(scope).unwrap(),
            resources: resources.iter().map(|resource| (*resource).to_owned()).collect(),
        };
        let target = |asked: &[&str], granted| resources().target(asked, &granted).ok().map(|target| target.audience);
        assert_eq!(target(&[], granted(&[], "openid")).as_deref(), Some(HOME));
        assert_eq!(target(&[], granted(&[NOTES], "notes:read")).as_deref(), Some(NOTES));
        assert_eq!(target(&[], granted(&[NOTES, TASKS], "tasks")).as_deref(), Some(NOTES));
        assert_eq!(target(&[NOTES, TASKS], granted(&[NOTES, TASKS], "tasks")), None);
        assert_eq!(target(&[TASKS], granted(&[NOTES, TASKS], "tasks")).as_deref(), Some(TASKS));
        assert_eq!(target(&[TASKS], granted(&[NOTES], "notes:read")), None);
        assert_eq!(target(&[HOME], granted(&[NOTES], "openid notes:read")).as_deref(), Some(HOME));
        assert_eq!(target(&[HOME], granted(&[NOTES], "notes:read")), None);
    }

    #[test]
    fn a_token_carries_the_scopes_of_its_resource() {
        let scope = Scopes::parse("openid profile notes:read tasks").unwrap();
        assert_eq!(resources().scope_at(NOTES, &scope).to_string(), "notes:read");
        assert_eq!(resources().scope_at(HOME, &scope).to_string(), "openid profile");
    }

    #[test]
    fn a_declaration_that_could_not_work_is_refused_at_start() {
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
