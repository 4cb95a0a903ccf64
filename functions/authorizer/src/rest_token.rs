//! REST API, authorizer of type `TOKEN`: the event is the header's value and the ARN, nothing else.
//!
//! Its result is cached by the token alone, for every method of the stage: only a policy for all of them is right. The
//! event has neither the declared route nor stage variables, so an API that asks for scopes is better off with `REQUEST`.

use crate::answer::{Answer, Failure};
use crate::event::Event;
use crate::policy;
use crate::request::{Arn, Request, bearer};
use crate::rules::Rules;
use crate::verdict::Verdict;

/// What the event asks.
pub(crate) fn request(event: &Event) -> Result<Request<'_>, Failure> {
    let arn = Arn::parse(event.method_arn.as_deref())?;
    let token = bearer(event.authorization_token.as_deref());
    let targets = [Some(arn.target()), arn.decoded_target()].into_iter().flatten().collect();
    Ok(Request { token, targets, arn: Some(arn) })
}

/// The verdict as a policy.
pub(crate) fn answer(verdict: Verdict, request: &Request<'_>, rules: &Rules) -> Result<Answer, Failure> {
    policy::or_unauthorized(verdict, request, rules)
}
