//! Accounts whose owners have asked for the deletion, where a time of grace is configured. Profile, password, names and
//! address get one end, at which they count as absent without another write. Until then nobody signs in, the name and the
//! address stay taken, and the owner can keep the account.

use aws_sdk_dynamodb::types::AttributeValue;
use oauth::{Error, Time};

use super::parts::unchanging;
use super::{Password, Status, User, Users, addresses, password_key, profile_key};
use crate::names::{self, Claims, Name};
use crate::outbox::SealedMail;
use crate::table::{Item, Key, Table, Update, Write, Written, number};

impl Users {
    /// Keeps an account that was to end. `proven` is the verified password, unless an operator decides. `false`: the time
    /// is over, or the account has changed since `user` was read.
    pub async fn keep_account(
        &self,
        user: &User,
        (name, proven): (Option<Name<'_>>, Option<&Password>),
        mail: Option<SealedMail>,
        now: Time,
    ) -> Result<bool, Error> {
        let claims = match name {
            Some(name) => names::claims_of(&self.0, &user.id, name, now).await?,
            None => Claims::default(),
        };
        let mut writes = vec![kept_profile(user, now), kept_password(&user.id, proven)];
        let ended =
            |item: &Item| item.get("expires_at").and_then(|end| end.as_n().ok()?.parse().ok()) == user.expires_at;
        let factors = other_factors(&self.0, &user.id, now).await?;
        writes.extend(
            factors.iter().filter(|(_, item)| ended(item)).map(|(sort_key, _)| kept_factor(&user.id, sort_key)),
        );
        writes.extend(claims.into_keys().into_iter().map(|key| names::kept(key, &user.id)));
        writes.extend(user.email(now).map(|email| addresses::ends(&user.id, email, None)));
        writes.extend(mail.map(SealedMail::write));
        Ok(self.0.transact(writes).await? == Written::Done)
    }
}

/// The factors of a person besides the password, each with its sort key.
pub(crate) async fn other_factors(table: &Table, id: &str, now: Time) -> Result<Vec<(String, Item)>, Error> {
    let password = password_key(id);
    let named = |item: Item| Some((item.get("sk")?.as_s().ok()?.clone(), item));
    let factors = table.query_items(&password.pk, now).await?.into_iter().filter_map(named);
    Ok(factors.filter(|(sort_key, _)| *sort_key != password.sk).collect())
}

/// Ends the account at `end`, in epoch seconds, as part of a larger write, and at once everything that began before. A change
/// of address that is under way is stopped. `factors` are the sort keys of the other factors. Refused if the account, `proven` or
/// one of the factors has changed since they were read.
pub(crate) fn leaving(
    user: &User,
    (proven, claims, factors): (Option<&Password>, &Claims, &[String]),
    end: u64,
    now: Time,
) -> Vec<Write> {
    let mut profile = unchanging(user, None);
    let next = user.next_email(now);
    profile.expression = if next.is_some() {
        "SET #epoch = :next, #sessions_since = :next, #stays = :stays, #status = :status, #expires_at = :end \
         REMOVE #next_email"
    } else {
        "SET #epoch = :next, #sessions_since = :next, #stays = :stays, #status = :status, #expires_at = :end"
    };
    profile.values.extend([(":status", word(Status::PendingDeletion)), (":end", number(end))]);
    let mut writes = vec![Write::Update(profile), ending_password(&user.id, proven, end)];
    writes.extend(factors.iter().map(|sort_key| ending_factor(&user.id, sort_key, end)));
    writes.extend(names::ending(claims, &user.id, end));
    writes.extend(user.email(now).map(|email| addresses::ends(&user.id, email, Some(end))));
    writes.extend(next.map(|next| addresses::released(&user.id, &next.email)));
    writes
}

fn kept_profile(user: &User, now: Time) -> Write {
    Write::Update(Update {
        expression: "SET #status = :active REMOVE #expires_at",
        condition: "#status <> :unproven AND #epoch = :epoch AND #expires_at > :now",
        values: vec![
            (":active", word(Status::Active)),
            (":unproven", word(Status::Unproven)),
            (":epoch", number(user.epoch)),
            (":now", number(now.seconds())),
        ],
        ..Update::nothing(profile_key(&user.id))
    })
}

fn kept_password(id: &str, proven: Option<&Password>) -> Write {
    Write::Update(Update { expression: "REMOVE #expires_at", ..of_password(id, proven) })
}

fn ending_password(id: &str, proven: Option<&Password>, end: u64) -> Write {
    let mut ending = Update { expression: "SET #expires_at = :end", ..of_password(id, proven) };
    ending.values.push((":end", number(end)));
    Write::Update(ending)
}

fn kept_factor(id: &str, sort_key: &str) -> Write {
    Write::Update(Update { expression: "REMOVE #expires_at", ..of_factor(id, sort_key) })
}

fn ending_factor(id: &str, sort_key: &str, end: u64) -> Write {
    let mut ending = Update { expression: "SET #expires_at = :end", ..of_factor(id, sort_key) };
    ending.values.push((":end", number(end)));
    Write::Update(ending)
}

/// An update of a factor that exists.
fn of_factor(id: &str, sort_key: &str) -> Update {
    let key = Key { sk: sort_key.to_owned(), ..password_key(id) };
    Update { condition: "attribute_exists(pk)", ..Update::nothing(key) }
}

/// An update of the password that was verified, or of any.
fn of_password(id: &str, proven: Option<&Password>) -> Update {
    let update = Update { condition: "attribute_exists(pk)", ..Update::nothing(password_key(id)) };
    match proven {
        Some(proven) => Update {
            condition: "#changed_at = :proven",
            values: vec![(":proven", number(proven.changed_at.millis()))],
            ..update
        },
        None => update,
    }
}

fn word(status: Status) -> AttributeValue {
    AttributeValue::S(status.word().to_owned())
}
