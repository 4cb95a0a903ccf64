//! The Lambda: reads the settings, then answers events one at a time. The library does the rest.

use std::time::{SystemTime, UNIX_EPOCH};

use authorizer::{Authorizer, Event, Settings};
use lambda_runtime::{Error, LambdaEvent, service_fn};
use oauth::Time;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    logs::start();
    let settings = Settings::from_environment();
    let settings = settings.inspect_err(|error| tracing::error!(%error, "tokens cannot be verified"))?;
    let authorizer = &Authorizer::new(settings);
    lambda_runtime::run(service_fn(move |event: LambdaEvent<Event>| authorizer.answer(event.payload, now()))).await
}

#[expect(clippy::disallowed_methods, reason = "the only place that reads the clock, once per event")]
fn now() -> Time {
    let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Time::from_millis(u64::try_from(since_epoch.as_millis()).unwrap_or(u64::MAX))
}
