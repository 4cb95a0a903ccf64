//! `GET /units/{unit}`: how long a unit of length is, in metres.
//!
//! API Gateway has already called Gatewright's authorizer. A REST API passes the result in `requestContext.authorizer`,
//! flat and with every value as text. A request without a `sub` there came over an unprotected route and is refused.
//! The gateway would rename a `WWW-Authenticate` header of this function, so the template sends the challenge.

use lambda_runtime::{Error, LambdaEvent, service_fn};
use serde_json::{Value, json};

const METRES: [(&str, f64); 4] = [("fathom", 1.8288), ("foot", 0.3048), ("metre", 1.0), ("mile", 1609.344)];

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    lambda_runtime::tracing::init_default_subscriber();
    lambda_runtime::run(service_fn(handle)).await
}

async fn handle(event: LambdaEvent<Value>) -> Result<Value, Error> {
    Ok(unit(&event.payload))
}

fn unit(event: &Value) -> Value {
    let caller = &event["requestContext"]["authorizer"];
    if !caller["sub"].is_string() {
        return answer(401, &json!({"error": "unauthorized"}));
    }
    let name = event["pathParameters"]["unit"].as_str().unwrap_or_default();
    match METRES.iter().find(|(known, _)| *known == name) {
        Some((unit, metres)) => answer(200, &json!({"unit": unit, "metres": metres, "for": caller["username"]})),
        None => answer(404, &json!({"error": "not_found"})),
    }
}

fn answer(status: u16, body: &Value) -> Value {
    json!({"statusCode": status, "headers": {"Content-Type": "application/json"}, "body": body.to_string()})
}
