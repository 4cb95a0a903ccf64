//! The routes of the function.

use oauth::{Code, Error};
use web::pages::{Forgot, Mailed, SecondFactor, SignIn};
use web::{Dialect, Function, Method, Request, Response};

use crate::app::App;
use crate::{forgot, login, mfa, reset, sign_in, two_step};

impl Function for App {
    fn dialect(&self, path: &str) -> Dialect<'_> {
        if [SignIn::PATH, SecondFactor::PATH].contains(&path) {
            Dialect::Page(&self.site)
        } else {
            Dialect::Visited(&self.site)
        }
    }

    async fn handle(&self, request: &Request) -> Result<Response, Error> {
        match (request.method(), request.path()) {
            (&Method::POST, "/login") => login::login(self, request).await,
            (&Method::POST, "/login/mfa") => mfa::finish(self, request).await,
            (&Method::GET, SignIn::PATH) => sign_in::show(self, request).await,
            (&Method::POST, SignIn::PATH) => sign_in::submit(self, request).await,
            (&Method::GET, SecondFactor::PATH) => two_step::show(self, request).await,
            (&Method::POST, SecondFactor::PATH) => two_step::submit(self, request).await,
            (&Method::POST, Forgot::PATH) if request.has_form() => forgot::submit(self, request).await,
            (&Method::POST, Forgot::PATH) => forgot::forgot(self, request).await,
            (&Method::GET, Forgot::PATH) => forgot::show(self, request).await,
            (&Method::POST, Mailed::RESET) if request.has_form() => reset::submit(self, request).await,
            (&Method::POST, Mailed::RESET) => reset::reset(self, request).await,
            (&Method::GET, Mailed::RESET) => reset::show(self, request).await,
            (_, Forgot::PATH | Mailed::RESET) => Err(Error::method_not_allowed("GET, HEAD, POST, OPTIONS")),
            (_, "/login" | "/login/mfa") => Err(Error::method_not_allowed("POST, OPTIONS")),
            (_, SignIn::PATH | SecondFactor::PATH) => Err(Error::method_not_allowed("GET, HEAD, POST")),
            _ => Err(Error::new(Code::NotFound, "path")),
        }
    }
}
