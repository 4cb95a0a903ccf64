//! Sessions: one per sign-in and client, with the family of refresh tokens that belongs to it.
//!
//! A session is one item (`SESSION#user / sid`), so the table serialises its refresh, logout and revocation.
//! [`crate::refresh_token`] defines the format of refresh tokens, [`rotation`] their rotation.

mod rotation;
mod sign_out;

use aws_sdk_dynamodb::types::AttributeValue;
use oauth::{Authentication, Error, RequestedClaims, Scopes, Time, scope};
use serde::{Deserialize, Serialize};

use crate::random;
use crate::refresh_token::{RefreshToken, TokenHashes};
use crate::revocations::{self, Retention, Revoked};
use crate::secret::SecretHash;
use crate::spent::Spent;
use crate::table::{self, Item, Key, Table, Update, Write, Written, number};
use crate::users::{self, Person, Status, User};

pub use rotation::{Chain, RefreshLifetime, Rotated, Rotation};
pub use sign_out::{Change, SignOut};

/// Most sessions of one person, unless configured.
const MOST: usize = 100;

/// Sessions ended in one transaction: DynamoDB allows 100 writes, and a session needs two.
const ENDED_AT_ONCE: usize = 48;

/// How many access tokens of one session can be revoked individually.
const REVOKED_TOKENS: u64 = 10;

/// The sessions of all people.
#[derive(Clone, Debug)]
pub struct Sessions {
    table: Table,
    retention: Retention,
    /// Most sessions of one person.
    most: usize,
}

/// A session, as its owner may see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    /// The person.
    pub user: String,
    /// Its id, the `sid` of its tokens: a UUIDv7.
    pub sid: String,
    /// The client that has the refresh token.
    pub client_id: String,
    /// The granted scopes. A refresh may request fewer.
    pub scope: Scopes,
    /// Copied from the profile, for tokens.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub username: Option<String>,
    /// Copied from the profile, for tokens.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The proven address in the profile, for the tokens of this request. It can change, so it is not stored.
    #[serde(skip)]
    pub email: Option<String>,
    /// Copied from the profile, for tokens.
    #[serde(default)]
    pub roles: Vec<String>,
    /// The resources that tokens may be for. Empty means the default.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub resources: Vec<String>,
    /// Individually requested claims (OpenID Connect Core section 5.5).
    #[serde(default)]
    pub claims: RequestedClaims,
    /// How the person authenticated.
    #[serde(flatten)]
    pub authentication: Authentication,
    /// The browser sign-in in which it began.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub browser: Option<String>,
    /// The user agent of the sign-in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_agent: Option<String>,
    /// When the refresh token was created or last rotated.
    pub used_at: Time,
    /// When the session ends unless it is used before, in epoch seconds.
    pub idle_end: u64,
    /// When the session ends in any case, in epoch seconds. Also the TTL of the item.
    #[serde(rename = "expires_at")]
    pub max_end: u64,
}

impl Session {
    /// A new session of `person` with `client_id`, without any grant.
    pub fn beginning(
        person: Person,
        client_id: &str,
        authentication: Authentication,
        lifetime: RefreshLifetime,
        now: Time,
    ) -> Result<Self, Error> {
        Ok(Self {
            user: person.id,
            sid: random::id(now)?,
            client_id: client_id.to_owned(),
            scope: Scopes::default(),
            username: person.username,
            name: person.name,
            email: person.email,
            roles: person.roles,
            resources: Vec::new(),
            claims: RequestedClaims::default(),
            authentication,
            browser: None,
            user_agent: None,
            used_at: now,
            idle_end: now.plus(lifetime.idle).seconds(),
            max_end: now.plus(lifetime.max).seconds(),
        })
    }
}

impl Session {
    /// Whether the session is still active, as far as the profile of its person decides: it began since the person last
    /// signed out everywhere, or stayed then, and the person may sign in. The item of a session that has ended may
    /// still exist.
    pub fn is_kept_by(&self, user: &User) -> bool {
        let since = self.authentication.rests_on.epoch >= user.sessions_since;
        user.status == Status::Active && (since || user.stays.as_deref() == Some(self.sid.as_str()))
    }
}

/// The members that are never shown.
#[derive(Serialize)]
struct Stored<'a> {
    #[serde(flatten)]
    session: &'a Session,
    #[serde(with = "serde_bytes")]
    family: &'a [u8],
    #[serde(with = "serde_bytes")]
    current: &'a [u8],
}

impl Sessions {
    /// The sessions in `table`.
    pub fn new(table: &Table) -> Self {
        Self { table: table.clone(), retention: Retention::default(), most: MOST }
    }

