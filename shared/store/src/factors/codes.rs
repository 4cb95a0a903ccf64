//! Recovery codes, at `FACTOR#person / RECOVERY`: the hashes of those that were not used.

use std::collections::BTreeSet;

use aws_sdk_dynamodb::types::AttributeValue;
use oauth::{Error, Time};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::{FactorSet, Factors, Proof, key};
use crate::outbox::SealedMail;
use crate::secret::{SecretHash, SecretKind};
use crate::spent::Spent;
use crate::table::{self, Update, Write, Written, number, word_set};
use crate::users::{self, User};

pub(super) const SORT_KEY: &str = "RECOVERY";

/// A person's recovery codes.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Recovery {
    #[serde(default, skip_serializing)]
    codes: BTreeSet<String>,
    /// When they were created. Two lists of a person are never of the same millisecond.
    pub created_at: Time,
}

impl Recovery {
    /// How many are left.
    pub fn left(&self) -> usize {
        self.codes.len()
    }

    /// Whether a code is left.
    pub fn contains(&self, hash: &SecretHash) -> bool {
        self.codes.contains(&hash.text())
    }
}

/// What is stored of a person's recovery code, which is in its normal form.
pub fn recovery_hash(user: &str, code: &str) -> SecretHash {
    SecretHash::of(SecretKind::RecoveryCode, &Zeroizing::new(format!("{user}.{code}")))
}

impl Factors {
    /// Uses a recovery code. Refused if it is not left.
    pub fn use_code(&self, user: &str, hash: &SecretHash) -> Spent {
        let text = hash.text();
        Spent::by(Write::Update(Update {
            expression: "DELETE #codes :codes",
            condition: "contains(#codes, :code)",
            values: vec![(":codes", word_set([text.as_str()])), (":code", AttributeValue::S(text.clone()))],
            ..Update::nothing(key(user, SORT_KEY))
        }))
    }

    /// Replaces the recovery codes. `false`: they have changed since `factors` were read, `proof` was used, or the person may no
    /// longer sign in.
    pub async fn renew_codes(
        &self,
        (user, factors): (&User, &FactorSet),
        (proof, hashes): (Proof, &[SecretHash]),
        mail: Option<SealedMail>,
        now: Time,
    ) -> Result<bool, Error> {
        let renewed = renewed(&user.id, factors.recovery.as_ref(), hashes, now)?;
        let mut writes = vec![renewed, users::still_active(&user.id)];
        if let (Proof::Step(step), Some(totp)) = (proof, &factors.totp) {
            writes.extend(self.use_step(&user.id, totp, step, now).writes());
        }
        writes.extend(mail.map(SealedMail::write));
        Ok(self.table.transact(writes).await? == Written::Done)
    }
}

/// Replaces `old` by new codes, as part of a larger write. Refused if `old` is no longer the list: also if one of its codes was
/// used.
pub(super) fn renewed(user: &str, old: Option<&Recovery>, hashes: &[SecretHash], now: Time) -> Result<Write, Error> {
    let codes: BTreeSet<String> = hashes.iter().map(SecretHash::text).collect();
    let created_at = old.map_or(now, |old| now.max(Time::from_millis(old.created_at.millis() + 1)));
    let mut item = table::item(key(user, SORT_KEY), &Recovery { codes: BTreeSet::new(), created_at })?;
    item.insert("codes".to_owned(), word_set(codes.iter().map(String::as_str)));
    Ok(match old {
        Some(old) if old.codes.is_empty() => {
            Write::Replace { item, field: "created_at", expected: number(old.created_at.millis()) }
        }
        Some(old) => Write::Replace { item, field: "codes", expected: word_set(old.codes.iter().map(String::as_str)) },
        None => Write::PutFree(item, now),
    })
}
