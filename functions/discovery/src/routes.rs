//! Which endpoint answers what.

use oauth::{Code, Error};
use web::{Function, Method, Origins, Request, Response};

use crate::app::App;
use crate::{jwks, metadata, revocations};

const OPENID: &str = "/.well-known/openid-configuration";
const OAUTH: &str = "/.well-known/oauth-authorization-server";
const RESOURCE: &str = "/.well-known/oauth-protected-resource";
const JWKS: &str = "/.well-known/jwks.json";
const REVOCATIONS: &str = "/revocations";

impl Function for App {
    /// Public documents.
    fn origins(&self, _path: &str) -> Origins {
        Origins::Any
    }

    async fn handle(&self, request: &Request) -> Result<Response, Error> {
        match (request.method(), request.path()) {
            (&Method::GET, OPENID | OAUTH) => metadata::metadata(self, request),
            (&Method::GET, RESOURCE) => metadata::protected_resource(self, request),
            (&Method::GET, JWKS) => jwks::jwks(self, request).await,
            (&Method::GET, REVOCATIONS) => revocations::revocations(self, request).await,
            (_, OPENID | OAUTH | RESOURCE | JWKS | REVOCATIONS) => Err(Error::method_not_allowed("GET, HEAD, OPTIONS")),
            _ => Err(Error::new(Code::NotFound, "path")),
        }
    }
}
