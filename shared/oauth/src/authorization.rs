//! Validation of authorization requests (RFC 6749 section 4.1.1, OpenID Connect Core section 3.1.2.1). This file
//! contains all checks that happen before a person sees a page, in the order in which they run.
//!
//! The client and the redirect URI are verified first, because errors may be sent to the client only after that.

use serde::{Deserialize, Serialize};

use crate::FIRST_PARTY;
use crate::claims::RequestedClaims;
use crate::client::{Client, GrantType};
use crate::error::{Code, Error};
use crate::language;
use crate::parameters::Parameters;
use crate::pkce::Pkce;
use crate::redirect;
use crate::resource::Resources;
use crate::scope::Scopes;
use crate::wanted::WantedLevels;

/// Longest `state`, `nonce` or `login_hint` that is accepted, in bytes.
const MAX_TEXT: usize = 2048;

/// The supported parameters of an authorization request. Others are ignored and never stored.
const PARAMETERS: [&str; 21] = [
    "acr_values",
    "claims",
    "claims_locales",
    "client_id",
    "code_challenge",
    "code_challenge_method",
    "display",
    "id_token_hint",
    "login_hint",
    "max_age",
    "nonce",
    "prompt",
    "redirect_uri",
    "request",
    "request_uri",
    "resource",
    "response_mode",
    "response_type",
    "scope",
    "state",
    "ui_locales",
];

/// Whether a parameter of this name is part of an authorization request.
pub fn is_of_a_request(name: &str) -> bool {
    PARAMETERS.contains(&name)
}

/// A validated authorization request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuthorizationRequest {
    /// The client that sent the request.
    pub client_id: String,
    /// Where and how the response is sent.
    pub reply: Reply,
    /// RFC 7636 section 4.2; the method is S256.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code_challenge: Option<String>,
    /// The requested scopes.
    pub scope: Scopes,
    /// The requested resources. Empty means the default.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub resources: Vec<String>,
    /// Returned in the ID token.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nonce: Option<String>,
    /// Which questions the person must, or must not, be asked.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub prompt: Vec<Prompt>,
    /// The maximum age of the authentication, in seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_age: Option<u64>,
    /// The level that the authentication should have.
    #[serde(default)]
    pub level: WantedLevels,
    /// The person who is expected to sign in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub login_hint: Option<String>,
    /// The languages that the app wants for the pages, as tags separated by spaces.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ui_locales: Option<String>,
    /// Individually requested claims (OpenID Connect Core section 5.5).
    #[serde(default)]
    pub claims: RequestedClaims,
}

/// Where and how the response to a request is sent, once that is verified.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reply {
    /// A redirect URI that the client registered.
    pub redirect_uri: String,
    /// How the parameters are transmitted.
    pub mode: ResponseMode,
    /// Returned unchanged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
}

/// How the parameters of a response are transmitted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ResponseMode {
    /// In the redirect URI's query.
    #[default]
    Query,
    /// In a form that the browser submits (OAuth 2.0 Form Post Response Mode).
    FormPost,
}

/// OpenID Connect Core section 3.1.2.1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Prompt {
    /// No page may be shown.
    None,
    /// The person must authenticate again.
    Login,
    /// The person must consent again.
    Consent,
    /// The person chooses an account.
    SelectAccount,
    /// The person creates an account (OpenID Connect Prompt Create 1.0).
    Create,
}

impl AuthorizationRequest {
    /// A request of this service itself: somebody must sign in, and then continues at `address`, without a code.
    pub fn of_ourselves(address: String) -> Self {
        Self {
            client_id: FIRST_PARTY.to_owned(),
            reply: Reply { redirect_uri: address, mode: ResponseMode::Query, state: None },
            code_challenge: None,
            scope: Scopes::default(),
            resources: Vec::new(),
            nonce: None,
            prompt: Vec::new(),
            max_age: None,
            level: WantedLevels::default(),
            login_hint: None,
            ui_locales: None,
            claims: RequestedClaims::default(),
        }
    }
}

impl Reply {
    /// Verifies where the response is to be sent. An error here is shown to the person, because no redirect target has
    /// been verified.
    pub fn validate(parameters: &Parameters, client: &Client) -> Result<Self, Error> {
        parameters.refuse_repeated_one("redirect_uri")?;
        let redirect_uri = match (parameters.optional("redirect_uri"), client.redirect_uris.as_slice()) {
            (Some(uri), registered) if redirect::is_registered(uri, registered) => uri.to_owned(),
            (Some(_), _) => {
                return Err(Error::parameter(
                    "redirect_uri",
                    "unregistered",
                    "The client has not registered this URI. The comparison is exact.",
                ));
            }
            (None, [only]) if !parameters.is_openid() => only.clone(),
            (None, _) => return Err(Error::parameter("redirect_uri", "missing", "This parameter is required.")),
        };
        // If there are two conflicting values, neither is used.
        let only = |name| parameters.optional(name).filter(|_| !parameters.is_repeated(name));
        let mode = match only("response_mode") {
            Some("form_post") => ResponseMode::FormPost,
            _ => ResponseMode::Query,
        };
        let state = only("state").map(str::to_owned);
        Ok(Self { redirect_uri, mode, state })
    }
}

