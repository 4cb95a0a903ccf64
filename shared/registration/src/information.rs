//! The client information response (RFC 7591 section 3.2.1, RFC 7592 section 3).

use oauth::{Algorithm, AuthMethod, Error, GrantType, IdTokenClaims, Scopes};
use serde::Serialize;
use serde_json::{Map, Value};
use store::{Registered, SecretHash, SecretKind};

use crate::metadata::{READ_ONLY, Rules};

/// The secrets in a response. They are shown only once.
#[derive(Default)]
pub struct Secrets<'a> {
    /// A new client secret, if one was generated.
    pub client_secret: Option<&'a str>,
    /// The registration access token of a client that manages itself: the new one, or the one that it sent.
    pub registration_access_token: Option<&'a str>,
}

/// The client information response: all metadata as registered.
#[derive(Serialize)]
pub struct Information<'a> {
    client_id: &'a str,
    client_id_issued_at: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    client_secret: Option<&'a str>,
    /// Present if the client has a secret, whether shown or not. 0: never.
    #[serde(skip_serializing_if = "Option::is_none")]
    client_secret_expires_at: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    registration_access_token: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    registration_client_uri: Option<String>,
    token_endpoint_auth_method: AuthMethod,
    grant_types: &'a [GrantType],
    response_types: &'static [&'static str],
    redirect_uris: &'a [String],
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    post_logout_redirect_uris: &'a [String],
    #[serde(skip_serializing_if = "Scopes::is_empty")]
    scope: &'a Scopes,
    #[serde(skip_serializing_if = "Option::is_none")]
    client_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    client_uri: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    policy_uri: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tos_uri: Option<&'a str>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    contacts: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    jwks: Option<Value>,
    require_pushed_authorization_requests: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    require_pkce: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    default_max_age: Option<u64>,
    id_token_claims: IdTokenClaims,
    id_token_signed_response_alg: Algorithm,
}

impl<'a> Information<'a> {
    /// The response for a registration with these `secrets`. `rules` provides the issuer and the algorithms.
    pub fn new(rules: &Rules, registered: &'a Registered, secrets: &Secrets<'a>) -> Result<Self, Error> {
        let client = &registered.client;
        let has_secret = client.token_endpoint_auth_method.has_secret();
        let codes = client.may(GrantType::AuthorizationCode);
        let jwks = client.jwks.as_deref().map(serde_json::from_str).transpose();
        let uri = || format!("{}/clients/{}", rules.issuer, client.client_id);
        Ok(Self {
            client_id: &client.client_id,
            client_id_issued_at: client.client_id_issued_at,
            client_secret: secrets.client_secret,
            client_secret_expires_at: has_secret.then(|| registered.expires_at.unwrap_or_default()),
            registration_access_token: secrets.registration_access_token,
            registration_client_uri: secrets.registration_access_token.map(|_| uri()),
            token_endpoint_auth_method: client.token_endpoint_auth_method,
            grant_types: &client.grant_types,
            response_types: if codes { &["code"] } else { &[] },
            redirect_uris: &client.redirect_uris,
            post_logout_redirect_uris: &client.post_logout_redirect_uris,
            scope: &client.scope,
            client_name: client.client_name.as_deref(),
            client_uri: client.client_uri.as_deref(),
            policy_uri: client.policy_uri.as_deref(),
            tos_uri: client.tos_uri.as_deref(),
            contacts: &client.contacts,
            jwks: jwks.map_err(|error| Error::fault("stored client keys are malformed").because(error))?,
            require_pushed_authorization_requests: client.require_pushed_authorization_requests,
            require_pkce: client.require_pkce,
            default_max_age: client.default_max_age,
            id_token_claims: client.id_token_claims,
            id_token_signed_response_alg: rules.algorithms.of_id_tokens(client.id_token_signed_response_alg),
        })
    }
}

/// The `members` that differ from what `shown` returned for a client, so that a client can send the response back as an
/// update.
pub fn other_than_shown(mut members: Map<String, Value>, client: &Registered, shown: &Value) -> Map<String, Value> {
    for name in READ_ONLY {
        let is_its_secret = |value: &Value| {
            let hash = value.as_str().map(|secret| SecretHash::of(SecretKind::ClientSecret, secret));
            name == "client_secret" && hash.is_some_and(|hash| client.has_secret(&hash))
        };
        if members.get(name).is_some_and(|value| shown.get(name) == Some(value) || is_its_secret(value)) {
            members.remove(name);
        }
    }
    members
}
