//! The properties that are run, exactly as CloudFormation spells them; an unknown one is an error that names it.
//!
//! CloudFormation is lax about scalars (a parameter of type Number arrives as a string), so numbers and booleans are
//! read from either form.

#![expect(clippy::struct_field_names, reason = "CloudFormation's own names")]

use std::collections::BTreeMap;

use serde::de::{DeserializeOwned, Error as _};
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value as Json};

use super::kinds::is_inert;
use super::problem::Problem;

/// Reads the properties of one resource, without those that have no effect here.
pub(super) fn read<T: DeserializeOwned>(kind: &str, properties: Json) -> Result<T, Problem> {
    let properties = match properties {
        Json::Object(properties) => properties.into_iter().filter(|(name, _)| !is_inert(kind, name)).collect(),
        Json::Null => Map::new(),
        _ => return Err(Problem::new("must be a mapping").at("Properties")),
    };
    serde_json::from_value(Json::Object(properties))
        .map_err(|error| Problem::new(format!("{error}: {kind} is run locally with these only")).at("Properties"))
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct Function {
    pub(super) code_uri: String,
    pub(super) runtime: String,
    pub(super) handler: String,
    #[serde(default, deserialize_with = "number")]
    pub(super) memory_size: Option<u64>,
    #[serde(default, deserialize_with = "number")]
    pub(super) timeout: Option<u64>,
    #[serde(default)]
    pub(super) environment: Environment,
    #[serde(default)]
    pub(super) policies: Json,
    #[serde(default, deserialize_with = "texts")]
    pub(super) tags: BTreeMap<String, String>,
    pub(super) permissions_boundary: Option<String>,
    pub(super) role_path: Option<String>,
    pub(super) auto_publish_alias: Option<String>,
    #[serde(default)]
    pub(super) events: BTreeMap<String, Event>,
}

/// A further name of a function: its ARN ends with it.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct Alias {
    pub(super) function_name: String,
    pub(super) name: String,
}

/// An event of a function.
#[derive(Deserialize, Clone)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct Event {
    #[serde(rename = "Type")]
    pub(super) kind: String,
    #[serde(default)]
    pub(super) properties: Json,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct Environment {
    #[serde(default, deserialize_with = "texts")]
    pub(super) variables: BTreeMap<String, String>,
}

