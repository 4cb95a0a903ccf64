//! What SAM's transform makes of its own kinds of API and of the events of functions: the plain resources that it saves
//! the author of a template from writing. Only the explicit form is run: an event names its API.
//!
//! Our own template writes its plain resources out; the examples and the template of docs/verify.md are written like this,
//! because the teams that they are for write theirs like this.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value as Json;

use super::deployment::Deployment;
use super::identity::{self, Identity};
use super::model::{Function, Protocol};
use super::problem::Problem;
use super::properties::{self, JwtConfiguration, Permission, flag, number, texts};

/// `AWS::Serverless::HttpApi`.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct HttpApi {
    stage_name: Option<String>,
    #[serde(default, deserialize_with = "texts")]
    stage_variables: BTreeMap<String, String>,
    #[serde(default)]
    auth: HttpAuth,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct HttpAuth {
    default_authorizer: Option<String>,
    #[serde(default)]
    authorizers: BTreeMap<String, HttpAuthorizer>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct HttpAuthorizer {
    function_arn: Option<String>,
    authorizer_payload_format_version: Option<String>,
    #[serde(default, deserialize_with = "flag")]
    enable_simple_responses: bool,
    #[serde(default, deserialize_with = "flag")]
    enable_function_default_permissions: bool,
    #[serde(default)]
    identity: Identity,
    jwt_configuration: Option<JwtConfiguration>,
    identity_source: Option<String>,
    #[serde(default)]
    authorization_scopes: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct HttpEvent {
    api_id: String,
    path: String,
    method: String,
    payload_format_version: Option<String>,
    #[serde(default, deserialize_with = "number")]
    timeout_in_millis: Option<u64>,
    #[serde(default)]
    auth: EventAuth,
}

/// `Auth` of an event.
#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct EventAuth {
    pub(super) authorizer: Option<String>,
    pub(super) authorization_scopes: Option<Vec<String>>,
}

impl EventAuth {
    /// The authorizer for an event: its own, none at all (`NONE`), or the default of its API.
    pub(super) fn choose(&self, default: Option<&String>) -> Option<String> {
        self.authorizer.as_ref().or(default).filter(|name| *name != "NONE").cloned()
    }
}

/// Plain resources, as far as they come of one SAM resource.
#[derive(Default)]
pub(super) struct Plain {
    pub(super) stages: Vec<properties::Stage>,
    pub(super) authorizers: BTreeMap<String, properties::Authorizer>,
    pub(super) integrations: BTreeMap<String, properties::Integration>,
    pub(super) routes: BTreeMap<String, properties::Route>,
    pub(super) permissions: Vec<Permission>,
}

impl Plain {
    /// Adds more of them.
    pub(super) fn extend(&mut self, more: Self) {
        self.stages.extend(more.stages);
        self.authorizers.extend(more.authorizers);
        self.integrations.extend(more.integrations);
        self.routes.extend(more.routes);
        self.permissions.extend(more.permissions);
    }
}

impl HttpApi {
    /// The stage, the authorizers and their permissions of the API with this id.
    pub(super) fn plain(&self, api: &str, deployment: &Deployment) -> Plain {
        let stage = properties::Stage {
            api_id: api.to_owned(),
            stage_name: self.stage_name.clone().unwrap_or_else(|| "$default".to_owned()),
            auto_deploy: true,
            stage_variables: self.stage_variables.clone(),
        };
        let authorizers = self.auth.authorizers.iter();
        let permitted = authorizers.clone().filter(|(_, authorizer)| authorizer.enable_function_default_permissions);
        let permitted = permitted.filter_map(|(_, authorizer)| authorizer.function_arn.as_deref());
        let source = deployment.arn("execute-api", &format!("{api}/authorizers/*"));
        Plain {
            stages: vec![stage],
            permissions: permitted.map(|function| permission(function, source.clone(), deployment)).collect(),
            authorizers: authorizers.map(|(name, declared)| (name.clone(), declared.plain(api))).collect(),
            ..Plain::default()
        }
    }

    /// The route, integration and permission of an event of `function`.
    pub(super) fn route(&self, event: Json, function: &Function, deployment: &Deployment) -> Result<Plain, Problem> {
        let event: HttpEvent = properties::read("HttpApi event", event)?;
        let arn = invoked(function);
        let (method, path) = (event.method.to_uppercase(), &event.path);
        let key = format!("{method} {path}");
        let authorizer = event.auth.choose(self.auth.default_authorizer.as_ref());
        let scopes = event.auth.authorization_scopes.or_else(|| {
            let declared = self.auth.authorizers.get(authorizer.as_ref()?)?;
            Some(declared.authorization_scopes.clone())
        });
        let integration = properties::Integration {
            api_id: event.api_id.clone(),
            integration_type: "AWS_PROXY".into(),
            integration_uri: arn.clone(),
            payload_format_version: event.payload_format_version.unwrap_or_else(|| "2.0".into()),
            timeout_in_millis: event.timeout_in_millis,
        };
        let kind = authorizer.as_ref().map_or("NONE", |name| self.kind_of(name));
        let route = properties::Route {
            api_id: event.api_id.clone(),
            route_key: key.clone(),
            target: format!("integrations/{key}"),
            authorization_type: kind.into(),
            authorizer_id: authorizer,
            authorization_scopes: scopes.unwrap_or_default(),
        };
        let source = format!("{}/*/{}", event.api_id, called(&method, path));
        Ok(Plain {
            integrations: BTreeMap::from([(key.clone(), integration)]),
            routes: BTreeMap::from([(key, route)]),
            permissions: vec![permission(&arn, deployment.arn("execute-api", &source), deployment)],
            ..Plain::default()
        })
    }

    fn kind_of(&self, authorizer: &str) -> &'static str {
        let declared = self.auth.authorizers.get(authorizer);
        if declared.is_some_and(|declared| declared.jwt_configuration.is_some()) { "JWT" } else { "CUSTOM" }
    }
}

