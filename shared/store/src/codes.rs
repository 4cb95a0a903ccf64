//! Authorization codes (RFC 6749 section 4.1.2), at `CODE#hash / CODE`.
//!
//! One transaction redeems a code: it marks the code with the new session, creates the session, and checks that the
//! person's profile is unchanged. The marked code is kept for an hour, so that a second use is detected and ends the
//! session of the first one (RFC 9700 section 2.1.1).

use aws_sdk_dynamodb::types::AttributeValue;
use oauth::{Authentication, Error, HOUR, RequestedClaims, Scopes, Time};
use serde::{Deserialize, Serialize};

use crate::browsers;
use crate::limits::{self, Begun, PER_MINUTE};
use crate::refresh_token::RefreshToken;
use crate::secret::{SecretHash, SecretKind};
use crate::sessions;
use crate::sessions::Session;
use crate::table::{self, Item, Key, Table, Update, Write, Written, number};
use crate::users::{self, Person};

/// How long a used or expired code is kept, in seconds.
const REMEMBERED: u64 = HOUR;

/// The issued codes.
#[derive(Clone, Debug)]
pub struct Codes {
    table: Table,
    /// Most sessions that one person's codes become in a minute.
    per_minute: u64,
}

/// The result of redeeming a code.
#[derive(Debug)]
pub enum Redeemed {
    /// A session has begun. This is its first refresh token.
    Begun(RefreshToken),
    /// The code was used before, its time is over, or the person may no longer sign in.
    Refused,
    /// The person's codes became too many sessions in this minute. The code is unused.
    TooMany {
        /// Seconds until another one may begin.
        retry_after: u64,
    },
}

/// What a code grants.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CodeGrant {
    /// The client that it was issued to.
    pub client_id: String,
    /// The redirect URI that it was sent to.
    pub redirect_uri: String,
    /// The S256 challenge, if the request had one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code_challenge: Option<String>,
    /// The person who gave consent.
    pub user: Person,
    /// The granted scopes.
    pub scope: Scopes,
    /// The granted resources. Empty means the default.
    pub resources: Vec<String>,
    /// Returned in the ID token.
    pub nonce: Option<String>,
    /// Individually requested claims.
    pub claims: RequestedClaims,
    /// How the person authenticated.
    #[serde(flatten)]
    pub authentication: Authentication,
    /// The browser sign-in in which the person gave consent.
    pub browser: String,
    /// The name of that sign-in's item ([`crate::BrowserSession::place`]).
    #[serde(default)]
    pub browser_place: String,
    /// When it was issued.
    pub issued_at: Time,
    /// The end of the time in which the code can be redeemed, in epoch seconds.
    pub redeemable_until: u64,
}

/// A code as stored.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct StoredCode {
    /// What it grants.
    #[serde(flatten)]
    pub grant: CodeGrant,
    /// The session that was created from it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session: Option<String>,
    expires_at: u64,
}

impl Codes {
    /// The codes in `table`.
    pub fn new(table: &Table) -> Self {
        Self { table: table.clone(), per_minute: PER_MINUTE }
    }

    /// The same, with at most `sessions` of one person in a minute.
    #[must_use]
    pub fn per_minute(self, sessions: u64) -> Self {
        Self { per_minute: sessions, ..self }
    }

    /// Issues a code for a request that needed no page. For other requests, see [`crate::Requests`].
    pub async fn issue(&self, code: &str, grant: &CodeGrant) -> Result<(), Error> {
        self.table.put(item(code, grant)?).await
    }

    /// A stored code, whether used or not.
    pub async fn find(&self, code: &str, now: Time) -> Result<Option<StoredCode>, Error> {
        self.table.get(key(code), now).await
    }

    /// Redeems a code: creates a session.
    pub async fn redeem(&self, code: &str, grant: &CodeGrant, session: &Session, now: Time) -> Result<Redeemed, Error> {
        let first = RefreshToken::first(&session.user, &session.sid)?;
        // Usually no other session of the person began lately. If one did, the first transaction says so.
        for begun in [Begun::NoneLately, Begun::Some] {
            let mut writes = vec![limits::session_from_code(&session.user, self.per_minute, begun, now)];
            writes.extend(begin(code, grant, (session, &first), now)?);
            match self.table.transact(writes).await? {
                Written::Done => return Ok(Redeemed::Begun(first)),
                Written::Refused(places) if places == [0] => {}
                Written::Refused(_) => return Ok(Redeemed::Refused),
            }
        }
        Ok(Redeemed::TooMany { retry_after: limits::wait_for_session(self.per_minute) })
    }
}

/// Marks the code as used and begins its session, while everything that it rests on still holds.
fn begin(
    code: &str,
    grant: &CodeGrant,
    (session, first): (&Session, &RefreshToken),
    now: Time,
) -> Result<Vec<Write>, Error> {
    let mark = Update {
        expression: "SET #session = :session",
        condition: "attribute_not_exists(#session) AND #redeemable_until > :now",
        values: vec![(":session", AttributeValue::S(session.sid.clone())), (":now", number(now.seconds()))],
        ..Update::nothing(key(code))
    };
    let mut writes =
        vec![Write::Update(mark), sessions::put(session, first)?, browsers::not_ended(&grant.browser_place)];
    writes.extend(users::still_stands(&session.user, &session.authentication.rests_on, grant.issued_at));
    Ok(writes)
}

/// Issues a new code as part of a larger write.
pub(crate) fn put(code: &str, grant: &CodeGrant) -> Result<Write, Error> {
    item(code, grant).map(Write::PutNew)
}

fn item(code: &str, grant: &CodeGrant) -> Result<Item, Error> {
    let expires_at = grant.redeemable_until + REMEMBERED;
    table::item(key(code), &StoredCode { grant: grant.clone(), session: None, expires_at })
}

fn key(code: &str) -> Key {
    Key::new(format!("CODE#{}", SecretHash::of(SecretKind::Code, code).text()), "CODE")
}
