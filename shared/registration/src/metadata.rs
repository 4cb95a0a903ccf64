//! Client metadata (RFC 7591 section 2, OpenID Connect Registration section 2): from JSON to a valid client.
//!
//! No I/O; every problem is reported at once. What a client may have depends on who vouches for it, never on its own
//! claims. Registrations, operators' orders and updates accept the same members.

mod grants;
mod keys;
mod members;
mod name;
mod scheme;
mod uri;

use oauth::{
    Algorithm, AuthMethod, Client, Config, Error, GrantType, IdTokenClaims, Scopes, SigningAlgorithms, Trust, scope,
};
use serde_json::{Map, Value};
use url::Url;

pub use members::Author;
pub(crate) use members::READ_ONLY;
use members::{Members, Wrong};
pub(crate) use scheme::Schemes;

/// Most redirect URIs, and most post-logout redirect URIs.
const MAX_URIS: usize = 20;
/// Most contacts.
const MAX_CONTACTS: usize = 5;

/// Members that request unsupported protection or unsupported response formats. They are refused, because the client
/// would rely on something that it does not get.
const NOT_OFFERED: [&str; 15] = [
    "authorization_encrypted_response_alg",
    "authorization_encrypted_response_enc",
    "authorization_signed_response_alg",
    "dpop_bound_access_tokens",
    "id_token_encrypted_response_alg",
    "id_token_encrypted_response_enc",
    "introspection_encrypted_response_alg",
    "introspection_encrypted_response_enc",
    "introspection_signed_response_alg",
    "require_signed_request_object",
    "tls_client_certificate_bound_access_tokens",
    "use_mtls_endpoint_aliases",
    "userinfo_encrypted_response_alg",
    "userinfo_encrypted_response_enc",
    "userinfo_signed_response_alg",
];

/// The rules of this service for all clients.
#[derive(Debug)]
pub struct Rules {
    /// The service's own origin, without a slash at its end.
    pub(crate) issuer: String,
    /// The same, parsed.
    origin: Url,
    /// The algorithms that ID tokens can be signed with.
    pub(crate) algorithms: SigningAlgorithms,
    /// The private-use schemes that redirect URIs may have.
    schemes: Schemes,
}

/// The properties of a client that it cannot choose.
#[derive(Clone, Copy, Debug)]
pub struct Given<'a> {
    /// Its id.
    pub client_id: &'a str,
    /// When it was registered, in epoch seconds.
    pub issued_at: u64,
    /// Who vouches for it.
    pub trust: Trust,
    /// Every existing scope.
    pub scopes: &'a Scopes,
}

impl<'a> Given<'a> {
    /// What a client keeps when its metadata changes.
    pub fn of(client: &'a Client, scopes: &'a Scopes) -> Self {
        Self { client_id: &client.client_id, issued_at: client.client_id_issued_at, trust: client.trust, scopes }
    }
}

impl Rules {
    /// Reads the rules from the configuration: `ISSUER`, `SIGNING_ALGORITHMS` and `REDIRECT_SCHEMES`.
    pub fn open(config: &Config) -> Result<Self, Error> {
        let issuer = config.required("ISSUER")?;
        Ok(Self {
            issuer: issuer.to_owned(),
            origin: Url::parse(issuer).map_err(|error| Error::fault("ISSUER is not a URL").because(error))?,
            algorithms: SigningAlgorithms::read(config)?,
            schemes: Schemes::with(config.list("REDIRECT_SCHEMES"))?,
        })
    }

    /// The client that `members` describe, or a 400 that names every invalid member.
    pub fn read(&self, members: Map<String, Value>, given: Given<'_>, author: Author) -> Result<Client, Error> {
        let mut members = Members::new(members, author);
        let method = members.one_of("token_endpoint_auth_method", AuthMethod::ALL, AuthMethod::word);
        let method = method.unwrap_or(AuthMethod::ClientSecretBasic);
        refuse_what_is_not_offered(&mut members, method);
        let grants = grants::grant_types(&mut members, method, given.trust);
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
            scope: scope(&mut members, &grants, given),
            grant_types: grants,
            client_name: members.described("client_name", name::client_name),
            client_uri,
            policy_uri,
            tos_uri,
            contacts: contacts(&mut members),
            jwks: jwks(&mut members, method),
            require_pushed_authorization_requests: members
                .flag("require_pushed_authorization_requests")
                .unwrap_or_default(),
            require_pkce: members.operators_flag("require_pkce"),
            default_max_age: members.number("default_max_age"),
            id_token_claims: members
                .one_of("id_token_claims", IdTokenClaims::ALL, IdTokenClaims::word)
                .unwrap_or_default(),
            id_token_signed_response_alg: self.algorithm_of_id_tokens(&mut members),
        };
        members.finish(client)
    }

    /// The algorithm that the client wants for its ID tokens. Others than those of the ring are refused, and never left
    /// out: the client would reject its ID tokens.
    fn algorithm_of_id_tokens(&self, members: &mut Members) -> Option<Algorithm> {
        members.checked("id_token_signed_response_alg", |word| {
            let algorithm = word.parse().ok().filter(|algorithm| self.algorithms.contains(*algorithm));
            algorithm.ok_or_else(|| ("not_offered", format!("ID tokens are signed with {} here.", self.algorithms)))
        })
    }

    fn redirect_uris(&self, members: &mut Members, grants: &[GrantType]) -> Vec<Registrable> {
        let are_needed = grants.contains(&GrantType::AuthorizationCode);
        if are_needed && !members.says("redirect_uris") {
            let detail = "Name at least one, or leave authorization_code out of grant_types.";
            members.report("redirect_uris", ("missing", detail.to_owned()));
        }
        let uris = self.uris(members, "redirect_uris");
        application_type(members);
        uris
    }

    fn uris(&self, members: &mut Members, name: &str) -> Vec<Registrable> {
        let mut uris: Vec<Registrable> = Vec::new();
        for (position, text) in members.texts(name, MAX_URIS).unwrap_or_default().into_iter().enumerate() {
            match uri::redirect(&text, &self.origin, &self.schemes) {
                Ok(_) if uris.iter().any(|known| known.text == text) => {}
                Ok(url) => uris.push(Registrable { text, url }),
                Err(wrong) => members.report(&format!("{name}[{position}]"), wrong),
            }
        }
        uris
    }
}

