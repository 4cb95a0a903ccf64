//! WebSocket API, `$connect`: called once per connection. Browsers cannot send the header there. A token in the query
//! would end up in logs (RFC 6750 section 5.3), so it is not accepted.

use crate::answer::{Answer, Failure};
use crate::event::Event;
use crate::policy;
use crate::request::{Arn, Request, bearer};
use crate::rules::Rules;
use crate::verdict::Verdict;

/// The request that the event describes.
pub(crate) fn request(event: &Event) -> Result<Request<'_>, Failure> {
    let arn = Arn::parse(event.method_arn.as_deref())?;
    Ok(Request { token: bearer(event.authorization()), targets: vec![arn.target()], arn: Some(arn) })
}

/// The answer as a policy.
pub(crate) fn answer(verdict: Verdict, request: &Request<'_>, rules: &Rules) -> Result<Answer, Failure> {
    policy::or_unauthorized(verdict, request, rules)
}
