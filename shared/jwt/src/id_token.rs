//! The claims of an ID token (OpenID Connect Core section 2): what a client learns about a sign-in.

use aws_lc_rs::digest::{SHA256, SHA512, digest};
use serde::{Deserialize, Serialize};

use crate::token::{Registered, Token};
use crate::{Algorithm, Audience, base64url};

/// What an ID token says. A claim that does not apply is absent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct IdClaims {
    /// Who made the token.
    pub iss: String,
    /// The person's id.
    pub sub: String,
    /// The client's id.
    pub aud: Audience,
    /// Epoch seconds, as all times here.
    pub exp: u64,
    /// When it was made.
    pub iat: u64,
    /// When the person proved who they are.
    pub auth_time: u64,
    /// From the authorization request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nonce: Option<String>,
    /// Binds the access token that came with it ([`at_hash`]).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_hash: Option<String>,
    /// How well the person proved who they are.
    pub acr: String,
    /// How (RFC 8176).
    pub amr: Vec<String>,
    /// The session (OpenID Connect Back-Channel Logout section 2.1).
    pub sid: String,
    /// What the client asked to have in here.
    #[serde(flatten)]
    pub person: PersonClaims,
}

/// What a client may learn about a person (OpenID Connect Core section 5.1).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PersonClaims {
    /// What to call them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What they sign in with. Not an identifier: `sub` is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub preferred_username: Option<String>,
    /// Their address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// Whether they have proven that it is theirs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email_verified: Option<bool>,
}

impl Token for IdClaims {
    const TYP: &'static str = "JWT";

    fn registered(&self) -> Registered<'_> {
        Registered { iss: &self.iss, aud: &self.aud, exp: self.exp, iat: self.iat, nbf: None }
    }
}

/// The `at_hash` of an access token (OpenID Connect Core section 3.1.3.6): the left half of its digest, by the hash that
/// the ID token's algorithm uses.
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
    fn the_hash_of_an_access_token_is_that_of_the_standards_own_example() {
        // OpenID Connect Core appendix A.3
        let token = "jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y";
        assert_eq!(at_hash(Algorithm::RS256, token), "77QmUPtjPfzWtF2AnpK9RQ");
        assert_eq!(at_hash(Algorithm::EdDSA, token).len(), 43);
    }
}
