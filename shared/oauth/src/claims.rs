//! The `claims` request parameter (OpenID Connect Core section 5.5): individual claims that a client requests in
//! addition to those of its scopes. Unknown claims are ignored, as the section says.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::error::Error;
use crate::parameters::Parameters;
use crate::scope::{self, Scopes};

/// The claims about a person that can be requested, each with its scope.
pub const SUPPORTED: &[(&str, &str)] = &[
    ("name", scope::PROFILE),
    ("preferred_username", scope::PROFILE),
    ("email", scope::EMAIL),
    ("email_verified", scope::EMAIL),
];
/// Longest `claims` parameter that is accepted, in bytes.
const MAX_BYTES: usize = 4096;

/// The individually requested claims.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestedClaims {
    /// In the ID token.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub id_token: Vec<String>,
    /// In the response of the userinfo endpoint.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub userinfo: Vec<String>,
    /// The only person who may sign in (`sub` with a `value`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sub: Option<String>,
}

impl RequestedClaims {
    /// Parses the parameter. `acr` is read by [`crate::WantedLevels`].
    pub fn read(parameters: &Parameters) -> Result<Self, Error> {
        let Some(document) = document(parameters)? else { return Ok(Self::default()) };
        let member = |name| document.get(name).and_then(Value::as_object).cloned().unwrap_or_default();
        let (id_token, userinfo) = (member("id_token"), member("userinfo"));
        let sub = id_token.get("sub").or(userinfo.get("sub")).and_then(|sub| sub["value"].as_str());
        Ok(Self { sub: sub.map(str::to_owned), id_token: supported(&id_token), userinfo: supported(&userinfo) })
    }

    /// Whether no claim was requested.
    pub fn is_empty(&self) -> bool {
        self.id_token.is_empty() && self.userinfo.is_empty()
    }

    /// The scopes that cover these claims, for the consent page.
    pub fn scopes(&self) -> Scopes {
        let asked = |claim: &str| self.id_token.iter().chain(&self.userinfo).any(|asked| asked == claim);
        SUPPORTED.iter().filter(|(claim, _)| asked(claim)).map(|(_, scope)| *scope).collect()
    }
}

/// The parameter: an object whose members `id_token` and `userinfo` are objects, if they are there.
pub(crate) fn document(parameters: &Parameters) -> Result<Option<Map<String, Value>>, Error> {
    let Some(text) = parameters.optional("claims") else { return Ok(None) };
    let malformed = || Error::parameter("claims", "malformed", "Use a JSON object of at most 4,096 bytes.");
    if text.len() > MAX_BYTES {
        return Err(malformed());
    }
    let document: Map<String, Value> = serde_json::from_str(text).map_err(|_| malformed())?;
    let is_well_formed = |name| document.get(name).is_none_or(|member| member.is_null() || member.is_object());
    if is_well_formed("id_token") && is_well_formed("userinfo") { Ok(Some(document)) } else { Err(malformed()) }
}

fn supported(claims: &Map<String, Value>) -> Vec<String> {
    let known = SUPPORTED.iter().map(|(claim, _)| *claim).filter(|claim| claims.contains_key(*claim));
    known.map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<RequestedClaims, Error> {
        RequestedClaims::read(&Parameters::from_pairs([("claims", text)]).unwrap())
    }

    #[test]
    fn known_claims_are_read_and_unknown_ones_ignored() {
        let text =
            r#"{"userinfo":{"email":{"essential":true},"picture":null},"id_token":{"name":null,"sub":{"value":"u"}}}"#;
        let claims = read(text).unwrap();
        assert_eq!(
            (claims.userinfo.as_slice(), claims.id_token.as_slice()),
            (&["email".to_owned()][..], &["name".to_owned()][..])
        );
        assert_eq!((claims.sub.as_deref(), claims.scopes().to_string().as_str()), (Some("u"), "email profile"));
    }

    #[test]
    fn a_malformed_parameter_is_refused() {
        for text in ["[]", "x", r#"{"userinfo":1}"#, &format!("{{\"a\":\"{}\"}}", "x".repeat(5000))] {
            assert!(read(text).is_err(), "{text}");
        }
        assert!(read("{}").unwrap().is_empty() && read(r#"{"userinfo":null}"#).unwrap().is_empty());
    }
}
