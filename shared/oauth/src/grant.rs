//! What a client gets of what it asks for: scopes, and the resources that they belong to (RFC 6749 section 3.3, RFC 8707).
//!
//! What a client cannot have is left out, and the answer says what was granted (OpenID Connect Core section 3.1.2.1). Only
//! a request of which nothing is left fails.

use crate::client::{Client, Trust};
use crate::error::{Code, Error};
use crate::resource::{Claim, Resources};
use crate::scope::{self, Scopes};

/// Most resources that one request may name.
const MAX_NAMED: usize = 8;

/// What a client may be given: where, and for what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Granted {
    /// The scopes.
    pub scope: Scopes,
    /// The resources that the client named. Empty means that the scopes find theirs.
    pub resources: Vec<String>,
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
    /// Whether the token opens the userinfo endpoint besides. So it does when a client of OpenID Connect has named no
    /// resource: it knows of one access token, and uses it at both places.
    pub opens_userinfo: bool,
}

/// The audience of tokens for a resource that open the userinfo endpoint besides. A name of its own, so that the resource
/// can use them nowhere else.
pub fn userinfo_audience(issuer: &str) -> String {
    format!("{issuer}/userinfo")
}

impl Resources {
    /// What `client` gets when it asks for `scope` and names the resources `named`. `invalid_target` for a resource that is
    /// not known, `invalid_scope` where nothing of what was asked for is left.
    pub fn grant(&self, client: &Client, scope: Option<&str>, named: &[&str]) -> Result<Granted, Error> {
        if named.len() > MAX_NAMED {
            return Err(Error::new(Code::InvalidTarget, "too many resources"));
        }
        if named.iter().any(|name| *name != self.home && self.declared(name).is_none()) {
            return Err(Error::new(Code::InvalidTarget, "unknown resource"));
        }
        let asked = scope.map(Scopes::parse).transpose()?.filter(|asked| !asked.is_empty());
        let scope = match asked {
            Some(asked) => self.part_of(&asked, client, named)?,
            None => self.default(client, named),
        };
        Ok(Granted { scope, resources: each_once(named) })
    }

    /// That part of `asked` which the client may have.
    fn part_of(&self, asked: &Scopes, client: &Client, named: &[&str]) -> Result<Scopes, Error> {
        let places = self.places(asked, named);
        let (mut scope, mut refused) = (Scopes::default(), Vec::new());
        for word in asked.iter() {
            match self.refusal(word, client, &places) {
                None => scope.extend([word]),
                // A client that cannot have it goes without: Core section 11 says that it is ignored then.
                Some(_) if word == scope::OFFLINE_ACCESS => {}
                Some(reason) => refused.push(reason),
            }
        }
        if scope.is_empty() && !refused.is_empty() {
            return Err(Error::parameter("scope", "not_granted", refused.join(" ")).with_code(Code::InvalidScope));
        }
        Ok(scope)
    }

    /// What a client gets that asks for no scope: all that it is registered for, at home if it names no resource. A client
    /// that has nothing there gets what it has elsewhere.
    fn default(&self, client: &Client, named: &[&str]) -> Scopes {
        let at = |places: &[&str]| -> Scopes {
            client.scope.iter().filter(|word| self.refusal(word, client, places).is_none()).collect()
        };
        match named {
            [] => Some(at(&[])).filter(|scope| !scope.is_empty()).unwrap_or_else(|| at(&self.found(&client.scope))),
            named => at(named),
        }
    }

    /// Why a client cannot have a scope at these places, or at home; `None` where it can.
    fn refusal(&self, word: &str, client: &Client, places: &[&str]) -> Option<String> {
        let owners: Vec<&str> = self.owners(word).collect();
        let is_here = owners.iter().any(|owner| *owner == self.home || places.contains(owner));
        let is_ours = word == scope::ACCOUNT || scope::OPENID.contains(&word);
        if !is_ours && owners.is_empty() {
            Some(format!("There is no scope {word:.64}; an operator declares scopes with their resource."))
        } else if !may_ask(client, word) {
            Some(format!("This client is not registered for {word:.64}."))
        } else if is_ours || is_here {
            None
        } else {
            Some(format!("{word:.64} belongs to {}: name it in resource.", owners.join(" or ")))
        }
    }

