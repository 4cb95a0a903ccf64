//! What the function holds: the collections and settings that its endpoints may use, opened once at cold start.

use issuer::{Issuer, PublishedKeys, RevocationView, Settings, SigningKeys, Verification};
use oauth::{Config, Error};
use store::{Aws, Keys, Revocations, Seal, Sessions, Table, Vault};

pub(crate) struct App {
    pub(crate) issuer: Issuer,
    pub(crate) verification: Verification,
    pub(crate) sessions: Sessions,
}

impl App {
    pub(crate) fn open(config: &Config) -> Result<Self, Error> {
        let aws = Aws::open(config)?;
        let table = Table::new(&aws, config.required("TABLE_NAME")?);
        let settings = Settings::read(config)?;
        let vault = Vault::new(&table, Seal::new(&aws, config.required("KMS_KEY_ID")?));
        let keys = SigningKeys::new(Keys::new(&table), vault, config.parsed("SIGNING_ALGORITHM")?);
        let sessions = Sessions::new(&table);
        let verification = Verification::new(
            PublishedKeys::new(Keys::new(&table)),
            RevocationView::new(Revocations::new(&table), config.parsed("REVOCATION_SECONDS")?),
            &settings.issuer,
            &settings.default_audience,
        );
        let issuer = Issuer::new(settings, keys, sessions.clone());
        Ok(Self { issuer, verification, sessions })
    }
}
