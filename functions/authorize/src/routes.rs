//! The routes of the function.

use oauth::{Code, Error};
use web::{Dialect, Function, Method, Request, Response};

use crate::app::App;
use crate::{authorize, choose, consent, end_session};

impl Function for App {
    fn dialect(&self, _path: &str) -> Dialect<'_> {
        Dialect::Page(&self.site)
    }

    async fn handle(&self, request: &Request) -> Result<Response, Error> {
        match (request.method(), request.path()) {
            (&Method::GET, "/authorize") => authorize::authorize(self, request).await,
            (&Method::POST, "/authorize") => authorize::posted(request),
            (&Method::GET, "/choose") => choose::show(self, request).await,
            (&Method::POST, "/choose") => choose::choose(self, request).await,
            (&Method::GET, "/consent") => consent::show(self, request).await,
            (&Method::POST, "/consent") => consent::decide(self, request).await,
            (&Method::GET, "/end_session") => end_session::asked(self, request).await,
            (&Method::POST, "/end_session") => end_session::posted(self, request).await,
            (_, "/authorize" | "/choose" | "/consent" | "/end_session") => {
                Err(Error::method_not_allowed("GET, HEAD, POST"))
            }
            _ => Err(Error::new(Code::NotFound, "path")),
        }
    }
}
