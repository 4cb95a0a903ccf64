//! Sorts resolved resources by type, and makes functions, tables, keys and the API of them.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use serde_json::{Value as Json, json};

use super::deployment::Deployment;
use super::document::Declaration;
use super::event_sources;
use super::functions::Functions;
use super::http::{self, expect};
use super::kinds::{Kind, kind};
use super::model::{Api, Authorizer, Build, EventSource, Function, Key, Table};
use super::policies;
use super::problem::Problem;
use super::properties::{self, read};
use super::rest::RestApi;
use super::sam::{self, Plain};
use crate::iam::{Role, Statement};

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
    pub(super) parameters: BTreeMap<String, String>,
    /// By ARN.
    policies: BTreeMap<String, Vec<Statement>>,
    /// Aliases that are resources of their own.
    aliases: Vec<properties::Alias>,
    /// Functions, and the ARN of the policy that is the boundary of each.
    boundaries: Vec<(String, String)>,
    event_sources: Vec<properties::EventSource>,
    http_apis: BTreeMap<String, Option<sam::HttpApi>>,
    rest_apis: BTreeMap<String, RestApi>,
    rest_stages: Vec<properties::RestStage>,
    plain: Plain,
    /// Events by the function that they call, and their own name.
    events: Vec<(String, String, properties::Event)>,
}

impl Parts {
    /// Adds one resource.
    pub(super) fn add(&mut self, resource: Resource<'_>, at: &Path, deployment: &Deployment) -> Result<(), Problem> {
        let Resource { id, declaration, properties, metadata } = resource;
        let name = declaration.kind.as_str();
        let (id, plain) = (id.to_owned(), &mut self.plain);
        match kind(name) {
            Some(Kind::Function) => {
                let mut declared: properties::Function = read(name, properties)?;
                let events = std::mem::take(&mut declared.events).into_iter();
                self.events.extend(events.map(|(event, declared)| (id.clone(), event, declared)));
                self.boundaries.extend(declared.permissions_boundary.take().map(|policy| (id.clone(), policy)));
                let function = function(&id, declared, metadata, deployment)?;
                self.functions.insert(id, Function { code_uri: at.join(function.code_uri), ..function });
            }
            Some(Kind::Alias) => self.aliases.push(read(name, properties)?),
            Some(Kind::Table) => self.tables.push(table(&id, read(name, properties)?, deployment)?),
            Some(Kind::Key) => {
                let properties::Key { key_policy } = read(name, properties)?;
                let policy = policies::of_key(&key_policy, deployment).map_err(|problem| problem.at("KeyPolicy"))?;
                let arn = deployment.attribute(name, &id, "Arn").unwrap_or_default();
                self.keys.push(Key { id, arn, policy });
            }
            Some(Kind::EventSource) => self.event_sources.push(read(name, properties)?),
            Some(Kind::ManagedPolicy) => {
                let properties::ManagedPolicy { policy_document } = read(name, properties)?;
                let statements = policies::of_boundary(&policy_document);
                let statements = statements.map_err(|problem| problem.at("PolicyDocument"))?;
                self.policies.insert(deployment.reference(name, &id), statements);
            }
            Some(Kind::Api) => {
                let api: properties::Api = read(name, properties)?;
                expect("ProtocolType", &api.protocol_type, "HTTP")?;
                self.http_apis.insert(deployment.reference(name, &id), None);
            }
            Some(Kind::HttpApi) => {
                self.http_apis.insert(deployment.reference(name, &id), Some(read(name, properties)?));
            }
            Some(Kind::RestApi) => {
                drop(self.rest_apis.insert(deployment.reference(name, &id), read(name, properties)?));
            }
            Some(Kind::RestStage) => self.rest_stages.push(read(name, properties)?),
            Some(Kind::Stage) => plain.stages.push(read(name, properties)?),
            Some(Kind::Authorizer) => drop(plain.authorizers.insert(id, read(name, properties)?)),
            Some(Kind::Integration) => drop(plain.integrations.insert(id, read(name, properties)?)),
            Some(Kind::Route) => drop(plain.routes.insert(id, read(name, properties)?)),
            Some(Kind::Permission) => plain.permissions.push(read(name, properties)?),
            Some(Kind::Parameter) => {
                let parameter: properties::Parameter = read(name, properties)?;
                expect("Type", &parameter.kind, "String")?;
                self.parameters.insert(parameter.name, parameter.value);
            }
            Some(Kind::Inert) => {}
            None => return Err(Problem::new(format!("the resource type {name} is not run locally"))),
        }
        Ok(())
    }

