//! The routes of the function.

use oauth::{Code, Error};
use web::{Dialect, Function, Method, Request, Response};

use crate::app::App;
use crate::{register, sign_up};

impl Function for App {
    fn dialect(&self, path: &str) -> Dialect<'_> {
        if path == "/sign-up" { Dialect::Page(&self.site) } else { Dialect::Visited(&self.site) }
    }

    async fn handle(&self, request: &Request) -> Result<Response, Error> {
        match (request.method(), request.path()) {
            (&Method::POST, "/register") => register::register(self, request).await,
            (&Method::GET, "/sign-up") => sign_up::show(self, request).await,
            (&Method::POST, "/sign-up") => sign_up::submit(self, request).await,
            (_, "/register") => Err(Error::method_not_allowed("POST, OPTIONS")),
            (_, "/sign-up") => Err(Error::method_not_allowed("GET, HEAD, POST")),
            _ => Err(Error::new(Code::NotFound, "path")),
        }
    }
}
