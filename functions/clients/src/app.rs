//! The collections and settings that the endpoints use, opened once at cold start.

use oauth::{Config, Error, resource};
use registration::Rules;
use store::{Aws, Clients, InitialTokens, Resources, Retention, Strangers, Table};

pub(crate) struct App {
    pub(crate) clients: Clients,
    pub(crate) initial_tokens: InitialTokens,
    /// How many clients may register themselves.
    pub(crate) strangers: Strangers,
    pub(crate) resources: Resources,
    pub(crate) rules: Rules,
    pub(crate) registration: Registration,
}

/// Who may register a client over HTTP.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Registration {
    /// Nobody.
    Off,
    /// Clients with an initial access token.
    Token,
    /// Anybody, within limits and with an expiry.
    Open,
}

impl App {
    pub(crate) fn open(config: &Config) -> Result<Self, Error> {
        let aws = Aws::open(config)?;
        let table = Table::new(&aws, config.required("TABLE_NAME")?);
        let resources = Resources::new(&table, resource::home(config)?);
        let retention = Retention::read(config, &resources)?;
        Ok(Self {
            clients: Clients::new(&table).revoking(retention),
            initial_tokens: InitialTokens::new(&table),
            strangers: Strangers::clients(
                &table,
                config.parsed("CLIENTS_PER_ADDRESS")?,
                config.parsed("CLIENTS_PER_HOUR")?,
            ),
            resources,
            rules: Rules::open(config)?,
            registration: match config.required("CLIENT_REGISTRATION")? {
                "open" => Registration::Open,
                "token" => Registration::Token,
                _ => Registration::Off,
            },
        })
    }
}
