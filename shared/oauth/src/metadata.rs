//! Authorization server metadata (RFC 8414 section 2): what the service is and what it can do today.
//!
//! A member is here only when something answers behind it; an end-to-end test calls every address it names.

use serde::Serialize;

/// The document at `/.well-known/oauth-authorization-server`. Field names are the RFC's.
#[derive(Clone, Debug, Serialize)]
pub struct Metadata {
    /// The `iss` of every token: an origin without a trailing slash.
    pub issuer: String,
    /// Where the public signing keys are.
    pub jwks_uri: String,
    /// Where grants are exchanged for tokens.
    pub token_endpoint: String,
    /// How clients prove who they are there.
    pub token_endpoint_auth_methods_supported: Vec<&'static str>,
    /// Where tokens are revoked (RFC 7009).
    pub revocation_endpoint: String,
    /// How clients prove who they are there.
    pub revocation_endpoint_auth_methods_supported: Vec<&'static str>,
    /// Scopes that a client may ask for.
    pub scopes_supported: Vec<&'static str>,
    /// Required by the RFC. Empty while no authorization endpoint exists.
    pub response_types_supported: Vec<&'static str>,
    /// Its absence would mean `authorization_code` and `implicit`.
    pub grant_types_supported: Vec<&'static str>,
}

impl Metadata {
    /// The document for `issuer`.
    pub fn new(issuer: &str) -> Self {
        Self {
            issuer: issuer.to_owned(),
            jwks_uri: format!("{issuer}/.well-known/jwks.json"),
            token_endpoint: format!("{issuer}/token"),
            token_endpoint_auth_methods_supported: vec!["none"],
            revocation_endpoint: format!("{issuer}/revoke"),
            revocation_endpoint_auth_methods_supported: vec!["none"],
            scopes_supported: crate::scope::FIRST_PARTY.to_vec(),
            response_types_supported: Vec::new(),
            grant_types_supported: vec!["refresh_token"],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_document_is_what_rfc_8414_asks_for() {
        let document = serde_json::to_value(Metadata::new("https://id.example")).unwrap();
        assert_eq!(document["jwks_uri"], "https://id.example/.well-known/jwks.json");
        assert_eq!(document["response_types_supported"], serde_json::json!([]));
    }
}
