//! The collections and settings that the orders use, opened once at cold start.

use credentials::Policy;
use oauth::language::Languages;
use oauth::{Config, Error, Language, Message, Time, resource};
use registration::Rules;
use store::{
    Audit, Aws, Clients, Deletions, Email, Factors, InitialTokens, Outbox, Resources, Retention, Seal, SealedMail,
    Sessions, Table, Users,
};
use web::pages::Account;

pub(crate) struct App {
    pub(crate) audit: Audit,
    pub(crate) users: Users,
    pub(crate) sessions: Sessions,
    pub(crate) deletions: Deletions,
    pub(crate) factors: Factors,
    pub(crate) clients: Clients,
    pub(crate) initial_tokens: InitialTokens,
    pub(crate) resources: Resources,
    pub(crate) policy: Policy,
    pub(crate) rules: Rules,
    pub(crate) outbox: Outbox,
    /// The language of mails to people whose language is not known.
    pub(crate) language: Language,
    pub(crate) issuer: String,
}

impl App {
    pub(crate) fn open(config: &Config) -> Result<Self, Error> {
        let aws = Aws::open(config)?;
        let table = Table::new(&aws, config.required("TABLE_NAME")?);
        let resources = Resources::new(&table, resource::home(config)?);
        let retention = Retention::read(config, &resources)?;
        let sessions = Sessions::new(&table).revoking(retention.clone());
        let seal = Seal::new(&aws, config.required("KMS_KEY_ID")?);
        Ok(Self {
            audit: Audit::read(&table, config)?,
            users: Users::new(&table),
            deletions: Deletions::new(&table, sessions.clone()),
            factors: Factors::new(&table, seal.clone()),
            sessions,
            clients: Clients::new(&table).revoking(retention),
            initial_tokens: InitialTokens::new(&table),
            resources,
            policy: Policy::new(config.parsed("MIN_PASSWORD_LENGTH")?, config.required("SERVICE_NAME")?),
            rules: Rules::open(config)?,
            outbox: Outbox::read(&table, seal, config),
            language: Languages::read(config)?.choose(None, None),
            issuer: config.required("ISSUER")?.to_owned(),
        })
    }

    /// The mail that tells a person something at a proven address. `None`: there is none, or mail is off.
    pub(crate) async fn tell(
        &self,
        to: Option<&Email>,
        message: Message,
        now: Time,
    ) -> Result<Option<SealedMail>, Error> {
        self.outbox.notice(to, (self.language, message), now).await
    }

    /// The address of the account page.
    pub(crate) fn account(&self) -> String {
        format!("{}{}", self.issuer, Account::PATH)
    }
}
