//! The claims of an ID token (OpenID Connect Core section 2): what a client learns about a sign-in.

use aws_lc_rs::digest::{SHA256, SHA512, digest};
use serde::{Deserialize, Serialize};

use crate::token::{Registered, Token};
use crate::{Algorithm, Audience, base64url};

/// The claims of an ID token. A claim that does not apply is absent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct IdClaims {
    /// The issuer.
    pub iss: String,
    /// The person's id.
    pub sub: String,
    /// The client's id.
    pub aud: Audience,
    /// When the token expires. All times are epoch seconds.
    pub exp: u64,
    /// When the token was issued.
    pub iat: u64,
    /// When the person authenticated.
    pub auth_time: u64,
    /// The `nonce` of the authorization request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nonce: Option<String>,
    /// Binds the access token that was issued together with it ([`at_hash`]).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_hash: Option<String>,
    /// How strong the authentication was.
    pub acr: String,
    /// The methods of the authentication (RFC 8176).
    pub amr: Vec<String>,
    /// The session (OpenID Connect Back-Channel Logout section 2.1).
    pub sid: String,
    /// The claims about the person that the client requested.
    #[serde(flatten)]
    pub person: PersonClaims,
}

/// What a client may learn about a person (OpenID Connect Core section 5.1).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PersonClaims {
    /// The display name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The username. It may change; `sub` is the identifier.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub preferred_username: Option<String>,
    /// The e-mail address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// Whether the person has proved that they own the address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email_verified: Option<bool>,
}

impl Token for IdClaims {
    const TYP: &'static str = "JWT";

    fn registered(&self) -> Registered<'_> {
        Registered { iss: &self.iss, aud: &self.aud, exp: self.exp, iat: self.iat, nbf: None }
    }
}

/// The `at_hash` of an access token (OpenID Connect Core section 3.1.3.6): the left half of its digest under the hash
/// function of the ID token's algorithm.
pub fn at_hash(algorithm: Algorithm, access_token: &str) -> String {
    let hash = match algorithm {
        Algorithm::RS256 | Algorithm::ES256 => digest(&SHA256, access_token.as_bytes()),
        Algorithm::EdDSA => digest(&SHA512, access_token.as_bytes()),
    };
    let hash = hash.as_ref();
    base64url::encode(&hash[..hash.len() / 2])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_of_an_access_token_matches_the_example_of_the_standard() {
        // OpenID Connect Core appendix A.3
        let token = "jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y";
        assert_eq!(at_hash(Algorithm::RS256, token), "77QmUPtjPfzWtF2AnpK9RQ");
        assert_eq!(at_hash(Algorithm::EdDSA, token).len(), 43);
    }
}