    /// Gives every function its boundary.
    pub(super) fn bound(&mut self) -> Result<(), Problem> {
        for (id, policy) in std::mem::take(&mut self.boundaries) {
            let unknown = || Problem::new(format!("{policy} is no policy of this template")).at("PermissionsBoundary");
            let statements = self.policies.get(&policy).ok_or_else(|| unknown().at(&id))?;
            if let Some(function) = self.functions.get_mut(&id) {
                function.role.boundary = Some(statements.clone());
            }
        }
        Ok(())
    }

    /// Gives every function its further names.
    pub(super) fn name(&mut self) -> Result<(), Problem> {
        for properties::Alias { function_name, name } in std::mem::take(&mut self.aliases) {
            let is_named = |function: &&mut Function| [&function.name, &function.arn].contains(&&function_name);
            let unknown =
                || Problem::new(format!("the alias {name} is of no function of this template: {function_name}"));
            self.functions.values_mut().find(is_named).ok_or_else(unknown)?.aliases.push(name);
        }
        Ok(())
    }

    /// The streams that functions take records of.
    pub(super) fn event_sources(&mut self, deployment: &Deployment) -> Result<Vec<EventSource>, Problem> {
        let functions = Functions { all: self.functions.clone(), permissions: &[], deployment };
        let declared = std::mem::take(&mut self.event_sources).into_iter();
        declared.map(|declared| event_sources::read(declared, &functions)).collect()
    }

    /// The API, if there is one. `theirs` are the functions of other stacks that it may call; those that it does call
    /// are among the functions afterwards.
    pub(super) fn api(
        &mut self,
        theirs: &BTreeMap<String, Function>,
        deployment: &Deployment,
    ) -> Result<Option<Api>, Problem> {
        let mut all = self.functions.clone();
        all.extend(theirs.iter().map(|(id, function)| (id.clone(), function.clone())));
        let api = match (self.http_apis.len(), self.rest_apis.len()) {
            (0, 0) => None,
            (1, 0) => Some(self.http_api(all.clone(), deployment)?),
            (0, 1) => Some(self.rest_api(all.clone(), deployment)?),
            (http, rest) => {
                return Err(Problem::new(format!("one API is run locally, not {http} HTTP APIs and {rest} REST APIs")));
            }
        };
        let called = api.iter().flat_map(|api| api.authorizers.values()).filter_map(|authorizer| match authorizer {
            Authorizer::Lambda(authorizer) => all.get_key_value(&authorizer.function),
            Authorizer::Jwt(_) => None,
        });
        self.functions.extend(called.map(|(id, function)| (id.clone(), function.clone())));
        Ok(api)
    }

    fn http_api(&mut self, all: BTreeMap<String, Function>, deployment: &Deployment) -> Result<Api, Problem> {
        let Some((id, declared)) = self.http_apis.pop_first() else { return Err(Problem::new("no HTTP API")) };
        let mut plain = std::mem::take(&mut self.plain);
        if let Some(declared) = &declared {
            plain.extend(declared.plain(&id, deployment));
        }
        for (function, event, declaration) in std::mem::take(&mut self.events) {
            let at = |problem: Problem| problem.at(&event).at("Events").at(&function);
            let api =
                declared.as_ref().filter(|_| declaration.kind == "HttpApi").ok_or_else(|| at(unknown(&declaration)))?;
            plain.extend(api.route(declaration.properties, &all[&function], deployment).map_err(at)?);
        }
        let functions = Functions { all, permissions: &plain.permissions, deployment };
        http::HttpApi { id: &id, plain: &plain, functions: &functions }.api()
    }

