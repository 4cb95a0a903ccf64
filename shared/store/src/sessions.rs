//! Sessions: one per sign-in and client, and with it the family of refresh tokens that descend from that sign-in.
//!
//! A session is one item (`SESSION#user / sid`), so refresh, logout and revocation of it are serialised by the table.
//! Rotation is one conditional write; what it means that the condition failed is read off the item that the same round
//! trip brings back. RFC 9700 section 4.14.2; the format of the token itself is `issuer`'s.

use aws_sdk_dynamodb::types::AttributeValue;
use oauth::{Error, RequestedClaims, Scopes, Time, scope};
use serde::{Deserialize, Serialize};

use crate::random;
use crate::revocations::{self, Revoked};
use crate::secret::SecretHash;
use crate::table::{self, Item, Key, Table, Update, Updated, Write, Written, number};
use crate::users::{self, Proven};

/// Sessions ended in one transaction: DynamoDB takes 100 parts, two per session.
const ENDED_AT_ONCE: usize = 48;

/// Access tokens of one session that can be revoked one by one.
const REVOKED_TOKENS: u64 = 10;

/// Everybody's sessions.
#[derive(Clone, Debug)]
pub struct Sessions(Table);

/// A session, as it may be shown to its owner.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    /// Whose it is.
    pub user: String,
    /// Its id, the `sid` of its tokens: a UUIDv7.
    pub sid: String,
    /// The client that holds the refresh token.
    pub client_id: String,
    /// What was granted; a refresh may ask for less.
    pub scope: Scopes,
    /// Copied from the profile for the tokens.
    pub username: String,
    /// Copied from the profile for the tokens.
    #[serde(default)]
    pub roles: Vec<String>,
    /// The resources that tokens may be for; empty means the default.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub resources: Vec<String>,
    /// Single claims that the client asked for (OpenID Connect Core section 5.5).
    #[serde(default)]
    pub claims: RequestedClaims,
    /// How the person proved who they are (RFC 8176).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub amr: Vec<String>,
    /// The browser session that it began in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub browser: Option<String>,
    /// The program that signed in, as it called itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_agent: Option<String>,
    /// When the person proved who they are.
    pub auth_time: Time,
    /// When the refresh token was last rotated, or made.
    pub used_at: Time,
    /// When the session ends if it is not used before, in epoch seconds.
    pub idle_end: u64,
    /// When the session ends in any case, in epoch seconds. Also the table's TTL.
    #[serde(rename = "expires_at")]
    pub max_end: u64,
}

/// Hashes of a refresh token's two secrets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TokenHashes {
    /// Of the secret that all tokens of the family share.
    pub family: SecretHash,
    /// Of the secret that this token alone has.
    pub own: SecretHash,
}

/// A presented refresh token, and what is to take its place.
#[derive(Debug)]
pub struct Rotation<'a> {
    /// From the token, unproven.
    pub user: &'a str,
    /// From the token, unproven.
    pub sid: &'a str,
    /// Who presents it.
    pub client_id: &'a str,
    /// Of the secret that all tokens of the family share.
    pub family: SecretHash,
    /// Of the secret that this token alone has.
    pub presented: SecretHash,
    /// Of the successor's own secret.
    pub successor: SecretHash,
    /// The successor's own secret, sealed so that only the presented token opens it.
    pub sealed_successor: Vec<u8>,
    /// Seconds for which a replay is answered with the same successor.
    pub grace: u64,
    /// Seconds that the session lives on if it is not used again.
    pub idle: u64,
}

/// Where a refresh token says that it belongs.
#[derive(Clone, Copy, Debug)]
pub struct TokenPlace<'a> {
    /// The person.
    pub user: &'a str,
    /// The session.
    pub sid: &'a str,
}

/// What became of a rotation.
#[derive(Debug)]
pub enum Rotated {
    /// The successor is the live token now.
    Fresh(Session),
    /// The presented token was rotated moments ago: its successor stands, sealed as it was then.
    Replay(Session, Vec<u8>),
    /// The presented token is of the family but was replaced before: somebody holds a copy. The family must end.
    Reused,
    /// No such session, or not a token of it.
    Unknown,
}

