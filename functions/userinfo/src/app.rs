//! The collections and settings that the endpoint uses, opened once at cold start.

use mint::{PublishedKeys, RevocationView, Verification};
use oauth::grant::userinfo_audience;
use oauth::{Config, Error};
use store::{Aws, Keys, Revocations, Sessions, Table, Users};

pub(crate) struct App {
    pub(crate) users: Users,
    pub(crate) sessions: Sessions,
    pub(crate) verification: Verification,
}

impl App {
    pub(crate) fn open(config: &Config) -> Result<Self, Error> {
        let aws = Aws::open(config)?;
        let table = Table::new(&aws, config.required("TABLE_NAME")?);
        let issuer = config.required("ISSUER")?;
        Ok(Self {
            users: Users::new(&table),
            sessions: Sessions::new(&table),
            verification: Verification::new(
                PublishedKeys::new(Keys::new(&table)),
                RevocationView::new(Revocations::new(&table), config.parsed("REVOCATION_SECONDS")?),
                issuer,
                &[config.optional("DEFAULT_AUDIENCE").unwrap_or(issuer), &userinfo_audience(issuer)],
            ),
        })
    }
}
