//! A function that answers the gateway and obeys an operator: two kinds of events, one binary.
//!
//! Which kind an event is, is decided by what a caller over HTTP has no say in: everything that API Gateway sends has a
//! `requestContext`, and nothing that an operator sends does. What a person writes into a path, a header or a body is
//! always below a member of the gateway's own.

use lambda_http::aws_lambda_events::apigw::ApiGatewayV2httpResponse;
use lambda_http::lambda_runtime::{self, Diagnostic};
use lambda_http::{LambdaEvent, service_fn};
use oauth::{Config, Error};
use serde::Serialize;
use serde_json::Value;

use crate::cors::Cors;
use crate::run::{Failure, Function, Task, answer, environment, failed, now};

/// What an invocation is answered with.
#[derive(Debug, Serialize)]
#[serde(untagged)]
enum Answer {
    Http(Box<ApiGatewayV2httpResponse>),
    Report(Value),
}

/// Serves API Gateway events as [`crate::run()`] does, and an operator's events as [`crate::run_task()`] does.
pub async fn run_operated<F: Function + Task>(open: impl FnOnce(&Config) -> Result<F, Error>) -> Result<(), Failure> {
    logs::start();
    let config = environment();
    let cors = Cors::new(&config);
    let function = open(&config)?;
    let (function, cors) = (&function, &cors);
    lambda_runtime::run(service_fn(move |event: LambdaEvent<Value>| Box::pin(serve(function, cors, event)))).await
}

async fn serve<F: Function + Task>(function: &F, cors: &Cors, event: LambdaEvent<Value>) -> Result<Answer, Diagnostic> {
    if !is_from_gateway(&event.payload) {
        let report = Task::handle(function, event.payload, now()).await;
        return report.map(Answer::Report).map_err(|error| failed(&error));
    }
    let payload = serde_json::from_value(event.payload);
    let payload = payload.map_err(|error| failed(&Error::fault("not an event of payload 2.0").because(error)))?;
    let event = LambdaEvent::new(payload, event.context);
    Ok(Answer::Http(Box::new(answer(function, cors, event).await)))
}

fn is_from_gateway(event: &Value) -> bool {
    event.get("requestContext").is_some()
}

#[cfg(test)]
mod tests {
    use lambda_http::Context;
    use oauth::Time;
    use serde_json::json;

    use super::*;
    use crate::{Request, Response};

    /// Tells which of its two sides was asked.
    struct Both;

    impl Function for Both {
        async fn handle(&self, _request: &Request) -> Result<Response, Error> {
            Ok(Response::text(200, "text/plain", "a request".to_owned()))
        }
    }

    impl Task for Both {
        async fn handle(&self, _event: Value, _now: Time) -> Result<Value, Error> {
            Ok(json!("an order"))
        }
    }

    async fn asked(event: Value) -> Option<Value> {
        let cors = Cors::new(&Config::from_pairs([]));
        let answer = serve(&Both, &cors, LambdaEvent::new(event, Context::default())).await.ok()?;
        let answer = serde_json::to_value(answer).unwrap();
        Some(if answer["statusCode"].is_number() { answer["body"].clone() } else { answer })
    }

    fn request(body: &str) -> Value {
        json!({
            "version": "2.0", "routeKey": "ANY /clients", "rawPath": "/clients", "rawQueryString": "action=create",
            "headers": {"action": "create"}, "body": body, "isBase64Encoded": false,
            "requestContext": {"timeEpoch": 0, "requestId": "r", "http": {"method": "POST", "sourceIp": "192.0.2.1"}}
        })
    }

    #[tokio::test]
    async fn whatever_a_request_says_it_is_never_an_order() {
        let order = r#"{"action":"create","client":{}}"#;
        assert_eq!(asked(request(order)).await, Some(json!("a request")));
        for (member, value) in [("action", json!("create")), ("client", json!({})), ("trust", json!("first_party"))] {
            let mut event = request(order);
            event[member] = value;
            assert_eq!(asked(event).await, Some(json!("a request")), "{member}");
        }
    }

    #[tokio::test]
    async fn an_order_has_nothing_of_a_gateway_about_it() {
        assert_eq!(asked(json!({"action": "create"})).await, Some(json!("an order")));
        // A REST API's event, a broken one, a null: the gateway's all the same, and nothing that can be answered.
        for context in [json!({"httpMethod": "POST"}), json!({}), json!(null), json!("x")] {
            let event = json!({"action": "create", "requestContext": context});
            assert_ne!(asked(event).await, Some(json!("an order")), "{context}");
        }
    }
}