impl AuthorizationRequest {
    /// Checks the rest of a request whose client and `reply` are verified. Errors may be sent to the client.
    pub fn check(
        parameters: &Parameters,
        client: &Client,
        (resources, pkce): (&Resources, Pkce),
        reply: Reply,
    ) -> Result<Self, Error> {
        parameters.refuse_repeated()?;
        refuse_request_objects(parameters)?;
        check_response(parameters, client)?;
        let code_challenge = pkce.challenge(parameters, client)?;
        let asked: Vec<&str> = parameters.all("resource").collect();
        let granted = resources.grant(client, parameters.optional("scope"), &asked)?;
        for name in ["state", "nonce", "login_hint"] {
            bounded(parameters, name)?;
        }
        let prompt = prompt(parameters)?;
        let text = |name| parameters.optional(name).map(str::to_owned);
        Ok(Self {
            client_id: client.client_id.clone(),
            reply,
            code_challenge,
            scope: granted.scope,
            resources: granted.resources,
            nonce: text("nonce"),
            prompt,
            max_age: max_age(parameters)?.or(client.default_max_age),
            level: WantedLevels::read(parameters)?,
            login_hint: text("login_hint"),
            ui_locales: text("ui_locales").filter(|tags| tags.len() <= language::MAX_BYTES),
            claims: RequestedClaims::read(parameters)?,
        })
    }

    /// Whether the request says `prompt`.
    pub fn prompts(&self, prompt: Prompt) -> bool {
        self.prompt.contains(&prompt)
    }
}

/// A request object could contradict the other parameters. A `request_uri` that reaches this check was not issued by
/// us.
fn refuse_request_objects(parameters: &Parameters) -> Result<(), Error> {
    if parameters.optional("request").is_some() {
        return Err(Error::new(Code::RequestNotSupported, "request object"));
    }
    match parameters.optional("request_uri") {
        Some(_) => Err(Error::new(Code::RequestUriNotSupported, "a request_uri that was not issued by PAR")),
        None => Ok(()),
    }
}

fn check_response(parameters: &Parameters, client: &Client) -> Result<(), Error> {
    match parameters.required("response_type")? {
        "code" => {}
        _ => return Err(Error::new(Code::UnsupportedResponseType, "unsupported response_type")),
    }
    if !matches!(parameters.optional("response_mode"), None | Some("query" | "form_post")) {
        return Err(Error::parameter("response_mode", "unsupported", "Use query or form_post."));
    }
    if client.may(GrantType::AuthorizationCode) {
        Ok(())
    } else {
        Err(Error::new(Code::UnauthorizedClient, "the client is not registered for authorization_code"))
    }
}

fn bounded(parameters: &Parameters, name: &str) -> Result<(), Error> {
    if parameters.optional(name).is_some_and(|text| text.len() > MAX_TEXT) {
        Err(Error::parameter(name, "too_long", "Use at most 2,048 bytes."))
    } else {
        Ok(())
    }
}

fn prompt(parameters: &Parameters) -> Result<Vec<Prompt>, Error> {
    let words = parameters.optional("prompt").unwrap_or_default().split(' ').filter(|word| !word.is_empty());
    let prompt = words
        .map(|word| match word {
            "none" => Ok(Prompt::None),
            "login" => Ok(Prompt::Login),
            "consent" => Ok(Prompt::Consent),
            "select_account" => Ok(Prompt::SelectAccount),
            "create" => Ok(Prompt::Create),
            _ => Err(Error::parameter("prompt", "unsupported", "Use none, login, consent, select_account or create.")),
        })
        .collect::<Result<Vec<_>, _>>()?;
    if prompt.contains(&Prompt::None) && prompt.len() > 1 {
        Err(Error::parameter("prompt", "contradictory", "none cannot be combined with other values."))
    } else {
        Ok(prompt)
    }
}

