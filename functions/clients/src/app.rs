//! What the function holds: the collections and settings that its endpoints may use, opened once at cold start.

use jwt::Algorithm;
use oauth::{Config, Error, Resources, Time, Trust};
use store::{Aws, Clients, InitialTokens, Limits, Table};
use url::Url;

use crate::metadata::{Rules, Schemes};

/// How long, in seconds, a registration lasts that nobody answers for: 90 days from its last change.
const UNVERIFIED_SECONDS: u64 = 90 * 86_400;

pub(crate) struct App {
    pub(crate) clients: Clients,
    pub(crate) initial_tokens: InitialTokens,
    pub(crate) limits: Limits,
    pub(crate) rules: Rules,
    pub(crate) registration: Registration,
    /// An origin without a trailing slash.
    pub(crate) issuer: String,
    /// What ID tokens are signed with.
    pub(crate) algorithm: Algorithm,
}

/// Who may register a client over HTTP.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Registration {
    /// Nobody.
    Off,
    /// Who holds an initial access token.
    Token,
    /// Anybody, within limits and for a time.
    Open,
}

impl App {
    pub(crate) fn open(config: &Config) -> Result<Self, Error> {
        let aws = Aws::open(config)?;
        let table = Table::new(&aws, config.required("TABLE_NAME")?);
        let issuer = config.required("ISSUER")?;
        let origin = Url::parse(issuer).map_err(|error| Error::fault("ISSUER is no URL").because(error))?;
        Ok(Self {
            clients: Clients::new(&table),
            initial_tokens: InitialTokens::new(&table),
            limits: Limits::new(&table),
            rules: Rules {
                issuer: origin,
                scopes: Resources::read(config)?.scopes(),
                schemes: Schemes::with(config.list("REDIRECT_SCHEMES"))?,
            },
            registration: match config.required("CLIENT_REGISTRATION")? {
                "open" => Registration::Open,
                "token" => Registration::Token,
                _ => Registration::Off,
            },
            issuer: issuer.to_owned(),
            algorithm: config.parsed("SIGNING_ALGORITHM")?,
        })
    }
}

/// When the registration of a client ends that is made or changed now, in epoch seconds.
pub(crate) fn end(trust: Trust, now: Time) -> Option<u64> {
    (trust == Trust::Unverified).then(|| now.plus(UNVERIFIED_SECONDS).seconds())
}
