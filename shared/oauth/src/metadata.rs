//! The metadata documents of the service (RFC 8414 section 2, OpenID Connect Discovery section 3) and of its own API
//! (RFC 9728).
//!
//! They advertise only what works; an end-to-end test calls every address that they name.

use serde::Serialize;

use crate::algorithm::{Algorithm, SigningAlgorithms};
use crate::authentication::Level;
use crate::client::{AuthMethod, GrantType};
use crate::config::Config;
use crate::error::Error;
use crate::language::Languages;
use crate::resource::Resources;
use crate::{claims, resource, scope};

/// Claims of ID tokens and of `/userinfo`, apart from those about a person.
const CLAIMS: [&str; 11] = ["acr", "amr", "at_hash", "aud", "auth_time", "exp", "iat", "iss", "nonce", "sid", "sub"];

/// The document at `/.well-known/openid-configuration` and `/.well-known/oauth-authorization-server`. The standards
/// define the field names.
#[expect(clippy::struct_excessive_bools, reason = "the standards define the members")]
#[derive(Clone, Debug, Serialize)]
pub struct Metadata {
    issuer: String,
    jwks_uri: String,
    authorization_endpoint: String,
    token_endpoint: String,
    pushed_authorization_request_endpoint: String,
    revocation_endpoint: String,
    introspection_endpoint: String,
    userinfo_endpoint: String,
    end_session_endpoint: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    registration_endpoint: Option<String>,
    /// The scopes that any client may register for. `account` is for first-party clients only.
    scopes_supported: Vec<String>,
    response_types_supported: [&'static str; 1],
    response_modes_supported: [&'static str; 2],
    grant_types_supported: Vec<&'static str>,
    code_challenge_methods_supported: [&'static str; 1],
    token_endpoint_auth_methods_supported: Vec<&'static str>,
    token_endpoint_auth_signing_alg_values_supported: [&'static str; 4],
    revocation_endpoint_auth_methods_supported: Vec<&'static str>,
    revocation_endpoint_auth_signing_alg_values_supported: [&'static str; 4],
    introspection_endpoint_auth_methods_supported: Vec<&'static str>,
    introspection_endpoint_auth_signing_alg_values_supported: [&'static str; 4],
    subject_types_supported: [&'static str; 1],
    id_token_signing_alg_values_supported: Vec<Algorithm>,
    acr_values_supported: Vec<Level>,
    claim_types_supported: [&'static str; 1],
    claims_supported: Vec<&'static str>,
    claims_parameter_supported: bool,
    request_parameter_supported: bool,
    request_uri_parameter_supported: bool,
    require_pushed_authorization_requests: bool,
    prompt_values_supported: Vec<&'static str>,
    ui_locales_supported: Vec<&'static str>,
    authorization_response_iss_parameter_supported: bool,
    protected_resources: Vec<String>,
}

/// The document at `/.well-known/oauth-protected-resource`: the service's own API as a resource.
#[derive(Clone, Debug, Serialize)]
pub struct ProtectedResource {
    resource: String,
    authorization_servers: [String; 1],
    jwks_uri: String,
    scopes_supported: Vec<&'static str>,
    bearer_methods_supported: [&'static str; 1],
    resource_name: String,
}

impl Metadata {
    /// Builds the document from the configuration: `ISSUER`, `DEFAULT_AUDIENCE`, `SIGNING_ALGORITHMS`,
    /// `CLIENT_REGISTRATION`, `REGISTRATION` and `LANGUAGES`. [`Metadata::with`] adds what is known only later.
    pub fn read(config: &Config) -> Result<Self, Error> {
        let (iss, resources) = (config.required("ISSUER")?, Resources::new(resource::home(config)?, Vec::new()));
        let at = |path: &str| format!("{iss}{path}");
        let methods = |confidential: bool| {
            let offered = AuthMethod::ALL.into_iter().filter(|method| !confidential || *method != AuthMethod::None);
            offered.map(AuthMethod::word).collect::<Vec<_>>()
        };
        // The last two are the same algorithm: RFC 9864 renamed it, and libraries use either name.
        let algorithms = ["RS256", "ES256", "EdDSA", "Ed25519"];
        let registration = config.optional("CLIENT_REGISTRATION").is_some_and(|registration| registration != "off");
        Ok(Self {
            issuer: iss.to_owned(),
            jwks_uri: at("/.well-known/jwks.json"),
            authorization_endpoint: at("/authorize"),
            token_endpoint: at("/token"),
            pushed_authorization_request_endpoint: at("/par"),
            revocation_endpoint: at("/revoke"),
            introspection_endpoint: at("/introspect"),
            userinfo_endpoint: at("/userinfo"),
            end_session_endpoint: at("/end_session"),
            registration_endpoint: registration.then(|| at("/clients")),
            scopes_supported: supported(&resources),
            response_types_supported: ["code"],
            response_modes_supported: ["query", "form_post"],
            grant_types_supported: GrantType::ALL.map(GrantType::word).to_vec(),
            code_challenge_methods_supported: ["S256"],
            token_endpoint_auth_methods_supported: methods(false),
            token_endpoint_auth_signing_alg_values_supported: algorithms,
            revocation_endpoint_auth_methods_supported: methods(false),
            revocation_endpoint_auth_signing_alg_values_supported: algorithms,
            introspection_endpoint_auth_methods_supported: methods(true),
            introspection_endpoint_auth_signing_alg_values_supported: algorithms,
            subject_types_supported: ["public"],
            id_token_signing_alg_values_supported: SigningAlgorithms::read(config)?.all().to_vec(),
            acr_values_supported: Level::REACHABLE.to_vec(),
            claim_types_supported: ["normal"],
            claims_supported: CLAIMS.into_iter().chain(claims::SUPPORTED.iter().map(|(claim, _)| *claim)).collect(),
            claims_parameter_supported: true,
            request_parameter_supported: false,
            request_uri_parameter_supported: false,
            require_pushed_authorization_requests: false,
            prompt_values_supported: prompts(config.optional("REGISTRATION") == Some("open")),
            ui_locales_supported: Languages::read(config)?.tags(),
            authorization_response_iss_parameter_supported: true,
            protected_resources: vec![resources.home().to_owned()],
        })
    }

    /// The same document where these resources are declared and keys of these algorithms sign.
    #[must_use]
    pub fn with(&self, resources: &Resources, signing: Vec<Algorithm>) -> Self {
        Self { scopes_supported: supported(resources), id_token_signing_alg_values_supported: signing, ..self.clone() }
    }
}

/// The values of `prompt`. `create` is one where people may create accounts.
fn prompts(registration: bool) -> Vec<&'static str> {
    let create = registration.then_some("create");
    ["none", "login", "consent", "select_account"].into_iter().chain(create).collect()
}

fn supported(resources: &Resources) -> Vec<String> {
    resources.scopes().without(scope::ACCOUNT).iter().map(str::to_owned).collect()
}

impl ProtectedResource {
    /// Builds the document from the configuration.
    pub fn read(config: &Config) -> Result<Self, Error> {
        let iss = config.required("ISSUER")?;
        Ok(Self {
            resource: resource::home(config)?.to_owned(),
            authorization_servers: [iss.to_owned()],
            jwks_uri: format!("{iss}/.well-known/jwks.json"),
            scopes_supported: scope::OPENID.to_vec(),
            bearer_methods_supported: ["header"],
            resource_name: config.required("SERVICE_NAME")?.to_owned(),
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn config(registration: &str, algorithm: &str) -> Config {
        let pairs = [
            ("ISSUER", "https://id.example"),
            ("SIGNING_ALGORITHMS", algorithm),
            ("CLIENT_REGISTRATION", registration),
            ("SERVICE_NAME", "Acme ID"),
            ("LANGUAGES", "en, de"),
        ];
        Config::from_pairs(pairs.map(|(name, value)| (name.to_owned(), value.to_owned())))
    }

    fn document(registration: &str, algorithm: &str) -> Value {
        serde_json::to_value(Metadata::read(&config(registration, algorithm)).unwrap()).unwrap()
    }

    #[test]
    fn the_document_has_the_members_that_the_standards_require() {
        let document = document("off", "ES256");
        assert_eq!(document["jwks_uri"], "https://id.example/.well-known/jwks.json");
        assert_eq!(document["response_types_supported"], json!(["code"]));
        assert_eq!(document["ui_locales_supported"], json!(["en", "de"]));
        assert_eq!(document["id_token_signing_alg_values_supported"], json!(["ES256"]));
    }

    #[test]
    fn scopes_of_declared_resources_are_advertised() {
        let notes = json!({"resource": "https://notes.example", "scopes": {"notes:read": "Read your notes"}});
        let resources = Resources::new("https://id.example", vec![serde_json::from_value(notes).unwrap()]);
        let metadata = Metadata::read(&config("off", "RS256")).unwrap().with(&resources, vec![Algorithm::RS256]);
        let scopes = serde_json::to_value(metadata).unwrap()["scopes_supported"].clone();
        assert_eq!(scopes, json!(["email", "notes:read", "offline_access", "openid", "profile"]));
    }

    #[test]
    fn registration_is_advertised_where_it_is_offered() {
        assert_eq!(document("off", "RS256")["registration_endpoint"], Value::Null);
        assert_eq!(document("open", "RS256")["registration_endpoint"], "https://id.example/clients");
    }

    #[test]
    fn the_services_own_api_names_its_authorization_server() {
        let document = serde_json::to_value(ProtectedResource::read(&config("off", "RS256")).unwrap()).unwrap();
        assert_eq!(document["authorization_servers"], json!(["https://id.example"]));
        assert_eq!(document["resource"], "https://id.example");
        assert_eq!(document["resource_name"], "Acme ID");
    }
}
