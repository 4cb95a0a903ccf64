//! template.yaml, resolved: what CloudFormation and SAM would deploy, in the words that the rest of this crate uses.
//!
//! Strict on purpose. A resource type, property, intrinsic function or section that is not run here is an error that
//! names it and where it stands, unless it is listed in [`kinds`] as having no effect on one machine, with the reason.
//! So a template either means the same here as in the cloud or does not start.
//!
//! Later kinds of resources (schedules, queues) are a row in [`kinds`], a struct in [`properties`] and an arm in
//! [`assemble`].

mod assemble;
mod deployment;
mod document;
mod event_sources;
mod functions;
mod graph;
mod http;
mod identity;
mod intrinsic;
mod kinds;
mod model;
mod neighbour;
mod parameters;
mod policies;
mod problem;
mod properties;
mod resolver;
mod rest;
mod sam;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::path::Path;

pub use deployment::Deployment;
pub(crate) use event_sources::table_of;
pub use model::{
    Api, Authorizer, AuthorizerPayload, Build, EventSource, Function, GatewayResponse, IdentitySource, JwtAuthorizer,
    Key, LambdaAuthorizer, Protocol, Route, Stage, Table,
};
pub use neighbour::Beside;
pub(crate) use neighbour::absolute;

use crate::Error;
use crate::iam::{KeyPolicy, Policies};
use assemble::{Parts, Resource};
use document::{Declaration, Document};
use graph::Graph;
use neighbour::Neighbour;
use problem::Problem;
use resolver::Resolver;
use serde_json::Value as Json;
use yaml_serde::Value;

/// A template with every value resolved.
#[derive(Debug)]
pub struct Template {
    /// Functions by logical id; of another stack, with that stack's name before it.
    pub functions: BTreeMap<String, Function>,
    /// The API, if it has one.
    pub api: Option<Api>,
    /// The tables.
    pub tables: Vec<Table>,
    /// The streams that functions take records of.
    pub event_sources: Vec<EventSource>,
    /// The KMS keys.
    pub keys: Vec<Key>,
    /// `Outputs` by name.
    pub outputs: BTreeMap<String, String>,
    /// What other stacks may import, by name.
    pub exports: BTreeMap<String, String>,
    /// The parameters of the parameter store, by name.
    pub stored: BTreeMap<String, String>,
}

impl Template {
    /// Reads a template file; `parameters` are `(name, value)` pairs that override its defaults, the last one wins.
    pub fn load(file: &Path, parameters: &[(String, String)], deployment: &Deployment) -> Result<Self, Error> {
        Self::load_beside(file, parameters, deployment, None)
    }

    /// The same for a template that may import from the stack `beside` it.
    pub fn load_beside(
        file: &Path,
        parameters: &[(String, String)],
        deployment: &Deployment,
        beside: Option<&Beside>,
    ) -> Result<Self, Error> {
        let text = std::fs::read_to_string(file).map_err(Error::doing(format!("reading {}", file.display())))?;
        let directory = file.parent().unwrap_or(Path::new("."));
        resolve(&text, directory, parameters, deployment, beside)
            .map_err(|problem| Error::new(format!("{}: {problem}", file.display())))
    }

    /// Reads the text of a template that nothing but its defaults fills in and that stands in no folder.
    pub fn parse(text: &str, deployment: &Deployment) -> Result<Self, Error> {
        Self::parse_with(text, &[], deployment)
    }

    /// The same with parameters.
    pub fn parse_with(text: &str, parameters: &[(String, String)], deployment: &Deployment) -> Result<Self, Error> {
        let resolved = resolve(text, Path::new("."), parameters, deployment, None);
        resolved.map_err(|problem| Error::new(problem.to_string()))
    }

    /// Who may do what in a stack of this template that is deployed there.
    pub fn policies(&self, deployment: &Deployment) -> Policies {
        let roles = self.functions.iter().map(|(id, function)| (id.clone(), function.role.clone())).collect();
        let key = |Key { id, arn, policy }: Key| KeyPolicy { id, arn, statements: policy };
        Policies::new(roles, self.keys.iter().cloned().map(key).collect(), deployment.account.clone())
    }

    /// Whether a template file has a parameter; one that cannot be read has none.
    pub fn has_parameter(file: &Path, name: &str) -> bool {
        let document = std::fs::read_to_string(file).ok().and_then(|text| Document::parse(&text).ok());
        document.is_some_and(|document| document.parameters.iter().any(|(declared, _)| declared == name))
    }

    /// Whether a template file imports anything from another stack; a file that cannot be read does not.
    pub fn imports(file: &Path) -> bool {
        std::fs::read_to_string(file).is_ok_and(|text| neighbour::imports(&text))
    }
}

