//! The collections and settings that the endpoints use, opened once at cold start.

use breaches::Breaches;
use credentials::{PasswordHash, Policy};
use mint::{Mint, Settings, SigningKeys};
use oauth::{Config, Error, SignInWith, SigningAlgorithms, resource};
use store::{
    Audit, Aws, Bounces, BrowserLifetime, Browsers, Devices, Factors, Keys, Limits, MfaTokens, Once, Outbox,
    RefreshLifetime, Requests, Resources, Retention, Seal, Sessions, Strangers, Table, Users, Vault,
};
use web::Site;

pub(crate) struct App {
    pub(crate) audit: Audit,
    pub(crate) users: Users,
    pub(crate) factors: Factors,
    /// The sign-ins that lack their second factor.
    pub(crate) mfa_tokens: MfaTokens,
    pub(crate) limits: Limits,
    pub(crate) devices: Devices,
    pub(crate) mint: Mint,
    pub(crate) resources: Resources,
    pub(crate) sessions: Sessions,
    pub(crate) lifetime: RefreshLifetime,
    pub(crate) decoy: PasswordHash,
    pub(crate) site: Site,
    pub(crate) requests: Requests,
    pub(crate) browsers: Browsers,
    /// Whether people may create their own accounts.
    pub(crate) registration: bool,
    /// Whether people sign in with proven addresses, too.
    pub(crate) addresses: bool,
    pub(crate) once: Once,
    pub(crate) outbox: Outbox,
    pub(crate) bounces: Bounces,
    /// How many mails one IP address may cause.
    pub(crate) strangers: Strangers,
    pub(crate) policy: Policy,
    pub(crate) breaches: Breaches,
}

impl App {
    pub(crate) fn open(config: &Config) -> Result<Self, Error> {
        let aws = Aws::open(config)?;
        let table = Table::new(&aws, config.required("TABLE_NAME")?);
        let seal = Seal::new(&aws, config.required("KMS_KEY_ID")?);
        let vault = Vault::new(&table, seal.clone());
        let keys = SigningKeys::new(Keys::new(&table), vault, SigningAlgorithms::read(config)?);
        let resources = Resources::new(&table, resource::home(config)?);
        let retention = Retention::read(config, &resources)?;
        Ok(Self {
            audit: Audit::read(&table, config)?,
            limits: Limits::new(&table).configured(config)?,
            devices: Devices::new(&table).per_minute(config.parsed("SIGN_INS_PER_MINUTE")?),
            mint: Mint::new(Settings::read(config)?, keys),
            resources,
            sessions: Sessions::new(&table).revoking(retention).at_most(config.parsed("SESSIONS_PER_PERSON")?),
            lifetime: RefreshLifetime::read(config)?,
            users: Users::new(&table),
            factors: Factors::new(&table, seal.clone()),
            mfa_tokens: MfaTokens::new(&table),
            decoy: PasswordHash::decoy(),
            site: Site::read(config)?,
            requests: Requests::new(&table),
            browsers: Browsers::new(&table, BrowserLifetime::read(config)?),
            registration: config.required("REGISTRATION")? == "open",
            addresses: SignInWith::read(config)?.addresses(),
            once: Once::new(&table),
            bounces: Bounces::new(&table),
            outbox: Outbox::read(&table, seal, config),
            strangers: Strangers::mails(&table, config.parsed("ACCOUNTS_PER_ADDRESS")?),
            policy: Policy::new(config.parsed("MIN_PASSWORD_LENGTH")?, config.required("SERVICE_NAME")?),
            breaches: Breaches::read(config)?,
        })
    }
}
