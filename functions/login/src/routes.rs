//! Which endpoint answers what.

use oauth::{Code, Error};
use web::{Function, Method, Request, Response};

use crate::app::App;
use crate::login;

impl Function for App {
    async fn handle(&self, request: &Request) -> Result<Response, Error> {
        match (request.method(), request.path()) {
            (&Method::POST, "/login") => login::login(self, request).await,
            (_, "/login") => Err(Error::method_not_allowed("POST, OPTIONS")),
            _ => Err(Error::new(Code::NotFound, "path")),
        }
    }
}
