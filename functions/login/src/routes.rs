//! The routes of the function.

use oauth::{Code, Error};
use web::{Dialect, Function, Method, Request, Response};

use crate::app::App;
use crate::{login, sign_in};

impl Function for App {
    fn dialect(&self, path: &str) -> Dialect<'_> {
        if path == "/sign-in" { Dialect::Page(&self.site) } else { Dialect::Visited(&self.site) }
    }

    async fn handle(&self, request: &Request) -> Result<Response, Error> {
        match (request.method(), request.path()) {
            (&Method::POST, "/login") => login::login(self, request).await,
            (&Method::GET, "/sign-in") => sign_in::show(self, request).await,
            (&Method::POST, "/sign-in") => sign_in::submit(self, request).await,
            (_, "/login") => Err(Error::method_not_allowed("POST, OPTIONS")),
            (_, "/sign-in") => Err(Error::method_not_allowed("GET, HEAD, POST")),
            _ => Err(Error::new(Code::NotFound, "path")),
        }
    }
}
