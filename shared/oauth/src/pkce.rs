//! Proof Key for Code Exchange (RFC 7636): which requests must have a challenge.
//!
//! A challenge is checked whenever a client sends one. The method `plain`, which is the default, gives no protection and
//! is refused.

use std::str::FromStr;

use crate::client::Client;
use crate::error::Error;
use crate::parameters::Parameters;

/// A `code_challenge` is a SHA-256 digest in base64url (section 4.2).
const CHALLENGE_LENGTH: usize = 43;

/// Which requests need a challenge. Those of public clients always do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Pkce {
    /// All clients.
    Always,
    /// Also those of confidential clients, except OpenID Connect requests with a `nonce`, which protects the code as
    /// well (OAuth 2.1 section 7.5.1).
    #[default]
    OAuth21,
    /// Only those of public clients. OpenID certification needs this: one of its modules sends neither challenge nor
    /// `nonce`.
    PublicClients,
}

impl Pkce {
    /// The S256 challenge of a request of `client`. `None` if there is none and none is needed.
    pub(crate) fn challenge(self, parameters: &Parameters, client: &Client) -> Result<Option<String>, Error> {
        let (challenge, method) = (parameters.optional("code_challenge"), parameters.optional("code_challenge_method"));
        let Some(challenge) = challenge else {
            return match method {
                None if !self.requires(parameters, client) => Ok(None),
                _ => Err(Error::parameter(
                    "code_challenge",
                    "missing",
                    "This request requires PKCE with S256 (RFC 7636).",
                )),
            };
        };
        if method != Some("S256") {
            return Err(Error::parameter("code_challenge_method", "unsupported", "Use S256."));
        }
        let is_base64url = challenge.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
        if challenge.len() != CHALLENGE_LENGTH || !is_base64url {
            return Err(Error::parameter("code_challenge", "malformed", "Use a SHA-256 digest in base64url."));
        }
        Ok(Some(challenge.to_owned()))
    }

    fn requires(self, parameters: &Parameters, client: &Client) -> bool {
        let is_protected_by_nonce = || parameters.is_openid() && parameters.optional("nonce").is_some();
        let by_rule = || match self {
            Self::Always => true,
            Self::OAuth21 => !is_protected_by_nonce(),
            Self::PublicClients => false,
        };
        client.is_public() || client.require_pkce.unwrap_or_else(by_rule)
    }
}

impl FromStr for Pkce {
    type Err = Error;

    fn from_str(word: &str) -> Result<Self, Error> {
        match word {
            "always" => Ok(Self::Always),
            "oauth21" => Ok(Self::OAuth21),
            "public-clients" => Ok(Self::PublicClients),
            _ => Err(Error::fault("PKCE must be always, oauth21 or public-clients")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::AuthMethod;

    const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

    fn confidential() -> Client {
        Client { token_endpoint_auth_method: AuthMethod::ClientSecretBasic, ..Client::first_party() }
    }

    fn takes(pkce: Pkce, client: &Client, pairs: &[(&str, &str)]) -> bool {
        pkce.challenge(&Parameters::from_pairs(pairs.iter().copied()).unwrap(), client).is_ok()
    }

    #[test]
    fn whether_a_request_needs_a_challenge_depends_on_the_client_and_the_nonce() {
        let strict = Client { require_pkce: Some(true), ..confidential() };
        let loose = |client| Client { require_pkce: Some(false), ..client };
        let (nonce, bare) = ([("scope", "email openid"), ("nonce", "n")], [("scope", "openid")]);
        let no_openid = [("scope", "email"), ("nonce", "n")];
        for (pkce, with_nonce, without) in
            [(Pkce::Always, false, false), (Pkce::OAuth21, true, false), (Pkce::PublicClients, true, true)]
        {
            assert_eq!(takes(pkce, &confidential(), &nonce), with_nonce, "{pkce:?}");
            assert_eq!(takes(pkce, &confidential(), &bare), without, "{pkce:?}");
            assert_eq!(takes(pkce, &confidential(), &no_openid), without, "{pkce:?}");
            assert!(!takes(pkce, &Client::first_party(), &nonce) && !takes(pkce, &strict, &nonce), "{pkce:?}");
            assert!(takes(pkce, &loose(confidential()), &bare), "{pkce:?}");
            assert!(!takes(pkce, &loose(Client::first_party()), &nonce), "a public client always needs one");
        }
    }

    #[test]
    fn a_challenge_must_use_s256_even_if_none_is_needed() {
        let takes = |challenge, method| {
            let pairs = [("code_challenge", challenge), ("code_challenge_method", method)];
            takes(Pkce::PublicClients, &confidential(), &pairs)
        };
        assert!(takes(CHALLENGE, "S256") && takes("", ""));
        for (challenge, method) in [(CHALLENGE, ""), (CHALLENGE, "plain"), ("short", "S256"), ("", "S256")] {
            assert!(!takes(challenge, method), "{challenge} {method}");
        }
    }
}
