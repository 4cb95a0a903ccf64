//! The routes of the function.

use oauth::{Code, Error};
use web::{Function, Method, Origins, Request, Response};

use crate::app::App;
use crate::userinfo;

impl Function for App {
    /// No cookie is read here, so browser apps of any origin may call.
    fn origins(&self, _path: &str) -> Origins {
        Origins::Any
    }

    async fn handle(&self, request: &Request) -> Result<Response, Error> {
        match (request.method(), request.path()) {
            (&Method::GET | &Method::POST, "/userinfo") => userinfo::userinfo(self, request).await,
            (_, "/userinfo") => Err(Error::method_not_allowed("GET, HEAD, POST, OPTIONS")),
            _ => Err(Error::new(Code::NotFound, "path")),
        }
    }
}
