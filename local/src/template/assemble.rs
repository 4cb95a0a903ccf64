//! Links resolved resources: routes to integrations to functions, and every call of the gateway to its permission.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use serde_json::{Value as Json, json};

use super::deployment::Deployment;
use super::document::Declaration;
use super::kinds::{Kind, kind};
use super::model::{Authorizer, Build, Function, IdentitySource, Key, Route, Table};
use super::policies;
use super::problem::Problem;
use super::properties::{self, read};
use crate::wildcard;

/// A resource whose values are resolved.
pub(super) struct Resource<'a> {
    pub(super) id: &'a str,
    pub(super) declaration: &'a Declaration,
    pub(super) properties: Json,
    pub(super) metadata: Json,
}

/// The resources of a stack, by type and logical id.
#[derive(Default)]
pub(super) struct Parts {
    pub(super) functions: BTreeMap<String, Function>,
    pub(super) tables: Vec<Table>,
    pub(super) keys: Vec<Key>,
    apis: Vec<String>,
    stages: Vec<properties::Stage>,
    authorizers: BTreeMap<String, properties::Authorizer>,
    integrations: BTreeMap<String, properties::Integration>,
    routes: BTreeMap<String, properties::Route>,
    permissions: Vec<properties::Permission>,
}

impl Parts {
    /// Adds one resource.
    pub(super) fn add(&mut self, resource: Resource<'_>, at: &Path, deployment: &Deployment) -> Result<(), Problem> {
        let Resource { id, declaration, properties, metadata } = resource;
        let name = declaration.kind.as_str();
        let id = id.to_owned();
        match kind(name) {
            Some(Kind::Function) => {
                let function = function(&id, read(name, properties)?, metadata, deployment)?;
                self.functions.insert(id, Function { code_uri: at.join(function.code_uri), ..function });
            }
            Some(Kind::Table) => self.tables.push(table(&id, read(name, properties)?, deployment)?),
            Some(Kind::Key) => {
                let properties::Key { key_policy } = read(name, properties)?;
                let policy = policies::of_key(&key_policy, deployment).map_err(|problem| problem.at("KeyPolicy"))?;
                let arn = deployment.attribute(name, &id, "Arn").unwrap_or_default();
                self.keys.push(Key { id, arn, policy });
            }
            Some(Kind::Api) => {
                let api: properties::Api = read(name, properties)?;
                expect("ProtocolType", &api.protocol_type, "HTTP")?;
                self.apis.push(deployment.reference(name, &id));
            }
            Some(Kind::Stage) => self.stages.push(read(name, properties)?),
            Some(Kind::Authorizer) => drop(self.authorizers.insert(id, read(name, properties)?)),
            Some(Kind::Integration) => drop(self.integrations.insert(id, read(name, properties)?)),
            Some(Kind::Route) => drop(self.routes.insert(id, read(name, properties)?)),
            Some(Kind::Permission) => self.permissions.push(read(name, properties)?),
            Some(Kind::Inert) => {}
            None => return Err(Problem::new(format!("the resource type {name} is not run locally"))),
        }
        Ok(())
    }

    /// The id of the API; empty without one.
    pub(super) fn api(&self) -> String {
        self.apis.first().cloned().unwrap_or_default()
    }

    /// The gateway: its routes, its authorizers.
    pub(super) fn gateway(
        &self,
        deployment: &Deployment,
    ) -> Result<(Vec<Route>, BTreeMap<String, Authorizer>), Problem> {
        self.check_stage()?;
        let at = |id: &str| {
            let id = id.to_owned();
            move |problem: Problem| problem.at(id)
        };
        let authorizers = self
            .authorizers
            .iter()
            .map(|(id, declared)| Ok((id.clone(), self.authorizer(id, declared, deployment).map_err(at(id))?)));
        let authorizers = authorizers.collect::<Result<_, Problem>>()?;
        let routes = self.routes.iter().map(|(id, declared)| self.route(declared, deployment).map_err(at(id)));
        Ok((routes.collect::<Result<_, _>>()?, authorizers))
    }

