//! REST API, authorizer of type `REQUEST`: headers in their original case, repeated values in `multiValueHeaders`.

use crate::answer::{Answer, Failure};
use crate::policy;
use crate::request::Request;
use crate::rules::Rules;
use crate::verdict::Verdict;

/// The answer as a policy.
pub(crate) fn answer(verdict: Verdict, request: &Request<'_>, rules: &Rules) -> Result<Answer, Failure> {
    policy::or_unauthorized(verdict, request, rules)
}
