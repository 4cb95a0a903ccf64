//! The main loop of a function: event → [`Request`] → handler → [`Response`] → answer.
//!
//! An `Err` or a panic of a handler never reaches the Lambda runtime, where it would become a gateway error without our
//! body.

use std::ffi::OsString;
use std::panic::AssertUnwindSafe;
use std::time::{SystemTime, UNIX_EPOCH};

use futures_util::FutureExt;
use lambda_http::aws_lambda_events::apigw::ApiGatewayV2httpResponse;
use lambda_http::lambda_runtime::{self, Diagnostic};
use lambda_http::{LambdaEvent, service_fn};
use oauth::{Config, Error, Time};
use serde_json::Value;
use serde_json::value::RawValue;

use crate::cors::{self, Cors, Origins};
use crate::edge::Edge;
use crate::problem::{self, Dialect};
use crate::{Request, Response};

/// Why a function's process ended.
pub type Failure = lambda_http::Error;

/// A Lambda function: one handler over the resources that it opened at start.
pub trait Function: Send + Sync {
    /// The format of errors on this path: problem documents of the JSON API by default.
    fn dialect(&self, _path: &str) -> Dialect<'_> {
        Dialect::Problem
    }

    /// Which origins' scripts may call this path and read its responses. By default none: scripts of other origins must
    /// never read pages.
    fn origins(&self, path: &str) -> Origins {
        match self.dialect(path) {
            Dialect::Page(_) => Origins::None,
            Dialect::Problem | Dialect::OAuth | Dialect::Visited(_) => Origins::Allowed,
        }
    }

    /// Handles one request: a `match` on method and path with one arm per endpoint.
    fn handle(&self, request: &Request) -> impl Future<Output = Result<Response, Error>> + Send;
}

/// Serves API Gateway events (HTTP API, payload 2.0) with the function that `open` returns, until the process ends.
///
/// `open` reads the configuration once, at cold start. If it fails, the process ends with a message that names the
/// variable.
pub async fn run<F: Function>(open: impl FnOnce(&Config) -> Result<F, Error>) -> Result<(), Failure> {
    logs::start();
    let config = environment();
    let (cors, edge) = (Cors::new(&config), Edge::read(&config)?);
    let function = open(&config)?;
    let (function, cors, edge) = (&function, &cors, &edge);
    // The event is parsed here and not by the runtime, whose parser records the path to each member for error messages.
    lambda_runtime::run(service_fn(move |event: LambdaEvent<Box<RawValue>>| {
        Box::pin(async move {
            let event = LambdaEvent::new(serde_json::from_str(event.payload.get())?, event.context);
            let request = Request::from_event(event.payload, &event.context.request_id, now());
            Ok::<_, Failure>(answer(function, cors, request.arrived(edge)).await)
        })
    }))
    .await
}

fn environment() -> Config {
    let readable = |(name, value): (OsString, OsString)| Some((name.into_string().ok()?, value.into_string().ok()?));
    Config::from_pairs(std::env::vars_os().filter_map(readable))
}

async fn answer<F: Function>(function: &F, cors: &Cors, request: Request) -> ApiGatewayV2httpResponse {
    let outcome = respond(function, &request).await;
    let origins = function.origins(request.path());
    let response = match outcome {
        Err(error) => match error.allow().filter(|_| request.is_preflight() && origins != Origins::None) {
            Some(methods) => cors::preflight(methods),
            None => problem::render(&request, &error, function.dialect(request.path())),
        },
        Ok(response) => response,
    };
    cors.decorate(&request, origins, response).into_event(&request)
}

/// Serves events that do not come from the gateway, such as schedules and operators' orders. An error of the handler
/// becomes an error of the invocation, so that alarms and retries see it. Its source goes only to the log.
pub async fn run_task<T: Task>(open: impl FnOnce(&Config) -> Result<T, Error>) -> Result<(), Failure> {
    logs::start();
    let task = open(&environment())?;
    let task = &task;
    lambda_runtime::run(service_fn(move |event: LambdaEvent<Value>| {
        let function = event.context.invoked_function_arn;
        let id = event.context.request_id;
        let invocation = Invocation { event: event.payload, function, id, now: now() };
        Box::pin(async move { task.handle(invocation).await.map_err(|error| failed(&error)) })
    }))
    .await
}

/// A function that is not behind the gateway.
pub trait Task: Send + Sync {
    /// Carries out the event and returns a report.
    fn handle(&self, invocation: Invocation) -> impl Future<Output = Result<Value, Error>> + Send;
}

/// One call of a function that is not behind the gateway.
pub struct Invocation {
    /// What the caller sent.
    pub event: Value,
    /// The ARN that the caller invoked, with its alias or version if there was one. IAM has allowed this invocation.
    pub function: String,
    /// The id of the invocation, which is in its log lines.
    pub id: String,
    /// When it arrived.
    pub now: Time,
}

/// A failed invocation as its caller sees it: the error code as the type, the problem as the message.
fn failed(error: &Error) -> Diagnostic {
    tracing::error!(code = error.code().word(), causes = problem::causes(error), "failed: {}", error.detail());
    let error_message = match error.field_problems() {
        [] => error.detail().to_owned(),
        _ => problem::sentences(error),
    };
    Diagnostic { error_type: error.code().word().to_owned(), error_message }
}

/// Runs the handler. A panic is treated as a fault.
async fn respond<F: Function>(function: &F, request: &Request) -> Result<Response, Error> {
    if let Some(error) = request.refusal() {
        return Err(error);
    }
    AssertUnwindSafe(function.handle(request))
        .catch_unwind()
        .await
        .unwrap_or_else(|_| Err(Error::fault("the handler panicked")))
}

#[expect(clippy::disallowed_methods, reason = "the only place that reads the clock, once per request")]
fn now() -> Time {
    let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Time::from_millis(u64::try_from(since_epoch.as_millis()).unwrap_or(u64::MAX))
}