    fn check_stage(&self) -> Result<(), Problem> {
        match (self.apis.as_slice(), self.stages.as_slice()) {
            ([], []) => Ok(()),
            ([api], [stage]) => {
                expect("ApiId", &stage.api_id, api)?;
                expect("StageName", &stage.stage_name, "$default")?;
                expect("AutoDeploy", if stage.auto_deploy { "true" } else { "false" }, "true")
            }
            (apis, stages) => Err(Problem::new(format!(
                "one HTTP API with one stage is run locally, not {} with {}",
                apis.len(),
                stages.len()
            ))),
        }
    }

    fn authorizer(
        &self,
        id: &str,
        declared: &properties::Authorizer,
        deployment: &Deployment,
    ) -> Result<Authorizer, Problem> {
        self.check_api(&declared.api_id)?;
        expect("AuthorizerType", &declared.authorizer_type, "REQUEST")?;
        expect("AuthorizerPayloadFormatVersion", &declared.authorizer_payload_format_version, "2.0")?;
        let function = self.function(&declared.authorizer_uri)?;
        self.check_permission(&function, &format!("{}/authorizers/{id}", declared.api_id), deployment)?;
        let identity = declared.identity_source.iter().map(|source| identity_source(source));
        let ttl = declared.authorizer_result_ttl_in_seconds.unwrap_or(0);
        if ttl > 3600 || (ttl > 0 && declared.identity_source.is_empty()) {
            return Err(Problem::new("AuthorizerResultTtlInSeconds is at most 3600, and 0 without identity sources"));
        }
        Ok(Authorizer {
            function,
            simple: declared.enable_simple_responses,
            ttl: Duration::from_secs(ttl),
            identity: identity.collect::<Result<_, _>>()?,
        })
    }

    fn route(&self, declared: &properties::Route, deployment: &Deployment) -> Result<Route, Problem> {
        self.check_api(&declared.api_id)?;
        let target = declared.target.strip_prefix("integrations/").unwrap_or_default();
        let integration = self.integrations.get(target);
        let integration =
            integration.ok_or_else(|| Problem::new(format!("Target {} is no integration", declared.target)))?;
        self.check_api(&integration.api_id)?;
        expect("IntegrationType", &integration.integration_type, "AWS_PROXY")?;
        expect("PayloadFormatVersion", &integration.payload_format_version, "2.0")?;
        let function = self.function(&integration.integration_uri)?;
        let (method, path) = declared.route_key.split_once(' ').unwrap_or(("ANY", "/$default"));
        let method = if method == "ANY" { "*" } else { method };
        self.check_permission(&function, &format!("{}/$default/{method}{path}", declared.api_id), deployment)?;
        let authorizer = match (declared.authorization_type.as_str(), &declared.authorizer_id) {
            ("NONE", None) => None,
            ("CUSTOM", Some(id)) if self.authorizers.contains_key(id) => Some(id.clone()),
            (kind, id) => return Err(Problem::new(format!("AuthorizationType {kind} with {id:?} is not run locally"))),
        };
        let timeout = Duration::from_millis(integration.timeout_in_millis.unwrap_or(30_000));
        Ok(Route { key: declared.route_key.clone(), function, timeout, authorizer })
    }

    fn check_api(&self, api: &str) -> Result<(), Problem> {
        match self.apis.iter().any(|known| known == api) {
            true => Ok(()),
            false => Err(Problem::new(format!("ApiId {api} is no API of this template"))),
        }
    }

    /// The function that an URI of the gateway calls: its ARN, alone or inside the path form that authorizers take.
    fn function(&self, uri: &str) -> Result<String, Problem> {
        let arn = match uri.split_once(":lambda:path/2015-03-31/functions/") {
            Some((_, rest)) => rest.strip_suffix("/invocations").unwrap_or_default(),
            None => uri,
        };
        let found = self.functions.iter().find(|(_, function)| function.arn == arn);
        found.map(|(id, _)| id.clone()).ok_or_else(|| Problem::new(format!("{uri} is no function of this template")))
    }

