//! The `claims` request parameter (OpenID Connect Core section 5.5): individual claims that a client requests in
//! addition to those of its scopes. Unknown claims are ignored, as the section says.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::authentication::Level;
use crate::error::{Code, Error};
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
    /// Parses the parameter.
    pub fn read(parameters: &Parameters) -> Result<Self, Error> {
        let Some(text) = parameters.optional("claims") else { return Ok(Self::default()) };
        let malformed = || Error::parameter("claims", "malformed", "Use a JSON object of at most 4,096 bytes.");
        if text.len() > MAX_BYTES {
            return Err(malformed());
        }
        let document: Map<String, Value> = serde_json::from_str(text).map_err(|_| malformed())?;
        let member = |name| match document.get(name) {
            None | Some(Value::Null) => Ok(Map::new()),
            Some(Value::Object(claims)) => Ok(claims.clone()),
            Some(_) => Err(malformed()),
        };
        let (id_token, userinfo) = (member("id_token")?, member("userinfo")?);
        refuse_unreachable_acr(&id_token)?;
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

/// Refuses an essential `acr` that no sign-in of this service reaches (OpenID Connect Core section 5.5.1.1). A
/// voluntary one is only a preference.
fn refuse_unreachable_acr(id_token: &Map<String, Value>) -> Result<(), Error> {
    let Some(acr) = id_token.get("acr").filter(|acr| acr["essential"] == true) else { return Ok(()) };
    let values = acr["values"].as_array().map_or(&[][..], Vec::as_slice);
    let mut wanted = values.iter().chain(acr.get("value")).filter_map(Value::as_str).peekable();
    if wanted.peek().is_none() || wanted.any(|wanted| Level::REACHABLE.iter().any(|level| level.word() == wanted)) {
        return Ok(());
    }
    Err(Error::new(Code::UnmetAuthenticationRequirements, "no sign-in reaches the essential acr"))
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
    fn an_essential_acr_that_cannot_be_reached_is_refused_and_a_voluntary_one_is_not() {
        let code = |acr: &str| read(&format!(r#"{{"id_token":{{"acr":{acr}}}}}"#)).err().map(|error| error.code());
        let unmet = Some(Code::UnmetAuthenticationRequirements);
        assert_eq!(code(r#"{"essential":true,"values":["9","phr"]}"#), unmet);
        assert_eq!(code(r#"{"essential":true,"value":"9"}"#), unmet);
        for acr in [r#"{"essential":true,"values":["9","1"]}"#, r#"{"essential":true}"#, r#"{"values":["9"]}"#, "null"]
        {
            assert_eq!(code(acr), None, "{acr}");
        }
    }

    #[test]
    fn a_malformed_parameter_is_refused() {
        for text in ["[]", "x", r#"{"userinfo":1}"#, &format!("{{\"a\":\"{}\"}}", "x".repeat(5000))] {
            assert!(read(text).is_err(), "{text}");
        }
        assert!(read("{}").unwrap().is_empty() && read(r#"{"userinfo":null}"#).unwrap().is_empty());
    }
}
