//! The collections and settings that the endpoints use, opened once at cold start.

use mint::{Mint, PublishedKeys, RevocationView, Settings, SigningKeys, Verification};
use oauth::{Config, Error, Pkce, SigningAlgorithms, resource};
use store::{
    Assertions, Audit, Aws, Clients, Codes, Keys, RefreshLifetime, Requests, Resources, Retention, Revocations, Seal,
    Sessions, Strangers, Table, Users, Vault,
};

pub(crate) struct App {
    pub(crate) audit: Audit,
    /// The `iss` of every token, and an audience of client assertions.
    pub(crate) iss: String,
    pub(crate) mint: Mint,
    pub(crate) resources: Resources,
    /// Which requests must have a PKCE challenge.
    pub(crate) pkce: Pkce,
    pub(crate) codes: Codes,
    pub(crate) lifetime: RefreshLifetime,
    /// Accepts tokens for any resource, because clients may revoke and introspect all of their own tokens.
    pub(crate) verification: Verification,
    pub(crate) clients: Clients,
    pub(crate) assertions: Assertions,
    pub(crate) requests: Requests,
    /// How many requests of one address are stored.
    pub(crate) strangers: Strangers,
    pub(crate) sessions: Sessions,
    pub(crate) users: Users,
    pub(crate) revocations: Revocations,
}

impl App {
    pub(crate) fn open(config: &Config) -> Result<Self, Error> {
        let aws = Aws::open(config)?;
        let table = Table::new(&aws, config.required("TABLE_NAME")?);
        let settings = Settings::read(config)?;
        let vault = Vault::new(&table, Seal::new(&aws, config.required("KMS_KEY_ID")?));
        let keys = SigningKeys::new(Keys::new(&table), vault, SigningAlgorithms::read(config)?);
        let resources = Resources::new(&table, resource::home(config)?);
        let retention = Retention::read(config, &resources)?;
        let revocations = Revocations::new(&table).revoking(retention.clone());
        let verification = Verification::for_any_audience(
            PublishedKeys::new(Keys::new(&table)),
            RevocationView::new(revocations.clone(), config.parsed("REVOCATION_SECONDS")?),
            &settings.issuer,
        );
        Ok(Self {
            audit: Audit::read(&table, config)?,
            iss: settings.issuer.clone(),
            mint: Mint::new(settings, keys),
            resources,
            pkce: config.parsed("PKCE")?,
            codes: Codes::new(&table).per_minute(config.parsed("SIGN_INS_PER_MINUTE")?),
            lifetime: RefreshLifetime::read(config)?,
            verification,
            clients: Clients::new(&table),
            assertions: Assertions::new(&table),
            requests: Requests::new(&table),
            strangers: Strangers::requests(&table, config.parsed("AUTHORIZATIONS_PER_ADDRESS")?),
            sessions: Sessions::new(&table).revoking(retention).at_most(config.parsed("SESSIONS_PER_PERSON")?),
            users: Users::new(&table),
            revocations,
        })
    }
}
