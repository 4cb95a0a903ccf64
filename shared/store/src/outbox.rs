//! Mails that are to be sent, at `MAIL#id / MAIL`. A mail is written in the same transaction as the change that it is
//! about. Its content is sealed, because it can hold a code, and is removed as soon as the mail was sent.
//!
//! The mailer finds out about new mails from the table's stream. It leases a mail, sends it and marks it. Two mailers
//! never send at the same time; a mailer that ends between sending and marking lets the next one send again.

use std::future::Future;

use aws_sdk_dynamodb::types::AttributeValue;
use oauth::{Config, DAY, Error, Language, Mail, Message, Time};
use serde::{Deserialize, Serialize};

use crate::email::Email;
use crate::item::is_expired;
use crate::random;
use crate::seal::{Seal, Sealed};
use crate::table::{self, Item, Key, Table, Update, Updated, Write, number};

/// How the partition keys of mails begin.
const PREFIX: &str = "MAIL#";
/// How the partition keys of mails begin that are sent to nobody.
const UNSENT: &str = "ONCE#UNSENT";
/// How long a mail is kept, in seconds: three days.
const KEPT: u64 = 3 * DAY;
/// How long one mailer may take for a mail, in seconds. The mailer's own time limit is shorter.
const LEASE: u64 = 60;

/// The mails that are to be sent.
#[derive(Clone, Debug)]
pub struct Outbox {
    table: Table,
    seal: Seal,
    is_on: bool,
}

/// A mail that is ready to be written, alone or as part of a larger write.
#[derive(Clone)]
pub struct SealedMail(Item);

/// What a mailer gets when it wants to send a mail.
pub enum Leased {
    /// The mail. Until the lease ends, nobody else gets it.
    Mine(Lease, Box<Mail>),
    /// Another mailer has it.
    Held,
    /// It is no longer to be sent.
    Done,
}

/// The right to send one mail.
pub struct Lease {
    id: String,
    nonce: AttributeValue,
}

/// The content of a new item.
#[derive(Serialize, Deserialize)]
struct Content {
    #[serde(flatten)]
    sealed: Sealed,
    created_at: Time,
    expires_at: u64,
}

impl Outbox {
    /// The mails in `table`, sealed by `seal`. They are on if `MAIL` is given. If not, a log line of the cold start says so.
    pub fn read(table: &Table, seal: Seal, config: &Config) -> Self {
        let is_on = config.optional("MAIL").is_some();
        if !is_on {
            tracing::info!("mail is off: MailFrom is empty, so nobody proves an address or resets a password by mail");
        }
        Self { table: table.clone(), seal, is_on }
    }

    /// Whether the service sends mails. If not, callers write none.
    pub fn is_on(&self) -> bool {
        self.is_on
    }

    /// Seals a mail, so that it can be written. Takes one call to KMS.
    pub async fn seal(&self, mail: &Mail, now: Time) -> Result<SealedMail, Error> {
        let key = key(&random::id(now)?);
        let text = serde_json::to_vec(mail).map_err(|error| Error::fault("writing a mail failed").because(error))?;
        let sealed = self.seal.seal(&key.pk, &text).await?;
        let content = Content { sealed, created_at: now, expires_at: now.plus(KEPT).seconds() };
        Ok(SealedMail(table::item(key, &content)?))
    }

    /// Writes a mail that belongs to no other change.
    pub async fn post(&self, mail: SealedMail) -> Result<(), Error> {
        self.table.transact(vec![mail.write()]).await.map(drop)
    }

    /// A sealed mail to a proven address. `None`: there is none, or mail is off.
    pub async fn notice(
        &self,
        to: Option<&Email>,
        (language, message): (Language, Message),
        now: Time,
    ) -> Result<Option<SealedMail>, Error> {
        let Some(email) = to.filter(|_| self.is_on()) else { return Ok(None) };
        self.seal(&Mail { to: email.address.clone(), language, message }, now).await.map(Some)
    }

    /// The id of the mail with this partition key, if it is one.
    pub fn id(pk: &str) -> Option<&str> {
        pk.strip_prefix(PREFIX)
    }

