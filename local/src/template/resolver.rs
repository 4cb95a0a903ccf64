//! Turns what is written into what CloudFormation would make of it: intrinsics, parameters, conditions, references.
//!
//! Every reference from one resource to another is noted, so that a cycle shows although nothing here would loop on it.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value as Json};
use yaml_serde::Value;

use super::deployment::{Deployment, VERSION};
use super::document::Document;
use super::intrinsic::{Piece, call, list, name, pieces};
use super::neighbour::Neighbour;
use super::problem::Problem;

/// Everything that a value may refer to, and what has been referred to so far.
pub(super) struct Resolver<'a> {
    document: &'a Document,
    deployment: &'a Deployment,
    neighbour: &'a Neighbour<'a>,
    parameters: BTreeMap<String, Json>,
    /// The conditions under evaluation, outermost first.
    evaluating: Vec<String>,
    references: BTreeSet<String>,
}

impl<'a> Resolver<'a> {
    /// A resolver for one document, with checked parameter values.
    pub(super) fn new(
        document: &'a Document,
        deployment: &'a Deployment,
        neighbour: &'a Neighbour<'a>,
        parameters: BTreeMap<String, Json>,
    ) -> Self {
        Self { document, deployment, neighbour, parameters, evaluating: Vec::new(), references: BTreeSet::new() }
    }

    /// The logical ids that were referred to since the last call.
    pub(super) fn take_references(&mut self) -> BTreeSet<String> {
        std::mem::take(&mut self.references)
    }

    /// Notes a reference made by `DependsOn`.
    pub(super) fn depend(&mut self, target: &str) -> Result<(), Problem> {
        self.resource(target).map(drop)
    }

    /// The value without intrinsics; `None` for `AWS::NoValue`, which removes what it stands for.
    pub(super) fn value(&mut self, value: &Value) -> Result<Option<Json>, Problem> {
        if let Some((intrinsic, argument)) = call(value) {
            return self.call(&intrinsic, argument).map_err(|problem| problem.at(format!("!{intrinsic}")));
        }
        Ok(Some(match value {
            Value::Null => Json::Null,
            Value::Bool(flag) => Json::Bool(*flag),
            Value::Number(number) => serde_json::to_value(number)
                .map_err(|error| Problem::new(format!("is not a number that JSON knows: {error}")))?,
            Value::String(text) => Json::String(self.neighbour.resolved(text.clone())?),
            Value::Sequence(items) => self.sequence(items)?,
            Value::Mapping(_) | Value::Tagged(_) => self.mapping(value)?,
        }))
    }

    fn sequence(&mut self, items: &[Value]) -> Result<Json, Problem> {
        let mut resolved = Vec::new();
        for (index, item) in items.iter().enumerate() {
            resolved.extend(self.value(item).map_err(|problem| problem.at(index.to_string()))?);
        }
        Ok(Json::Array(resolved))
    }

    fn mapping(&mut self, value: &Value) -> Result<Json, Problem> {
        let mut resolved = Map::new();
        for (key, value) in super::document::entries(value.clone())? {
            if let Some(value) = self.value(&value).map_err(|problem| problem.at(&key))? {
                resolved.insert(key, value);
            }
        }
        Ok(Json::Object(resolved))
    }

    fn call(&mut self, intrinsic: &str, argument: &Value) -> Result<Option<Json>, Problem> {
        match intrinsic {
            "Ref" => self.reference(name(argument)?),
            "GetAtt" => self.attribute(argument).map(|text| Some(Json::String(text))),
            "Sub" => {
                let text = self.substitute(argument)?;
                Ok(Some(Json::String(self.neighbour.resolved(text)?)))
            }
            "ImportValue" => {
                let export = self.text(argument)?;
                Ok(Some(Json::String(self.neighbour.export(&export)?)))
            }
            "Join" => self.join(argument).map(|text| Some(Json::String(text))),
            "Split" => self.split(argument).map(Some),
            "Select" => self.select(argument).map(Some),
            "If" => {
                let branches = list(argument, Some(3))?;
                let chosen = if self.condition(name(&branches[0])?)? { 1 } else { 2 };
                self.value(&branches[chosen])
            }
            _ => Err(Problem::new("this intrinsic function is not run locally")),
        }
    }

    /// `Ref`: a pseudo parameter, a parameter or a resource.
    fn reference(&mut self, target: &str) -> Result<Option<Json>, Problem> {
        if target == "AWS::NoValue" {
            return Ok(None);
        }
        if let Some(text) = self.deployment.pseudo(target) {
            return Ok(Some(text.into()));
        }
        if let Some(value) = self.parameters.get(target) {
            return Ok(Some(value.clone()));
        }
        if let Some((id, property)) = target.split_once('.') {
            let generated = self.generated(id, property)?;
            let unknown = || Problem::new(format!("SAM makes no {property} for {id} that is known here"));
            return generated.map(|text| Some(text.into())).ok_or_else(unknown);
        }
        let kind = self.resource(target)?;
        if kind == "AWS::Lambda::Alias" {
            return self.alias(target).map(|arn| Some(arn.into()));
        }
        Ok(Some(self.deployment.reference(kind, target).into()))
    }

