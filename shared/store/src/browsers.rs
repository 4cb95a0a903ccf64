//! Browser sign-ins (single sign-on), at `BROWSER#hash / BROWSER`. The cookie is the secret.

use aws_sdk_dynamodb::types::AttributeValue;
use oauth::{Authentication, Config, Error, Time};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::random;
use crate::secret::{SecretHash, SecretKind, generate};
use crate::table::{self, Key, Table, Update, Write, number};
use crate::users;

/// How long a sign-out is kept, in seconds: longer than a code can be redeemed.
const REMEMBERED: u64 = 3600;

/// The browser sign-ins.
#[derive(Clone, Debug)]
pub struct Browsers {
    table: Table,
    lifetime: BrowserLifetime,
}

/// How long a browser sign-in lasts, in seconds.
#[derive(Clone, Copy, Debug)]
pub struct BrowserLifetime {
    /// Without use.
    pub idle: u64,
    /// In total.
    pub max: u64,
}

/// A browser in which a person is signed in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BrowserSession {
    /// Its id, which is not secret. Sessions that began in this browser contain it.
    pub id: String,
    /// The signed-in person.
    pub user: String,
    /// How the person authenticated.
    #[serde(flatten)]
    pub authentication: Authentication,
    /// Whether the person signed out. The item is kept for a while, so that unused codes are refused.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    ended: bool,
    /// The name of the item in the table: the hash of the cookie.
    #[serde(skip)]
    pub place: String,
    /// When it ends unless it is used before, in epoch seconds.
    pub idle_end: u64,
    /// When it ends in any case, in epoch seconds.
    pub expires_at: u64,
}

impl BrowserLifetime {
    /// Reads `BROWSER_IDLE_SECONDS` and `BROWSER_MAX_SECONDS`.
    pub fn read(config: &Config) -> Result<Self, Error> {
        Ok(Self { idle: config.parsed("BROWSER_IDLE_SECONDS")?, max: config.parsed("BROWSER_MAX_SECONDS")? })
    }
}

impl Browsers {
    /// The browsers in `table`.
    pub fn new(table: &Table, lifetime: BrowserLifetime) -> Self {
        Self { table: table.clone(), lifetime }
    }

    /// Signs in a person who has just authenticated, and returns the new cookie. The same write ends the sign-in of the
    /// old cookie, if any. `None`: in the meantime, what the authentication depends on has changed, or the account was
    /// closed.
    pub async fn begin(
        &self,
        user: &str,
        authentication: &Authentication,
        old: Option<&str>,
        now: Time,
    ) -> Result<Option<Zeroizing<String>>, Error> {
        let cookie = generate()?;
        let expires_at = now.plus(self.lifetime.max).seconds();
        let session = BrowserSession {
            id: random::id(now)?,
            user: user.to_owned(),
            authentication: authentication.clone().settled(),
            ended: false,
            place: String::new(),
            idle_end: now.plus(self.lifetime.idle).seconds().min(expires_at),
            expires_at,
        };
        let mut writes = users::still_stands(user, &authentication.rests_on, authentication.at);
        writes.push(Write::PutNew(table::item(key(&cookie), &session)?));
        writes.extend(old.map(|old| Write::Delete(Update::nothing(key(old)))));
        Ok((self.table.transact(writes).await? == table::Written::Done).then_some(cookie))
    }

    /// Maximum lifetime of the cookie in seconds.
    pub fn max_age(&self) -> u64 {
        self.lifetime.max
    }

    /// The sign-in of a cookie, if it has not ended. The caller checks whether the person may still sign in
    /// ([`crate::User::welcomes`]). Finding it counts as use, which is written when a tenth of the idle time has
    /// passed.
    pub async fn find(&self, cookie: &str, now: Time) -> Result<Option<BrowserSession>, Error> {
        let session: Option<BrowserSession> = self.table.get(key(cookie), now).await?;
        let lives = |session: &BrowserSession| session.idle_end > now.seconds() && !session.ended;
        let Some(session) = session.filter(lives) else { return Ok(None) };
        let idle_end = now.plus(self.lifetime.idle).seconds().min(session.expires_at);
        if idle_end.saturating_sub(session.idle_end) >= self.lifetime.idle.div_ceil(10) {
            self.touch(cookie, idle_end).await?;
        }
        Ok(Some(BrowserSession { place: place(cookie), ..session }))
    }

    async fn touch(&self, cookie: &str, idle_end: u64) -> Result<(), Error> {
        let update = Update {
            expression: "SET #idle_end = :idle_end",
            condition: "attribute_exists(#user)",
            values: vec![(":idle_end", number(idle_end))],
            ..Update::nothing(key(cookie))
        };
        self.table.update(update).await.map(drop)
    }

    /// Signs out, and invalidates unused codes that were issued in this browser. An unknown cookie is no error.
    pub async fn end(&self, cookie: &str, now: Time) -> Result<(), Error> {
        let end = Update {
            expression: "SET #ended = :true, #expires_at = :soon",
            condition: "attribute_exists(#user)",
            values: vec![(":true", AttributeValue::Bool(true)), (":soon", number(now.plus(REMEMBERED).seconds()))],
            ..Update::nothing(key(cookie))
        };
        self.table.update(end).await.map(drop)
    }
}

impl BrowserSession {
    /// Whether the authentication took place at `instant` or later.
    pub fn authenticated_since(&self, instant: Time) -> bool {
        self.authentication.at >= instant
    }
}

/// Checks, as part of a larger write, that nobody has signed out of the browser at `place`. Being replaced by another
/// sign-in does not count as a sign-out.
pub(crate) fn not_ended(place: &str) -> Write {
    Write::Check(Update { condition: "attribute_not_exists(#ended)", ..Update::nothing(key_at(place)) })
}

fn key(cookie: &str) -> Key {
    key_at(&place(cookie))
}

fn key_at(place: &str) -> Key {
    Key::new(format!("BROWSER#{place}"), "BROWSER")
}

fn place(cookie: &str) -> String {
    SecretHash::of(SecretKind::BrowserSession, cookie).text()
}

/// A list of words as an attribute, which must not be empty.
pub(crate) fn word_set<'a>(words: impl Iterator<Item = &'a str>) -> AttributeValue {
    AttributeValue::Ss(words.map(str::to_owned).collect())
}
