//! Lambda's Invoke API, for the operator of this stack: `POST /2015-03-31/functions/NAME/invocations`.
//!
//! It is what the AWS command line and SDKs call, so that an operator's tools work here as they do in the cloud.

use std::sync::Arc;

use bytes::Bytes;
use hyper::body::Incoming;
use hyper::header::HeaderValue;
use hyper::{Method, Request, StatusCode};
use percent_encoding::percent_decode_str;
use serde_json::json;

use super::{Failure, Functions, PAYLOAD};
use crate::Error;
use crate::iam::Operator;
use crate::wire::{self, Door, Reply, Task, reply};

const JSON: &str = "application/json";

/// The API, while this lives.
#[derive(Debug)]
pub(crate) struct InvokeApi {
    /// Where it answers, `http://127.0.0.1:PORT`.
    pub(crate) endpoint: String,
    _server: Task,
}

impl InvokeApi {
    /// Serves the functions of a stack to its operator.
    pub(crate) async fn start(operator: Operator, functions: Arc<Functions>) -> Result<Self, Error> {
        let (listener, address) = wire::listen(0).await.map_err(Error::doing("listening for invocations"))?;
        let invoker = Arc::new(Invoker { operator, functions });
        let server = wire::serve(listener, Door::programs(), move |request, _| Arc::clone(&invoker).answer(request));
        Ok(Self { endpoint: format!("http://{address}"), _server: server })
    }
}

struct Invoker {
    operator: Operator,
    functions: Arc<Functions>,
}

impl Invoker {
    async fn answer(self: Arc<Self>, request: Request<Incoming>) -> Reply {
        let (parts, body) = request.into_parts();
        let Ok(event) = wire::body(body, PAYLOAD).await else {
            return refuse(StatusCode::PAYLOAD_TOO_LARGE, "RequestTooLargeException", "an event has at most 6 MiB");
        };
        if let Err(rejection) = self.operator.check(&parts, &event) {
            let (kind, message) = rejection.exception();
            return refuse(StatusCode::FORBIDDEN, kind, message);
        }
        let Some(name) = name(&parts.method, parts.uri.path(), parts.uri.query()) else {
            return refuse(StatusCode::NOT_FOUND, "UnknownOperationException", "only Invoke is run locally");
        };
        if parts.headers.get("x-amz-invocation-type").is_some_and(|kind| kind != "RequestResponse") {
            let message = "only the invocation type RequestResponse is run locally";
            return refuse(StatusCode::BAD_REQUEST, "InvalidParameterValueException", message);
        }
        self.invoked(&name, event).await
    }

    async fn invoked(&self, name: &str, event: Bytes) -> Reply {
        let event = if event.is_empty() { Bytes::from_static(b"{}") } else { event };
        match self.functions.invoke(name, event).await.result {
            Ok(answer) => reply(StatusCode::OK, JSON, answer),
            Err(failure @ Failure::Unknown(_)) => {
                refuse(StatusCode::NOT_FOUND, "ResourceNotFoundException", &failure.to_string())
            }
            Err(failure) => {
                let mut reply = reply(StatusCode::OK, JSON, failure.payload().to_string());
                reply.headers_mut().insert("x-amz-function-error", HeaderValue::from_static("Unhandled"));
                reply
            }
        }
    }
}

/// The function that a request invokes, with the alias that `Qualifier` names.
fn name(method: &Method, path: &str, query: Option<&str>) -> Option<String> {
    let name = path.strip_prefix("/2015-03-31/functions/")?.strip_suffix("/invocations")?;
    let name = percent_decode_str(name).decode_utf8().ok()?;
    let qualifier = query.unwrap_or_default().split('&').find_map(|pair| pair.strip_prefix("Qualifier="));
    let invoked = qualifier.map_or_else(|| name.to_string(), |alias| format!("{name}:{alias}"));
    (*method == Method::POST && !name.is_empty()).then_some(invoked)
}

fn refuse(status: StatusCode, kind: &'static str, message: &str) -> Reply {
    let mut reply = reply(status, JSON, json!({"Type": "User", "Message": message}).to_string());
    reply.headers_mut().insert("x-amzn-errortype", HeaderValue::from_static(kind));
    reply
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_function_is_named_in_the_path_and_its_alias_there_or_in_the_query() {
        let named = |path: &str, query| name(&Method::POST, path, query);
        let path = |name: &str| format!("/2015-03-31/functions/{name}/invocations");
        assert_eq!(named(&path("local-F"), None).as_deref(), Some("local-F"));
        assert_eq!(named(&path("F"), Some("Qualifier=admin")).as_deref(), Some("F:admin"));
        let arn = "arn:aws:lambda:us-east-1:1:function:local-F:admin";
        assert_eq!(named(&path(&arn.replace(':', "%3A")), None).as_deref(), Some(arn));
        assert_eq!(named(&path(""), None), None);
        assert_eq!(named("/2015-03-31/functions/F", None), None);
        assert_eq!(name(&Method::GET, &path("F"), None), None);
    }
}
