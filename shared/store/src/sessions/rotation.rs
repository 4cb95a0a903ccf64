//! Rotation of refresh tokens (RFC 9700 section 4.14.2): one conditional write uses a token up and stores its
//! successor.
//!
//! A session item contains the hash of its current token, and a chain of the tokens that were replaced within the grace
//! window: hash, time and sealed successor of each. A replaced token that returns within its own window leads along the
//! chain to the current one, so that two tabs or a lost reply never end a session. After its window, its use means that
//! somebody has a copy.

use aws_sdk_dynamodb::types::AttributeValue;
use oauth::{Config, Error, Time};

use crate::item::{Item, read};
use crate::random;
use crate::refresh_token::{RefreshToken, TokenHashes};
use crate::secret::SecretHash;
use crate::table::{Table, Update, Updated, number};

use super::{Session, is, key};

/// Most replaced tokens in a chain. A client that rotates more often within the grace window must wait.
const LONGEST_CHAIN: usize = 16;
/// How often a write is tried when other requests rotate the same token.
const TRIES: usize = 4;
/// Bytes of a link: hash (32), time (8), nonce (12), sealed secret (32), tag (16).
const LINK: usize = 100;

/// The lifetimes of a session's refresh tokens, in seconds.
#[derive(Clone, Copy, Debug)]
pub struct RefreshLifetime {
    /// How long after its rotation a replaced token leads to the current one. 0: never.
    pub grace: u64,
    /// How long a session lasts without use.
    pub idle: u64,
    /// How long a session lasts in total.
    pub max: u64,
}

impl RefreshLifetime {
    /// Reads `REFRESH_GRACE_SECONDS`, `REFRESH_IDLE_SECONDS` and `REFRESH_MAX_SECONDS`.
    pub fn read(config: &Config) -> Result<Self, Error> {
        Ok(Self {
            grace: config.parsed("REFRESH_GRACE_SECONDS")?,
            idle: config.parsed("REFRESH_IDLE_SECONDS")?,
            max: config.parsed("REFRESH_MAX_SECONDS")?,
        })
    }
}

/// The rotation of a presented refresh token.
#[derive(Clone, Copy, Debug)]
pub struct Rotation<'a> {
    /// The presented token, not verified.
    pub presented: &'a RefreshToken,
    /// The client that presents it.
    pub client_id: &'a str,
    /// The lifetimes of the session's tokens.
    pub lifetime: RefreshLifetime,
    /// The chain from [`crate::Sessions::of_family`], if the session was read before. It saves a write that would fail.
    pub seen: Option<&'a Chain>,
}

/// The result of a rotation.
#[derive(Debug)]
pub enum Rotated {
    /// The session and its current token: the successor of the presented one, or a later one.
    Live(Box<Session>, RefreshToken),
    /// The presented token belongs to the family but was replaced before: somebody has a copy. The family must end.
    Reused,
    /// The current token was rotated too often within the grace window.
    Crowded {
        /// Seconds until it can be rotated again.
        retry_after: u64,
    },
    /// No such session, or the token does not belong to it.
    Unknown,
}

/// Why a write was refused.
enum Refusal {
    Final(Rotated),
    /// The token is current, and the chain contains its predecessors within the grace window.
    Live(Chain),
}

/// One attempt to rotate.
struct Attempt<'a> {
    rotation: &'a Rotation<'a>,
    presented: TokenHashes,
    successor: RefreshToken,
    sealed: Vec<u8>,
    /// Identifies this request's own write.
    writer: AttributeValue,
    now: Time,
}

/// Rotates a token. One write is enough if the last rotation is older than the grace window, which is the usual case;
/// otherwise a second write extends the chain.
pub(crate) async fn rotate(table: &Table, rotation: &Rotation<'_>, now: Time) -> Result<Rotated, Error> {
    let attempt = Attempt::new(rotation, now)?;
    let mut update = match rotation.seen.filter(|chain| chain.room(rotation.lifetime.grace, now).is_ok()) {
        Some(chain) if !chain.0.is_empty() => attempt.continuing(chain),
        _ => attempt.beginning(),
    };
    for _ in 0..TRIES {
        let item = match table.update(update).await? {
            Updated::Done(item) => return attempt.done(item),
            Updated::Refused(None) => return Ok(Rotated::Unknown),
            Updated::Refused(Some(item)) => item,
        };
        update = match attempt.explain(item)? {
            Refusal::Final(rotated) => return Ok(rotated),
            Refusal::Live(chain) => match chain.room(rotation.lifetime.grace, now) {
                Ok(()) => attempt.continuing(&chain),
                Err(retry_after) => return Ok(Rotated::Crowded { retry_after }),
            },
        };
    }
    Err(Error::passing("concurrent rotations of the same token"))
}