    /// Where scopes may be from: the resources that were named, or those that the scopes find.
    fn places<'a>(&'a self, scope: &Scopes, named: &[&'a str]) -> Vec<&'a str> {
        if named.is_empty() { self.found(scope) } else { named.to_vec() }
    }

    /// The resources that some of the scopes belong to and to no other resource, home excepted.
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

    /// The one resource that a token is for: the one asked for, if it was granted, else the first that was. Home can
    /// always be asked for by who may use OpenID Connect.
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
            None => return Err(Error::new(Code::InvalidTarget, "a resource that is not declared any more")),
        };
        Ok(Target { opens_userinfo: nobody_named_it && granted.scope.contains(scope::OPEN), ..target })
    }

    /// This service itself, where nothing else is declared about it.
    pub fn home_target(&self) -> Target {
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
            ([one], _) if places.contains(one) || is_home(one) => Ok((*one).to_owned()),
            ([_], _) => Err(Error::new(Code::InvalidTarget, "a resource that was not granted")),
            _ => Err(Error::new(Code::InvalidTarget, "a token is for one resource: name one")),
        }
    }

    /// What of a granted scope a token for `target` carries: the resource's own scopes; at home the rest too, and where it
    /// opens the userinfo endpoint those of OpenID Connect.
    pub fn scope_at(&self, target: &Target, scope: &Scopes) -> Scopes {
        let declared = self.declared(&target.audience);
        let is_own = |word: &str| declared.is_some_and(|resource| resource.scopes.contains_key(word));
        let is_homes = |word: &str| target.audience == self.home && self.owners(word).next().is_none();
        let is_openid = |word: &str| target.opens_userinfo && scope::OPENID.contains(&word);
        scope.iter().filter(|word| is_own(word) || is_homes(word) || is_openid(word)).collect()
    }
}

/// Whether a client may ask for a scope. What a client registered itself for is a hint: its person is asked each time, and
/// it may need more than it knew then.
fn may_ask(client: &Client, word: &str) -> bool {
    match client.trust {
        Trust::Unverified => word != scope::ACCOUNT,
        Trust::Verified => word != scope::ACCOUNT && client.scope.contains(word),
        Trust::FirstParty => client.scope.contains(word),
    }
}

/// In the order in which they were named: a token is for the first, unless one is asked for.
fn each_once(names: &[&str]) -> Vec<String> {
    let first = |(position, name): &(usize, &&str)| !names[..*position].contains(name);
    names.iter().enumerate().filter(first).map(|(_, name)| (*name).to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOME: &str = "https://id.example";
    const NOTES: &str = "https://notes.example";
    const TASKS: &str = "https://tasks.example";

    fn resources() -> Resources {
        let document = r#"{"resources":[
            {"resource":"https://notes.example","scopes":{"notes:read":"Read","notes:write":"Write","all":"All"},
             "claims":["roles"]},
            {"resource":"https://tasks.example","scopes":{"tasks":"Tasks","all":"All"},"access_token_seconds":60}]}"#;
        Resources::parse(document, HOME).unwrap()
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
    fn what_a_client_cannot_have_is_left_out_and_nothing_left_is_an_error_that_says_where_scopes_come_from() {
        let client = client("openid notes:read tasks account");
        let grant = |scope, named: &[&str]| scope_of(&client, Some(scope), named);
        assert_eq!(grant("openid notes:read", &[NOTES]).unwrap(), "notes:read openid");
        assert_eq!(grant("openid notes:write phone tasks account", &[NOTES]).unwrap(), "openid");
        for (scope, named, reason) in [
            ("phone", &[][..], "There is no scope phone"),
            ("notes:write", &[NOTES], "not registered for notes:write"),
            ("tasks", &[NOTES], "tasks belongs to https://tasks.example: name it in resource"),
            ("account", &[], "not registered for account"),
        ] {
            let error = grant(scope, named).unwrap_err();
            assert_eq!(error.code(), Code::InvalidScope);
            assert!(error.field_problems()[0].detail.contains(reason), "{error:?}");
        }
        assert_eq!(grant("offline_access", &[]).unwrap(), "", "it never fails a request");
        assert_eq!(code(grant("openid", &["https://evil.example"])), Some(Code::InvalidTarget));
        assert_eq!(code(grant("a\"b", &[])), Some(Code::InvalidScope));
    }

    #[test]
    fn a_client_that_asks_for_nothing_gets_what_it_is_registered_for() {
        let own = client("openid notes:read tasks account");
        assert_eq!(scope_of(&own, None, &[NOTES, TASKS]).unwrap(), "notes:read openid tasks");
        assert_eq!(scope_of(&own, Some(" "), &[]).unwrap(), "openid");
        assert_eq!(scope_of(&client("notes:read"), None, &[]).unwrap(), "notes:read", "where it has nothing at home");
        assert_eq!(scope_of(&client(""), None, &[]).unwrap(), "", "a client may have no scope at all");
    }

    #[test]
    fn a_client_that_registered_itself_may_ask_for_more_than_it_knew_then() {
        let own = Client { trust: Trust::Unverified, ..client("openid") };
        assert_eq!(scope_of(&own, Some("openid notes:write account"), &[NOTES]).unwrap(), "notes:write openid");
        assert_eq!(scope_of(&own, None, &[NOTES]).unwrap(), "openid", "unless it asks, what it registered for");
    }

    #[test]
    fn a_scope_finds_its_resource_when_one_has_it() {
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
        assert_eq!(target("tasks all"), at(TASKS, "all tasks", false), "the others say which is meant");
        let error = resources().grant(&client, Some("all"), &[]).unwrap_err();
        assert!(error.field_problems()[0].detail.contains("https://notes.example or https://tasks.example"));
        assert_eq!(scope_of(&client, Some("openid all"), &[]).unwrap(), "openid");
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
