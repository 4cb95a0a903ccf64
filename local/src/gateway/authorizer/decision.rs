//! What an authorizer answered: a simple response or an IAM policy.

use serde::Deserialize;
use serde_json::{Map, Value as Json};

use crate::iam::wildcard;

/// An answer that means something.
#[derive(Debug, Clone)]
pub(super) enum Decision {
    /// `{isAuthorized, context}`.
    Simple {
        /// Whether the request may pass.
        allowed: bool,
        /// The context for the function behind the route.
        context: Json,
    },
    /// `{principalId, policyDocument, context}`: decides anew for every route that it is remembered for.
    Policy {
        /// The statements of the policy.
        statements: Vec<Statement>,
        /// Whom the policy is about.
        principal: String,
        /// The context for the function behind the route.
        context: Json,
    },
}

/// One statement of a policy.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Statement {
    effect: Effect,
    action: OneOrMany,
    resource: OneOrMany,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
enum Effect {
    Allow,
    Deny,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
enum OneOrMany {
    One(String),
    Many(Vec<String>),
}

impl OneOrMany {
    fn any(&self, fits: impl Fn(&str) -> bool) -> bool {
        match self {
            Self::One(text) => fits(text),
            Self::Many(texts) => texts.iter().any(|text| fits(text)),
        }
    }
}

/// What an answer says of one request.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Ruling {
    /// It may pass, with this context for the function behind the route.
    Allowed(Json),
    /// It may not.
    Denied {
        /// Whether a statement says so, rather than none saying the contrary.
        explicitly: bool,
        /// What a refusal may be worded with.
        context: Json,
    },
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Simple {
    is_authorized: bool,
    #[serde(default)]
    context: Json,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PolicyAnswer {
    principal_id: String,
    policy_document: PolicyDocument,
    #[serde(default)]
    context: Json,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct PolicyDocument {
    statement: Vec<Statement>,
}

impl Decision {
    /// Reads a simple response; `None` for anything else.
    pub(super) fn simple(payload: &[u8]) -> Option<Self> {
        let Simple { is_authorized, context } = serde_json::from_slice(payload).ok()?;
        is_context(&context).then_some(Self::Simple { allowed: is_authorized, context })
    }

    /// Reads a policy; `None` for anything else.
    pub(super) fn policy(payload: &[u8]) -> Option<Self> {
        let PolicyAnswer { principal_id, policy_document, context } = serde_json::from_slice(payload).ok()?;
        let statements = policy_document.statement;
        is_context(&context).then_some(Self::Policy { statements, principal: principal_id, context })
    }

    /// What the answer says of the request that `arn` names.
    pub(super) fn ruling(&self, arn: &str) -> Ruling {
        let (allowed, explicitly) = match self {
            Self::Simple { allowed, .. } => (*allowed, true),
            Self::Policy { statements, .. } => {
                let says = |effect| {
                    let mut matching = statements.iter().filter(|statement| statement.covers(arn));
                    matching.any(|statement| statement.effect == effect)
                };
                (says(Effect::Allow) && !says(Effect::Deny), says(Effect::Deny))
            }
        };
        let context = self.context().clone();
        if allowed { Ruling::Allowed(context) } else { Ruling::Denied { explicitly, context } }
    }

    /// What the authorizer has to say besides.
    pub(super) fn context(&self) -> &Json {
        match self {
            Self::Simple { context, .. } | Self::Policy { context, .. } => context,
        }
    }

    /// The same with a context as a REST API passes it on: flat, everything a string, and whom it is about. `None` for a
    /// context that has depth.
    pub(super) fn flattened(self) -> Option<Self> {
        let Self::Policy { statements, principal, context } = self else { return None };
        let mut flat = Map::from_iter([("principalId".to_owned(), principal.clone().into())]);
        for (name, value) in context.as_object().into_iter().flatten() {
            let text = match value {
                Json::String(text) => text.clone(),
                Json::Number(_) | Json::Bool(_) => value.to_string(),
                _ => return None,
            };
            flat.insert(name.clone(), text.into());
        }
        Some(Self::Policy { statements, principal, context: Json::Object(flat) })
    }
}

impl Statement {
    fn covers(&self, route_arn: &str) -> bool {
        let invoke = |action: &str| wildcard::matches(&action.to_ascii_lowercase(), "execute-api:invoke");
        self.action.any(invoke) && self.resource.any(|resource| wildcard::matches(resource, route_arn))
    }
}

fn is_context(context: &Json) -> bool {
    context.is_object() || context.is_null()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ARN: &str = "arn:aws:execute-api:us-east-1:1:api/$default/GET/protected";

    fn policy(statements: &str) -> Decision {
        let payload = format!(r#"{{"principalId":"p","policyDocument":{{"Statement":[{statements}]}}}}"#);
        Decision::policy(payload.as_bytes()).expect("the policy is well-formed")
    }

    #[test]
    fn a_policy_allows_what_it_names_and_a_denial_wins() {
        let allow = r#"{"Effect":"Allow","Action":"execute-api:Invoke","Resource":["*/GET/protected"]}"#;
        let deny = r#"{"Effect":"Deny","Action":["execute-api:*"],"Resource":"*"}"#;
        let other = r#"{"Effect":"Allow","Action":"execute-api:Invoke","Resource":"*/GET/other"}"#;
        let foreign = r#"{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}"#;
        let denied = |explicitly| Ruling::Denied { explicitly, context: Json::Null };
        assert_eq!(policy(allow).ruling(ARN), Ruling::Allowed(Json::Null));
        assert_eq!(policy(&format!("{allow},{deny}")).ruling(ARN), denied(true));
        for statements in [other, foreign, ""] {
            assert_eq!(policy(statements).ruling(ARN), denied(false), "{statements}");
        }
    }

    #[test]
    fn a_rest_api_passes_on_strings_alone() {
        let answer = |context: &str| {
            let payload = format!(r#"{{"principalId":"p","policyDocument":{{"Statement":[]}},"context":{context}}}"#);
            Decision::policy(payload.as_bytes())?.flattened()
        };
        let flat = answer(r#"{"a":"x","b":7,"c":true}"#).expect("a flat context");
        assert_eq!(*flat.context(), serde_json::json!({"principalId": "p", "a": "x", "b": "7", "c": "true"}));
        for context in [r#"{"a":null}"#, r#"{"a":[]}"#, r#"{"a":{}}"#] {
            assert!(answer(context).is_none(), "{context}");
        }
    }

    #[test]
    fn an_answer_of_another_shape_means_nothing() {
        for payload in ["", "null", "true", "{}", r#"{"isAuthorized":"true"}"#, r#"{"isAuthorized":true,"context":1}"#]
        {
            assert!(Decision::simple(payload.as_bytes()).is_none(), "{payload}");
        }
        assert!(Decision::policy(br#"{"isAuthorized":true}"#).is_none());
        assert!(Decision::policy(br#"{"policyDocument":{"Statement":[]}}"#).is_none());
    }
}