fn max_age(parameters: &Parameters) -> Result<Option<u64>, Error> {
    let seconds = |text: &str| {
        let digits = text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok()).flatten();
        digits.ok_or_else(|| Error::parameter("max_age", "malformed", "Use a number of seconds."))
    };
    parameters.optional("max_age").map(seconds).transpose()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::{AuthMethod, Trust};

    const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

    fn client() -> Client {
        Client {
            client_id: "c".into(),
            trust: Trust::Verified,
            token_endpoint_auth_method: AuthMethod::None,
            grant_types: vec![GrantType::AuthorizationCode],
            redirect_uris: vec!["https://app.example/cb".into()],
            scope: Scopes::parse("openid profile").unwrap(),
            ..Client::first_party()
        }
    }

    fn check(changes: &[(&str, &str)]) -> Result<AuthorizationRequest, (Option<Reply>, Code)> {
        let mut pairs = vec![
            ("response_type", "code"),
            ("redirect_uri", "https://app.example/cb"),
            ("code_challenge", CHALLENGE),
            ("code_challenge_method", "S256"),
            ("scope", "openid"),
            ("state", "s"),
        ];
        pairs.retain(|(name, _)| changes.iter().all(|(changed, _)| changed != name));
        pairs.extend(changes);
        let resources = Resources::new("https://id.example", Vec::new());
        let parameters = Parameters::from_pairs(pairs).unwrap();
        let reply = Reply::validate(&parameters, &client()).map_err(|error| (None, error.code()))?;
        let checked = AuthorizationRequest::check(&parameters, &client(), (&resources, Pkce::OAuth21), reply.clone());
        checked.map_err(|error| (Some(reply), error.code()))
    }

    fn refused(changes: &[(&str, &str)]) -> Code {
        match check(changes) {
            Err((Some(reply), code)) if reply.redirect_uri == "https://app.example/cb" => code,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_whole_request_is_read() {
        let request = check(&[("max_age", "60"), ("prompt", "login consent"), ("nonce", "n")]).unwrap();
        assert_eq!((request.max_age, request.nonce.as_deref()), (Some(60), Some("n")));
        assert!(request.prompts(Prompt::Login) && !request.prompts(Prompt::None));
        assert_eq!(check(&[("ui_locales", "de fr")]).unwrap().ui_locales.as_deref(), Some("de fr"));
    }

    #[test]
    fn only_openid_connect_requires_the_redirect_uri_of_a_client_with_one() {
        let named = |scope: &str| check(&[("redirect_uri", ""), ("scope", scope)]);
        assert_eq!(named("profile").unwrap().reply.redirect_uri, "https://app.example/cb");
        assert!(matches!(named("profile openid"), Err((None, Code::InvalidRequest))));
    }

    #[test]
    fn a_repeated_parameter_is_reported_to_the_client_unless_it_is_the_redirect_target() {
        for name in ["scope", "state", "nonce", "response_type", "response_mode", "code_challenge"] {
            let Err((Some(reply), code)) = check(&[(name, "code"), (name, "code")]) else { panic!("{name}") };
            assert_eq!((code, reply.redirect_uri.as_str()), (Code::InvalidRequest, "https://app.example/cb"), "{name}");
            assert_eq!(reply.state.as_deref(), if name == "state" { None } else { Some("s") });
        }
        let uri = ("redirect_uri", "https://app.example/cb");
        assert!(matches!(check(&[uri, uri]), Err((None, Code::InvalidRequest))));
        assert!(check(&[("utm_source", "a"), ("utm_source", "b")]).is_ok());
    }

    #[test]
    fn too_many_languages_are_ignored() {
        assert_eq!(check(&[("ui_locales", &"de ".repeat(100))]).unwrap().ui_locales, None);
    }

    #[test]
    fn an_unverified_redirect_uri_gets_no_redirect() {
        for uri in ["https://evil.example/cb", "https://app.example/cb?x", "javascript:alert(1)"] {
            assert!(matches!(check(&[("redirect_uri", uri)]), Err((None, _))), "{uri}");
        }
    }

    #[test]
    fn errors_of_the_client_are_reported_to_it() {
        assert_eq!(refused(&[("response_type", "")]), Code::InvalidRequest);
        assert_eq!(refused(&[("response_type", "token")]), Code::UnsupportedResponseType);
        assert_eq!(refused(&[("response_type", "code id_token")]), Code::UnsupportedResponseType);
        assert_eq!(refused(&[("response_mode", "fragment")]), Code::InvalidRequest);
        assert_eq!(refused(&[("code_challenge", "")]), Code::InvalidRequest);
        assert_eq!(refused(&[("scope", "admin")]), Code::InvalidScope);
        assert_eq!(refused(&[("resource", "https://x.example")]), Code::InvalidTarget);
        assert_eq!(refused(&[("prompt", "none login")]), Code::InvalidRequest);
        assert_eq!(refused(&[("prompt", "create none")]), Code::InvalidRequest);
        assert_eq!(refused(&[("max_age", "-1")]), Code::InvalidRequest);
        assert_eq!(refused(&[("request", "x.y.z")]), Code::RequestNotSupported);
        assert_eq!(refused(&[("request_uri", "https://x.example")]), Code::RequestUriNotSupported);
        assert_eq!(refused(&[("nonce", &"n".repeat(2049))]), Code::InvalidRequest);
    }
}