/// The item's parts that nobody is shown.
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
        Self(table.clone())
    }

    /// Begins a session, unless the password that it rests on has been changed meanwhile, or the person may not come in
    /// any more (`false`).
    pub async fn begin(&self, session: &Session, first: TokenHashes, proven: Proven) -> Result<bool, Error> {
        let mut writes = Vec::from(users::still_proven(&session.user, proven));
        writes.push(put(session, first)?);
        Ok(self.0.transact(writes).await? == Written::Done)
    }

    /// Exchanges a refresh token for its successor, in one round trip.
    pub async fn rotate(&self, rotation: &Rotation<'_>, now: Time) -> Result<Rotated, Error> {
        let writer = AttributeValue::B(random::bytes::<12>()?.to_vec().into());
        match self.0.update(rotation.update(&writer, now)).await? {
            Updated::Done(item) => Ok(Rotated::Fresh(table::read(item)?)),
            Updated::Refused(Some(item)) => rotation.explain(item, &writer, now),
            Updated::Refused(None) => Ok(Rotated::Unknown),
        }
    }

    /// Ends a session: its refresh tokens at once, its access tokens through the list of revocations. An ended or
    /// unknown session stays so.
    pub async fn end(&self, user: &str, sid: &str, now: Time) -> Result<(), Error> {
        self.0.transact(vec![remove(user, sid), revoke(sid, now)?]).await.map(drop)
    }

    /// Revokes one access token of a session. A session has few tokens to lose this way; beyond them it ends whole, so
    /// that nobody can make the list of revocations grow by refreshing and revoking in turns.
    pub async fn revoke_token(&self, token: TokenPlace<'_>, jti: &str, now: Time) -> Result<(), Error> {
        let count = Update {
            key: key(token.user, token.sid),
            expression: "SET #revoked = if_not_exists(#revoked, :zero) + :one",
            condition: "attribute_exists(#family) AND (attribute_not_exists(#revoked) OR #revoked < :most)",
            names: vec![("#revoked", "revoked".to_owned()), ("#family", "family".to_owned())],
            values: vec![(":zero", number(0)), (":one", number(1)), (":most", number(REVOKED_TOKENS))],
        };
        let revoked = revocations::write(&Revoked::Token { jti: jti.to_owned() }, now)?;
        match self.0.transact(vec![Write::Update(count), revoked]).await? {
            Written::Done => Ok(()),
            Written::Refused => self.end(token.user, token.sid, now).await,
        }
    }

    /// Ends a session on the word of one of its refresh tokens; a wrong family secret or client changes nothing.
    pub async fn end_family(
        &self,
        token: TokenPlace<'_>,
        family: SecretHash,
        client_id: &str,
        now: Time,
    ) -> Result<(), Error> {
        let end = Update {
            condition: "#family = :family AND #client_id = :client_id",
            names: vec![("#family", "family".to_owned()), ("#client_id", "client_id".to_owned())],
            values: vec![
                (":family", AttributeValue::B(family.0.to_vec().into())),
                (":client_id", AttributeValue::S(client_id.to_owned())),
            ],
            ..Update::nothing(key(token.user, token.sid))
        };
        self.0.transact(vec![Write::Delete(end), revoke(token.sid, now)?]).await.map(drop)
    }

    /// The session, if it lives.
    pub async fn find(&self, user: &str, sid: &str, now: Time) -> Result<Option<Session>, Error> {
        let session: Option<Session> = self.0.get(key(user, sid), now).await?;
        Ok(session.filter(|session| session.idle_end > now.seconds()))
    }

    /// A session's owner and scope when `family` and `client_id` are right: what a refresh needs to look at before it
    /// rotates.
    pub async fn peek(&self, rotation: &Rotation<'_>, now: Time) -> Result<Option<Session>, Error> {
        match self.0.item(key(rotation.user, rotation.sid), now).await? {
            Some(item) if rotation.is_of_family(&item) => Ok(Some(table::read(item)?)),
            _ => Ok(None),
        }
    }

    /// The session, if it lives and this is its live refresh token.
    pub async fn with_live_token(
        &self,
        place: TokenPlace<'_>,
        hashes: TokenHashes,
        now: Time,
    ) -> Result<Option<Session>, Error> {
        let item = self.0.item(key(place.user, place.sid), now).await?;
        let item = item.filter(|item| is(item, "family", &hashes.family) && is(item, "current", &hashes.own));
        let session: Option<Session> = item.map(table::read).transpose()?;
        Ok(session.filter(|session| session.idle_end > now.seconds()))
    }

    /// Ends all of a person's sessions that began in one browser, but those that were granted `offline_access`.
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

    /// Copies a person's new roles to their sessions, for the tokens to come.
    pub async fn set_roles(&self, user: &str, roles: &[String], now: Time) -> Result<(), Error> {
        for session in self.of(user, now).await? {
            let update = Update {
                key: key(user, &session.sid),
                expression: "SET #roles = :roles",
                condition: "attribute_exists(#family)",
                names: vec![("#roles", "roles".to_owned()), ("#family", "family".to_owned())],
                values: vec![(":roles", table::list(roles))],
            };
            self.0.update(update).await?;
        }
        Ok(())
    }

    /// A person's living sessions, oldest first.
    pub async fn of(&self, user: &str, now: Time) -> Result<Vec<Session>, Error> {
        let sessions: Vec<Session> = self.0.query(&partition(user), now).await?;
        Ok(sessions.into_iter().filter(|session| session.idle_end > now.seconds()).collect())
    }

    /// Ends all of a person's sessions but `keep`. When it returns, none that had begun before it was called lives.
    pub async fn end_others(&self, user: &str, keep: Option<&str>, now: Time) -> Result<(), Error> {
        let sessions = self.of(user, now).await?;
        let others: Vec<_> = sessions.iter().filter(|session| Some(session.sid.as_str()) != keep).collect();
        for some in others.chunks(ENDED_AT_ONCE) {
            let mut writes = Vec::with_capacity(some.len() * 2);
            for session in some {
                writes.extend([remove(user, &session.sid), revoke(&session.sid, now)?]);
            }
            self.0.transact(writes).await?;
        }
        Ok(())
    }
}

