//! Client metadata (RFC 7591 section 2, OpenID Connect Registration section 2): from JSON to a client that may exist.
//!
//! Plain data in, plain data out; every problem is told at once. What a client may ask for depends on who answers for
//! it, and on nothing that it says about itself.

mod keys;
mod members;
mod name;
mod uri;

use jwt::Algorithm;
use oauth::{AuthMethod, Client, Error, GrantType, Scopes, Trust, scope};
use serde_json::{Map, Value};
use url::Url;

pub(crate) use members::Unknown;
use members::{Members, Wrong};

/// Most redirect URIs, and most addresses to go to after a logout.
const MAX_URIS: usize = 20;
/// Most contacts.
const MAX_CONTACTS: usize = 5;

/// Members that would change what a client gets in a way that is not offered: taking no notice would mislead it.
const NOT_OFFERED: [&str; 14] = [
    "authorization_encrypted_response_alg",
    "authorization_signed_response_alg",
    "dpop_bound_access_tokens",
    "id_token_encrypted_response_alg",
    "id_token_encrypted_response_enc",
    "introspection_encrypted_response_alg",
    "introspection_signed_response_alg",
    "require_signed_request_object",
    "sector_identifier_uri",
    "tls_client_certificate_bound_access_tokens",
    "use_mtls_endpoint_aliases",
    "userinfo_encrypted_response_alg",
    "userinfo_encrypted_response_enc",
    "userinfo_signed_response_alg",
];

/// What holds for every client of this service.
pub(crate) struct Rules {
    /// Our own origin.
    pub(crate) issuer: Url,
    /// Every scope there is.
    pub(crate) scopes: Scopes,
}

/// What a client has that it does not choose.
#[derive(Clone, Copy)]
pub(crate) struct Given<'a> {
    pub(crate) client_id: &'a str,
    /// Epoch seconds.
    pub(crate) issued_at: u64,
    pub(crate) trust: Trust,
}

impl<'a> Given<'a> {
    /// What a client keeps when its metadata changes.
    pub(crate) fn of(client: &'a Client) -> Self {
        Self { client_id: &client.client_id, issued_at: client.client_id_issued_at, trust: client.trust }
    }
}

impl Rules {
    /// The client that `members` describe, or the 400 that names every member that is wrong.
    pub(crate) fn read(
        &self,
        members: Map<String, Value>,
        given: Given<'_>,
        unknown: Unknown,
    ) -> Result<Client, Error> {
        let mut members = Members::new(members);
        refuse_what_is_not_offered(&mut members);
        let method = members.one_of("token_endpoint_auth_method", AuthMethod::ALL, AuthMethod::word);
        let method = method.unwrap_or(AuthMethod::ClientSecretBasic);
        let grants = grant_types(&mut members, method, given.trust);
        let redirects = self.redirect_uris(&mut members, &grants);
        let after_logout = self.uris(&mut members, "post_logout_redirect_uris");
        let mut page = |name| page(&mut members, name, &redirects, given.trust);
        let (client_uri, policy_uri, tos_uri) = (page("client_uri"), page("policy_uri"), page("tos_uri"));
        let client = Client {
            client_id: given.client_id.to_owned(),
            client_id_issued_at: given.issued_at,
            trust: given.trust,
            token_endpoint_auth_method: method,
            redirect_uris: texts(redirects),
            post_logout_redirect_uris: texts(after_logout),
            scope: self.scope(&mut members, &grants, given.trust),
            grant_types: grants,
            client_name: members.checked("client_name", name::client_name),
            client_uri,
            policy_uri,
            tos_uri,
            contacts: contacts(&mut members),
            jwks: jwks(&mut members, method),
            require_pushed_authorization_requests: members.flag("require_pushed_authorization_requests"),
            default_max_age: members.number("default_max_age"),
        };
        members.finish(client, unknown)
    }

    fn redirect_uris(&self, members: &mut Members, grants: &[GrantType]) -> Vec<Registrable> {
        let (wanted, named) = (grants.contains(&GrantType::AuthorizationCode), members.says("redirect_uris"));
        let uris = self.uris(members, "redirect_uris");
        if wanted && !named {
            let detail = "Name at least one, or leave authorization_code out of grant_types.";
            members.report("redirect_uris", ("missing", detail.to_owned()));
        } else if !wanted && named {
            let detail = "Leave them out, or put authorization_code into grant_types.";
            members.report("redirect_uris", ("inconsistent", detail.to_owned()));
        }
        application_type(members, &uris);
        uris
    }

    fn uris(&self, members: &mut Members, name: &str) -> Vec<Registrable> {
        let mut uris: Vec<Registrable> = Vec::new();
        for (position, text) in members.texts(name, MAX_URIS).unwrap_or_default().into_iter().enumerate() {
            match uri::redirect(&text, &self.issuer) {
                Ok(_) if uris.iter().any(|known| known.text == text) => {}
                Ok(url) => uris.push(Registrable { text, url }),
                Err(wrong) => members.report(&format!("{name}[{position}]"), wrong),
            }
        }
        uris
    }

    fn scope(&self, members: &mut Members, grants: &[GrantType], trust: Trust) -> Scopes {
        let asked = members.checked("scope", |text| Scopes::parse(text).map_err(|_| malformed_scope()));
        let Some(asked) = asked.filter(|scopes| !scopes.is_empty()) else {
            if grants.contains(&GrantType::ClientCredentials) {
                let detail = "Name the scopes of client_credentials, separated by spaces.";
                members.report("scope", ("missing", detail.to_owned()));
            }
            return scope::OPENID.iter().copied().collect();
        };
        for word in asked.iter().filter(|word| !self.scopes.contains(word)) {
            members.report("scope", ("unknown", format!("There is no scope {word}.")));
        }
        if asked.contains(scope::ACCOUNT) && trust != Trust::FirstParty {
            members.report("scope", ("not_allowed", "The scope account is for the operator's own apps.".to_owned()));
        }
        asked
    }
}

