//! The routes of the function.

use oauth::{Code, Error};
use web::pages::{ChangePassword, Home};
use web::{Dialect, Function, Method, Origins, Request, Response};

use crate::app::App;
use crate::{home, jwks, metadata, revocations};

const OPENID: &str = "/.well-known/openid-configuration";
const OAUTH: &str = "/.well-known/oauth-authorization-server";
const RESOURCE: &str = "/.well-known/oauth-protected-resource";
const JWKS: &str = "/.well-known/jwks.json";
const CHANGE_PASSWORD: &str = "/.well-known/change-password";
const REVOCATIONS: &str = "/revocations";

impl Function for App {
    fn dialect(&self, _path: &str) -> Dialect<'_> {
        Dialect::Visited(&self.site)
    }

    /// The documents are public.
    fn origins(&self, _path: &str) -> Origins {
        Origins::Any
    }

    async fn handle(&self, request: &Request) -> Result<Response, Error> {
        match (request.method(), request.path()) {
            (&Method::GET, Home::PATH) => home::home(self, request),
            (&Method::GET, OPENID | OAUTH) => metadata::metadata(self, request).await,
            (&Method::GET, RESOURCE) => metadata::protected_resource(self, request),
            (&Method::GET, JWKS) => jwks::jwks(self, request).await,
            // W3C, A Well-Known URL for Changing Passwords: password managers open it.
            (&Method::GET, CHANGE_PASSWORD) => Ok(Response::see_other(ChangePassword::PATH)),
            (&Method::GET, REVOCATIONS) => revocations::revocations(self, request).await,
            (_, Home::PATH | OPENID | OAUTH | RESOURCE | JWKS | REVOCATIONS | CHANGE_PASSWORD) => {
                Err(Error::method_not_allowed("GET, HEAD, OPTIONS"))
            }
            _ => Err(Error::new(Code::NotFound, "path")),
        }
    }
}
