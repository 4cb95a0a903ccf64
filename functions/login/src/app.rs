//! What the function holds, and which endpoint answers what.

use credentials::PasswordHash;
use issuer::{Issuer, Settings, SigningKeys};
use oauth::{Code, Config, Error};
use store::{Aws, Keys, Limits, Seal, Sessions, Table, Users, Vault};
use web::{Function, Method, Request, Response};

pub(crate) struct App {
    pub(crate) users: Users,
    pub(crate) limits: Limits,
    pub(crate) issuer: Issuer,
    pub(crate) decoy: PasswordHash,
}

impl App {
    pub(crate) async fn open(config: &Config) -> Result<Self, Error> {
        let aws = Aws::from_environment().await;
        let table = Table::new(&aws, config.required("TABLE_NAME")?);
        let vault = Vault::new(&table, Seal::new(&aws, config.required("KMS_KEY_ID")?));
        let keys = SigningKeys::new(Keys::new(&table), vault, config.parsed("SIGNING_ALGORITHM")?);
        Ok(Self {
            users: Users::new(&table),
            limits: Limits::new(&table),
            issuer: Issuer::new(Settings::read(config)?, keys, Sessions::new(&table)),
            decoy: PasswordHash::decoy(),
        })
    }
}

impl Function for App {
    async fn handle(&self, request: &Request) -> Result<Response, Error> {
        match (request.method(), request.path()) {
            (&Method::POST, "/login") => crate::login::login(self, request).await,
            (_, "/login") => Err(Error::method_not_allowed("POST, OPTIONS")),
            _ => Err(Error::new(Code::NotFound, "path")),
        }
    }
}
