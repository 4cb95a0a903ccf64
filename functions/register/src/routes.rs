//! The routes of the function.

use oauth::{Code, Error};
use web::pages::{Mailed, SignUp};
use web::{Dialect, Function, Method, Request, Response};

use crate::app::App;
use crate::{keep, register, sign_up, verify};

impl Function for App {
    fn dialect(&self, path: &str) -> Dialect<'_> {
        if [SignUp::PATH, Mailed::KEEP].contains(&path) {
            Dialect::Page(&self.site)
        } else {
            Dialect::Visited(&self.site)
        }
    }

    async fn handle(&self, request: &Request) -> Result<Response, Error> {
        match (request.method(), request.path()) {
            (&Method::POST, "/register") => register::register(self, request).await,
            (&Method::GET, SignUp::PATH) => sign_up::show(self, request).await,
            (&Method::POST, SignUp::PATH) => sign_up::submit(self, request).await,
            (&Method::POST, Mailed::VERIFY) if request.has_form() => verify::submit(self, request).await,
            (&Method::POST, Mailed::VERIFY) => verify::verify(self, request).await,
            (&Method::GET, Mailed::VERIFY) => verify::show(self, request).await,
            (&Method::GET, Mailed::KEEP) => keep::show(self, request).await,
            (&Method::POST, Mailed::KEEP) => keep::submit(self, request).await,
            (_, Mailed::VERIFY) => Err(Error::method_not_allowed("GET, HEAD, POST, OPTIONS")),
            (_, "/register") => Err(Error::method_not_allowed("POST, OPTIONS")),
            (_, SignUp::PATH | Mailed::KEEP) => Err(Error::method_not_allowed("GET, HEAD, POST")),
            _ => Err(Error::new(Code::NotFound, "path")),
        }
    }
}
