//! Who a URI or a permission speaks of: functions of this template, and those that other stacks export.

use std::collections::BTreeMap;

use super::deployment::Deployment;
use super::model::Function;
use super::problem::Problem;
use super::properties::Permission;
use crate::iam::wildcard;

/// Every function that the gateway may call, by logical id; of another stack, with that stack's name before it.
pub(super) struct Functions<'a> {
    pub(super) all: BTreeMap<String, Function>,
    pub(super) permissions: &'a [Permission],
    pub(super) deployment: &'a Deployment,
}

impl Functions<'_> {
    /// The function that a URI of the gateway calls, and what it is called as: its ARN, or that of its alias, alone or
    /// inside the path form that authorizers take.
    pub(super) fn called<'u>(&self, uri: &'u str) -> Result<(String, &'u str), Problem> {
        let arn = match uri.split_once(":lambda:path/2015-03-31/functions/") {
            Some((_, rest)) => rest.strip_suffix("/invocations").unwrap_or_default(),
            None => uri,
        };
        let is_called = |function: &Function| match arn.strip_prefix(function.arn.as_str()) {
            Some("") => true,
            Some(rest) => rest.strip_prefix(':').is_some_and(|alias| Some(alias) == function.alias.as_deref()),
            None => false,
        };
        let found = self.all.iter().find(|(_, function)| is_called(function));
        let (id, function) = found.ok_or_else(|| Problem::new(format!("{uri} is no function of this template")))?;
        match &function.alias {
            Some(alias) if !arn.ends_with(&format!(":{alias}")) => Err(Problem::new(format!(
                "{id} is called past its alias {alias}: no deployment would be careful. Name !Ref {id}.Alias"
            ))),
            _ => Ok((id.clone(), arn)),
        }
    }

    /// API Gateway answers 500 to every call of a function that does not permit it. Here the template is refused. A
    /// permission for the function says nothing of its alias, nor the reverse.
    pub(super) fn check_permission(&self, arn: &str, source: &str) -> Result<(), Problem> {
        let source = self.deployment.arn("execute-api", source);
        let name = arn.rsplit_once(":function:").map_or(arn, |(_, name)| name);
        let allows = |permission: &Permission| {
            permission.principal == format!("apigateway.{}", self.deployment.url_suffix)
                && matches!(permission.action.as_str(), "lambda:InvokeFunction" | "lambda:*")
                && (permission.function_name == name
                    || permission.function_name.ends_with(&format!(":function:{name}")))
                && permission.source_arn.as_ref().is_none_or(|pattern| wildcard::matches(pattern, &source))
        };
        if self.permissions.iter().any(allows) {
            return Ok(());
        }
        Err(Problem::new(format!(
            "no AWS::Lambda::Permission lets the gateway ({source}) call {name}: deployed, it would answer 500"
        )))
    }
}