    /// The same, with revocations that are kept as `retention` says.
    #[must_use]
    pub fn revoking(self, retention: Retention) -> Self {
        Self { retention, ..self }
    }

    /// The same, with at most `most` sessions for each person.
    #[must_use]
    pub fn at_most(self, most: usize) -> Self {
        Self { most, ..self }
    }

    /// Begins a session and returns its first refresh token. `None`: in the meantime, what the authentication depends
    /// on has changed, or the person may no longer sign in.
    pub async fn begin(&self, session: &Session) -> Result<Option<RefreshToken>, Error> {
        self.begin_with(session, Spent::default()).await
    }

    /// The same, using up `spent`. `None` also if that is used up already.
    pub async fn begin_with(&self, session: &Session, spent: Spent) -> Result<Option<RefreshToken>, Error> {
        let (begun, ()) = tokio::join!(self.write(session, spent), self.make_room(session));
        begun
    }

    async fn write(&self, session: &Session, spent: Spent) -> Result<Option<RefreshToken>, Error> {
        let first = RefreshToken::first(&session.user, &session.sid)?;
        let mut writes =
            users::still_stands(&session.user, &session.authentication.rests_on, session.authentication.at);
        writes.push(put(session, &first)?);
        writes.extend(spent.writes());
        Ok((self.table.transact(writes).await? == Written::Done).then_some(first))
    }

    /// Ends the sessions of a person that are too many once `session` begins: those unused longest. It runs beside the
    /// write that begins the session, so that signing in takes no longer. Sign-ins at the same moment may therefore
    /// exceed the limit, until the next one. If the store fails here, the next sign-in ends more.
    pub async fn make_room(&self, session: &Session) {
        if let Err(error) = self.end_unused(session).await {
            tracing::warn!(%error, "ending the sessions that are too many failed");
        }
    }

    async fn end_unused(&self, beginning: &Session) -> Result<(), Error> {
        let now = beginning.used_at;
        let read = self.most.saturating_add(ENDED_AT_ONCE);
        let mut others: Vec<Session> = self.table.query_some(&partition(&beginning.user), read, now).await?;
        others.retain(|session| session.sid != beginning.sid);
        let surplus = (others.len() + 1).saturating_sub(self.most).min(ENDED_AT_ONCE);
        if surplus == 0 {
            return Ok(());
        }
        others.sort_by_key(|session| session.used_at);
        let mut writes = Vec::with_capacity(surplus * 2);
        for session in others.iter().take(surplus) {
            writes.extend([remove(&session.user, &session.sid), self.revocation_of(&session.sid, now).await?]);
        }
        self.table.transact(writes).await.map(drop)
    }

    /// Exchanges a refresh token for its successor.
    pub async fn rotate(&self, rotation: &Rotation<'_>, now: Time) -> Result<Rotated, Error> {
        rotation::rotate(&self.table, rotation, now).await
    }

    /// Ends a session: its refresh tokens at once, its access tokens through the list of revocations. Ending an ended
    /// or unknown session is no error.
    pub async fn end(&self, user: &str, sid: &str, now: Time) -> Result<(), Error> {
        self.table.transact(vec![remove(user, sid), self.revocation_of(sid, now).await?]).await.map(drop)
    }

    /// Revokes one access token of a session. A session has a small budget for this; when it is used up, the whole
    /// session ends, so that nobody can fill the list of revocations by refreshing and revoking in turns.
    pub async fn revoke_token(&self, user: &str, sid: &str, jti: &str, now: Time) -> Result<(), Error> {
        let count = Update {
            expression: "SET #revoked = if_not_exists(#revoked, :zero) + :one",
            condition: "attribute_exists(#family) AND (attribute_not_exists(#revoked) OR #revoked < :most)",
            values: vec![(":zero", number(0)), (":one", number(1)), (":most", number(REVOKED_TOKENS))],
            ..Update::nothing(key(user, sid))
        };
        let revoked = self.revocation(&Revoked::Token { jti: jti.to_owned() }, now).await?;
        match self.table.transact(vec![Write::Update(count), revoked]).await? {
            Written::Done => Ok(()),
            Written::Refused(_) => self.end(user, sid, now).await,
        }
    }

    /// Ends the session of a refresh token. `false`: it has ended already, or the family secret or the client is wrong,
    /// and nothing changed.
    pub async fn end_family(&self, token: &RefreshToken, client_id: &str, now: Time) -> Result<bool, Error> {
        let family = token.hashes().family;
        let end = Update {
            condition: "#family = :family AND #client_id = :client_id",
            values: vec![
                (":family", AttributeValue::B(family.0.to_vec().into())),
                (":client_id", AttributeValue::S(client_id.to_owned())),
            ],
            ..Update::nothing(key(&token.user(), &token.sid()))
        };
        let writes = vec![Write::Delete(end), self.revocation_of(&token.sid(), now).await?];
        Ok(self.table.transact(writes).await? == Written::Done)
    }