    /// The ARN of an alias that is a resource of its own.
    fn alias(&mut self, id: &str) -> Result<String, Problem> {
        let declared = self.document.resource(id).map(|declaration| &declaration.properties);
        let mut text = |name: &str| {
            let missing = || Problem::new(format!("{id} has no {name}"));
            self.text(declared.and_then(|properties| properties.get(name)).ok_or_else(missing)?)
        };
        let (function, name) = (text("FunctionName")?, text("Name")?);
        let function = function.rsplit(':').next().unwrap_or_default();
        Ok(self.deployment.arn("lambda", &format!("function:{function}:{name}")))
    }

    /// What `Ref` answers for a resource that SAM makes for another one: `Function.Alias`, `Api.Deployment`.
    fn generated(&mut self, id: &str, property: &str) -> Result<Option<String>, Problem> {
        let kind = self.resource(id)?;
        let declared = self.document.resource(id).map(|declaration| &declaration.properties);
        let source = match (kind, property) {
            ("AWS::Serverless::Function", "Alias") => {
                declared.and_then(|properties| properties.get("AutoPublishAlias"))
            }
            ("AWS::Serverless::Api", "Stage") => declared.and_then(|properties| properties.get("StageName")),
            ("AWS::Serverless::Function", "Version") => {
                return Ok(self.deployment.attribute(kind, id, "Arn").map(|arn| format!("{arn}:{VERSION}")));
            }
            ("AWS::Serverless::Api", "Deployment") => return Ok(Some(format!("{id}Deployment"))),
            _ => None,
        };
        let Some(text) = source.map(|source| self.text(source)).transpose()? else { return Ok(None) };
        let arn = self.deployment.attribute(kind, id, "Arn");
        Ok(Some(arn.map_or(text.clone(), |arn| format!("{arn}:{text}"))))
    }

    /// `Fn::GetAtt`: `Resource.Attribute`, or a list of both.
    fn attribute(&mut self, argument: &Value) -> Result<String, Problem> {
        let (target, attribute) = match argument {
            Value::String(text) => text.split_once('.').ok_or_else(|| Problem::new("takes Resource.Attribute"))?,
            _ => match list(argument, Some(2))? {
                [target, attribute] => (name(target)?, name(attribute)?),
                _ => return Err(Problem::new("takes Resource.Attribute")),
            },
        };
        let kind = self.resource(target)?;
        self.deployment
            .attribute(kind, target, attribute)
            .ok_or_else(|| Problem::new(format!("the attribute {attribute} of {target} ({kind}) is not run locally")))
    }

