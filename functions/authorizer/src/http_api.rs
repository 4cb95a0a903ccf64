//! HTTP API, payload 2.0: `routeArn`, `routeKey`, lower-case headers with repeated values joined by commas.
//!
//! The event does not say whether simple responses are enabled, so the setting `RESPONSE` does. It is not documented
//! whether an HTTP API turns the error `Unauthorized` into a 401, so an invalid token is answered with a denial.

use crate::answer::{Answer, Failure};
use crate::context::Context;
use crate::event::Event;
use crate::policy;
use crate::request::{Arn, Request, bearer, target};
use crate::rules::Rules;
use crate::settings::Format;
use crate::verdict::Verdict;

/// The request that the event describes.
pub(crate) fn request(event: &Event) -> Result<Request<'_>, Failure> {
    let context = event.request_context.as_ref().ok_or(Failure::Event("requestContext is missing"))?;
    let method = &context.http.as_ref().ok_or(Failure::Event("the method is missing"))?.method;
    let path = event.raw_path.as_deref().ok_or(Failure::Event("rawPath is missing"))?;
    let mut targets = vec![target(method, without_stage(path, context.stage.as_deref()))];
    // `ANY /things/{id}`: the declared route with the actual method.
    if let Some((_, route)) = event.route_key.as_deref().and_then(|key| key.split_once(' ')) {
        targets.push(target(method, route));
    }
    let arn = event.route_arn.as_deref().map(|arn| Arn::parse(Some(arn))).transpose()?;
    targets.extend(arn.map(Arn::target));
    Ok(Request { token: bearer(event.authorization()), targets, arn })
}

/// The answer in the configured form.
pub(crate) fn answer(
    verdict: Verdict,
    request: &Request<'_>,
    rules: &Rules,
    format: Format,
) -> Result<Answer, Failure> {
    match format {
        Format::Policy => policy::policy(verdict, request, rules),
        Format::Simple => Ok(match verdict {
            Verdict::Allowed(token) => Answer::simple(true, Context::of(token.claims)),
            Verdict::Insufficient(token) => {
                let lack = rules.lack(&token, Some(request));
                Answer::simple(false, Context::of(token.claims).insufficient(&lack))
            }
            Verdict::Unproven => Answer::simple(false, Context::invalid_token()),
        }),
    }
}

/// `/prod/things` → `/things`, where `prod` is the stage.
fn without_stage<'a>(path: &'a str, stage: Option<&str>) -> &'a str {
    let rest = stage.and_then(|stage| path.strip_prefix('/')?.strip_prefix(stage));
    rest.filter(|rest| rest.is_empty() || rest.starts_with('/')).unwrap_or(path)
}
