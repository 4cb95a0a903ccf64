//! An HTTP API: its stages, its authorizers, and its routes linked through integrations to functions.

use std::collections::BTreeMap;
use std::time::Duration;

use super::functions::Functions;
use super::identity;
use super::model::{
    Api, Authorizer, AuthorizerPayload, IdentitySource, JwtAuthorizer, LambdaAuthorizer, Protocol, Route, Stage,
};
use super::problem::Problem;
use super::properties;
use super::sam::Plain;

/// The plain resources of one HTTP API, and the functions that they may name.
pub(super) struct HttpApi<'a> {
    pub(super) id: &'a str,
    pub(super) plain: &'a Plain,
    pub(super) functions: &'a Functions<'a>,
}

impl HttpApi<'_> {
    /// The API that they come to.
    pub(super) fn api(&self) -> Result<Api, Problem> {
        let at = |id: &str| {
            let id = id.to_owned();
            move |problem: Problem| problem.at(id)
        };
        let stages = self.plain.stages.iter().map(|declared| self.stage(declared)).collect::<Result<Vec<_>, _>>()?;
        if stages.is_empty() {
            return Err(Problem::new("an API without a stage answers nobody"));
        }
        let authorizers = self.plain.authorizers.iter();
        let authorizers =
            authorizers.map(|(id, declared)| Ok((id.clone(), self.authorizer(id, declared).map_err(at(id))?)));
        let routes = self.plain.routes.iter().map(|(id, declared)| self.route(declared).map_err(at(id)));
        Ok(Api {
            id: self.id.to_owned(),
            protocol: Protocol::Http,
            stages,
            authorizers: authorizers.collect::<Result<_, Problem>>()?,
            routes: routes.collect::<Result<_, _>>()?,
            responses: BTreeMap::new(),
        })
    }

    fn stage(&self, declared: &properties::Stage) -> Result<Stage, Problem> {
        self.check_api(&declared.api_id)?;
        expect("AutoDeploy", if declared.auto_deploy { "true" } else { "false" }, "true")?;
        Ok(Stage { name: declared.stage_name.clone(), variables: declared.stage_variables.clone() })
    }

    fn authorizer(&self, id: &str, declared: &properties::Authorizer) -> Result<Authorizer, Problem> {
        self.check_api(&declared.api_id)?;
        let identity = declared.identity_source.iter().map(|source| identity::source(Protocol::Http, source));
        let identity = identity.collect::<Result<Vec<_>, _>>()?;
        match (declared.authorizer_type.as_str(), &declared.jwt_configuration) {
            ("JWT", Some(jwt)) => match <[_; 1]>::try_from(identity) {
                Ok([identity]) => {
                    let (issuer, audience) = (jwt.issuer.clone(), jwt.audience.clone());
                    Ok(Authorizer::Jwt(JwtAuthorizer { issuer, audience, identity }))
                }
                Err(_) => Err(Problem::new("a JWT authorizer has one identity source").at("IdentitySource")),
            },
            ("REQUEST", None) => self.lambda(id, declared, identity).map(Authorizer::Lambda),
            (kind, _) => Err(Problem::new(format!("{kind} is neither REQUEST nor JWT")).at("AuthorizerType")),
        }
    }

    fn lambda(
        &self,
        id: &str,
        declared: &properties::Authorizer,
        identity: Vec<IdentitySource>,
    ) -> Result<LambdaAuthorizer, Problem> {
        let payload = match (declared.authorizer_payload_format_version.as_deref(), declared.enable_simple_responses) {
            (Some("2.0"), true) => AuthorizerPayload::HttpSimple,
            (Some("2.0"), false) => AuthorizerPayload::HttpPolicy,
            (Some("1.0"), false) => AuthorizerPayload::HttpV1,
            _ => {
                return Err(
                    Problem::new("is 2.0, or 1.0 without simple responses").at("AuthorizerPayloadFormatVersion")
                );
            }
        };
        let (function, arn) = self.functions.called(declared.authorizer_uri.as_deref().unwrap_or_default())?;
        self.functions.check_permission(arn, &format!("{}/authorizers/{id}", self.id))?;
        let ttl = declared.authorizer_result_ttl_in_seconds.unwrap_or(0);
        if ttl > 3600 || (ttl > 0 && identity.is_empty()) {
            return Err(Problem::new("AuthorizerResultTtlInSeconds is at most 3600, and 0 without identity sources"));
        }
        Ok(LambdaAuthorizer { function, payload, ttl: Duration::from_secs(ttl), identity })
    }

    fn route(&self, declared: &properties::Route) -> Result<Route, Problem> {
        self.check_api(&declared.api_id)?;
        let target = declared.target.strip_prefix("integrations/").unwrap_or_default();
        let integration = self.plain.integrations.get(target);
        let integration =
            integration.ok_or_else(|| Problem::new(format!("Target {} is no integration", declared.target)))?;
        self.check_api(&integration.api_id)?;
        expect("IntegrationType", &integration.integration_type, "AWS_PROXY")?;
        expect("PayloadFormatVersion", &integration.payload_format_version, "2.0")?;
        let (function, arn) = self.functions.called(&integration.integration_uri)?;
        let (method, path) = declared.route_key.split_once(' ').unwrap_or(("ANY", "/$default"));
        let method = if method == "ANY" { "*" } else { method };
        for stage in &self.plain.stages {
            self.functions.check_permission(arn, &format!("{}/{}/{method}{path}", self.id, stage.stage_name))?;
        }
        let authorizer = self.authorizer_of(declared)?;
        let timeout = Duration::from_millis(integration.timeout_in_millis.unwrap_or(30_000));
        let scopes = declared.authorization_scopes.clone();
        Ok(Route { key: declared.route_key.clone(), function, timeout, authorizer, scopes })
    }

    fn authorizer_of(&self, declared: &properties::Route) -> Result<Option<String>, Problem> {
        let kind = declared.authorization_type.as_str();
        let authorizer = declared.authorizer_id.as_ref().and_then(|id| Some((id, self.plain.authorizers.get(id)?)));
        match (kind, &declared.authorizer_id, authorizer) {
            ("NONE", None, _) => Ok(None),
            ("CUSTOM", _, Some((id, authorizer))) if authorizer.authorizer_type == "REQUEST" => Ok(Some(id.clone())),
            ("JWT", _, Some((id, authorizer))) if authorizer.authorizer_type == "JWT" => Ok(Some(id.clone())),
            (kind, id, _) => Err(Problem::new(format!("AuthorizationType {kind} with {id:?} is not run locally"))),
        }
    }

    fn check_api(&self, api: &str) -> Result<(), Problem> {
        if api == self.id {
            return Ok(());
        }
        Err(Problem::new(format!("ApiId {api} is no API of this template")))
    }
}

/// Refuses a value other than the one that is run.
pub(super) fn expect(property: &str, found: &str, run: &str) -> Result<(), Problem> {
    if found == run {
        return Ok(());
    }
    Err(Problem::new(format!("{found} is not run locally, {run} is")).at(property))
}