    fn rest_api(&mut self, all: BTreeMap<String, Function>, deployment: &Deployment) -> Result<Api, Problem> {
        let Some((id, declared)) = self.rest_apis.pop_first() else { return Err(Problem::new("no REST API")) };
        let functions = Functions { all, permissions: &[], deployment };
        let mut api = declared.api(&id, &self.rest_stages, &functions).map_err(|problem| problem.at(&id))?;
        for (function, event, declaration) in std::mem::take(&mut self.events) {
            let at = |problem: Problem| problem.at(&event).at("Events").at(&function);
            if declaration.kind != "Api" {
                return Err(at(unknown(&declaration)));
            }
            api.routes.push(declared.route(declaration.properties, &function, &id).map_err(at)?);
        }
        Ok(api)
    }
}

fn unknown(event: &properties::Event) -> Problem {
    Problem::new(format!("an event of type {} is not run locally with this kind of API", event.kind)).at("Type")
}

fn function(
    id: &str,
    declared: properties::Function,
    metadata: Json,
    deployment: &Deployment,
) -> Result<Function, Problem> {
    let metadata: Option<properties::Metadata> =
        serde_json::from_value(metadata).map_err(|error| Problem::new(error.to_string()).at("Metadata"))?;
    let build = build(&declared.runtime, metadata.unwrap_or_default())?;
    Ok(Function {
        name: deployment.name(id),
        arn: deployment.arn("lambda", &format!("function:{}", deployment.name(id))),
        aliases: declared.auto_publish_alias.iter().cloned().collect(),
        alias: declared.auto_publish_alias,
        code_uri: declared.code_uri.into(),
        build,
        handler: declared.handler,
        memory: declared.memory_size.unwrap_or(128),
        timeout: Duration::from_secs(declared.timeout.unwrap_or(3)),
        variables: declared.environment.variables,
        role: Role {
            arn: role(id, declared.role_path.as_deref(), deployment)?,
            tags: declared.tags,
            statements: policies::of_role(&declared.policies).map_err(|problem| problem.at("Policies"))?,
            boundary: None,
        },
    })
}

/// The ARN of a function's role, which may be below a path: slashes around words.
fn role(id: &str, path: Option<&str>, deployment: &Deployment) -> Result<String, Problem> {
    match path {
        None | Some("/") => Ok(deployment.role("/", id)),
        Some(path) if path.len() > 2 && path.starts_with('/') && path.ends_with('/') => Ok(deployment.role(path, id)),
        Some(path) => Err(Problem::new(format!("{path:?} does not begin and end with a slash")).at("RolePath")),
    }
}

fn build(runtime: &str, metadata: properties::Metadata) -> Result<Build, Problem> {
    let properties::Metadata { build_method, skip_build, build_properties } = metadata;
    let is_managed = ["python3.", "nodejs"].iter().any(|prefix| runtime.starts_with(prefix));
    match build_method.as_deref().filter(|_| !skip_build) {
        None if is_managed => Ok(Build::Interpreted { runtime: runtime.to_owned() }),
        _ if !runtime.starts_with("provided.") => {
            Err(Problem::new(format!("the runtime {runtime} is not run locally")).at("Runtime"))
        }
        Some("rust-cargolambda") => Ok(Build::Cargo { binary: build_properties.binary }),
        None => Ok(Build::Bootstrap),
        Some(method) => Err(Problem::new(format!("{method} is not run locally")).at("Metadata.BuildMethod")),
    }
}

fn table(id: &str, declared: properties::Table, deployment: &Deployment) -> Result<Table, Problem> {
    expect("BillingMode", &declared.billing_mode, "PAY_PER_REQUEST")?;
    let name = deployment.name(id);
    let mut create = json!({
        "TableName": name,
        "AttributeDefinitions": declared.attribute_definitions,
        "KeySchema": declared.key_schema,
        "BillingMode": declared.billing_mode,
    });
    if let Some(stream) = declared.stream_specification {
        create["StreamSpecification"] = json!({"StreamEnabled": true, "StreamViewType": stream.stream_view_type});
    }
    let time_to_live = declared.time_to_live_specification.filter(|specification| specification.enabled);
    Ok(Table { name, create, time_to_live: time_to_live.map(|specification| specification.attribute_name) })
}
