//! `GET /protected`: an example of an endpoint behind API Gateway's authorizer. Copy it for your own API.
//!
//! The function handles neither keys nor tokens. It reads the context that the authorizer gave to the gateway and
//! refuses requests without one, so that a route that was left unprotected by mistake stays closed.

use oauth::{Code, Error};
use serde_json::json;
use web::{Function, Method, Request, Response};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), web::Failure> {
    web::run(|_| Ok(App)).await
}

struct App;

impl Function for App {
    async fn handle(&self, request: &Request) -> Result<Response, Error> {
        match (request.method(), request.path()) {
            (&Method::GET, "/protected") => protected(request),
            (_, "/protected") => Err(Error::method_not_allowed("GET, HEAD, OPTIONS")),
            _ => Err(Error::new(Code::NotFound, "path")),
        }
    }
}

/// Greets the caller by name.
fn protected(request: &Request) -> Result<Response, Error> {
    let user = request.authorizer().ok_or_else(|| Error::new(Code::Unauthorized, "no authorizer context"))?;
    let name = user["username"].as_str().unwrap_or("you");
    Response::json(200, &json!({ "message": format!("Hello, {name}. This is protected."), "user": user }))
}
