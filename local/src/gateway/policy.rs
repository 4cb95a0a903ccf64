//! What an authorizer answered: a simple response or an IAM policy (payload format 2.0).

use serde::Deserialize;
use serde_json::Value as Json;

use crate::wildcard;

/// An answer that means something.
#[derive(Debug, Clone)]
pub(super) enum Decision {
    /// `{isAuthorized, context}`.
    Simple {
        /// Whether the request may pass.
        allowed: bool,
        /// What the function behind the route is told.
        context: Json,
    },
    /// `{principalId, policyDocument, context}`: decides anew for every route that it is remembered for.
    Policy {
        /// The statements of the policy.
        statements: Vec<Statement>,
        /// What the function behind the route is told.
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
    #[serde(rename = "principalId")]
    _principal: String,
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
    /// Reads an answer of the form that the authorizer is set up for; `None` for anything else.
    pub(super) fn read(payload: &[u8], simple: bool) -> Option<Self> {
        if simple {
            let Simple { is_authorized, context } = serde_json::from_slice(payload).ok()?;
            return is_context(&context).then_some(Self::Simple { allowed: is_authorized, context });
        }
        let PolicyAnswer { policy_document, context, .. } = serde_json::from_slice(payload).ok()?;
        is_context(&context).then_some(Self::Policy { statements: policy_document.statement, context })
    }

    /// The context for the function if the route may be called; `None` if it may not.
    pub(super) fn context_for(&self, route_arn: &str) -> Option<&Json> {
        match self {
            Self::Simple { allowed, context } => allowed.then_some(context),
            Self::Policy { statements, context } => {
                let says = |effect| {
                    let mut matching = statements.iter().filter(|statement| statement.covers(route_arn));
                    matching.any(|statement| statement.effect == effect)
                };
                (says(Effect::Allow) && !says(Effect::Deny)).then_some(context)
            }
        }
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
        Decision::read(payload.as_bytes(), false).expect("the policy is well-formed")
    }

    #[test]
    fn a_policy_allows_what_it_names_and_a_denial_wins() {
        let allow = r#"{"Effect":"Allow","Action":"execute-api:Invoke","Resource":["*/GET/protected"]}"#;
        let deny = r#"{"Effect":"Deny","Action":["execute-api:*"],"Resource":"*"}"#;
        let other = r#"{"Effect":"Allow","Action":"execute-api:Invoke","Resource":"*/GET/other"}"#;
        let foreign = r#"{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}"#;
        assert!(policy(allow).context_for(ARN).is_some());
        assert!(policy(&format!("{allow},{deny}")).context_for(ARN).is_none());
        for statements in [other, foreign, ""] {
            assert!(policy(statements).context_for(ARN).is_none(), "{statements}");
        }
    }

    #[test]
    fn an_answer_of_another_shape_means_nothing() {
        for payload in ["", "null", "true", "{}", r#"{"isAuthorized":"true"}"#, r#"{"isAuthorized":true,"context":1}"#]
        {
            assert!(Decision::read(payload.as_bytes(), true).is_none(), "{payload}");
        }
        assert!(Decision::read(br#"{"isAuthorized":true}"#, false).is_none());
        assert!(Decision::read(br#"{"policyDocument":{"Statement":[]}}"#, false).is_none());
    }
}
