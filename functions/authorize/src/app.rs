//! What the function holds: the collections and settings that its endpoints may use, opened once at cold start.

use mint::{PublishedKeys, RevocationView, Verification};
use oauth::{Config, Error, Pkce, Resources};
use store::{
    Aws, BrowserLifetime, Browsers, Clients, Codes, Consents, Keys, Requests, Revocations, Sessions, Table, Users,
};
use web::Site;

pub(crate) struct App {
    /// The `iss` of every answer (RFC 9207).
    pub(crate) iss: String,
    pub(crate) site: Site,
    pub(crate) resources: Resources,
    /// Which requests must carry a challenge.
    pub(crate) pkce: Pkce,
    pub(crate) clients: Clients,
    pub(crate) requests: Requests,
    pub(crate) codes: Codes,
    pub(crate) browsers: Browsers,
    pub(crate) consents: Consents,
    pub(crate) users: Users,
    pub(crate) sessions: Sessions,
    pub(crate) verification: Verification,
    pub(crate) code_seconds: u64,
}

impl App {
    pub(crate) fn open(config: &Config) -> Result<Self, Error> {
        let aws = Aws::open(config)?;
        let table = Table::new(&aws, config.required("TABLE_NAME")?);
        let iss = config.required("ISSUER")?.to_owned();
        let lifetime = BrowserLifetime::read(config)?;
        let keys = PublishedKeys::new(Keys::new(&table));
        let revocations = RevocationView::new(Revocations::new(&table), 0);
        Ok(Self {
            site: Site::read(config)?,
            resources: Resources::read(config)?,
            pkce: config.parsed("PKCE")?,
            clients: Clients::new(&table),
            requests: Requests::new(&table),
            codes: Codes::new(&table),
            browsers: Browsers::new(&table, lifetime),
            consents: Consents::new(&table),
            users: Users::new(&table),
            sessions: Sessions::new(&table),
            verification: Verification::for_any_audience(keys, revocations, &iss),
            code_seconds: config.parsed("CODE_SECONDS")?,
            iss,
        })
    }
}
