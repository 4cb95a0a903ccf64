//! What other collections write to a profile and a password as parts of larger writes: ends, checks, removals.

use aws_sdk_dynamodb::types::AttributeValue;
use oauth::{Factor, RestsOn, Time};

use super::{Password, Status, User, addresses, password_key, profile_key};
use crate::table::{Key, Update, Write, number};

/// Ends, as part of a larger write, everything that began before: sessions except `stays`, codes and browser sign-ins.
/// Refused if the epoch has changed since `user` was read.
pub(crate) fn signed_out(user: &User, stays: Option<&str>, status: Option<Status>) -> Write {
    let mut out = end(user, stays);
    if let Some(status) = status {
        out.expression = "SET #epoch = :next, #sessions_since = :next, #stays = :stays, #status = :status";
        out.values.push((":status", AttributeValue::S(status.word().to_owned())));
    }
    Write::Update(out)
}

/// The same for a new password, which also stops a change of address that is under way: whoever began it knew the old one.
/// Refused as well if such a change began or ended since `user` was read.
pub(crate) fn signed_out_by_new_password(user: &User, stays: Option<&str>, now: Time) -> Vec<Write> {
    let mut out = unchanging(user, stays);
    let Some((present, next)) = user.email(now).zip(user.next_email(now)) else { return vec![Write::Update(out)] };
    out.expression = "SET #epoch = :next, #sessions_since = :next, #stays = :stays REMOVE #next_email";
    vec![Write::Update(out), addresses::released(&user.id, &next.email), addresses::ends(&user.id, present, None)]
}

/// The update that ends what began before, refused as well if a change of address began or ended since `user` was read.
pub(super) fn unchanging(user: &User, stays: Option<&str>) -> Update {
    let mut out = end(user, stays);
    out.condition = match (user.epoch, &user.next_email) {
        (0, None) => {
            "attribute_exists(pk) AND (attribute_not_exists(#epoch) OR #epoch = :epoch) \
             AND (attribute_not_exists(#next_email) OR #next_email = :none)"
        }
        (0, Some(_)) => "(attribute_not_exists(#epoch) OR #epoch = :epoch) AND #next_email.#from = :seen",
        (_, None) => "#epoch = :epoch AND (attribute_not_exists(#next_email) OR #next_email = :none)",
        (_, Some(_)) => "#epoch = :epoch AND #next_email.#from = :seen",
    };
    out.values.push(match &user.next_email {
        Some(next) => (":seen", number(next.from)),
        None => (":none", AttributeValue::Null(true)),
    });
    out
}

/// The update of the profile that ends what began before.
fn end(user: &User, stays: Option<&str>) -> Update {
    Update {
        expression: "SET #epoch = :next, #sessions_since = :next, #stays = :stays",
        condition: at_this_epoch(user.epoch),
        values: vec![
            (":epoch", number(user.epoch)),
            (":next", number(user.epoch + 1)),
            (":stays", stays.map_or(AttributeValue::Null(true), |sid| AttributeValue::S(sid.to_owned()))),
        ],
        ..Update::nothing(profile_key(&user.id))
    }
}

/// Replaces, as part of a larger write, the verified password. Refused if another change came first.
pub(crate) fn new_password(id: &str, proven: &Password, hash: &str, now: Time) -> Write {
    let changed_at = now.max(Time::from_millis(proven.changed_at.millis() + 1));
    Write::Update(Update {
        expression: "SET #hash = :hash, #changed_at = :changed_at",
        condition: "#changed_at = :proven",
        values: vec![
            (":hash", AttributeValue::S(hash.to_owned())),
            (":changed_at", number(changed_at.millis())),
            (":proven", number(proven.changed_at.millis())),
        ],
        ..Update::nothing(password_key(id))
    })
}

/// Removes, as part of a larger write, the profile, the password and the factors with these sort keys. Refused if the epoch has
/// changed since `user` was read, or if `proven` is not the password.
pub(crate) fn removed(user: &User, proven: Option<&Password>, factors: &[String]) -> Vec<Write> {
    let password = match proven {
        Some(proven) => Update {
            condition: "#changed_at = :proven",
            values: vec![(":proven", number(proven.changed_at.millis()))],
            ..Update::nothing(password_key(&user.id))
        },
        None => Update::nothing(password_key(&user.id)),
    };
    let profile = Update {
        condition: at_this_epoch(user.epoch),
        values: vec![(":epoch", number(user.epoch))],
        ..Update::nothing(profile_key(&user.id))
    };
    let factor = |sort_key: &String| Key { sk: sort_key.clone(), ..password_key(&user.id) };
    let factors = factors.iter().map(|sort_key| Write::Delete(Update::nothing(factor(sort_key))));
    [Write::Delete(profile), Write::Delete(password)].into_iter().chain(factors).collect()
}

/// Checks, as part of a larger write, that the person may sign in: nothing new belongs to an account that is being deleted.
pub(crate) fn still_active(id: &str) -> Write {
    Write::Check(Update {
        condition: "#status = :active",
        values: vec![(":active", AttributeValue::S(Status::Active.word().to_owned()))],
        ..Update::nothing(profile_key(id))
    })
}

/// The condition that a profile has the epoch `:epoch`. A profile without one is at 0.
pub(super) const fn at_this_epoch(epoch: u64) -> &'static str {
    match epoch {
        0 => "attribute_exists(pk) AND (attribute_not_exists(#epoch) OR #epoch = :epoch)",
        _ => "#epoch = :epoch",
    }
}

/// Checks, as parts of a larger write, that the person may still sign in, that what their authentication depends on is
/// unchanged, and that codes issued at `since` are valid. Profile and factors were read separately; only this check
/// sees them together.
pub(crate) fn still_stands(id: &str, rests_on: &RestsOn, since: Time) -> Vec<Write> {
    let factors = rests_on.factors.iter().map(|factor| match factor {
        Factor::Password { changed_at } => Write::Check(Update {
            condition: "#changed_at = :changed_at",
            values: vec![(":changed_at", number(changed_at.millis()))],
            ..Update::nothing(password_key(id))
        }),
    });
    factors.chain([still_welcome(id, rests_on.epoch, since)]).collect()
}

/// [`User::welcomes`] as part of a larger write. A profile without an epoch is at 0.
fn still_welcome(id: &str, epoch: u64, since: Time) -> Write {
    let condition = match epoch {
        0 => {
            "#status = :active AND (attribute_not_exists(#epoch) OR #epoch = :epoch) \
             AND (attribute_not_exists(#codes_ended_at) OR #codes_ended_at < :since)"
        }
        _ => {
            "#status = :active AND #epoch = :epoch \
             AND (attribute_not_exists(#codes_ended_at) OR #codes_ended_at < :since)"
        }
    };
    Write::Check(Update {
        condition,
        values: vec![
            (":active", AttributeValue::S("active".to_owned())),
            (":epoch", number(epoch)),
            (":since", number(since.millis())),
        ],
        ..Update::nothing(profile_key(id))
    })
}
