//! What the function holds, and which endpoint answers what.

use credentials::Policy;
use issuer::{PublishedKeys, RevocationView, Verification};
use oauth::{Code, Config, Error};
use store::{Aws, Keys, Limits, Revocations, Sessions, Table, Users};
use web::{Function, Method, Request, Response};

use crate::{me, password, sessions};

pub(crate) struct App {
    pub(crate) users: Users,
    pub(crate) sessions: Sessions,
    pub(crate) limits: Limits,
    pub(crate) policy: Policy,
    pub(crate) verification: Verification,
}

impl App {
    pub(crate) async fn open(config: &Config) -> Result<Self, Error> {
        let aws = Aws::from_environment().await;
        let table = Table::new(&aws, config.required("TABLE_NAME")?);
        let issuer = config.required("ISSUER")?;
        Ok(Self {
            users: Users::new(&table),
            sessions: Sessions::new(&table),
            limits: Limits::new(&table),
            policy: Policy::new(config.parsed("MIN_PASSWORD_LENGTH")?),
            verification: Verification::new(
                PublishedKeys::new(Keys::new(&table)),
                RevocationView::new(Revocations::new(&table), config.parsed("REVOCATION_SECONDS")?),
                issuer,
                config.optional("DEFAULT_AUDIENCE").unwrap_or(issuer),
            ),
        })
    }
}

impl Function for App {
    async fn handle(&self, request: &Request) -> Result<Response, Error> {
        match (request.method(), request.path()) {
            (&Method::GET, "/me") => me::me(self, request).await,
            (_, "/me") => Err(Error::method_not_allowed("GET, HEAD, OPTIONS")),
            (&Method::POST, "/me/password") => password::change(self, request).await,
            (_, "/me/password") => Err(Error::method_not_allowed("POST, OPTIONS")),
            (&Method::GET, "/me/sessions") => sessions::list(self, request).await,
            (&Method::DELETE, "/me/sessions") => sessions::end_others(self, request).await,
            (_, "/me/sessions") => Err(Error::method_not_allowed("GET, HEAD, DELETE, OPTIONS")),
            (method, path) => match path.strip_prefix("/me/sessions/") {
                Some(sid) if method == Method::DELETE => sessions::end(self, request, sid).await,
                Some(_) => Err(Error::method_not_allowed("DELETE, OPTIONS")),
                None => Err(Error::new(Code::NotFound, "path")),
            },
        }
    }
}
