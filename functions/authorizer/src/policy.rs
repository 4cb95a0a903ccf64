//! IAM policies for the whole API and stage, so that the gateway can cache one for every route.

use aws_lambda_events::apigw::ApiGatewayV2CustomAuthorizerIamPolicyResponse;
use aws_lambda_events::iam::{IamPolicyEffect, IamPolicyStatement};

use crate::answer::{Answer, Failure};
use crate::context::Context;
use crate::need::{Lack, Valid};
use crate::request::{Arn, Request};
use crate::rules::{Rule, Rules};
use crate::verdict::Verdict;

/// The answer for APIs that turn the error `Unauthorized` into a 401: REST and WebSocket.
pub(crate) fn or_unauthorized(verdict: Verdict, request: &Request<'_>, rules: &Rules) -> Result<Answer, Failure> {
    match verdict {
        Verdict::Unproven => Err(Failure::Unauthorized),
        proven => policy(proven, request, rules),
    }
}

/// The answer for other APIs: an invalid token is denied everything.
pub(crate) fn policy(verdict: Verdict, request: &Request<'_>, rules: &Rules) -> Result<Answer, Failure> {
    let arn = request.arn.ok_or(Failure::Event("the ARN is missing"))?;
    Ok(match verdict {
        Verdict::Allowed(token) => {
            let lack = rules.lack(&token, None);
            for_token(token, (arn, rules), &lack, Vec::new())
        }
        Verdict::Insufficient(token) => {
            let lack = rules.lack(&token, Some(request));
            for_token(token, (arn, rules), &lack, vec![arn.whole.to_owned(), format!("{}*%*", arn.stage)])
        }
        Verdict::Unproven => {
            let everything = vec![format!("{}*", arn.stage)];
            answer(
                "unauthenticated".to_owned(),
                vec![statement(IamPolicyEffect::Deny, everything)],
                Context::invalid_token(),
            )
        }
    })
}

/// Allows the whole stage except for targets that need what the token lacks. `denied` is always denied. For a
/// refused request it contains the request's own ARN, so that the policy denies it however the gateway spells the path,
/// and all paths with percent signs, which may be other spellings of that path.
fn for_token(token: Valid, (arn, rules): (Arn<'_>, &Rules), lack: &Lack, denied: Vec<String>) -> Answer {
    let unmet = rules.unmet(&token).flat_map(Rule::patterns).flat_map(spellings);
    let denied: Vec<String> = unmet.map(|target| format!("{}{target}", arn.stage)).chain(denied).collect();
    let context = Context::of(token.claims);
    let principal = context.sub.clone().unwrap_or_default();
    let mut statements = vec![statement(IamPolicyEffect::Allow, vec![format!("{}*", arn.stage)])];
    if denied.is_empty() {
        return answer(principal, statements, context);
    }
    statements.push(statement(IamPolicyEffect::Deny, denied));
    answer(principal, statements, context.insufficient(lack))
}

/// A target, with and without a slash at its end. Most backends serve `/things` and `/things/` alike, so a policy that
/// was made for another route must deny both.
fn spellings(target: &str) -> impl Iterator<Item = String> {
    let is_path = target.contains('/') && !target.ends_with(['/', '*']);
    [Some(target.to_owned()), is_path.then(|| format!("{target}/"))].into_iter().flatten()
}

fn statement(effect: IamPolicyEffect, resource: Vec<String>) -> IamPolicyStatement {
    let mut statement = IamPolicyStatement::default();
    statement.action = vec!["execute-api:Invoke".to_owned()];
    statement.effect = effect;
    statement.resource = resource;
    statement
}

fn answer(principal: String, statements: Vec<IamPolicyStatement>, context: Context) -> Answer {
    let mut response = ApiGatewayV2CustomAuthorizerIamPolicyResponse::default();
    response.principal_id = Some(principal);
    response.policy_document.version = Some("2012-10-17".to_owned());
    response.policy_document.statement = statements;
    response.context = context;
    Answer::Policy(response)
}
