//! Authenticator apps, at `FACTOR#person / TOTP`. A new one waits for a code that confirms it, and proves nothing before.

use aws_sdk_dynamodb::types::AttributeValue;
use oauth::{Error, HOUR, Time};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::codes;
use super::{FactorSet, Factors, key};
use crate::outbox::SealedMail;
use crate::seal::Sealed;
use crate::secret::SecretHash;
use crate::spent::Spent;
use crate::table::{self, Item, Key, Update, Write, Written, number};
use crate::users::{self, User};

pub(super) const SORT_KEY: &str = "TOTP";
/// How long a new app may wait for its first code, in seconds.
const WAITS: u64 = HOUR;

/// An authenticator app.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Totp {
    #[serde(flatten)]
    pub(super) sealed: Sealed,
    confirmed: bool,
    /// The latest step that was used. 0: none.
    last_step: u64,
    /// When it was added.
    pub added_at: Time,
    /// When it leaves, or stops to wait for its first code, in epoch seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) expires_at: Option<u64>,
}

/// An authenticator app that waits for its first code.
#[derive(Clone, Debug)]
pub struct Enrolling(Totp);

/// What confirms an authenticator app.
pub struct Confirmation<'a> {
    /// The app.
    pub enrolling: &'a Enrolling,
    /// The step of the right code.
    pub step: u64,
    /// Hashes of new recovery codes, if the person has none left.
    pub codes: Option<&'a [SecretHash]>,
    /// The mail about it.
    pub mail: Option<SealedMail>,
}

impl Totp {
    /// When it leaves, in epoch seconds, if its removal is under way.
    pub fn leaves_at(&self) -> Option<u64> {
        self.expires_at
    }

    /// Whether neither the step nor a later one was used.
    pub fn accepts(&self, step: u64) -> bool {
        self.last_step < step
    }
}

impl Factors {
    /// Stores the secret of a new app, which replaces one that was not confirmed. `false`: one is confirmed, or the person
    /// may no longer sign in.
    pub async fn enrol(&self, user: &User, factors: &FactorSet, secret: &[u8], now: Time) -> Result<bool, Error> {
        if factors.totp.is_some() {
            return Ok(false);
        }
        let sealed = self.seal.seal(&name(&user.id), secret).await?;
        let expires_at = Some(now.plus(WAITS).seconds());
        let totp = Totp { sealed, confirmed: false, last_step: 0, added_at: now, expires_at };
        let item = table::item(totp_key(&user.id), &totp)?;
        let put = match factors.enrolling {
            Some(_) => Write::Replace { item, field: "confirmed", expected: AttributeValue::Bool(false) },
            None => Write::PutFree(item, now),
        };
        Ok(self.table.transact(vec![put, users::still_active(&user.id)]).await? == Written::Done)
    }

    /// The secret of an app.
    pub async fn secret(&self, user: &str, totp: &Totp) -> Result<Zeroizing<Vec<u8>>, Error> {
        self.seal.open(&name(user), totp.sealed.clone()).await
    }

    /// The secret of an app that waits for its first code.
    pub async fn new_secret(&self, user: &str, enrolling: &Enrolling) -> Result<Zeroizing<Vec<u8>>, Error> {
        self.secret(user, &enrolling.0).await
    }

    /// Confirms an app. `false`: another one has replaced it, it was confirmed or its time is over, the recovery codes have
    /// changed, or the person has been signed out everywhere since `user` was read.
    pub async fn confirm(
        &self,
        user: &User,
        (factors, confirmation): (&FactorSet, Confirmation<'_>),
        now: Time,
    ) -> Result<bool, Error> {
        let Confirmation { enrolling, step, codes, mail } = confirmation;
        let mut writes = vec![confirmed(&user.id, enrolling, step, now), users::gained(user, SORT_KEY, now)];
        if let Some(hashes) = codes {
            writes.push(codes::renewed(&user.id, factors.recovery.as_ref(), hashes, now)?);
        }
        writes.extend(mail.map(SealedMail::write));
        Ok(self.table.transact(writes).await? == Written::Done)
    }

    /// Uses a step of an app. Refused if it or a later one was used, or if the app has left.
    pub fn use_step(&self, user: &str, totp: &Totp, step: u64, now: Time) -> Spent {
        Spent::by(Write::Update(Update {
            expression: "SET #last_step = :step",
            condition: "#confirmed = :true AND #secret = :secret AND #last_step < :step \
                        AND (attribute_not_exists(#expires_at) OR #expires_at > :now)",
            values: vec![
                (":step", number(step)),
                (":true", AttributeValue::Bool(true)),
                (":secret", totp.sealed.secret()),
                (":now", number(now.seconds())),
            ],
            ..Update::nothing(totp_key(user))
        }))
    }
}

/// An item as a confirmed app or as one that waits.
pub(super) fn read(item: Item) -> Result<(Option<Totp>, Option<Enrolling>), Error> {
    let totp: Totp = table::read(item)?;
    Ok(if totp.confirmed { (Some(totp), None) } else { (None, Some(Enrolling(totp))) })
}

fn confirmed(user: &str, enrolling: &Enrolling, step: u64, now: Time) -> Write {
    Write::Update(Update {
        expression: "SET #confirmed = :true, #last_step = :step REMOVE #expires_at",
        condition: "#confirmed = :false AND #secret = :secret AND #expires_at > :now",
        values: vec![
            (":true", AttributeValue::Bool(true)),
            (":false", AttributeValue::Bool(false)),
            (":step", number(step)),
            (":secret", enrolling.0.sealed.secret()),
            (":now", number(now.seconds())),
        ],
        ..Update::nothing(totp_key(user))
    })
}

pub(super) fn totp_key(user: &str) -> Key {
    key(user, SORT_KEY)
}

/// What the secret is sealed for.
fn name(user: &str) -> String {
    format!("{}/{SORT_KEY}", super::partition(user))
}
