//! `Parameters`: defaults, given values, and the constraints that CloudFormation checks before it deploys anything.

use std::collections::BTreeMap;
use std::fmt::Display;

use regex_lite::Regex;
use serde_json::Value as Json;
use yaml_serde::Value;

use super::document::{Section, entries};
use super::neighbour::{Neighbour, STORED};
use super::problem::Problem;

/// The value of every parameter: a string, as CloudFormation has it, or a list of strings.
pub(super) fn values(
    declared: &Section,
    given: &[(String, String)],
    neighbour: &Neighbour<'_>,
) -> Result<BTreeMap<String, Json>, Problem> {
    let known: Vec<&str> = declared.iter().map(|(name, _)| name.as_str()).collect();
    if let Some((name, _)) = given.iter().find(|(name, _)| !known.contains(&name.as_str())) {
        return Err(Problem::new(format!("there is no parameter {name}; there are: {}", known.join(", "))));
    }
    let value = |(name, declaration): &(String, Value)| {
        let given = given.iter().rev().find(|(given, _)| given == name).map(|(_, value)| value.clone());
        let checked = Parameter::read(declaration.clone()).and_then(|parameter| parameter.value(given, neighbour));
        checked.map(|value| (name.clone(), value)).map_err(|problem| problem.at(format!("parameter {name}")))
    };
    declared.iter().map(value).collect()
}

/// One declaration: what may be given for it.
#[derive(Default)]
struct Parameter {
    kind: String,
    default: Option<String>,
    allowed_values: Option<Vec<String>>,
    allowed_pattern: Option<String>,
    min_value: Option<f64>,
    max_value: Option<f64>,
    min_length: Option<f64>,
    max_length: Option<f64>,
    constraint: Option<String>,
}

impl Parameter {
    fn read(declaration: Value) -> Result<Self, Problem> {
        let mut parameter = Self::default();
        for (name, value) in entries(declaration)? {
            parameter.set(&name, value).map_err(|problem| problem.at(name))?;
        }
        Ok(parameter)
    }

    fn set(&mut self, name: &str, value: Value) -> Result<(), Problem> {
        match name {
            "Type" => self.kind = scalar(&value)?,
            "Default" => self.default = Some(scalar(&value)?),
            "AllowedPattern" => self.allowed_pattern = Some(scalar(&value)?),
            "ConstraintDescription" => self.constraint = Some(scalar(&value)?),
            "MinValue" => self.min_value = Some(number(&scalar(&value)?)?),
            "MaxValue" => self.max_value = Some(number(&scalar(&value)?)?),
            "MinLength" => self.min_length = Some(number(&scalar(&value)?)?),
            "MaxLength" => self.max_length = Some(number(&scalar(&value)?)?),
            "AllowedValues" => match value {
                Value::Sequence(values) => {
                    self.allowed_values = Some(values.iter().map(scalar).collect::<Result<_, _>>()?);
                }
                _ => return Err(Problem::new("must be a list")),
            },
            "Description" | "NoEcho" => {}
            _ => return Err(Problem::new("this attribute of a parameter is not known")),
        }
        Ok(())
    }

    fn value(&self, given: Option<String>, neighbour: &Neighbour<'_>) -> Result<Json, Problem> {
        let value = given
            .or_else(|| self.default.clone())
            .ok_or_else(|| Problem::new("has no default, so a value must be given: --param Name=Value"))?;
        match self.kind.as_str() {
            "String" => self.check(&value).map(|()| Json::String(value)),
            "Number" => {
                self.check_number(number(&value)?)?;
                self.check(&value).map(|()| Json::String(value))
            }
            "CommaDelimitedList" => {
                let items: Vec<&str> = value.split(',').map(str::trim).filter(|item| !item.is_empty()).collect();
                items.iter().try_for_each(|item| self.check(item))?;
                Ok(items.into())
            }
            STORED => neighbour.parameter(&value).map(Json::String),
            kind => Err(Problem::new(format!("the type {kind:?} is not run locally"))),
        }
    }

    fn check(&self, value: &str) -> Result<(), Problem> {
        if let Some(allowed) = &self.allowed_values
            && !allowed.iter().any(|allowed| allowed == value)
        {
            return Err(self.refused(value, format!("one of {}", allowed.join(", "))));
        }
        if let Some(pattern) = &self.allowed_pattern {
            let whole = Regex::new(&format!("^(?:{pattern})$"))
                .map_err(|error| Problem::new(format!("AllowedPattern is not understood: {error}")))?;
            if !whole.is_match(value) {
                return Err(self.refused(value, format!("text that matches {pattern}")));
            }
        }
        #[expect(clippy::cast_precision_loss, reason = "a length, far below 2^52")]
        let length = value.chars().count() as f64;
        within(length, self.min_length, self.max_length)
            .map_err(|range| self.refused(value, format!("text of length {range}")))
    }

    fn check_number(&self, value: f64) -> Result<(), Problem> {
        within(value, self.min_value, self.max_value).map_err(|range| self.refused(value, format!("a number {range}")))
    }

    fn refused(&self, value: impl Display, allowed: String) -> Problem {
        let allowed = self.constraint.clone().unwrap_or(allowed);
        Problem::new(format!("{value:?} is not allowed; allowed is {allowed}", value = value.to_string()))
    }
}

/// Whether a number lies in a range; the range in words if it does not.
fn within(value: f64, min: Option<f64>, max: Option<f64>) -> Result<(), String> {
    match (min, max) {
        (Some(min), Some(max)) if value < min || value > max => Err(format!("from {min} to {max}")),
        (Some(min), None) if value < min => Err(format!("of at least {min}")),
        (None, Some(max)) if value > max => Err(format!("of at most {max}")),
        _ => Ok(()),
    }
}

fn number(text: &str) -> Result<f64, Problem> {
    match text.parse::<f64>() {
        Ok(number) if number.is_finite() => Ok(number),
        _ => Err(Problem::new(format!("{text:?} is not a number"))),
    }
}

/// YAML's scalars as the text that CloudFormation makes of them.
pub(super) fn scalar(value: &Value) -> Result<String, Problem> {
    match value {
        Value::String(text) => Ok(text.clone()),
        Value::Number(number) => Ok(number.to_string()),
        Value::Bool(flag) => Ok(flag.to_string()),
        _ => Err(Problem::new("must be a string, a number or a boolean")),
    }
}
