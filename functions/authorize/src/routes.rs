//! The routes of the function.

use oauth::{Code, Error};
use web::pages::{Choose, Consent, SignOut};
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
            (&Method::GET, Choose::PATH) => choose::show(self, request).await,
            (&Method::POST, Choose::PATH) => choose::choose(self, request).await,
            (&Method::GET, Consent::PATH) => consent::show(self, request).await,
            (&Method::POST, Consent::PATH) => consent::decide(self, request).await,
            (&Method::GET, SignOut::PATH) => end_session::asked(self, request).await,
            (&Method::POST, SignOut::PATH) => end_session::posted(self, request).await,
            (_, "/authorize" | Choose::PATH | Consent::PATH | SignOut::PATH) => {
                Err(Error::method_not_allowed("GET, HEAD, POST"))
            }
            _ => Err(Error::new(Code::NotFound, "path")),
        }
    }
}
