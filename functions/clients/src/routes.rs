//! The routes of the function.

use oauth::{Code, Error};
use web::{Dialect, Function, Method, Origins, Request, Response};

use crate::app::App;
use crate::{manage, register};

impl Function for App {
    fn dialect(&self, _path: &str) -> Dialect<'_> {
        Dialect::OAuth
    }

    /// No cookie is read here, so browser apps of any origin may call.
    fn origins(&self, _path: &str) -> Origins {
        Origins::Any
    }

    async fn handle(&self, request: &Request) -> Result<Response, Error> {
        match (request.method(), request.path()) {
            (&Method::POST, "/clients") => register::register(self, request).await,
            (_, "/clients") => Err(Error::method_not_allowed("POST, OPTIONS")),
            (method, path) => match (method, path.strip_prefix("/clients/")) {
                (&Method::GET, Some(id)) => manage::read(self, request, id).await,
                (&Method::PUT, Some(id)) => manage::update(self, request, id).await,
                (&Method::DELETE, Some(id)) => manage::delete(self, request, id).await,
                (_, Some(_)) => Err(Error::method_not_allowed("GET, HEAD, PUT, DELETE, OPTIONS")),
                (_, None) => Err(Error::new(Code::NotFound, "path")),
            },
        }
    }
}
