//! REST API, authorizer of type `REQUEST`: headers in their original case, repeated values in `multiValueHeaders`.

use crate::answer::{Answer, Failure};
use crate::event::Event;
use crate::policy;
use crate::request::{Arn, Request, bearer};
use crate::rules::Rules;
use crate::verdict::Verdict;

/// The request that the event describes.
pub(crate) fn request(event: &Event) -> Result<Request<'_>, Failure> {
    let arn = Arn::parse(event.method_arn.as_deref())?;
    // The path as called and the route as declared.
    let route = event.request_context.as_ref().and_then(|context| context.resource_path.as_deref());
    let targets = [Some(arn.target()), arn.target_of(route)].into_iter().flatten().collect();
    Ok(Request { token: bearer(event.authorization()), targets, arn: Some(arn) })
}

/// The answer as a policy.
pub(crate) fn answer(verdict: Verdict, request: &Request<'_>, rules: &Rules) -> Result<Answer, Failure> {
    policy::or_unauthorized(verdict, request, rules)
}
