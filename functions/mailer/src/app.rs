//! What the function holds, and what it is told: records of the table's stream, and notifications of SES through SNS.

use futures_util::future::join_all;
use oauth::{Code, Config, Error, Mail, Time};
use post::{Letter, Post, Sender, Sent, Ses, Smtp, Trust};
use serde_json::{Value, json};
use store::{Aws, Bounce, Bounces, Lease, Leased, Outbox, Seal, Table};
use tokio::sync::OnceCell;
use web::pages::Look;
use web::{Invocation, Task, stream};
use zeroize::Zeroizing;

use crate::{feedback, page};

/// The encryption context of the password for the mail server.
const PASSWORD: &str = "SMTP";

pub(crate) struct App {
    outbox: Outbox,
    bounces: Bounces,
    seal: Seal,
    look: Look,
    sender: Sender,
    server: Option<Server>,
    /// There from the start for SES. For a mail server it waits until the first mail, because the password is decrypted.
    post: OnceCell<Post>,
}

/// A mail server, as configured.
struct Server {
    address: String,
    /// Encrypted by KMS, in base64.
    password: Option<String>,
    /// The certificate authority to trust instead of those of the web, in PEM.
    authority: Option<String>,
}

/// What is left to do for a mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Left {
    Nothing,
    /// It has to be tried again.
    Retry,
}

impl App {
    pub(crate) fn open(config: &Config) -> Result<Self, Error> {
        let aws = Aws::open(config)?;
        let table = Table::new(&aws, config.required("TABLE_NAME")?);
        let (seal, look) = (Seal::new(&aws, config.required("KMS_KEY_ID")?), Look::read(config)?);
        let address = config.optional("MAIL_FROM").unwrap_or_default().to_owned();
        let server = match config.required("MAIL_TRANSPORT")? {
            "smtp" => Some(Server::read(config)?),
            _ => None,
        };
        let ses = if server.is_none() { Some(Post::Ses(Ses::read(config)?)) } else { None };
        Ok(Self {
            outbox: Outbox::read(&table, seal.clone(), config),
            bounces: Bounces::new(&table),
            seal,
            sender: Sender { name: look.name().to_owned(), address },
            look,
            server,
            post: OnceCell::new_with(ses),
        })
    }

    /// Sends the mails of a batch, all at once, and reports those that have to be tried again. The stream repeats all that
    /// follow them, too; mails that were sent meanwhile are recognised.
    async fn deliver_all(&self, event: &Value, now: Time) -> Value {
        let named = stream::new_items(event).filter_map(|item| Some((Outbox::id(item.pk)?, item)));
        let mails = named.map(async |(id, item)| (self.deliver(id, now).await, item));
        let left = join_all(mails).await.into_iter().filter(|(left, _)| *left == Left::Retry);
        stream::to_retry(left.map(|(_, item)| item))
    }

    /// Marks the addresses that SES reports.
    async fn mark_all(&self, event: &Value, now: Time) -> Result<Value, Error> {
        let unreachable = feedback::unreachable(event);
        for (address, reason) in &unreachable {
            self.bounces.mark(address, *reason, now).await?;
        }
        tracing::info!(marked = unreachable.len(), "addresses that mails do not reach");
        Ok(json!({"marked": unreachable.len()}))
    }

    /// Sends the mail with this id, unless that was done or is being done elsewhere.
    async fn deliver(&self, id: &str, now: Time) -> Left {
        match Box::pin(self.attempt(id, now)).await {
            Ok(left) => left,
            Err(error) => {
                tracing::error!(mail = id, code = error.code().word(), ?error, "a mail was not sent yet");
                Left::Retry
            }
        }
    }

    async fn attempt(&self, id: &str, now: Time) -> Result<Left, Error> {
        if !self.outbox.is_on() {
            tracing::warn!(mail = id, "mail is off: a mail is not sent");
            return Ok(Left::Nothing);
        }
        match self.outbox.lease(id, now).await? {
            Leased::Mine(lease, mail) => self.send(&lease, &mail, now).await,
            Leased::Held => Ok(Left::Retry),
            Leased::Done => Ok(Left::Nothing),
        }
    }

    async fn send(&self, lease: &Lease, mail: &Mail, now: Time) -> Result<Left, Error> {
        let sent = match self.hand_over(lease.id(), mail, now).await {
            Ok(sent) => sent,
            Err(error) => {
                self.outbox.release(lease, now).await?;
                return Err(error);
            }
        };
        match sent {
            Sent::Taken => self.outbox.mark_sent(lease, now).await?,
            Sent::Refused(why) => {
                tracing::error!(mail = lease.id(), why, "a mail was refused");
                self.outbox.mark_failed(lease, now).await?;
            }
            Sent::NoSuchAddress(_) => {
                tracing::warn!(mail = lease.id(), "a mail server knows no such address");
                self.bounces.mark(&mail.to, Bounce::Bounced, now).await?;
                self.outbox.mark_failed(lease, now).await?;
            }
        }
        Ok(Left::Nothing)
    }

    async fn hand_over(&self, id: &str, mail: &Mail, now: Time) -> Result<Sent, Error> {
        let content = page::content(&self.look, mail)?;
        let letter = Letter {
            from: &self.sender,
            to: &mail.to,
            id,
            subject: &content.subject,
            language: mail.language.tag(),
            text: &content.text,
            html: &content.html,
        };
        let post = self.post.get_or_try_init(|| self.connect()).await?;
        post.send(&letter, now).await
    }

    /// The mail server, with its password.
    async fn connect(&self) -> Result<Post, Error> {
        let server = self.server.as_ref().ok_or_else(|| Error::fault("no mail server is configured"))?;
        let password = match &server.password {
            Some(encrypted) => Some(self.password(encrypted).await?),
            None => None,
        };
        let trust = server.authority.as_ref().map_or(Trust::Web, |pem| Trust::Authority(pem.as_bytes()));
        Ok(Post::Smtp(Smtp::at(&server.address, password.as_ref(), &trust)?))
    }

    async fn password(&self, encrypted: &str) -> Result<Zeroizing<String>, Error> {
        let malformed = || Error::fault("SMTP_PASSWORD is malformed");
        let ciphertext = post::from_base64(encrypted).ok_or_else(malformed)?;
        let plaintext = self.seal.decrypt(PASSWORD, ciphertext).await?;
        let text = std::str::from_utf8(&plaintext).map_err(|_| malformed())?;
        Ok(Zeroizing::new(text.to_owned()))
    }
}

impl Server {
    fn read(config: &Config) -> Result<Self, Error> {
        let optional = |name| config.optional(name).map(str::to_owned);
        let address = config.required("SMTP_SERVER")?.to_owned();
        Ok(Self { address, password: optional("SMTP_PASSWORD"), authority: optional("SMTP_AUTHORITY") })
    }
}

impl Task for App {
    async fn handle(&self, invocation: Invocation) -> Result<Value, Error> {
        if stream::is_batch(&invocation.event) {
            Ok(self.deliver_all(&invocation.event, invocation.now).await)
        } else if invocation.event["Records"][0]["EventSource"] == "aws:sns" {
            self.mark_all(&invocation.event, invocation.now).await
        } else {
            Err(Error::new(Code::InvalidRequest, "the event is neither of a stream of DynamoDB nor of a topic of SNS"))
        }
    }
}
