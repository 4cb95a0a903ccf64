//! A REST API: `AWS::Serverless::Api`, the `Api` events of functions, and further stages. SAM writes every permission.
//! It is read because examples/rest-api, with which other teams begin, is one.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Deserialize;
use serde_json::Value as Json;

use super::functions::Functions;
use super::identity::{self, Identity};
use super::model::{
    Api, Authorizer, AuthorizerPayload, GatewayResponse, IdentitySource, LambdaAuthorizer, Protocol, Route, Stage,
};
use super::problem::Problem;
use super::properties::{self, texts};
use super::sam::EventAuth;

/// How long a REST API remembers an answer where nothing is said, in seconds.
const TTL: u64 = 300;
/// How long a REST API waits for a function.
const PATIENCE: Duration = Duration::from_secs(29);

/// `AWS::Serverless::Api`.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct RestApi {
    stage_name: String,
    #[serde(default, deserialize_with = "texts")]
    variables: BTreeMap<String, String>,
    #[serde(default)]
    auth: Auth,
    #[serde(default)]
    gateway_responses: BTreeMap<String, Response>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Auth {
    default_authorizer: Option<String>,
    #[serde(default)]
    authorizers: BTreeMap<String, Declared>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Declared {
    function_arn: String,
    function_payload_type: Option<String>,
    #[serde(default)]
    identity: Identity,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Response {
    status_code: Option<Json>,
    #[serde(default, rename = "ResponseParameters")]
    parameters: Parameters,
    #[serde(default, deserialize_with = "texts", rename = "ResponseTemplates")]
    templates: BTreeMap<String, String>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Parameters {
    #[serde(default, deserialize_with = "texts")]
    headers: BTreeMap<String, String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct ApiEvent {
    rest_api_id: String,
    path: String,
    method: String,
    #[serde(default)]
    auth: EventAuth,
}

/// Every type of response that API Gateway answers by itself.
const RESPONSES: [&str; 21] = [
    "ACCESS_DENIED",
    "API_CONFIGURATION_ERROR",
    "AUTHORIZER_CONFIGURATION_ERROR",
    "AUTHORIZER_FAILURE",
    "BAD_REQUEST_BODY",
    "BAD_REQUEST_PARAMETERS",
    "DEFAULT_4XX",
    "DEFAULT_5XX",
    "EXPIRED_TOKEN",
    "INTEGRATION_FAILURE",
    "INTEGRATION_TIMEOUT",
    "INVALID_API_KEY",
    "INVALID_SIGNATURE",
    "MISSING_AUTHENTICATION_TOKEN",
    "QUOTA_EXCEEDED",
    "REQUEST_TOO_LARGE",
    "RESOURCE_NOT_FOUND",
    "THROTTLED",
    "UNAUTHORIZED",
    "UNSUPPORTED_MEDIA_TYPE",
    "WAF_FILTERED",
];

impl RestApi {
    /// The API with this id, with its further stages and without routes.
    pub(super) fn api(
        &self,
        id: &str,
        stages: &[properties::RestStage],
        functions: &Functions,
    ) -> Result<Api, Problem> {
        let mut all = vec![Stage { name: self.stage_name.clone(), variables: self.variables.clone() }];
        for stage in stages.iter().filter(|stage| stage.rest_api_id == id) {
            all.push(Stage { name: stage.stage_name.clone(), variables: stage.variables.clone() });
        }
        let authorizers = self.auth.authorizers.iter().map(|(name, declared)| {
            Ok((
                name.clone(),
                declared.authorizer(functions).map_err(|problem| problem.at(name).at("Auth.Authorizers"))?,
            ))
        });
        let responses = self.gateway_responses.iter().map(|(kind, declared)| {
            Ok((kind.clone(), declared.response(kind).map_err(|problem| problem.at(kind).at("GatewayResponses"))?))
        });
        Ok(Api {
            id: id.to_owned(),
            protocol: Protocol::Rest,
            stages: all,
            routes: Vec::new(),
            authorizers: authorizers.collect::<Result<_, Problem>>()?,
            responses: responses.collect::<Result<_, Problem>>()?,
        })
    }

    /// The route of an event of `function`.
    pub(super) fn route(&self, event: Json, function: &str, api: &str) -> Result<Route, Problem> {
        let event: ApiEvent = properties::read("Api event", event)?;
        if event.rest_api_id != api {
            return Err(Problem::new(format!("{} is no REST API of this template", event.rest_api_id)).at("RestApiId"));
        }
        if event.auth.authorization_scopes.is_some() {
            return Err(Problem::new(
                "only Cognito's authorizers know scopes here: a Lambda authorizer never sees them",
            ));
        }
        let authorizer = event.auth.choose(self.auth.default_authorizer.as_ref());
        if let Some(missing) = authorizer.as_ref().filter(|name| !self.auth.authorizers.contains_key(*name)) {
            return Err(Problem::new(format!("there is no authorizer {missing}")).at("Auth"));
        }
        let key = format!("{} {}", event.method.to_uppercase(), event.path);
        Ok(Route { key, function: function.to_owned(), timeout: PATIENCE, authorizer, scopes: Vec::new() })
    }
}

impl Declared {
    fn authorizer(&self, functions: &Functions) -> Result<Authorizer, Problem> {
        let (function, _) = functions.called(&self.function_arn)?;
        let payload = match self.function_payload_type.as_deref() {
            None | Some("TOKEN") => AuthorizerPayload::RestToken,
            Some("REQUEST") => AuthorizerPayload::RestRequest,
            Some(other) => {
                return Err(Problem::new(format!("{other} is neither TOKEN nor REQUEST")).at("FunctionPayloadType"));
            }
        };
        let ttl = self.identity.reauthorize_every.unwrap_or(TTL);
        let identity = match payload {
            AuthorizerPayload::RestToken => {
                let header = self.identity.header.as_deref().unwrap_or("Authorization");
                vec![IdentitySource::Header(header.to_lowercase())]
            }
            _ => identity::spelled(Protocol::Rest, &self.identity)
                .iter()
                .map(|text| identity::source(Protocol::Rest, text))
                .collect::<Result<_, _>>()?,
        };
        if self.identity.validation_expression.is_some() {
            return Err(Problem::new("is not run locally").at("ValidationExpression").at("Identity"));
        }
        if ttl > 3600 || identity.is_empty() {
            return Err(
                Problem::new("ReauthorizeEvery is at most 3600, and SAM wants an identity source").at("Identity")
            );
        }
        Ok(Authorizer::Lambda(LambdaAuthorizer { function, payload, ttl: Duration::from_secs(ttl), identity }))
    }
}

impl Response {
    fn response(&self, kind: &str) -> Result<GatewayResponse, Problem> {
        if !RESPONSES.contains(&kind) {
            return Err(Problem::new("API Gateway knows no such response"));
        }
        let status = match &self.status_code {
            None => None,
            Some(code) => {
                let code = code.as_str().map_or_else(|| code.to_string(), str::to_owned);
                let status = code.parse().ok().filter(|status| (100..600).contains(status));
                Some(status.ok_or_else(|| Problem::new(format!("{code} is no status")).at("StatusCode"))?)
            }
        };
        for (name, value) in &self.parameters.headers {
            let is_static = value.len() >= 2 && value.starts_with('\'') && value.ends_with('\'');
            let known = ["context.", "stageVariables.", "method.request."];
            if !is_static && !known.iter().any(|prefix| value.starts_with(prefix)) {
                return Err(Problem::new(
                    "a value is 'in single quotes', or comes from context, stageVariables or method.request",
                )
                .at(name));
            }
        }
        let headers = self.parameters.headers.clone();
        Ok(GatewayResponse { status, headers, templates: self.templates.clone() })
    }
}