impl<'a> Attempt<'a> {
    fn new(rotation: &'a Rotation<'a>, now: Time) -> Result<Self, Error> {
        let successor = rotation.presented.successor()?;
        Ok(Self {
            rotation,
            presented: rotation.presented.hashes(),
            sealed: rotation.presented.seal(&successor)?,
            successor,
            writer: AttributeValue::B(random::bytes::<12>()?.to_vec().into()),
            now,
        })
    }

    /// Replaces the current token of the right family and client with its successor, and starts a new chain.
    fn beginning(&self) -> Update {
        let settled = self.now.millis().saturating_sub(self.rotation.lifetime.grace.saturating_mul(1000));
        let condition = "#family = :family AND #current = :presented AND #client_id = :client_id \
                         AND #idle_end > :now AND #max_end > :now \
                         AND (attribute_not_exists(#chain) OR #used_at <= :settled)";
        self.update(&Chain::default(), condition, (":settled", number(settled)))
    }

    /// The same, but extends the chain if it is unchanged since it was read.
    fn continuing(&self, chain: &Chain) -> Update {
        let condition = "#family = :family AND #current = :presented AND #client_id = :client_id \
                         AND #idle_end > :now AND #max_end > :now AND #chain = :seen";
        let live = chain.live(self.rotation.lifetime.grace, self.now);
        self.update(&live, condition, (":seen", bytes(&chain.0)))
    }

    fn update(&self, before: &Chain, condition: &'static str, value: (&'static str, AttributeValue)) -> Update {
        let TokenHashes { family, own } = self.presented;
        let now = self.now;
        Update {
            expression: "SET #current = :successor, #chain = :chain, #used_at = :now_millis, #idle_end = :idle_end, \
                         #writer = :writer",
            condition,
            names: vec![("#max_end", "expires_at".to_owned())],
            values: vec![
                (":presented", bytes(&own.0)),
                (":successor", bytes(&self.successor.hashes().own.0)),
                (":chain", bytes(&before.with(&own, now, &self.sealed).0)),
                (":family", bytes(&family.0)),
                (":client_id", AttributeValue::S(self.rotation.client_id.to_owned())),
                (":now", number(now.seconds())),
                (":now_millis", number(now.millis())),
                (":idle_end", number(now.plus(self.rotation.lifetime.idle).seconds())),
                (":writer", self.writer.clone()),
                value,
            ],
            ..Update::nothing(key(&self.rotation.presented.user(), &self.rotation.presented.sid()))
        }
    }

    fn done(self, item: Item) -> Result<Rotated, Error> {
        Ok(Rotated::Live(Box::new(read(item)?), self.successor))
    }

    /// Finds out from the item why the condition failed. The family secret is checked first: a caller without it learns
    /// nothing and changes nothing, even with correct ids.
    fn explain(&self, item: Item) -> Result<Refusal, Error> {
        if !is_of_family(&item, &self.presented, self.rotation.client_id) {
            return Ok(Refusal::Final(Rotated::Unknown));
        }
        let ours = item.get("writer") == Some(&self.writer);
        let live = is(&item, "current", &self.presented.own);
        let current = item.get("current").and_then(|hash| hash.as_b().ok()).map(|hash| hash.as_ref().to_vec());
        let chain = Chain::of(&item);
        let session: Session = read(item)?;
        if session.idle_end <= self.now.seconds() || session.max_end <= self.now.seconds() {
            return Ok(Refusal::Final(Rotated::Unknown));
        }
        if live {
            return Ok(Refusal::Live(chain));
        }
        let grace = self.rotation.lifetime.grace;
        let token = if ours {
            Some(self.rotation.presented.open(&self.sealed)?)
        } else {
            chain.follow(self.rotation.presented, &current.unwrap_or_default(), grace, self.now)?
        };
        Ok(Refusal::Final(token.map_or(Rotated::Reused, |token| Rotated::Live(Box::new(session), token))))
    }
}

/// Whether a token with these hashes belongs to the item's family and was presented by the session's client.
pub(crate) fn is_of_family(item: &Item, hashes: &TokenHashes, client_id: &str) -> bool {
    let client = item.get("client_id").and_then(|client| client.as_s().ok());
    is(item, "family", &hashes.family) && client.is_some_and(|client| client == client_id)
}

/// The tokens that were replaced within the grace window, oldest first, as links of [`LINK`] bytes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Chain(Vec<u8>);

/// One replaced token.
struct Link<'a> {
    hash: &'a [u8],
    at: Time,
    /// The own secret of the successor, sealed under this token.
    sealed: &'a [u8],
}

impl Link<'_> {
    /// Whether the window of this token is open. Without a grace window it never is, not even for a request that
    /// arrived first but was overtaken.
    fn leads_on(&self, grace: u64, now: Time) -> bool {
        grace > 0 && now < self.at.plus(grace)
    }
}

impl Chain {
    pub(crate) fn of(item: &Item) -> Self {
        let bytes = item.get("chain").and_then(|chain| chain.as_b().ok());
        Self(bytes.map(|bytes| bytes.as_ref().to_vec()).unwrap_or_default())
    }