impl HttpAuthorizer {
    fn plain(&self, api: &str) -> properties::Authorizer {
        let is_jwt = self.jwt_configuration.is_some();
        properties::Authorizer {
            api_id: api.to_owned(),
            authorizer_type: if is_jwt { "JWT" } else { "REQUEST" }.into(),
            authorizer_payload_format_version: self.authorizer_payload_format_version.clone(),
            enable_simple_responses: self.enable_simple_responses,
            authorizer_uri: self.function_arn.clone(),
            jwt_configuration: self.jwt_configuration.clone(),
            authorizer_result_ttl_in_seconds: self.identity.reauthorize_every,
            identity_source: match &self.identity_source {
                Some(source) => vec![source.clone()],
                None => identity::spelled(Protocol::Http, &self.identity),
            },
        }
    }
}

/// What the gateway calls for an event of a function: its alias, if it publishes one.
pub(super) fn invoked(function: &Function) -> String {
    match &function.alias {
        Some(alias) => format!("{}:{alias}", function.arn),
        None => function.arn.clone(),
    }
}

/// The permission that SAM adds.
pub(super) fn permission(function: &str, source: String, deployment: &Deployment) -> Permission {
    Permission {
        action: "lambda:InvokeFunction".into(),
        function_name: function.to_owned(),
        principal: format!("apigateway.{}", deployment.url_suffix),
        source_arn: Some(source),
    }
}

/// A method and a path as SAM writes them in a permission: parameters become stars.
pub(super) fn called(method: &str, path: &str) -> String {
    let method = if method == "ANY" { "*" } else { method };
    let segments = path.split('/').map(|segment| if segment.starts_with('{') { "*" } else { segment });
    format!("{method}{}", segments.collect::<Vec<_>>().join("/"))
}