    /// Takes a mail in order to send it.
    pub async fn lease(&self, id: &str, now: Time) -> Result<Leased, Error> {
        let nonce = AttributeValue::B(random::bytes::<12>()?.to_vec().into());
        let update = Update {
            expression: "SET #lease = :nonce, #leased_until = :until, #tries = if_not_exists(#tries, :zero) + :one",
            condition: "attribute_exists(#secret) AND #expires_at > :seconds \
                        AND (attribute_not_exists(#leased_until) OR #leased_until <= :now)",
            values: vec![
                (":nonce", nonce.clone()),
                (":until", number(now.plus(LEASE).millis())),
                (":zero", number(0)),
                (":one", number(1)),
                (":now", number(now.millis())),
                (":seconds", number(now.seconds())),
            ],
            ..Update::nothing(key(id))
        };
        let item = match self.table.update(update).await? {
            Updated::Done(item) => item,
            Updated::Refused(Some(item)) if item.get("lease") == Some(&nonce) => item,
            Updated::Refused(Some(item)) if is_held(&item, now) => return Ok(Leased::Held),
            Updated::Refused(_) => return Ok(Leased::Done),
        };
        let mail = self.open(id, item).await?;
        Ok(Leased::Mine(Lease { id: id.to_owned(), nonce }, Box::new(mail)))
    }

    async fn open(&self, id: &str, item: Item) -> Result<Mail, Error> {
        let content: Content = table::read(item)?;
        let text = self.seal.open(&key(id).pk, content.sealed).await?;
        serde_json::from_slice(&text).map_err(|error| Error::fault("a stored mail is malformed").because(error))
    }

    /// Records that the mail was sent, and forgets its content.
    pub async fn mark_sent(&self, lease: &Lease, now: Time) -> Result<(), Error> {
        self.end(lease, "SET #sent_at = :now REMOVE #secret, #data_key, #leased_until", now).await
    }

    /// Records that the mail can never be sent, and forgets its content.
    pub async fn mark_failed(&self, lease: &Lease, now: Time) -> Result<(), Error> {
        self.end(lease, "SET #failed_at = :now REMOVE #secret, #data_key, #leased_until", now).await
    }

    /// Gives the mail back, so that the next try can begin at once.
    pub async fn release(&self, lease: &Lease, now: Time) -> Result<(), Error> {
        self.end(lease, "SET #released_at = :now REMOVE #leased_until", now).await
    }

    /// Ends a lease. If it has passed to another mailer, nothing changes.
    fn end(&self, lease: &Lease, expression: &'static str, now: Time) -> impl Future<Output = Result<(), Error>> {
        let update = Update {
            expression,
            condition: "#lease = :nonce",
            values: vec![(":now", number(now.millis())), (":nonce", lease.nonce.clone())],
            ..Update::nothing(key(&lease.id))
        };
        async { self.table.update(update).await.map(drop) }
    }
}

impl SealedMail {
    /// The mail as part of a larger write.
    pub(crate) fn write(self) -> Write {
        Write::PutNew(self.0)
    }

    /// The mail where no mailer looks, as part of a larger write that must look like one with a mail.
    pub(crate) fn unsent(mut self) -> Write {
        let pk = self.0.get("pk").and_then(|pk| pk.as_s().ok()).and_then(|pk| pk.strip_prefix(PREFIX));
        let pk = format!("{UNSENT}#{}", pk.unwrap_or_default());
        self.0.insert("pk".to_owned(), AttributeValue::S(pk));
        Write::PutNew(self.0)
    }
}

impl Lease {
    /// The id of the mail.
    pub fn id(&self) -> &str {
        &self.id
    }
}

/// Whether an item still has a mail that another mailer is about to send.
fn is_held(item: &Item, now: Time) -> bool {
    let until = item.get("leased_until").and_then(|until| until.as_n().ok()?.parse::<u64>().ok());
    item.contains_key("secret") && !is_expired(item, now) && until.is_some_and(|until| until > now.millis())
}

fn key(id: &str) -> Key {
    Key::new(format!("{PREFIX}{id}"), "MAIL")
}