fn resolve(
    text: &str,
    directory: &Path,
    given: &[(String, String)],
    deployment: &Deployment,
    beside: Option<&Beside>,
) -> Result<Template, Problem> {
    let document = Document::parse(text)?;
    let neighbour = Neighbour::new(beside);
    let parameters = parameters::values(&document.parameters, given, &neighbour)?;
    let mut resolver = Resolver::new(&document, deployment, &neighbour, parameters);
    for (name, declared) in &document.rules {
        resolver.check(name, declared).map_err(|problem| problem.at(name).at("Rules"))?;
    }
    let mut parts = Parts::default();
    let mut graph = Graph::new();
    for (id, declaration) in &document.resources {
        let at = |problem: Problem| problem.at(id).at("Resources");
        if let Some(resource) = resource(&mut resolver, id, declaration).map_err(at)? {
            graph.insert(id.clone(), resolver.take_references());
            parts.add(resource, directory, deployment).map_err(at)?;
        }
    }
    parts.bound().and_then(|()| parts.name()).map_err(|problem| problem.at("Resources"))?;
    if let Some(cycle) = graph::cycle(&graph) {
        return Err(
            Problem::new(format!("these refer to each other in a cycle: {}", cycle.join(" → "))).at("Resources")
        );
    }
    let (outputs, exports) = outputs(&mut resolver, &document).map_err(|problem| problem.at("Outputs"))?;
    let event_sources = parts.event_sources(deployment).map_err(|problem| problem.at("Resources"))?;
    let api = parts.api(&neighbour.functions(), deployment).map_err(|problem| problem.at("Resources"))?;
    let Parts { functions, tables, keys, parameters: stored, .. } = parts;
    Ok(Template { functions, api, tables, event_sources, keys, outputs, exports, stored })
}

/// A resource with its values resolved and its references noted; `None` if its condition is false.
fn resource<'a>(
    resolver: &mut Resolver<'_>,
    id: &'a str,
    declaration: &'a Declaration,
) -> Result<Option<Resource<'a>>, Problem> {
    if let Some(condition) = &declaration.condition
        && !resolver.condition(condition)?
    {
        return Ok(None);
    }
    let mut properties = declaration.properties.clone();
    // SAM makes a resource of its own of this one: what it names, the function does not name.
    if let Some(preference) = properties.as_mapping_mut().and_then(|all| all.remove("DeploymentPreference")) {
        let at = |problem: Problem| problem.at("DeploymentPreference").at("Properties");
        resolver.value(&preference).map_err(at)?;
        resolver.take_references();
    }
    for other in &declaration.depends_on {
        resolver.depend(other).map_err(|problem| problem.at("DependsOn"))?;
    }
    let properties = resolver.value(&properties).map_err(|problem| problem.at("Properties"))?;
    let metadata = resolver.value(&declaration.metadata).map_err(|problem| problem.at("Metadata"))?;
    let [properties, metadata] = [properties, metadata].map(Option::unwrap_or_default);
    Ok(Some(Resource { id, declaration, properties, metadata }))
}

/// `Outputs` by name, and what is exported by the name that it is exported as.
fn outputs(resolver: &mut Resolver<'_>, document: &Document) -> Result<(Texts, Texts), Problem> {
    let (mut outputs, mut exports) = (Texts::new(), Texts::new());
    for (name, declared) in &document.outputs {
        if let Some((text, export)) = output(resolver, declared.clone()).map_err(|problem| problem.at(name))? {
            exports.extend(export.map(|export| (export, text.clone())));
            outputs.insert(name.clone(), text);
        }
    }
    Ok((outputs, exports))
}

/// The value of an output, and the name of its export; `None` if its condition is false.
fn output(resolver: &mut Resolver<'_>, declared: Value) -> Result<Option<(String, Option<String>)>, Problem> {
    let (mut output, mut export) = (None, None);
    for (name, value) in document::entries(declared)? {
        match name.as_str() {
            "Value" => output = resolver.value(&value).map_err(|problem| problem.at(name))?,
            "Condition" => {
                let condition = value.as_str().unwrap_or_default();
                if !resolver.condition(condition).map_err(|problem| problem.at(name))? {
                    return Ok(None);
                }
            }
            "Export" => export = resolver.value(&value).map_err(|problem| problem.at(name))?,
            "Description" => {}
            _ => return Err(Problem::new("this attribute of an output is not known").at(name)),
        }
    }
    let export = export.and_then(|export| export["Name"].as_str().map(str::to_owned));
    match output {
        Some(Json::String(text)) => Ok(Some((text, export))),
        Some(other @ (Json::Number(_) | Json::Bool(_))) => Ok(Some((other.to_string(), export))),
        _ => Err(Problem::new("has no Value that is a string")),
    }
}

type Texts = BTreeMap<String, String>;