/// `Metadata` of a function: how SAM builds it.
#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct Metadata {
    pub(super) build_method: Option<String>,
    #[serde(default)]
    pub(super) skip_build: bool,
    #[serde(default)]
    pub(super) build_properties: BuildProperties,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct BuildProperties {
    pub(super) binary: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct Table {
    pub(super) attribute_definitions: Json,
    pub(super) key_schema: Json,
    pub(super) billing_mode: String,
    pub(super) time_to_live_specification: Option<TimeToLive>,
    pub(super) stream_specification: Option<StreamSpecification>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct StreamSpecification {
    pub(super) stream_view_type: String,
}

/// A stream whose records a function takes.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct EventSource {
    pub(super) function_name: String,
    pub(super) event_source_arn: String,
    pub(super) starting_position: String,
    #[serde(default, deserialize_with = "number")]
    pub(super) batch_size: Option<u64>,
    #[serde(default, deserialize_with = "number")]
    pub(super) maximum_retry_attempts: Option<u64>,
    #[serde(default, deserialize_with = "number")]
    pub(super) maximum_record_age_in_seconds: Option<u64>,
    #[serde(default, deserialize_with = "flag")]
    pub(super) bisect_batch_on_function_error: bool,
    #[serde(default)]
    pub(super) function_response_types: Vec<String>,
    #[serde(default)]
    pub(super) filter_criteria: FilterCriteria,
    #[serde(default)]
    pub(super) destination_config: DestinationConfig,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct FilterCriteria {
    #[serde(default)]
    pub(super) filters: Vec<Filter>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct Filter {
    pub(super) pattern: String,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct DestinationConfig {
    pub(super) on_failure: Option<OnFailure>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct OnFailure {
    pub(super) destination: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct TimeToLive {
    pub(super) attribute_name: String,
    #[serde(deserialize_with = "flag")]
    pub(super) enabled: bool,
}

/// A policy of its own, which functions name as their boundary.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct ManagedPolicy {
    pub(super) policy_document: Json,
}

/// A symmetric key.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct Key {
    #[serde(default)]
    pub(super) key_policy: Json,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct Api {
    pub(super) protocol_type: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct Stage {
    pub(super) api_id: String,
    pub(super) stage_name: String,
    #[serde(default, deserialize_with = "flag")]
    pub(super) auto_deploy: bool,
    #[serde(default, deserialize_with = "texts")]
    pub(super) stage_variables: BTreeMap<String, String>,
}

/// A further stage of a REST API.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct RestStage {
    pub(super) rest_api_id: String,
    pub(super) stage_name: String,
    #[serde(default, deserialize_with = "texts")]
    pub(super) variables: BTreeMap<String, String>,
}

/// A parameter of the SSM parameter store, for other stacks to read.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct Parameter {
    pub(super) name: String,
    #[serde(rename = "Type")]
    pub(super) kind: String,
    pub(super) value: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct Authorizer {
    pub(super) api_id: String,
    pub(super) authorizer_type: String,
    pub(super) authorizer_payload_format_version: Option<String>,
    #[serde(default, deserialize_with = "flag")]
    pub(super) enable_simple_responses: bool,
    pub(super) authorizer_uri: Option<String>,
    pub(super) jwt_configuration: Option<JwtConfiguration>,
    #[serde(default, deserialize_with = "number")]
    pub(super) authorizer_result_ttl_in_seconds: Option<u64>,
    #[serde(default)]
    pub(super) identity_source: Vec<String>,
}

/// The settings of a JWT authorizer. SAM spells the members in lower case.
#[derive(Deserialize, Clone)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct JwtConfiguration {
    #[serde(alias = "issuer")]
    pub(super) issuer: String,
    #[serde(alias = "audience")]
    pub(super) audience: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct Integration {
    pub(super) api_id: String,
    pub(super) integration_type: String,
    pub(super) integration_uri: String,
    pub(super) payload_format_version: String,
    #[serde(default, deserialize_with = "number")]
    pub(super) timeout_in_millis: Option<u64>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct Route {
    pub(super) api_id: String,
    pub(super) route_key: String,
    pub(super) target: String,
    #[serde(default = "no_authorization")]
    pub(super) authorization_type: String,
    pub(super) authorizer_id: Option<String>,
    #[serde(default)]
    pub(super) authorization_scopes: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct Permission {
    pub(super) action: String,
    pub(super) function_name: String,
    pub(super) principal: String,
    pub(super) source_arn: Option<String>,
}

fn no_authorization() -> String {
    "NONE".into()
}

pub(super) fn number<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u64>, D::Error> {
    let value = Json::deserialize(deserializer)?;
    let number = match &value {
        Json::String(text) => text.parse().ok(),
        other => other.as_u64(),
    };
    number.map(Some).ok_or_else(|| D::Error::custom(format!("{value} is not a whole number")))
}

pub(super) fn flag<'de, D: Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    match Json::deserialize(deserializer)? {
        Json::Bool(flag) => Ok(flag),
        Json::String(text) if text == "true" => Ok(true),
        Json::String(text) if text == "false" => Ok(false),
        other => Err(D::Error::custom(format!("{other} is neither true nor false"))),
    }
}

pub(super) fn texts<'de, D: Deserializer<'de>>(deserializer: D) -> Result<BTreeMap<String, String>, D::Error> {
    let text = |(name, value)| match value {
        Json::String(text) => Ok((name, text)),
        Json::Number(number) => Ok((name, number.to_string())),
        Json::Bool(flag) => Ok((name, flag.to_string())),
        _ => Err(D::Error::custom(format!("{name} is not a string"))),
    };
    BTreeMap::<String, Json>::deserialize(deserializer)?.into_iter().map(text).collect()
}
