//! Browser sign-ins (single sign-on), at `BROWSER#user / hash`. The cookie is the secret; it also says whose partition
//! its item is in, so that a person's browsers can be listed.
//!
//! Earlier releases stored them at `BROWSER#hash / BROWSER`, with cookies that name nobody. They work until they end, and
//! are in no list.

use aws_sdk_dynamodb::types::AttributeValue;
use oauth::{Authentication, Config, Error, HOUR, Time};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::random;
use crate::secret::{SecretHash, SecretKind, generate};
use crate::spent::Spent;
use crate::table::{self, Item, Key, Table, Update, Write, number};
use crate::users;

/// How long a sign-out is kept, in seconds: longer than a code can be redeemed.
const REMEMBERED: u64 = HOUR;
/// Most browsers in which one person is signed in.
const MOST: usize = 50;
/// Most browsers that one sign-in ends.
const ENDED_AT_ONCE: usize = 25;
/// How the partition keys begin.
const PREFIX: &str = "BROWSER#";
/// Separates the person and the secret in a cookie, and the person and the hash in a place.
const SEPARATOR: char = '.';

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

/// The browser in which somebody signs in.
#[derive(Default)]
pub struct Visitor<'a> {
    /// The cookie of an earlier sign-in there.
    pub old: Option<&'a str>,
    /// What the browser says it is.
    pub user_agent: Option<String>,
    /// What the sign-in uses up.
    pub spent: Spent,
    /// Whether the person trusts it, so that the password was sufficient there.
    pub is_trusted: bool,
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
    /// The name of the item in the table: the person and the hash of the cookie.
    #[serde(skip)]
    pub place: String,
    /// The user agent of the sign-in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_agent: Option<String>,
    /// Whether the person trusted it at that time, so that the password was sufficient.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_trusted: bool,
    /// When it was last used, to a tenth of the idle time. Absent in items of earlier releases.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    used_at: Option<Time>,
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
    /// old cookie, if any. `None`: in the meantime, what the authentication depends on has changed, the account was closed,
    /// or what the sign-in uses up is used up already.
    pub async fn begin(
        &self,
        user: &str,
        authentication: &Authentication,
        visitor: Visitor<'_>,
        now: Time,
    ) -> Result<Option<Zeroizing<String>>, Error> {
        let cookie = Zeroizing::new(format!("{user}{SEPARATOR}{}", *generate()?));
        let expires_at = now.plus(self.lifetime.max).seconds();
        let session = BrowserSession {
            id: random::id(now)?,
            user: user.to_owned(),
            authentication: authentication.clone().settled(),
            ended: false,
            place: String::new(),
            user_agent: visitor.user_agent,
            is_trusted: visitor.is_trusted,
            used_at: Some(now),
            idle_end: now.plus(self.lifetime.idle).seconds().min(expires_at),
            expires_at,
        };
        let mut writes = users::still_stands(user, &authentication.rests_on, now);
        writes.push(Write::PutNew(table::item(key(&cookie), &session)?));
        writes.extend(visitor.old.map(|old| Write::Delete(Update::nothing(key(old)))));
        writes.extend(visitor.spent.writes());
        Ok((self.table.transact(writes).await? == table::Written::Done).then_some(cookie))
    }

    /// Ends the sign-ins of a person that are too many: those unused longest. A sign-in runs it beside its write, so it
    /// takes no longer, and at most that one is missed. If the store fails here, the next sign-in ends more.
    pub async fn make_room(&self, user: &str, now: Time) {
        if let Err(error) = self.end_unused(user, now).await {
            tracing::warn!(%error, "ending the browser sign-ins that are too many failed");
        }
    }

    async fn end_unused(&self, user: &str, now: Time) -> Result<(), Error> {
        let items = self.table.query_some_items(&partition(user), MOST + ENDED_AT_ONCE, now).await?;
        let surplus = items.len().saturating_sub(MOST).min(ENDED_AT_ONCE);
        if surplus == 0 {
            return Ok(());
        }
        let mut browsers: Vec<_> = items.into_iter().map(read).collect::<Result<_, _>>()?;
        browsers.sort_by_key(BrowserSession::used_at);
        let ended = browsers.iter().take(surplus).map(|browser| remove(&browser.place));
        self.table.transact(ended.collect()).await.map(drop)
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
            self.touch(cookie, idle_end, now).await?;
        }
        Ok(Some(BrowserSession { place: place(cookie), ..session }))
    }

    async fn touch(&self, cookie: &str, idle_end: u64, now: Time) -> Result<(), Error> {
        let update = Update {
            expression: "SET #idle_end = :idle_end, #used_at = :now",
            condition: "attribute_exists(#user)",
            values: vec![(":idle_end", number(idle_end)), (":now", number(now.millis()))],
            ..Update::nothing(key(cookie))
        };
        self.table.update(update).await.map(drop)
    }

    /// The browsers in which a person is signed in. The caller leaves out those of an earlier epoch
    /// ([`crate::User::welcomes`]).
    pub async fn of(&self, user: &str, now: Time) -> Result<Vec<BrowserSession>, Error> {
        let items = self.table.query_items(&partition(user), now).await?;
        let browsers: Vec<_> = items.into_iter().map(read).collect::<Result<_, _>>()?;
        Ok(browsers.into_iter().filter(|browser| browser.idle_end > now.seconds() && !browser.ended).collect())
    }

    /// Signs out, and invalidates unused codes that were issued in this browser. An unknown cookie is no error.
    pub async fn end(&self, cookie: &str, now: Time) -> Result<(), Error> {
        self.end_at(&place(cookie), now).await
    }

    /// The same for the browser at this place ([`BrowserSession::place`]).
    pub async fn end_at(&self, place: &str, now: Time) -> Result<(), Error> {
        let end = Update {
            expression: "SET #ended = :true, #expires_at = :soon",
            condition: "attribute_exists(#user)",
            values: vec![(":true", AttributeValue::Bool(true)), (":soon", number(now.plus(REMEMBERED).seconds()))],
            ..Update::nothing(key_at(place))
        };
        self.table.update(end).await.map(drop)
    }
}

