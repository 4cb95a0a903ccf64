//! Which endpoint answers what.

use oauth::{Code, Error};
use web::{Function, Method, Request, Response};

use crate::app::App;
use crate::{jwks, metadata, revocations};

impl Function for App {
    async fn handle(&self, request: &Request) -> Result<Response, Error> {
        match (request.method(), request.path()) {
            (&Method::GET, "/.well-known/oauth-authorization-server") => metadata::metadata(self, request),
            (&Method::GET, "/.well-known/jwks.json") => jwks::jwks(self, request).await,
            (&Method::GET, "/revocations") => revocations::revocations(self, request).await,
            (_, "/.well-known/oauth-authorization-server" | "/.well-known/jwks.json" | "/revocations") => {
                Err(Error::method_not_allowed("GET, HEAD, OPTIONS"))
            }
            _ => Err(Error::new(Code::NotFound, "path")),
        }
    }
}
