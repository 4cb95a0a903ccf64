//! The routes of the function.

use oauth::{Code, Error};
use web::{Dialect, Function, Method, Origins, Request, Response};

use crate::app::App;
use crate::{introspect, par, revoke, token};

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
            (&Method::POST, "/token") => token::token(self, request).await,
            (&Method::POST, "/par") => par::push(self, request).await,
            (&Method::POST, "/revoke") => revoke::revoke(self, request).await,
            (&Method::POST, "/introspect") => introspect::introspect(self, request).await,
            (_, "/token" | "/par" | "/revoke" | "/introspect") => Err(Error::method_not_allowed("POST, OPTIONS")),
            _ => Err(Error::new(Code::NotFound, "path")),
        }
    }
}
