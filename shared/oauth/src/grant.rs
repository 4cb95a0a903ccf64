//! The scopes and resources that a client gets for a request (RFC 6749 section 3.3, RFC 8707).
//!
//! Scopes that a client cannot have are left out, and the response says what was granted (OpenID Connect Core section
//! 3.1.2.1). A request fails only if nothing remains.

use crate::client::{Client, Trust};
use crate::error::{Code, Error};
use crate::resource::{Claim, Resources};
use crate::scope::{self, Scopes};

/// Most resources that one request may name.
const MAX_NAMED: usize = 8;

/// The scopes and resources that a client gets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Granted {
    /// The scopes.
    pub scope: Scopes,
    /// The resources that the client named. Empty means that the scopes decide.
    pub resources: Vec<String>,
}

/// The resource that a token is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// The resource's identifier, the `aud` of the token.
    pub audience: String,
    /// The lifetime of the token, if it differs from the default.
    pub access_token_seconds: Option<u64>,
    /// The claims about a person in the token, besides `sub`.
    pub claims: Vec<Claim>,
    /// Whether the token can also be used at the userinfo endpoint. This is so when an OpenID Connect client named no
    /// resource: it expects one access token for both.
    pub opens_userinfo: bool,
}

/// The additional audience of tokens that can also be used at the userinfo endpoint. It is accepted nowhere else, so a
/// resource that receives such a token cannot misuse it at other endpoints.
pub fn userinfo_audience(issuer: &str) -> String {
    format!("{issuer}/userinfo")
}

impl Resources {
    /// What `client` gets when it requests `scope` and names the resources `named`. Fails with `invalid_target` for an
    /// unknown resource, and with `invalid_scope` if none of the requested scopes remains.
    pub fn grant(&self, client: &Client, scope: Option<&str>, named: &[&str]) -> Result<Granted, Error> {
        if named.len() > MAX_NAMED {
            return Err(Error::new(Code::InvalidTarget, "too many resources"));
        }
        let named = &named.iter().map(|name| self.known(name)).collect::<Result<Vec<_>, _>>()?;
        let asked = scope.map(Scopes::parse).transpose()?.filter(|asked| !asked.is_empty());
        let scope = match asked {
            Some(asked) => self.part_of(&asked, client, named)?,
            None => self.default(client, named),
        };
        Ok(Granted { scope, resources: each_once(named) })
    }

    /// The declared name of a resource that a client names.
    fn known(&self, name: &str) -> Result<&str, Error> {
        let known = std::iter::once(self.home.as_str()).chain(self.declared_names());
        let known = known.into_iter().find(|known| is_same(known, name));
        known.ok_or_else(|| undeclared(name))
    }

    /// The part of `asked` that the client may have.
    fn part_of(&self, asked: &Scopes, client: &Client, named: &[&str]) -> Result<Scopes, Error> {
        let places = self.places(asked, named);
        let (mut scope, mut refused) = (Scopes::default(), Vec::new());
        for word in asked.iter() {
            match self.refusal(word, client, &places) {
                None => scope.extend([word]),
                // A client that cannot have this scope gets the others: Core section 11 says to ignore it.
                Some(_) if word == scope::OFFLINE_ACCESS => {}
                Some(reason) => refused.push(reason),
            }
        }
        if scope.is_empty() && !refused.is_empty() {
            return Err(Error::parameter("scope", "not_granted", refused.join(" ")).with_code(Code::InvalidScope));
        }
        Ok(scope)
    }

    /// What a client gets when it requests no scope: all scopes that it is registered for at the named resources, or at
    /// the home resource if it names none. A client without scopes there gets those that it has elsewhere.
    fn default(&self, client: &Client, named: &[&str]) -> Scopes {
        let at = |places: &[&str]| -> Scopes {
            client.scope.iter().filter(|word| self.refusal(word, client, places).is_none()).collect()
        };
        match named {
            [] => Some(at(&[])).filter(|scope| !scope.is_empty()).unwrap_or_else(|| at(&self.found(&client.scope))),
            named => at(named),
        }
    }

    /// Why a client cannot have a scope at these resources or at home. `None` if it can.
    fn refusal(&self, word: &str, client: &Client, places: &[&str]) -> Option<String> {
        let owners: Vec<&str> = self.owners(word).collect();
        let is_here = owners.iter().any(|owner| *owner == self.home || places.contains(owner));
        let is_ours = word == scope::ACCOUNT || scope::OPENID.contains(&word);
        if !is_ours && owners.is_empty() {
            Some(format!("The scope {word:.64} does not exist. An operator declares scopes with their resource."))
        } else if !may_ask(client, word) {
            Some(format!("This client is not registered for {word:.64}."))
        } else if is_ours || is_here {
            None
        } else {
            Some(format!("{word:.64} belongs to {}. Name it in the parameter resource.", owners.join(" or ")))
        }
    }

