//! `GET /prices` and `GET /prices/{item}`: what things cost, in cents.
//!
//! API Gateway has already called Gatewright's authorizer, which checked the token, its revocation and the scope that
//! the stage variable requires. The result is in `requestContext.authorizer.lambda`. A request without it came over an
//! unprotected route and is refused.

use lambda_runtime::{Error, LambdaEvent, service_fn};
use serde_json::{Value, json};

const PRICES: [(&str, u64); 3] = [("candle", 250), ("lantern", 4900), ("wick", 40)];

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    lambda_runtime::tracing::init_default_subscriber();
    lambda_runtime::run(service_fn(handle)).await
}

async fn handle(event: LambdaEvent<Value>) -> Result<Value, Error> {
    Ok(prices(&event.payload))
}

fn prices(event: &Value) -> Value {
    let caller = &event["requestContext"]["authorizer"]["lambda"];
    if !caller["sub"].is_string() {
        return answer(401, &json!({"error": "unauthorized"}));
    }
    let Some(item) = event["pathParameters"]["item"].as_str() else {
        let all: Value = PRICES.iter().map(|(item, cents)| ((*item).to_owned(), json!(cents))).collect();
        return answer(200, &json!({"prices": all, "for": caller["username"]}));
    };
    match PRICES.iter().find(|(known, _)| *known == item) {
        Some((item, cents)) => answer(200, &json!({"item": item, "cents": cents})),
        None => answer(404, &json!({"error": "not_found"})),
    }
}

fn answer(status: u16, body: &Value) -> Value {
    json!({"statusCode": status, "headers": {"content-type": "application/json"}, "body": body.to_string()})
}
