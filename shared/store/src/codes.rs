//! Authorization codes (RFC 6749 section 4.1.2), at `CODE#hash / CODE`.
//!
//! A code is redeemed by one transaction: the code is marked with the session that it becomes, the session begins, and
//! the person's profile must still be as it was. It stays for an hour, marked, so that a second use is seen and ends
//! what the first one began (RFC 9700 section 2.1.1).

use aws_sdk_dynamodb::types::AttributeValue;
use oauth::{Authentication, Error, RequestedClaims, Scopes, Time};
use serde::{Deserialize, Serialize};

use crate::browsers;
use crate::refresh_token::RefreshToken;
use crate::secret::{SecretHash, SecretKind};
use crate::sessions;
use crate::sessions::Session;
use crate::table::{self, Item, Key, Table, Update, Write, Written, number};
use crate::users::{self, Person};

/// Seconds for which a used or expired code is remembered.
const REMEMBERED: u64 = 3600;

/// The codes that were handed out.
#[derive(Clone, Debug)]
pub struct Codes(Table);

/// What a code stands for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CodeGrant {
    /// The client that it was made for.
    pub client_id: String,
    /// Where it was sent.
    pub redirect_uri: String,
    /// S256 of the `code_verifier`, if the request had one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code_challenge: Option<String>,
    /// Who agreed.
    pub user: Person,
    /// What was granted.
    pub scope: Scopes,
    /// Where; empty means the default.
    pub resources: Vec<String>,
    /// Comes back in the ID token.
    pub nonce: Option<String>,
    /// Single claims.
    pub claims: RequestedClaims,
    /// How the person proved who they are.
    #[serde(flatten)]
    pub authentication: Authentication,
    /// The browser session that they agreed in.
    pub browser: String,
    /// Where that lies in the table ([`crate::BrowserSession::place`]).
    #[serde(default)]
    pub browser_place: String,
    /// When it was handed out.
    pub issued_at: Time,
    /// Until when the code can be redeemed, in epoch seconds.
    pub redeemable_until: u64,
}

/// A code as it lies in the table.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct StoredCode {
    /// What it stands for.
    #[serde(flatten)]
    pub grant: CodeGrant,
    /// The session that it became.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session: Option<String>,
    expires_at: u64,
}

impl Codes {
    /// The codes in `table`.
    pub fn new(table: &Table) -> Self {
        Self(table.clone())
    }

    /// Hands out a code for a request that was answered at once. One that lies in the table ends by
    /// [`crate::Requests::redeem`].
    pub async fn issue(&self, code: &str, grant: &CodeGrant) -> Result<(), Error> {
        self.0.put(item(code, grant)?).await
    }

    /// What a code stands for, used or not.
    pub async fn find(&self, code: &str, now: Time) -> Result<Option<StoredCode>, Error> {
        self.0.get(key(code), now).await
    }

    /// Turns a code into a session, and gives its first refresh token. `None`: somebody was first, the time is over, or the
    /// person may not come in any more.
    pub async fn redeem(
        &self,
        code: &str,
        grant: &CodeGrant,
        session: &Session,
        now: Time,
    ) -> Result<Option<RefreshToken>, Error> {
        let first = RefreshToken::first(&session.user, &session.sid)?;
        let mark = Update {
            expression: "SET #session = :session",
            condition: "attribute_not_exists(#session) AND #redeemable_until > :now",
            values: vec![(":session", AttributeValue::S(session.sid.clone())), (":now", number(now.seconds()))],
            ..Update::nothing(key(code))
        };
        let mut writes = users::still_stands(&session.user, &session.authentication.rests_on, grant.issued_at);
        writes.extend([
            Write::Update(mark),
            sessions::put(session, &first)?,
            browsers::not_ended(&grant.browser_place),
        ]);
        Ok((self.0.transact(writes).await? == Written::Done).then_some(first))
    }
}

/// A new code as a part of a larger write.
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