    /// The resources that the scopes may come from: those that were named, or those that the scopes belong to.
    fn places<'a>(&'a self, scope: &Scopes, named: &[&'a str]) -> Vec<&'a str> {
        if named.is_empty() { self.found(scope) } else { named.to_vec() }
    }

    /// The resources that at least one of the scopes belongs to exclusively, apart from home.
    fn found(&self, scope: &Scopes) -> Vec<&str> {
        let only_owner = |word: &str| {
            let mut owners = self.owners(word);
            owners.next().filter(|_| owners.next().is_none())
        };
        let found: Vec<&str> = scope.iter().filter_map(only_owner).collect();
        let is_found = |name: &str| name != self.home && found.contains(&name);
        self.declared_names().filter(|name| is_found(name)).collect()
    }

    fn owners(&self, word: &str) -> impl Iterator<Item = &str> {
        let has = move |resource: &&crate::resource::Resource| resource.scopes.contains_key(word);
        self.declared.iter().filter(has).map(|resource| resource.resource.as_str())
    }

    /// The resource that a token is for: the requested one if it was granted, otherwise the first granted one. Clients
    /// with OpenID Connect scopes can always request home.
    pub fn target(&self, asked: &[&str], granted: &Granted) -> Result<Target, Error> {
        let audience = self.audience(asked, granted)?;
        let nobody_named_it = asked.is_empty() && granted.resources.is_empty() && audience != self.home;
        let target = match self.declared(&audience) {
            Some(declared) => Target {
                audience,
                access_token_seconds: declared.access_token_seconds,
                claims: declared.claims.clone(),
                opens_userinfo: false,
            },
            None if audience == self.home => self.home_target(),
            None => return Err(undeclared(&audience)),
        };
        Ok(Target { opens_userinfo: nobody_named_it && granted.scope.contains(scope::OPEN), ..target })
    }

    /// This service itself, if no resource is declared for it.
    fn home_target(&self) -> Target {
        let claims = vec![Claim::Username, Claim::Roles];
        Target { audience: self.home.clone(), access_token_seconds: None, claims, opens_userinfo: false }
    }

    fn audience(&self, asked: &[&str], granted: &Granted) -> Result<String, Error> {
        let named: Vec<&str> = granted.resources.iter().map(String::as_str).collect();
        let places = self.places(&granted.scope, &named);
        let is_home = |name: &str| name == self.home && (named.is_empty() || granted.scope.contains(scope::OPEN));
        match (asked, places.as_slice()) {
            ([], []) => Ok(self.home.clone()),
            ([], [first, ..]) => Ok((*first).to_owned()),
            ([one], _) => {
                let one = self.known(one)?;
                let was_granted = places.contains(&one) || is_home(one);
                let refused = || Error::new(Code::InvalidTarget, "the resource was not granted");
                was_granted.then(|| one.to_owned()).ok_or_else(refused)
            }
            _ => Err(Error::new(Code::InvalidTarget, "a token is for one resource, but several were requested")),
        }
    }

    /// The sentences for a scope on the consent page, one for each of its resources that declares it, because two APIs
    /// may use one word differently.
    pub fn sentences(&self, word: &str, granted: &Granted) -> Vec<&str> {
        let named: Vec<&str> = granted.resources.iter().map(String::as_str).collect();
        let places = self.places(&granted.scope, &named);
        let is_here = |name: &str| name == self.home || places.contains(&name);
        let here = self.declared.iter().filter(|declared| is_here(&declared.resource));
        here.filter_map(|declared| declared.scopes.get(word)).map(String::as_str).collect()
    }

    /// The part of a granted scope that a token for `target` has: the resource's own scopes, at home also the remaining
    /// ones, and the OpenID Connect scopes if the token can be used at the userinfo endpoint.
    pub fn scope_at(&self, target: &Target, scope: &Scopes) -> Scopes {
        let declared = self.declared(&target.audience);
        let is_own = |word: &str| declared.is_some_and(|resource| resource.scopes.contains_key(word));
        let is_homes = |word: &str| target.audience == self.home && self.owners(word).next().is_none();
        let is_openid = |word: &str| target.opens_userinfo && scope::OPENID.contains(&word);
        scope.iter().filter(|word| is_own(word) || is_homes(word) || is_openid(word)).collect()
    }
}

/// Whether a client may request a scope. For a client that registered itself, the registered scopes are only a hint:
/// people are asked every time, and it may need more than it knew at registration.
fn may_ask(client: &Client, word: &str) -> bool {
    match client.trust {
        Trust::Unverified => word != scope::ACCOUNT,
        Trust::Verified => word != scope::ACCOUNT && client.scope.contains(word),
        Trust::FirstParty => client.scope.contains(word),
    }
}

/// Whether two names mean one resource. Libraries that parse URLs add a slash to an origin.
fn is_same(one: &str, other: &str) -> bool {
    let is_origin = |name: &str| name.split_once("://").is_some_and(|(_, rest)| !rest.contains(['/', '?']));
    let with_slash = |short: &str, long: &str| is_origin(short) && long.strip_suffix('/') == Some(short);
    one == other || with_slash(one, other) || with_slash(other, one)
}

fn undeclared(name: &str) -> Error {
    let detail = format!("{name:.256} is not declared. An operator declares resources with the order put_resource.");
    Error::parameter("resource", "unknown", detail).with_code(Code::InvalidTarget)
}

/// In the order in which they were named, because the first one is the default for tokens.
fn each_once(names: &[&str]) -> Vec<String> {
    let first = |(position, name): &(usize, &&str)| !names[..*position].contains(name);
    names.iter().enumerate().filter(first).map(|(_, name)| (*name).to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const HOME: &str = "https://id.example";
    const NOTES: &str = "https://notes.example";
    const TASKS: &str = "https://tasks.example";

    fn resources() -> Resources {
        let notes = json!({"notes:read": "Read", "notes:write": "Write", "all": "All notes"});
        let tasks = json!({"tasks": "Tasks", "all": "All tasks"});
        let declared = json!([
            {"resource": NOTES, "scopes": notes, "claims": ["roles"]},
            {"resource": TASKS, "scopes": tasks, "access_token_seconds": 60},
        ]);
        Resources::new(HOME, serde_json::from_value(declared).unwrap())
    }

    fn client(scope: &str) -> Client {
        Client { scope: Scopes::parse(scope).unwrap(), trust: Trust::Verified, ..Client::first_party() }
    }

    fn code<T>(result: Result<T, Error>) -> Option<Code> {
        result.err().map(|error| error.code())
    }

    fn scope_of(client: &Client, scope: Option<&str>, named: &[&str]) -> Result<String, Error> {
        resources().grant(client, scope, named).map(|granted| granted.scope.to_string())
    }

    #[test]
    fn scopes_that_a_client_cannot_have_are_left_out_and_an_empty_rest_is_an_explained_error() {
        let client = client("openid notes:read tasks account");
        let grant = |scope, named: &[&str]| scope_of(&client, Some(scope), named);
        assert_eq!(grant("openid notes:read", &[NOTES]).unwrap(), "notes:read openid");
        assert_eq!(grant("openid notes:write phone tasks account", &[NOTES]).unwrap(), "openid");
        for (scope, named, reason) in [
            ("phone", &[][..], "The scope phone does not exist"),
            ("notes:write", &[NOTES], "not registered for notes:write"),
            ("tasks", &[NOTES], "tasks belongs to https://tasks.example. Name it in the parameter resource"),
            ("account", &[], "not registered for account"),
        ] {
            let error = grant(scope, named).unwrap_err();
            assert_eq!(error.code(), Code::InvalidScope);
            assert!(error.field_problems()[0].detail.contains(reason), "{error:?}");
        }
        assert_eq!(grant("offline_access", &[]).unwrap(), "", "this scope never fails a request");
        assert_eq!(code(grant("openid", &["https://evil.example"])), Some(Code::InvalidTarget));
        assert_eq!(code(grant("a\"b", &[])), Some(Code::InvalidScope));
    }

    #[test]
    fn a_client_that_requests_no_scope_gets_those_it_is_registered_for() {
        let own = client("openid notes:read tasks account");
        assert_eq!(scope_of(&own, None, &[NOTES, TASKS]).unwrap(), "notes:read openid tasks");
        assert_eq!(scope_of(&own, Some(" "), &[]).unwrap(), "openid");
        assert_eq!(scope_of(&client("notes:read"), None, &[]).unwrap(), "notes:read", "where it has nothing at home");
        assert_eq!(scope_of(&client(""), None, &[]).unwrap(), "", "a client may have no scope at all");
    }

    #[test]
    fn a_client_that_registered_itself_may_request_more_than_it_registered() {
        let own = Client { trust: Trust::Unverified, ..client("openid") };
        assert_eq!(scope_of(&own, Some("openid notes:write account"), &[NOTES]).unwrap(), "notes:write openid");
        assert_eq!(scope_of(&own, None, &[NOTES]).unwrap(), "openid", "by default the registered scopes");
    }

    #[test]
    fn a_scope_of_one_resource_selects_that_resource() {
        let client = client("openid profile notes:read tasks all");
        let target = |scope: &str| {
            let granted = resources().grant(&client, Some(scope), &[]).unwrap();
            let target = resources().target(&[], &granted).unwrap();
            (target.audience.clone(), resources().scope_at(&target, &granted.scope).to_string(), target.opens_userinfo)
        };
        let at = |audience: &str, scope: &str, userinfo| (audience.to_owned(), scope.to_owned(), userinfo);
        assert_eq!(target("openid profile"), at(HOME, "openid profile", false));
        assert_eq!(target("notes:read"), at(NOTES, "notes:read", false));
        assert_eq!(target("openid profile notes:read"), at(NOTES, "notes:read openid profile", true));
        assert_eq!(target("tasks all"), at(TASKS, "all tasks", false), "the other scopes decide");
        let error = resources().grant(&client, Some("all"), &[]).unwrap_err();
        assert!(error.field_problems()[0].detail.contains("https://notes.example or https://tasks.example"));
        assert_eq!(scope_of(&client, Some("openid all"), &[]).unwrap(), "openid");
    }

    #[test]
    fn an_origin_is_one_resource_with_and_without_its_slash_and_keeps_its_declared_name() {
        let granted = resources().grant(&client("notes:read"), None, &["https://notes.example/"]).unwrap();
        assert_eq!(
            (granted.resources.as_slice(), granted.scope.to_string().as_str()),
            (&[NOTES.to_owned()][..], "notes:read")
        );
        let target = resources().target(&["https://notes.example/"], &granted).unwrap();
        assert_eq!(target.audience, NOTES);
        for (one, other, same) in [
            ("https://a.example", "https://a.example/", true),
            ("https://a.example/api", "https://a.example/api/", false),
            ("https://a.example", "https://a.example//", false),
            ("https://a.example", "https://b.example", false),
            ("urn:a", "urn:a/", false),
        ] {
            assert_eq!((is_same(one, other), is_same(other, one)), (same, same), "{one} {other}");
        }
        let error = resources().grant(&client("notes:read"), None, &["https://evil.example"]).unwrap_err();
        assert!(error.field_problems()[0].detail.contains("put_resource"));
    }

    #[test]
    fn a_scope_is_explained_in_the_words_of_the_resource_that_it_is_asked_for_at() {
        let at = |names: &[&str], scope: &str| {
            let resources_named = names.iter().map(|name| (*name).to_owned()).collect();
            let granted = Granted { scope: Scopes::parse(scope).unwrap(), resources: resources_named };
            resources().sentences("all", &granted).iter().map(|text| (*text).to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(at(&[NOTES], "all"), ["All notes"]);
        assert_eq!(at(&[TASKS], "all"), ["All tasks"]);
        assert_eq!(at(&[TASKS, NOTES], "all"), ["All notes", "All tasks"]);
        assert_eq!(at(&[], "all tasks"), ["All tasks"], "the other scope finds the resource");
    }

    #[test]
    fn no_token_is_made_for_a_resource_whose_declaration_was_removed() {
        let granted = Granted { scope: Scopes::parse("notes:read").unwrap(), resources: vec![NOTES.to_owned()] };
        assert_eq!(code(Resources::new(HOME, Vec::new()).target(&[], &granted)), Some(Code::InvalidTarget));
    }

    #[test]
    fn a_resource_that_is_named_twice_counts_once() {
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
        assert_eq!(target(&[TASKS], granted(&[], "notes:read tasks")).as_deref(), Some(TASKS));
        assert_eq!(target(&[HOME], granted(&[], "notes:read")).as_deref(), Some(HOME));
        assert_eq!(target(&[TASKS], granted(&[], "notes:read")), None);
    }

    #[test]
    fn a_token_carries_the_scopes_of_its_resource() {
        let scope = Scopes::parse("openid profile notes:read tasks account").unwrap();
        let at = |asked: &str| {
            let granted = Granted { scope: scope.clone(), resources: vec![NOTES.to_owned()] };
            let target = resources().target(&[asked], &granted).unwrap();
            resources().scope_at(&target, &scope).to_string()
        };
        assert_eq!((at(NOTES).as_str(), at(HOME).as_str()), ("notes:read", "account openid profile"));
        let found = resources().target(&[], &Granted { scope: scope.clone(), resources: Vec::new() }).unwrap();
        let carried = resources().scope_at(&found, &scope).to_string();
        assert_eq!(carried, "notes:read openid profile", "an API never gets the account scope");
    }
}
