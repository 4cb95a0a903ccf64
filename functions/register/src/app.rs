//! What the function holds: the collections and settings that its endpoints may use, opened once at cold start.

use credentials::Policy;
use oauth::{Config, Error};
use store::{Aws, Table, Users};

pub(crate) struct App {
    pub(crate) users: Users,
    pub(crate) policy: Policy,
    pub(crate) open: bool,
}

impl App {
    pub(crate) fn open(config: &Config) -> Result<Self, Error> {
        let aws = Aws::open(config)?;
        Ok(Self {
            users: Users::new(&Table::new(&aws, config.required("TABLE_NAME")?)),
            policy: Policy::new(config.parsed("MIN_PASSWORD_LENGTH")?),
            open: config.required("REGISTRATION")? == "open",
        })
    }
}