/// The scopes that the client may request. The scopes of OpenID Connect make no sense without a person.
fn scope(members: &mut Members, grants: &[GrantType], given: Given<'_>) -> Scopes {
    let asked = members.checked("scope", |text| Scopes::parse(text).map_err(|_| malformed_scope()));
    let Some(asked) = asked.filter(|scopes| !scopes.is_empty()) else {
        let acts_for_people = grants.iter().any(|grant| *grant != GrantType::ClientCredentials);
        return if acts_for_people { scope::OPENID.iter().copied().collect() } else { Scopes::default() };
    };
    let (mut scopes, mut refused) = (Scopes::default(), Vec::new());
    for word in asked.iter() {
        match refusal(word, given) {
            Some(wrong) => refused.push(wrong),
            None => scopes.extend([word]),
        }
    }
    members.leave_out("scope", refused, !scopes.is_empty());
    scopes
}

/// Why a client cannot have a scope. `None` if it can.
fn refusal(word: &str, given: Given<'_>) -> Option<Wrong> {
    if !given.scopes.contains(word) {
        Some(("unknown", format!("The scope {word:.64} does not exist.")))
    } else if word == scope::ACCOUNT && given.trust != Trust::FirstParty {
        Some(("not_allowed", "Only first-party clients can have the scope account.".to_owned()))
    } else {
        None
    }
}

/// A URI as text, which is compared, and parsed.
struct Registrable {
    text: String,
    url: Url,
}

fn texts(uris: Vec<Registrable>) -> Vec<String> {
    uris.into_iter().map(|uri| uri.text).collect()
}

fn malformed_scope() -> Wrong {
    ("malformed", "Send words separated by single spaces, at most 1024 characters.".to_owned())
}

fn refuse_what_is_not_offered(members: &mut Members, method: AuthMethod) {
    for name in NOT_OFFERED {
        if members.take(name).is_some_and(|value| value != Value::Bool(false)) {
            members.report(name, ("not_offered", "This is not supported. Leave it out.".to_owned()));
        }
    }
    if members.text("subject_type").is_some_and(|word| word != "public") {
        members.report("subject_type", ("not_offered", "Only public is supported.".to_owned()));
    }
    let algorithm = members.text("token_endpoint_auth_signing_alg").filter(|_| method == AuthMethod::PrivateKeyJwt);
    if algorithm.is_some_and(|word| Algorithm::known_as(&word).is_none()) {
        let detail = "Use RS256, ES256, EdDSA or Ed25519.".to_owned();
        members.report("token_endpoint_auth_signing_alg", ("not_offered", detail));
    }
}

/// What a client calls itself (`OpenID` Connect Registration section 2) decides nothing. Each redirect URI is checked by itself,
/// and tools of the command line that use loopback addresses and a scheme of their own declare themselves as `web`.
fn application_type(members: &mut Members) {
    if members.text("application_type").is_some_and(|word| word != "web" && word != "native") {
        members.leave_out("application_type", vec![("unknown", "Use web or native.".to_owned())], true);
    }
}

/// A URI of a page about the client. If nobody vouches for the client, the page must be on the host of a redirect URI,
/// so that the client cannot claim the reputation of another site (RFC 7591 section 5).
fn page(members: &mut Members, name: &str, redirects: &[Registrable], trust: Trust) -> Option<String> {
    let text = members.text(name).filter(|text| !text.is_empty() && !text.starts_with("http://"))?;
    let Some(url) = uri::page(&text) else {
        members.leave_out(name, vec![("scheme", "Use an https URL.".to_owned())], true);
        return None;
    };
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

/// The client's keys. Stored for every authentication method, required for one.
fn jwks(members: &mut Members, method: AuthMethod) -> Option<String> {
    let (document, elsewhere) = (members.take("jwks"), members.take("jwks_uri"));
    let is_proof = method == AuthMethod::PrivateKeyJwt;
    let Some(document) = document else {
        if is_proof && elsewhere.is_some() {
            let detail = "Keys are not fetched from other servers. Send them in jwks.";
            members.report("jwks_uri", ("not_offered", detail.to_owned()));
        } else if is_proof {
            members.report("jwks", ("missing", "private_key_jwt requires the client's public keys here.".to_owned()));
        }
        return None;
    };
    keys::jwks(&document, is_proof).map_err(|wrong| members.report("jwks", wrong)).ok()
}

#[cfg(test)]
mod tests;
