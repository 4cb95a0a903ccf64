//! The collections and settings that the endpoints use, opened once at cold start.

use breaches::Breaches;
use credentials::Policy;
use mint::{PublishedKeys, RevocationView, Verification};
use oauth::{Config, Error, resource};
use store::{
    Audit, Aws, Bounces, BrowserLifetime, Browsers, Clients, Consents, Deletions, Devices, Factors, Keys, Limits,
    Outbox, Resources, Retention, Revocations, Seal, Sessions, Table, Users,
};
use web::Site;

pub(crate) struct App {
    pub(crate) audit: Audit,
    pub(crate) users: Users,
    pub(crate) clients: Clients,
    pub(crate) resources: Resources,
    pub(crate) sessions: Sessions,
    pub(crate) browsers: Browsers,
    pub(crate) consents: Consents,
    pub(crate) deletions: Deletions,
    pub(crate) devices: Devices,
    pub(crate) factors: Factors,
    pub(crate) limits: Limits,
    pub(crate) outbox: Outbox,
    pub(crate) bounces: Bounces,
    pub(crate) site: Site,
    pub(crate) policy: Policy,
    pub(crate) breaches: Breaches,
    pub(crate) verification: Verification,
    /// How many days a person has to keep an account that they deleted.
    pub(crate) grace_days: u64,
}

impl App {
    pub(crate) fn open(config: &Config) -> Result<Self, Error> {
        let aws = Aws::open(config)?;
        let table = Table::new(&aws, config.required("TABLE_NAME")?);
        let issuer = config.required("ISSUER")?;
        let resources = Resources::new(&table, resource::home(config)?);
        let seal = Seal::new(&aws, config.required("KMS_KEY_ID")?);
        let sessions = Sessions::new(&table).revoking(Retention::read(config, &resources)?);
        Ok(Self {
            audit: Audit::read(&table, config)?,
            users: Users::new(&table),
            clients: Clients::new(&table),
            resources,
            deletions: Deletions::new(&table, sessions.clone()),
            sessions,
            browsers: Browsers::new(&table, BrowserLifetime::read(config)?),
            consents: Consents::new(&table),
            devices: Devices::new(&table),
            factors: Factors::new(&table, seal.clone()),
            limits: Limits::new(&table),
            bounces: Bounces::new(&table),
            outbox: Outbox::read(&table, seal, config),
            site: Site::read(config)?,
            breaches: Breaches::read(config)?,
            grace_days: config.parsed("DELETION_GRACE_DAYS")?,
            policy: Policy::new(config.parsed("MIN_PASSWORD_LENGTH")?, config.required("SERVICE_NAME")?),
            verification: Verification::new(
                PublishedKeys::new(Keys::new(&table)),
                RevocationView::new(Revocations::new(&table), config.parsed("REVOCATION_SECONDS")?),
                issuer,
                &[config.optional("DEFAULT_AUDIENCE").unwrap_or(issuer)],
            ),
        })
    }
}