impl Rotation<'_> {
    /// The live token of the right family and client becomes its successor.
    fn update(&self, writer: &AttributeValue, now: Time) -> Update {
        let bytes = |bytes: &[u8]| AttributeValue::B(bytes.to_vec().into());
        Update {
            key: key(self.user, self.sid),
            expression: "SET #previous = :presented, #current = :successor, #sealed = :sealed, #used_at = :now_millis, \
                         #idle_end = :idle_end, #writer = :writer",
            condition: "#family = :family AND #current = :presented AND #client_id = :client_id \
                        AND #idle_end > :now AND #max_end > :now",
            names: [
                ("#previous", "previous"),
                ("#current", "current"),
                ("#sealed", "sealed"),
                ("#used_at", "used_at"),
                ("#idle_end", "idle_end"),
                ("#max_end", "expires_at"),
                ("#writer", "writer"),
                ("#family", "family"),
                ("#client_id", "client_id"),
            ]
            .map(|(placeholder, name)| (placeholder, name.to_owned()))
            .into(),
            values: vec![
                (":presented", bytes(&self.presented.0)),
                (":successor", bytes(&self.successor.0)),
                (":sealed", bytes(&self.sealed_successor)),
                (":family", bytes(&self.family.0)),
                (":client_id", AttributeValue::S(self.client_id.to_owned())),
                (":now", number(now.seconds())),
                (":now_millis", number(now.millis())),
                (":idle_end", number(now.plus(self.idle).seconds())),
                (":writer", writer.clone()),
            ],
        }
    }

    /// What the item says about why the condition failed. The family secret is looked at first: who does not have it
    /// learns nothing and changes nothing, however right the ids are.
    fn explain(&self, item: Item, writer: &AttributeValue, now: Time) -> Result<Rotated, Error> {
        if !self.is_of_family(&item) {
            return Ok(Rotated::Unknown);
        }
        if item.get("writer") == Some(writer) {
            return Ok(Rotated::Fresh(table::read(item)?));
        }
        let previous = is(&item, "previous", &self.presented);
        let current = is(&item, "current", &self.presented);
        let sealed = item.get("sealed").and_then(|sealed| sealed.as_b().ok()).map(|sealed| sealed.as_ref().to_vec());
        let session: Session = table::read(item)?;
        if session.idle_end <= now.seconds() || session.max_end <= now.seconds() {
            return Ok(Rotated::Unknown);
        }
        // Strict is strict also for a request that arrived before the one that overtook it.
        let in_grace = self.grace > 0 && now < session.used_at.plus(self.grace);
        Ok(match sealed {
            Some(sealed) if previous && in_grace => Rotated::Replay(session, sealed),
            _ if current => Rotated::Unknown,
            _ => Rotated::Reused,
        })
    }

    fn is_of_family(&self, item: &Item) -> bool {
        let client = item.get("client_id").and_then(|client| client.as_s().ok());
        is(item, "family", &self.family) && client.is_some_and(|client| client == self.client_id)
    }
}

/// Compares hashes of secrets: their timing tells nothing of the secrets.
fn is(item: &Item, name: &str, hash: &SecretHash) -> bool {
    item.get(name).and_then(|value| value.as_b().ok()).is_some_and(|value| value.as_ref() == hash.0)
}

/// A new session as a part of a larger write.
pub(crate) fn put(session: &Session, first: TokenHashes) -> Result<Write, Error> {
    let stored = Stored { session, family: &first.family.0, current: &first.own.0 };
    Ok(Write::PutNew(table::item(key(&session.user, &session.sid), &stored)?))
}

fn remove(user: &str, sid: &str) -> Write {
    Write::Delete(Update::nothing(key(user, sid)))
}

fn revoke(sid: &str, now: Time) -> Result<Write, Error> {
    revocations::write(&Revoked::Session { sid: sid.to_owned() }, now)
}

fn key(user: &str, sid: &str) -> Key {
    Key::new(partition(user), sid)
}

fn partition(user: &str) -> String {
    format!("SESSION#{user}")
}
