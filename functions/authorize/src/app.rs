//! The collections and settings that the endpoints use, opened once at cold start.

use mint::{IdTokenHints, PublishedKeys};
use oauth::{Config, Error, Pkce, resource};
use store::{
    Audit, Aws, BrowserLifetime, Browsers, Clients, Codes, Consents, Keys, Limits, Requests, Resources, Retention,
    Sessions, Strangers, Table, Users,
};
use web::Site;

pub(crate) struct App {
    pub(crate) audit: Audit,
    /// The `iss` of every response (RFC 9207).
    pub(crate) iss: String,
    pub(crate) site: Site,
    pub(crate) resources: Resources,
    /// Which requests must have a PKCE challenge.
    pub(crate) pkce: Pkce,
    pub(crate) clients: Clients,
    pub(crate) requests: Requests,
    /// How many requests of one address are stored.
    pub(crate) strangers: Strangers,
    /// How many codes that need no page a person gets.
    pub(crate) limits: Limits,
    pub(crate) codes: Codes,
    pub(crate) browsers: Browsers,
    pub(crate) consents: Consents,
    pub(crate) users: Users,
    pub(crate) sessions: Sessions,
    pub(crate) hints: IdTokenHints,
    pub(crate) code_seconds: u64,
    /// Whether people may create their own accounts.
    pub(crate) registration: bool,
}

impl App {
    pub(crate) fn open(config: &Config) -> Result<Self, Error> {
        let aws = Aws::open(config)?;
        let table = Table::new(&aws, config.required("TABLE_NAME")?);
        let iss = config.required("ISSUER")?.to_owned();
        let lifetime = BrowserLifetime::read(config)?;
        let keys = PublishedKeys::new(Keys::new(&table));
        let resources = Resources::new(&table, resource::home(config)?);
        let retention = Retention::read(config, &resources)?;
        Ok(Self {
            audit: Audit::read(&table, config)?,
            site: Site::read(config)?,
            resources,
            pkce: config.parsed("PKCE")?,
            clients: Clients::new(&table),
            requests: Requests::new(&table),
            strangers: Strangers::requests(&table, config.parsed("AUTHORIZATIONS_PER_ADDRESS")?),
            limits: Limits::new(&table).per_minute(config.parsed("SIGN_INS_PER_MINUTE")?),
            codes: Codes::new(&table),
            browsers: Browsers::new(&table, lifetime),
            consents: Consents::new(&table),
            users: Users::new(&table),
            sessions: Sessions::new(&table).revoking(retention),
            hints: IdTokenHints::new(keys, &iss),
            registration: config.required("REGISTRATION")? == "open",
            code_seconds: config.parsed("CODE_SECONDS")?,
            iss,
        })
    }
}