    /// The session, if it has not ended.
    pub async fn find(&self, user: &str, sid: &str, now: Time) -> Result<Option<Session>, Error> {
        let session: Option<Session> = self.table.get(key(user, sid), now).await?;
        Ok(session.filter(|session| session.idle_end > now.seconds()))
    }

    /// The session of a refresh token of this client, current or replaced, and the chain of replaced tokens. A refresh
    /// reads it before it rotates.
    pub async fn of_family(
        &self,
        token: &RefreshToken,
        client_id: &str,
        now: Time,
    ) -> Result<Option<(Session, Chain)>, Error> {
        let item = self.table.item(key(&token.user(), &token.sid()), now).await?;
        let item = item.filter(|item| rotation::is_of_family(item, &token.hashes(), client_id));
        let Some(item) = item else { return Ok(None) };
        let chain = Chain::of(&item);
        Ok(Some((table::read(item)?, chain)))
    }

    /// The session, if it has not ended and this is its current refresh token.
    pub async fn with_live_token(&self, token: &RefreshToken, now: Time) -> Result<Option<Session>, Error> {
        let hashes = token.hashes();
        let item = self.table.item(key(&token.user(), &token.sid()), now).await?;
        let item = item.filter(|item| is(item, "family", &hashes.family) && is(item, "current", &hashes.own));
        let session: Option<Session> = item.map(table::read).transpose()?;
        Ok(session.filter(|session| session.idle_end > now.seconds()))
    }

    /// Ends all of a person's sessions that began in one browser, except those with `offline_access`.
    pub async fn end_of_browser(&self, user: &str, browser: &str, now: Time) -> Result<(), Error> {
        for session in self.of(user, now).await? {
            let online = !session.scope.contains(scope::OFFLINE_ACCESS);
            if online && session.browser.as_deref() == Some(browser) {
                self.end(user, &session.sid, now).await?;
            }
        }
        Ok(())
    }

    /// Ends all of a person's sessions with one client. `false`: there was none.
    pub async fn end_of_client(&self, user: &str, client_id: &str, now: Time) -> Result<bool, Error> {
        let mut ended = false;
        for session in self.of(user, now).await?.iter().filter(|session| session.client_id == client_id) {
            self.end(user, &session.sid, now).await?;
            ended = true;
        }
        Ok(ended)
    }

    /// Copies a person's new roles to their sessions, for future tokens.
    pub async fn set_roles(&self, user: &str, roles: &[String], now: Time) -> Result<(), Error> {
        for session in self.of(user, now).await? {
            let update = Update {
                expression: "SET #roles = :roles",
                condition: "attribute_exists(#family)",
                values: vec![(":roles", table::list(roles))],
                ..Update::nothing(key(user, &session.sid))
            };
            self.table.update(update).await?;
        }
        Ok(())
    }

    /// A person's active sessions, oldest first.
    pub async fn of(&self, user: &str, now: Time) -> Result<Vec<Session>, Error> {
        let sessions: Vec<Session> = self.table.query(&partition(user), now).await?;
        Ok(sessions.into_iter().filter(|session| session.idle_end > now.seconds()).collect())
    }

    async fn revocation_of(&self, sid: &str, now: Time) -> Result<Write, Error> {
        self.revocation(&Revoked::Session { sid: sid.to_owned() }, now).await
    }

    async fn revocation(&self, revoked: &Revoked, now: Time) -> Result<Write, Error> {
        revocations::write(revoked, self.retention.end(now).await, now)
    }
}

/// Compares hashes of secrets. The timing of the comparison reveals nothing about the secrets.
pub(crate) fn is(item: &Item, name: &str, hash: &SecretHash) -> bool {
    item.get(name).and_then(|value| value.as_b().ok()).is_some_and(|value| value.as_ref() == hash.0)
}

/// A new session as part of a larger write.
pub(crate) fn put(session: &Session, first: &RefreshToken) -> Result<Write, Error> {
    let settled = Session { authentication: session.authentication.clone().settled(), ..session.clone() };
    let TokenHashes { family, own } = first.hashes();
    let stored = Stored { session: &settled, family: &family.0, current: &own.0 };
    Ok(Write::PutNew(table::item(key(&session.user, &session.sid), &stored)?))
}

fn remove(user: &str, sid: &str) -> Write {
    Write::Delete(Update::nothing(key(user, sid)))
}

pub(crate) fn key(user: &str, sid: &str) -> Key {
    Key::new(partition(user), sid)
}

fn partition(user: &str) -> String {
    format!("SESSION#{user}")
}
