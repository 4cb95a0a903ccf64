//! What the function holds: the collections and settings that its endpoints may use, opened once at cold start.

use credentials::PasswordHash;
use issuer::{Issuer, Settings, SigningKeys};
use oauth::{Config, Error};
use store::{Aws, BrowserLifetime, Browsers, Codes, Keys, Limits, Requests, Seal, Sessions, Table, Users, Vault};
use web::Site;

pub(crate) struct App {
    pub(crate) users: Users,
    pub(crate) limits: Limits,
    pub(crate) issuer: Issuer,
    pub(crate) decoy: PasswordHash,
    pub(crate) site: Site,
    pub(crate) requests: Requests,
    pub(crate) browsers: Browsers,
    /// Whether strangers may create accounts.
    pub(crate) registration: bool,
}

impl App {
    pub(crate) fn open(config: &Config) -> Result<Self, Error> {
        let aws = Aws::open(config)?;
        let table = Table::new(&aws, config.required("TABLE_NAME")?);
        let vault = Vault::new(&table, Seal::new(&aws, config.required("KMS_KEY_ID")?));
        let keys = SigningKeys::new(Keys::new(&table), vault, config.parsed("SIGNING_ALGORITHM")?);
        let users = Users::new(&table);
        let (sessions, codes) = (Sessions::new(&table), Codes::new(&table));
        Ok(Self {
            limits: Limits::new(&table),
            issuer: Issuer::new(Settings::read(config)?, keys, sessions, codes, users.clone()),
            users,
            decoy: PasswordHash::decoy(),
            site: Site::read(config)?,
            requests: Requests::new(&table),
            browsers: Browsers::new(&table, BrowserLifetime::read(config)?),
            registration: config.required("REGISTRATION")? == "open",
        })
    }
}
