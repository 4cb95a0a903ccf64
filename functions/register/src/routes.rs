//! The routes of the function.

use oauth::{Code, Error};
use web::{Dialect, Function, Method, Request, Response};

use crate::app::App;
use crate::{keep, register, sign_up, verify};

impl Function for App {
    fn dialect(&self, path: &str) -> Dialect<'_> {
        if ["/sign-up", keep::PATH].contains(&path) { Dialect::Page(&self.site) } else { Dialect::Visited(&self.site) }
    }

    async fn handle(&self, request: &Request) -> Result<Response, Error> {
        match (request.method(), request.path()) {
            (&Method::POST, "/register") => register::register(self, request).await,
            (&Method::GET, "/sign-up") => sign_up::show(self, request).await,
            (&Method::POST, "/sign-up") => sign_up::submit(self, request).await,
            (&Method::POST, verify::PATH) if request.has_form() => verify::submit(self, request).await,
            (&Method::POST, verify::PATH) => verify::verify(self, request).await,
            (&Method::GET, verify::PATH) => verify::show(self, request).await,
            (&Method::GET, keep::PATH) => keep::show(self, request).await,
            (&Method::POST, keep::PATH) => keep::submit(self, request).await,
            (_, verify::PATH) => Err(Error::method_not_allowed("GET, HEAD, POST, OPTIONS")),
            (_, "/register") => Err(Error::method_not_allowed("POST, OPTIONS")),
            (_, "/sign-up" | keep::PATH) => Err(Error::method_not_allowed("GET, HEAD, POST")),
            _ => Err(Error::new(Code::NotFound, "path")),
        }
    }
}