impl BrowserSession {
    /// Whether the authentication took place at `instant` or later.
    pub fn authenticated_since(&self, instant: Time) -> bool {
        self.authentication.at >= instant
    }

    /// When it was last used, to a tenth of the idle time.
    pub fn used_at(&self) -> Time {
        self.used_at.unwrap_or(self.authentication.at)
    }
}

/// Checks, as part of a larger write, that nobody has signed out of the browser at `place`. Being replaced by another
/// sign-in does not count as a sign-out.
pub(crate) fn not_ended(place: &str) -> Write {
    Write::Check(Update { condition: "attribute_not_exists(#ended)", ..Update::nothing(key_at(place)) })
}

/// Removes all that is stored about a person's browsers, also those that have ended.
pub(crate) async fn remove_all(table: &Table, user: &str) -> Result<(), Error> {
    table.remove_partition(&partition(user)).await
}

fn remove(place: &str) -> Write {
    Write::Delete(Update::nothing(key_at(place)))
}

/// A listed item. Its keys are its place.
fn read(item: Item) -> Result<BrowserSession, Error> {
    let text = |name| item.get(name).and_then(|value| value.as_s().ok()).map(String::as_str).unwrap_or_default();
    let user = text("pk").strip_prefix(PREFIX).unwrap_or_default();
    let place = format!("{user}{SEPARATOR}{}", text("sk"));
    Ok(BrowserSession { place, ..table::read(item)? })
}

fn key(cookie: &str) -> Key {
    key_at(&place(cookie))
}

fn key_at(place: &str) -> Key {
    match place.split_once(SEPARATOR) {
        Some((user, hash)) => Key::new(partition(user), hash),
        None => Key::new(format!("BROWSER#{place}"), "BROWSER"),
    }
}

fn partition(user: &str) -> String {
    format!("BROWSER#{user}")
}

/// The place of a cookie's item. The hash covers the whole cookie, so that a cookie opens only the partition that it was
/// made for.
fn place(cookie: &str) -> String {
    let hash = SecretHash::of(SecretKind::BrowserSession, cookie).text();
    cookie.split_once(SEPARATOR).map_or_else(|| hash.clone(), |(user, _)| format!("{user}{SEPARATOR}{hash}"))
}
