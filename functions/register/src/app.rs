//! The collections and settings that the endpoints use, opened once at cold start.

use breaches::Breaches;
use credentials::{Policy, Reserved};
use oauth::{Config, Error, SignInWith};
use store::{Audit, Aws, BrowserLifetime, Browsers, Devices, Once, Outbox, Requests, Seal, Strangers, Table, Users};
use web::Site;
use web::work::Work;

pub(crate) struct App {
    pub(crate) audit: Audit,
    pub(crate) users: Users,
    pub(crate) policy: Policy,
    pub(crate) breaches: Breaches,
    pub(crate) reserved: Reserved,
    pub(crate) open: bool,
    /// What people register with.
    pub(crate) with: SignInWith,
    pub(crate) once: Once,
    pub(crate) outbox: Outbox,
    pub(crate) site: Site,
    pub(crate) requests: Requests,
    /// How many people one address may register.
    pub(crate) strangers: Strangers,
    /// The work that an account takes.
    pub(crate) work: Work,
    pub(crate) browsers: Browsers,
    pub(crate) devices: Devices,
}

impl App {
    pub(crate) fn open(config: &Config) -> Result<Self, Error> {
        let aws = Aws::open(config)?;
        let table = Table::new(&aws, config.required("TABLE_NAME")?);
        Ok(Self {
            audit: Audit::read(&table, config)?,
            users: Users::new(&table),
            site: Site::read(config)?,
            requests: Requests::new(&table),
            strangers: Strangers::people(&table, config.parsed("ACCOUNTS_PER_ADDRESS")?),
            work: Work::read(config)?,
            browsers: Browsers::new(&table, BrowserLifetime::read(config)?),
            devices: Devices::new(&table),
            breaches: Breaches::read(config)?,
            policy: Policy::new(config.parsed("MIN_PASSWORD_LENGTH")?, config.required("SERVICE_NAME")?),
            reserved: reserved(config)?,
            with: SignInWith::read(config)?,
            once: Once::new(&table),
            outbox: Outbox::read(&table, Seal::new(&aws, config.required("KMS_KEY_ID")?), config),
            open: config.required("REGISTRATION")? == "open",
        })
    }
}

/// The names that nobody may register.
fn reserved(config: &Config) -> Result<Reserved, Error> {
    Reserved::parse(config.optional("RESERVED_USERNAMES").unwrap_or_default())
        .map_err(|name| Error::fault(format!("RESERVED_USERNAMES: {name:?} is no username")))
}
