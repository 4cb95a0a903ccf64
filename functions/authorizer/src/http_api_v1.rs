//! HTTP API, payload 1.0: the older form of the event, answered with policies only.

use crate::answer::{Answer, Failure};
use crate::policy;
use crate::request::Request;
use crate::rules::Rules;
use crate::verdict::Verdict;

/// The answer as a policy.
pub(crate) fn answer(verdict: Verdict, request: &Request<'_>, rules: &Rules) -> Result<Answer, Failure> {
    policy::policy(verdict, request, rules)
}