/// A URI in both forms: as it is compared, and as it is understood.
struct Registrable {
    text: String,
    url: Url,
}

fn texts(uris: Vec<Registrable>) -> Vec<String> {
    uris.into_iter().map(|uri| uri.text).collect()
}

fn malformed_scope() -> Wrong {
    ("malformed", "Send words separated by single spaces, 1024 characters at most.".to_owned())
}

fn refuse_what_is_not_offered(members: &mut Members) {
    if members.take("jwks_uri").is_some() {
        let detail = "Keys are not fetched from other servers here: send them in jwks.";
        members.report("jwks_uri", ("not_offered", detail.to_owned()));
    }
    for name in NOT_OFFERED {
        if members.take(name).is_some_and(|value| value != Value::Bool(false)) {
            members.report(name, ("not_offered", "This is not offered here; leave it out.".to_owned()));
        }
    }
    if members.text("subject_type").is_some_and(|word| word != "public") {
        members.report("subject_type", ("not_offered", "Only public is offered.".to_owned()));
    }
    if members.text("id_token_signed_response_alg").is_some_and(|word| word.parse::<Algorithm>().is_err()) {
        members.report("id_token_signed_response_alg", ("not_offered", "Use RS256, ES256 or EdDSA.".to_owned()));
    }
    if members.text("token_endpoint_auth_signing_alg").is_some_and(|word| Algorithm::known_as(&word).is_none()) {
        let detail = "Use RS256, ES256, EdDSA or Ed25519.".to_owned();
        members.report("token_endpoint_auth_signing_alg", ("not_offered", detail));
    }
}

fn grant_types(members: &mut Members, method: AuthMethod, trust: Trust) -> Vec<GrantType> {
    let known = GrantType::ALL.map(GrantType::word).join(", ");
    let grants = members.words("grant_types", GrantType::parse, &known);
    let grants = grants.unwrap_or_else(|| vec![GrantType::AuthorizationCode]);
    let has = |grant| grants.contains(&grant);
    let mut refuse = |code, detail: &str| members.report("grant_types", (code, detail.to_owned()));
    if grants.is_empty() {
        refuse("missing", "Name at least one.");
    }
    if has(GrantType::RefreshToken) && !has(GrantType::AuthorizationCode) {
        refuse("inconsistent", "refresh_token goes with authorization_code.");
    }
    if has(GrantType::ClientCredentials) && method == AuthMethod::None {
        refuse("inconsistent", "client_credentials needs a token_endpoint_auth_method other than none.");
    }
    if has(GrantType::ClientCredentials) && trust == Trust::Unverified {
        refuse("not_allowed", "client_credentials needs an initial access token, or an operator.");
    }
    response_types(members, &grants);
    grants
}

/// OpenID Connect's and OAuth's default is `code`; without a grant that it belongs to, it says nothing.
fn response_types(members: &mut Members, grants: &[GrantType]) {
    let types = members.words("response_types", |word| (word == "code").then_some(()), "code").unwrap_or_default();
    if !types.is_empty() && !grants.contains(&GrantType::AuthorizationCode) {
        let detail = "Leave it out, or put authorization_code into grant_types.";
        members.report("response_types", ("inconsistent", detail.to_owned()));
    }
}

/// OpenID Connect Registration section 2. What a client does not say is not held against it.
fn application_type(members: &mut Members, uris: &[Registrable]) {
    match members.text("application_type").as_deref() {
        Some("web") => {
            for (position, _) in uris.iter().enumerate().filter(|(_, uri)| uri.url.scheme() != "https") {
                let detail = "A web application uses https; a native one says so in application_type.";
                members.report(&format!("redirect_uris[{position}]"), ("scheme", detail.to_owned()));
            }
        }
        None | Some("native") => {}
        Some(_) => members.report("application_type", ("unknown", "Use web or native.".to_owned())),
    }
}

/// A page about the client. Of a client that nobody answers for, only what lies where its codes go: it must not borrow
/// the standing of another site (RFC 7591 section 5).
fn page(members: &mut Members, name: &str, redirects: &[Registrable], trust: Trust) -> Option<String> {
    let url = members.checked(name, uri::page)?;
    let own = |uri: &Registrable| uri.url.scheme() == "https" && uri.url.host() == url.host();
    (trust != Trust::Unverified || redirects.iter().any(own)).then(|| url.into())
}

fn contacts(members: &mut Members) -> Vec<String> {
    let mut contacts = Vec::new();
    for (position, text) in members.texts("contacts", MAX_CONTACTS).unwrap_or_default().iter().enumerate() {
        match name::line(text) {
            Ok(contact) => contacts.push(contact),
            Err(wrong) => members.report(&format!("contacts[{position}]"), wrong),
        }
    }
    contacts
}

fn jwks(members: &mut Members, method: AuthMethod) -> Option<String> {
    let document = members.take("jwks");
    if document.is_none() && method == AuthMethod::PrivateKeyJwt {
        members.report("jwks", ("missing", "private_key_jwt needs the client's public keys here.".to_owned()));
    }
    keys::jwks(&document?).map_err(|wrong| members.report("jwks", wrong)).ok()
}

#[cfg(test)]
mod tests;
