//! What the function holds, and which endpoint answers what.

use credentials::Policy;
use oauth::{Code, Config, Error};
use store::{Aws, Table, Users};
use web::{Function, Method, Request, Response};

pub(crate) struct App {
    pub(crate) users: Users,
    pub(crate) policy: Policy,
    pub(crate) open: bool,
}

impl App {
    pub(crate) async fn open(config: &Config) -> Result<Self, Error> {
        let aws = Aws::from_environment().await;
        Ok(Self {
            users: Users::new(&Table::new(&aws, config.required("TABLE_NAME")?)),
            policy: Policy::new(config.parsed("MIN_PASSWORD_LENGTH")?),
            open: config.required("REGISTRATION")? == "open",
        })
    }
}

impl Function for App {
    async fn handle(&self, request: &Request) -> Result<Response, Error> {
        match (request.method(), request.path()) {
            (&Method::POST, "/register") => crate::register::register(self, request).await,
            (_, "/register") => Err(Error::method_not_allowed("POST, OPTIONS")),
            _ => Err(Error::new(Code::NotFound, "path")),
        }
    }
}
