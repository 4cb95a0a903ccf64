//! Second factors that go: at once for a person who has proven one of them, else after a while in which the person can keep
//! them. Recovery codes go with the last factor that they stand in for.

use aws_sdk_dynamodb::types::AttributeValue;
use oauth::{Error, Time};

use super::totp::{SORT_KEY, Totp, totp_key};
use super::{FactorSet, Factors, codes, key};
use crate::outbox::SealedMail;
use crate::secret::SecretHash;
use crate::table::{Update, Write, Written, number};
use crate::users::{self, User};

/// What allows the removal of a second factor at once.
#[derive(Clone, Copy)]
pub enum Proof {
    /// The sign-in of the session or browser, which used a second factor.
    SignIn,
    /// A step of the app that is removed. The removal fails if it was used.
    Step(u64),
    /// The recovery code with this hash, which the removal uses up.
    Code(SecretHash),
}

impl Factors {
    /// Removes the authenticator app at once. `false`: it has changed, what proves the removal was used, or the person has
    /// been signed out everywhere since `user` was read.
    pub async fn remove_totp(
        &self,
        (user, factors): (&User, &FactorSet),
        proof: Proof,
        mail: Option<SealedMail>,
    ) -> Result<bool, Error> {
        let Some(totp) = &factors.totp else { return Ok(false) };
        let mut writes = vec![removed(&user.id, totp, proof), users::lost(user, SORT_KEY, totp.leaves_at())];
        if factors.recovery.is_some() {
            writes.push(codes_removed(&user.id, proof));
        }
        writes.extend(mail.map(SealedMail::write));
        Ok(self.table.transact(writes).await? == Written::Done)
    }

    /// Lets the authenticator app leave at `end`, in epoch seconds. `false`: it has changed or leaves already, or the person
    /// has been signed out everywhere since `user` was read.
    pub async fn let_totp_leave(
        &self,
        (user, factors): (&User, &FactorSet),
        end: u64,
        mail: Option<SealedMail>,
    ) -> Result<bool, Error> {
        let Some(totp) = &factors.totp else { return Ok(false) };
        let mut leaving = unchanged(&user.id, totp);
        leaving.expression = "SET #expires_at = :end";
        leaving.condition = "#confirmed = :true AND #secret = :secret AND attribute_not_exists(#expires_at)";
        leaving.values.push((":end", number(end)));
        let mut writes = vec![Write::Update(leaving), users::leaves(user, SORT_KEY, end)];
        if factors.recovery.is_some() {
            writes.push(Write::Update(Update {
                expression: "SET #expires_at = :end",
                condition: "attribute_exists(pk)",
                values: vec![(":end", number(end))],
                ..Update::nothing(key(&user.id, codes::SORT_KEY))
            }));
        }
        writes.extend(mail.map(SealedMail::write));
        Ok(self.table.transact(writes).await? == Written::Done)
    }

    /// Keeps an authenticator app that was to leave. `false`: it does not leave or has left, or the person has been signed out
    /// everywhere since `user` was read.
    pub async fn keep_totp(&self, (user, factors): (&User, &FactorSet), now: Time) -> Result<bool, Error> {
        let Some((totp, end)) = factors.totp.as_ref().and_then(|totp| Some((totp, totp.leaves_at()?))) else {
            return Ok(false);
        };
        let mut kept = unchanged(&user.id, totp);
        kept.expression = "REMOVE #expires_at";
        kept.condition = "#confirmed = :true AND #secret = :secret AND #expires_at = :end AND #expires_at > :now";
        kept.values.extend([(":end", number(end)), (":now", number(now.seconds()))]);
        let mut writes = vec![Write::Update(kept), users::stays(user, SORT_KEY, end)];
        if factors.recovery.is_some() {
            writes.push(Write::Update(Update {
                expression: "REMOVE #expires_at",
                condition: "attribute_exists(pk)",
                ..Update::nothing(key(&user.id, codes::SORT_KEY))
            }));
        }
        Ok(self.table.transact(writes).await? == Written::Done)
    }

    /// Removes all factors of a person but the password, by an operator's order. `false`: the person has been signed out everywhere
    /// since `user` was read, or no longer exists.
    pub async fn reset(&self, user: &User, mail: Option<SealedMail>, now: Time) -> Result<bool, Error> {
        let factors = users::other_factors(&self.table, &user.id, now).await?.into_iter();
        let removal = |(sort_key, _): (String, _)| Write::Delete(Update::nothing(key(&user.id, &sort_key)));
        let mut writes: Vec<Write> = factors.map(removal).collect();
        writes.push(users::lost_all(user));
        writes.extend(mail.map(SealedMail::write));
        Ok(self.table.transact(writes).await? == Written::Done)
    }
}

/// Removes an app, as part of a larger write.
fn removed(user: &str, totp: &Totp, proof: Proof) -> Write {
    let mut removal = unchanged(user, totp);
    if let Proof::Step(step) = proof {
        removal.condition = "#confirmed = :true AND #secret = :secret AND #last_step < :step";
        removal.values.push((":step", number(step)));
    }
    Write::Delete(removal)
}

/// Removes the recovery codes, as part of a larger write.
fn codes_removed(user: &str, proof: Proof) -> Write {
    let removal = Update::nothing(key(user, codes::SORT_KEY));
    Write::Delete(match proof {
        Proof::Code(hash) => Update {
            condition: "contains(#codes, :code)",
            values: vec![(":code", AttributeValue::S(hash.text()))],
            ..removal
        },
        Proof::SignIn | Proof::Step(_) => removal,
    })
}

/// An update of an app that is the one that was read.
fn unchanged(user: &str, totp: &Totp) -> Update {
    Update {
        condition: "#confirmed = :true AND #secret = :secret",
        values: vec![(":true", AttributeValue::Bool(true)), (":secret", totp.sealed.secret())],
        ..Update::nothing(totp_key(user))
    }
}