    fn links(&self) -> impl Iterator<Item = Link<'_>> {
        self.0.chunks_exact(LINK).map(|link| {
            let (hash, rest) = link.split_at(32);
            let (at, sealed) = rest.split_at(8);
            let at = at.iter().fold(0, |millis, byte| millis << 8 | u64::from(*byte));
            Link { hash, at: Time::from_millis(at), sealed }
        })
    }

    fn with(&self, hash: &SecretHash, at: Time, sealed: &[u8]) -> Self {
        Self([self.0.as_slice(), &hash.0, &at.millis().to_be_bytes(), sealed].concat())
    }

    /// Without the links whose windows are over. Links are in chronological order, so these come first.
    fn live(&self, grace: u64, now: Time) -> Self {
        let over = self.links().take_while(|link| !link.leads_on(grace, now)).count();
        Self(self.0[over * LINK..].to_vec())
    }

    /// Succeeds if another link fits; otherwise the number of seconds until one does.
    fn room(&self, grace: u64, now: Time) -> Result<(), u64> {
        let live = self.live(grace, now);
        match live.links().next() {
            Some(oldest) if live.links().count() >= LONGEST_CHAIN => {
                Err((oldest.at.plus(grace).millis().saturating_sub(now.millis())).div_ceil(1000).max(1))
            }
            _ => Ok(()),
        }
    }

    /// The current token, whose hash is `current`, reached from a replaced one. `None` after the window of that one.
    fn follow(
        &self,
        from: &RefreshToken,
        current: &[u8],
        grace: u64,
        now: Time,
    ) -> Result<Option<RefreshToken>, Error> {
        let mut known = self.links();
        let hash = from.hashes().own;
        let Some(first) = known.find(|link| link.hash == hash.0 && link.leads_on(grace, now)) else { return Ok(None) };
        let mut token = from.open(first.sealed)?;
        for link in known {
            if token.hashes().own.0 == link.hash {
                token = token.open(link.sealed)?;
            }
        }
        Ok((token.hashes().own.0 == current).then_some(token))
    }
}

fn bytes(bytes: &[u8]) -> AttributeValue {
    AttributeValue::B(bytes.to_vec().into())
}

#[cfg(test)]
mod tests {
    use super::*;

    const GRACE: u64 = 30;

    /// A chain of `count` rotations, one per second, and all of its tokens.
    fn chain(count: u64) -> (Chain, Vec<RefreshToken>) {
        let id = "018f0000-0000-7000-8000-000000000001";
        let mut tokens = vec![RefreshToken::first(id, id).unwrap()];
        let mut chain = Chain::default();
        for second in 0..count {
            let token = tokens.last().unwrap();
            let successor = token.successor().unwrap();
            chain = chain.with(&token.hashes().own, Time::from_seconds(second), &token.seal(&successor).unwrap());
            tokens.push(successor);
        }
        (chain, tokens)
    }

    #[test]
    fn every_replaced_token_leads_to_the_current_one_within_its_own_window() {
        let (chain, tokens) = chain(5);
        let live = tokens[5].hashes().own.0;
        let follow = |number: usize, second| {
            chain.follow(&tokens[number], &live, GRACE, Time::from_seconds(second)).unwrap().map(|token| token.text())
        };
        for number in 0..5 {
            let end = number as u64 + GRACE;
            assert_eq!(follow(number, end - 1), Some(tokens[5].text()), "{number}");
            assert_eq!(follow(number, end), None, "{number}");
        }
        assert_eq!(follow(5, 6), None, "the current token was not replaced");
    }

    #[test]
    fn a_full_chain_has_room_when_the_window_of_its_oldest_link_is_over() {
        let (chain, _) = chain(LONGEST_CHAIN as u64);
        assert_eq!(chain.room(GRACE, Time::from_seconds(20)), Err(10));
        assert_eq!(chain.room(GRACE, Time::from_seconds(30)), Ok(()));
        assert_eq!(chain.live(GRACE, Time::from_seconds(33)).links().count(), LONGEST_CHAIN - 4);
        assert_eq!(chain.0.len(), LONGEST_CHAIN * LINK);
    }

    #[test]
    fn without_grace_nothing_is_followed() {
        let (chain, tokens) = chain(1);
        let live = tokens[1].hashes().own.0;
        assert!(chain.follow(&tokens[0], &live, 0, Time::from_seconds(0)).unwrap().is_none());
        let (chain, tokens) = (chain.with(&tokens[1].hashes().own, Time::from_seconds(9), &[0; 60]), tokens);
        assert!(chain.follow(&tokens[1], &live, 0, Time::from_seconds(8)).unwrap().is_none(), "overtaken");
        assert_eq!(chain.live(0, Time::from_seconds(8)), Chain::default());
    }
}