    /// API Gateway answers 500 to every call of a function that does not permit it. Here the template is refused.
    fn check_permission(&self, function: &str, source: &str, deployment: &Deployment) -> Result<(), Problem> {
        let source = deployment.arn("execute-api", source);
        let name = deployment.name(function);
        let allows = |permission: &properties::Permission| {
            permission.principal == format!("apigateway.{}", deployment.url_suffix)
                && matches!(permission.action.as_str(), "lambda:InvokeFunction" | "lambda:*")
                && (permission.function_name == name || permission.function_name.ends_with(&format!(":{name}")))
                && permission.source_arn.as_ref().is_none_or(|pattern| wildcard::matches(pattern, &source))
        };
        match self.permissions.iter().any(allows) {
            true => Ok(()),
            false => Err(Problem::new(format!(
                "no AWS::Lambda::Permission lets the gateway ({source}) call {function}: deployed, it would answer 500"
            ))),
        }
    }
}

fn function(
    id: &str,
    declared: properties::Function,
    metadata: Json,
    deployment: &Deployment,
) -> Result<Function, Problem> {
    if !declared.runtime.starts_with("provided.") {
        return Err(Problem::new(format!("the runtime {} is not run locally", declared.runtime)).at("Runtime"));
    }
    let metadata: Option<properties::Metadata> =
        serde_json::from_value(metadata).map_err(|error| Problem::new(error.to_string()).at("Metadata"))?;
    let properties::Metadata { build_method, build_properties } = metadata.unwrap_or_default();
    let build = match build_method.as_deref() {
        Some("rust-cargolambda") => Build::Cargo { binary: build_properties.binary },
        None => Build::Bootstrap,
        Some(method) => return Err(Problem::new(format!("{method} is not run locally")).at("Metadata.BuildMethod")),
    };
    Ok(Function {
        name: deployment.name(id),
        arn: deployment.arn("lambda", &format!("function:{}", deployment.name(id))),
        code_uri: declared.code_uri.into(),
        build,
        handler: declared.handler,
        memory: declared.memory_size.unwrap_or(128),
        timeout: Duration::from_secs(declared.timeout.unwrap_or(3)),
        variables: declared.environment.variables,
        statements: policies::of_role(&declared.policies).map_err(|problem| problem.at("Policies"))?,
        tags: declared.tags,
    })
}

fn table(id: &str, declared: properties::Table, deployment: &Deployment) -> Result<Table, Problem> {
    expect("BillingMode", &declared.billing_mode, "PAY_PER_REQUEST")?;
    let name = deployment.name(id);
    let create = json!({
        "TableName": name,
        "AttributeDefinitions": declared.attribute_definitions,
        "KeySchema": declared.key_schema,
        "BillingMode": declared.billing_mode,
    });
    let time_to_live = declared.time_to_live_specification.filter(|specification| specification.enabled);
    Ok(Table { name, create, time_to_live: time_to_live.map(|specification| specification.attribute_name) })
}

fn identity_source(source: &str) -> Result<IdentitySource, Problem> {
    if let Some(name) = source.strip_prefix("$request.header.") {
        return Ok(IdentitySource::Header(name.to_lowercase()));
    }
    if let Some(name) = source.strip_prefix("$request.querystring.") {
        return Ok(IdentitySource::Query(name.to_owned()));
    }
    match source {
        "$context.routeKey" => Ok(IdentitySource::RouteKey),
        "$context.httpMethod" => Ok(IdentitySource::Method),
        "$context.path" => Ok(IdentitySource::Path),
        "$context.identity.sourceIp" => Ok(IdentitySource::SourceIp),
        _ => Err(Problem::new(format!("the identity source {source} is not run locally")).at("IdentitySource")),
    }
}

fn expect(property: &str, found: &str, run: &str) -> Result<(), Problem> {
    match found == run {
        true => Ok(()),
        false => Err(Problem::new(format!("{found} is not run locally, {run} is")).at(property)),
    }
}
