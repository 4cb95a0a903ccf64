//! The sections of a template as written: split apart, with nothing resolved and nothing unknown let through.

use yaml_serde::{Mapping, Value};

use super::problem::Problem;

/// A template's sections, in the order of the file.
#[derive(Debug)]
pub(super) struct Document {
    pub(super) parameters: Section,
    pub(super) rules: Section,
    pub(super) conditions: Section,
    pub(super) outputs: Section,
    pub(super) resources: Vec<(String, Declaration)>,
}

/// Names and what is written under them.
pub(super) type Section = Vec<(String, Value)>;

/// One entry of `Resources`.
#[derive(Debug)]
pub(super) struct Declaration {
    /// `Type`, for example `AWS::DynamoDB::Table`.
    pub(super) kind: String,
    pub(super) properties: Value,
    pub(super) metadata: Value,
    pub(super) depends_on: Vec<String>,
    pub(super) condition: Option<String>,
}

const SAM: &str = "AWS::Serverless-2016-10-31";

impl Document {
    /// Takes the text of a template apart and merges `Globals` into the functions.
    pub(super) fn parse(text: &str) -> Result<Self, Problem> {
        let root: Value = yaml_serde::from_str(text).map_err(|error| Problem::new(format!("not YAML: {error}")))?;
        let mut sections = entries(root)?;
        let mut take = |name: &str| {
            let found = sections.iter().position(|(key, _)| key == name);
            found.map_or(Value::Null, |index| sections.swap_remove(index).1)
        };
        let section = |name: &str, value: Value| entries(value).map_err(|problem| problem.at(name));
        let parameters = section("Parameters", take("Parameters"))?;
        let rules = section("Rules", take("Rules"))?;
        let conditions = section("Conditions", take("Conditions"))?;
        let outputs = section("Outputs", take("Outputs"))?;
        let globals = globals(take("Globals")).map_err(|problem| problem.at("Globals"))?;
        let resources = resources(take("Resources"), &globals).map_err(|problem| problem.at("Resources"))?;
        for (name, value) in sections {
            match (name.as_str(), &value) {
                ("AWSTemplateFormatVersion" | "Description" | "Metadata", _) => {}
                ("Transform", Value::String(transform)) if transform == SAM => {}
                ("Transform", _) => return Err(Problem::new(format!("only {SAM} is run locally")).at(name)),
                _ => return Err(Problem::new("this section is not run locally").at(name)),
            }
        }
        Ok(Self { parameters, rules, conditions, outputs, resources })
    }

    /// The resource with a logical id.
    pub(super) fn resource(&self, id: &str) -> Option<&Declaration> {
        self.resources.iter().find(|(name, _)| name == id).map(|(_, declaration)| declaration)
    }
}

/// The entries of a mapping whose keys are strings; none for an absent one.
pub(super) fn entries(value: Value) -> Result<Section, Problem> {
    match value {
        Value::Null => Ok(Vec::new()),
        Value::Mapping(mapping) => mapping.into_iter().map(|(key, value)| Ok((text(key)?, value))).collect(),
        _ => Err(Problem::new("must be a mapping")),
    }
}

fn text(value: Value) -> Result<String, Problem> {
    match value {
        Value::String(text) => Ok(text),
        other => Err(Problem::new(format!("must be a string, not {other:?}"))),
    }
}

/// What `Globals` says of functions: the only kind of resource here that it may speak of.
fn globals(value: Value) -> Result<Value, Problem> {
    let mut function = Value::Null;
    for (name, value) in entries(value)? {
        match name.as_str() {
            "Function" => function = value,
            _ => return Err(Problem::new("only Function is run locally").at(name)),
        }
    }
    Ok(function)
}

fn resources(value: Value, globals: &Value) -> Result<Vec<(String, Declaration)>, Problem> {
    let declare = |(id, value)| match declaration(value) {
        Ok(mut declaration) => {
            if declaration.kind == "AWS::Serverless::Function" {
                declaration.properties = merged(globals.clone(), declaration.properties);
            }
            Ok((id, declaration))
        }
        Err(problem) => Err(problem.at(id)),
    };
    entries(value)?.into_iter().map(declare).collect()
}

fn declaration(value: Value) -> Result<Declaration, Problem> {
    let mut kind = None;
    let mut declaration = Declaration {
        kind: String::new(),
        properties: Value::Mapping(Mapping::new()),
        metadata: Value::Null,
        depends_on: Vec::new(),
        condition: None,
    };
    for (name, value) in entries(value)? {
        let at = |problem: Problem| problem.at(name.clone());
        match name.as_str() {
            "Type" => kind = Some(text(value).map_err(at)?),
            "Properties" => declaration.properties = value,
            "Metadata" => declaration.metadata = value,
            "Condition" => declaration.condition = Some(text(value).map_err(at)?),
            "DependsOn" => declaration.depends_on = names(value).map_err(at)?,
            "DeletionPolicy" | "UpdateReplacePolicy" => {} // nothing is ever deleted or replaced by local
            _ => return Err(Problem::new("this attribute of a resource is not run locally").at(name)),
        }
    }
    declaration.kind = kind.ok_or_else(|| Problem::new("has no Type"))?;
    Ok(declaration)
}

fn names(value: Value) -> Result<Vec<String>, Problem> {
    match value {
        Value::Sequence(items) => items.into_iter().map(text).collect(),
        one => Ok(vec![text(one)?]),
    }
}

/// What SAM makes of `Globals`: mappings merge, lists are joined, anything else is overridden by the resource.
fn merged(global: Value, own: Value) -> Value {
    match (global, own) {
        (Value::Mapping(mut global), Value::Mapping(own)) => {
            for (key, value) in own {
                let value = match global.remove(&key) {
                    Some(default) => merged(default, value),
                    None => value,
                };
                global.insert(key, value);
            }
            Value::Mapping(global)
        }
        (Value::Sequence(mut global), Value::Sequence(own)) => {
            global.extend(own);
            Value::Sequence(global)
        }
        (_, own) => own,
    }
}