    /// The type of a resource that is being referred to.
    fn resource(&mut self, target: &str) -> Result<&'a str, Problem> {
        if !self.evaluating.is_empty() {
            return Err(Problem::new(format!("a condition may name parameters only, not {target}")));
        }
        let unknown = || Problem::new(format!("there is no parameter or resource {target}"));
        let declaration = self.document.resource(target).ok_or_else(unknown)?;
        if let Some(condition) = &declaration.condition
            && !self.condition(condition)?
        {
            return Err(Problem::new(format!("{target} does not exist: its condition {condition} is false")));
        }
        self.references.insert(target.to_owned());
        Ok(&declaration.kind)
    }

    fn substitute(&mut self, argument: &Value) -> Result<String, Problem> {
        let (text, own) = match argument {
            Value::String(text) => (text.as_str(), Vec::new()),
            _ => match list(argument, Some(2))? {
                [text, own] => (name(text)?, super::document::entries(own.clone())?),
                _ => return Err(Problem::new("takes a text and a mapping")),
            },
        };
        let mut substituted = String::new();
        for piece in pieces(text)? {
            match piece {
                Piece::Text(text) => substituted.push_str(text),
                Piece::Name(name) => {
                    let value = match own.iter().find(|(own, _)| own == name) {
                        Some((_, value)) => self.text(value),
                        None if name.contains('.') => self.member(name),
                        None => self.reference(name).and_then(|value| scalar(value.as_ref())),
                    };
                    substituted.push_str(&value.map_err(|problem| problem.at(format!("${{{name}}}")))?);
                }
            }
        }
        Ok(substituted)
    }

    /// `${Resource.Attribute}`, which SAM reads as one of its own resources first.
    fn member(&mut self, text: &str) -> Result<String, Problem> {
        let generated = match text.split_once('.') {
            Some((id, property)) => self.generated(id, property)?,
            None => None,
        };
        generated.map_or_else(|| self.attribute(&Value::String(text.to_owned())), Ok)
    }

    fn join(&mut self, argument: &Value) -> Result<String, Problem> {
        let parts = list(argument, Some(2))?;
        let items = self.items(&parts[1])?;
        let texts: Vec<String> = items.iter().map(|item| scalar(Some(item))).collect::<Result<_, _>>()?;
        Ok(texts.join(name(&parts[0])?))
    }

    fn split(&mut self, argument: &Value) -> Result<Json, Problem> {
        let parts = list(argument, Some(2))?;
        let text = self.text(&parts[1])?;
        Ok(text.split(name(&parts[0])?).collect())
    }

    fn select(&mut self, argument: &Value) -> Result<Json, Problem> {
        let parts = list(argument, Some(2))?;
        let index: usize = self.text(&parts[0])?.parse().map_err(|_| Problem::new("takes an index first"))?;
        let items = self.items(&parts[1])?;
        items.get(index).cloned().ok_or_else(|| Problem::new(format!("there is no item {index}")))
    }

    fn items(&mut self, value: &Value) -> Result<Vec<Json>, Problem> {
        match self.value(value)? {
            Some(Json::Array(items)) => Ok(items),
            _ => Err(Problem::new("takes a list")),
        }
    }

    fn text(&mut self, value: &Value) -> Result<String, Problem> {
        let value = self.value(value)?;
        scalar(value.as_ref())
    }

    /// Whether a condition of the template holds.
    pub(super) fn condition(&mut self, condition: &str) -> Result<bool, Problem> {
        if self.evaluating.iter().any(|outer| outer == condition) {
            return Err(Problem::new(format!("the condition refers to itself: {}", self.evaluating.join(" → "))));
        }
        let unknown = || Problem::new(format!("there is no condition {condition}"));
        let declared = self.document.conditions.iter().find(|(name, _)| name == condition);
        let (_, expression) = declared.ok_or_else(unknown)?;
        self.evaluating.push(condition.to_owned());
        let holds = self.holds(expression).map_err(|problem| problem.at(condition).at("Conditions"));
        self.evaluating.pop();
        holds
    }

    /// Checks one of the `Rules`: what it asserts of the parameters, where its condition holds.
    pub(super) fn check(&mut self, rule: &str, declared: &Value) -> Result<(), Problem> {
        self.evaluating.push(rule.to_owned()); // as in a condition, nothing but parameters may be named
        let checked = self.asserts(declared);
        self.evaluating.pop();
        checked
    }

    fn asserts(&mut self, declared: &Value) -> Result<(), Problem> {
        let mut assertions = Vec::new();
        for (name, value) in super::document::entries(declared.clone())? {
            match name.as_str() {
                "RuleCondition" if !self.holds(&value)? => return Ok(()),
                "RuleCondition" => {}
                "Assertions" => assertions.extend_from_slice(list(&value, None)?),
                _ => return Err(Problem::new("this attribute of a rule is not known").at(name)),
            }
        }
        for assertion in &assertions {
            let assert = assertion.get("Assert").ok_or_else(|| Problem::new("an assertion asserts nothing"))?;
            if !self.holds(assert)? {
                let description = assertion.get("AssertDescription").and_then(Value::as_str);
                return Err(Problem::new(description.unwrap_or("its assertion does not hold")));
            }
        }
        Ok(())
    }

    fn holds(&mut self, expression: &Value) -> Result<bool, Problem> {
        if let Value::Mapping(mapping) = expression
            && mapping.len() == 1
            && let Some(other) = mapping.get("Condition")
        {
            return self.condition(name(other)?);
        }
        let (function, argument) = call(expression).ok_or_else(|| Problem::new("is not a condition"))?;
        match function.as_str() {
            "Condition" => self.condition(name(argument)?),
            "Equals" => {
                let sides = list(argument, Some(2))?;
                Ok(self.text(&sides[0])? == self.text(&sides[1])?)
            }
            "Not" => Ok(!self.holds(&list(argument, Some(1))?[0])?),
            "And" => self.all(argument).map(|sides| sides.iter().all(|side| *side)),
            "Or" => self.all(argument).map(|sides| sides.iter().any(|side| *side)),
            _ => Err(Problem::new(format!("!{function} is not a condition function that is run locally"))),
        }
    }

    fn all(&mut self, argument: &Value) -> Result<Vec<bool>, Problem> {
        list(argument, None)?.iter().map(|side| self.holds(side)).collect()
    }
}

/// A resolved value as text, for `Fn::Sub` and its like.
fn scalar(value: Option<&Json>) -> Result<String, Problem> {
    match value {
        Some(Json::String(text)) => Ok(text.clone()),
        Some(Json::Number(number)) => Ok(number.to_string()),
        Some(Json::Bool(flag)) => Ok(flag.to_string()),
        _ => Err(Problem::new("must be a string, a number or a boolean here")),
    }
}
