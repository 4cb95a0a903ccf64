//! REST API, authorizer of type `TOKEN`: the event contains only the header's value and the ARN.
//!
//! The gateway caches the result under the token alone, for every method of the stage, so only a policy for all of them
//! is correct. The event has neither the declared route nor stage variables: APIs that require scopes should use
//! `REQUEST`.

use crate::answer::{Answer, Failure};
use crate::event::Event;
use crate::policy;
use crate::request::{Arn, Request, bearer};
use crate::rules::Rules;
use crate::verdict::Verdict;

/// The request that the event describes.
pub(crate) fn request(event: &Event) -> Result<Request<'_>, Failure> {
    let arn = Arn::parse(event.method_arn.as_deref())?;
    let token = bearer(event.authorization_token.as_deref());
    let targets = [Some(arn.target()), arn.decoded_target()].into_iter().flatten().collect();
    Ok(Request { token, targets, arn: Some(arn) })
}

/// The answer as a policy.
pub(crate) fn answer(verdict: Verdict, request: &Request<'_>, rules: &Rules) -> Result<Answer, Failure> {
    policy::or_unauthorized(verdict, request, rules)
}
