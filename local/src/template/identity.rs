//! Where an authorizer finds the identity in a request, as templates spell it: the two kinds of API spell the same sources
//! differently.

use serde::Deserialize;

use super::model::{IdentitySource, Protocol};
use super::problem::Problem;
use super::properties::number;

/// `Identity` of a Lambda authorizer, the same for both kinds of API.
#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct Identity {
    #[serde(default)]
    pub(super) headers: Vec<String>,
    #[serde(default)]
    pub(super) query_strings: Vec<String>,
    #[serde(default)]
    pub(super) stage_variables: Vec<String>,
    #[serde(default)]
    pub(super) context: Vec<String>,
    /// Of `TOKEN` authorizers.
    pub(super) header: Option<String>,
    /// Of `TOKEN` authorizers.
    pub(super) validation_expression: Option<String>,
    #[serde(default, deserialize_with = "number")]
    pub(super) reauthorize_every: Option<u64>,
}

/// Reads `$request.header.X` of an HTTP API, `method.request.header.X` of a REST API, and so on.
pub(super) fn source(protocol: Protocol, text: &str) -> Result<IdentitySource, Problem> {
    let (request, other) = prefixes(protocol);
    let unknown = || Problem::new(format!("the identity source {text} is not run locally")).at("IdentitySource");
    if let Some(part) = text.strip_prefix(request) {
        return match part.split_once('.') {
            Some(("header", name)) => Ok(IdentitySource::Header(name.to_lowercase())),
            Some(("querystring", name)) => Ok(IdentitySource::Query(name.to_owned())),
            _ => Err(unknown()),
        };
    }
    let text = text.strip_prefix(other).ok_or_else(unknown)?;
    if let Some(name) = text.strip_prefix("stageVariables.") {
        return Ok(IdentitySource::StageVariable(name.to_owned()));
    }
    match (text.strip_prefix("context.").unwrap_or_default(), protocol) {
        ("routeKey", Protocol::Http) => Ok(IdentitySource::RouteKey),
        ("resourcePath", Protocol::Rest) => Ok(IdentitySource::ResourcePath),
        ("path", Protocol::Http) => Ok(IdentitySource::Path),
        ("path", Protocol::Rest) => Ok(IdentitySource::RawPath),
        ("httpMethod", _) => Ok(IdentitySource::Method),
        ("stage", _) => Ok(IdentitySource::Stage),
        ("identity.sourceIp", _) => Ok(IdentitySource::SourceIp),
        _ => Err(unknown()),
    }
}

/// What SAM makes of the `Identity` of an authorizer.
pub(super) fn spelled(protocol: Protocol, identity: &Identity) -> Vec<String> {
    let (request, other) = prefixes(protocol);
    let headers = identity.headers.iter().map(|name| format!("{request}header.{name}"));
    let queries = identity.query_strings.iter().map(|name| format!("{request}querystring.{name}"));
    let variables = identity.stage_variables.iter().map(|name| format!("{other}stageVariables.{name}"));
    let context = identity.context.iter().map(|name| format!("{other}context.{name}"));
    headers.chain(queries).chain(variables).chain(context).collect()
}

/// What stands before the parts of a request, and before everything else.
fn prefixes(protocol: Protocol) -> (&'static str, &'static str) {
    match protocol {
        Protocol::Http => ("$request.", "$"),
        Protocol::Rest => ("method.request.", ""),
    }
}
