//! Which second factors a person has, in the profile: for functions that may not read the factors.
//!
//! The profile has two sets of names. The transaction that adds or removes a factor adds or removes its name, so that factors
//! that come and go at the same moment never hide each other. A factor that leaves at an instant is in the second set, with
//! that instant, and counts until then.

use aws_sdk_dynamodb::types::AttributeValue;
use oauth::Time;

use super::parts::at_this_epoch;
use super::{Status, User, profile_key};
use crate::table::{Update, Write, number, word_set};

/// Separates a factor and its end.
const SEPARATOR: char = '@';

impl User {
    /// Whether the person has a second factor, so that a password alone does not suffice.
    pub fn has_second_factor(&self, now: Time) -> bool {
        let end = |name: &String| name.rsplit_once(SEPARATOR)?.1.parse().ok();
        !self.second_factors.is_empty()
            || self.leaving_factors.iter().filter_map(end).any(|end: u64| end > now.seconds())
    }

    /// The names of leaving factors that are gone by now.
    fn gone(&self, now: Time) -> Vec<&str> {
        let is_over = |name: &&String| {
            name.rsplit_once(SEPARATOR).is_none_or(|(_, end)| end.parse().map_or(true, |end: u64| end <= now.seconds()))
        };
        self.leaving_factors.iter().filter(is_over).map(String::as_str).collect()
    }
}

/// Adds a factor, as part of a larger write. Refused if the person may not sign in, or if what ends earlier sign-ins has
/// happened since `user` was read.
pub(crate) fn gained(user: &User, factor: &str, now: Time) -> Write {
    let mut values = vec![
        (":factor", word_set([factor])),
        (":active", AttributeValue::S(Status::Active.word().to_owned())),
        (":epoch", number(user.epoch)),
    ];
    let gone = user.gone(now);
    let expression = if gone.is_empty() {
        "ADD #second_factors :factor"
    } else {
        values.push((":gone", word_set(gone)));
        "ADD #second_factors :factor DELETE #leaving_factors :gone"
    };
    let condition = match user.epoch {
        0 => "#status = :active AND (attribute_not_exists(#epoch) OR #epoch = :epoch)",
        _ => "#status = :active AND #epoch = :epoch",
    };
    Write::Update(Update { expression, condition, values, ..Update::nothing(profile_key(&user.id)) })
}

/// Removes a factor, as part of a larger write, also one that leaves at `end`.
pub(crate) fn lost(user: &User, factor: &str, end: Option<u64>) -> Write {
    let (expression, name) = match end {
        Some(end) => ("DELETE #leaving_factors :factor", leaving(factor, end)),
        None => ("DELETE #second_factors :factor", factor.to_owned()),
    };
    change(user, expression, vec![(":factor", word_set([name.as_str()]))])
}

/// Removes all factors, as part of a larger write.
pub(crate) fn lost_all(user: &User) -> Write {
    change(user, "REMOVE #second_factors, #leaving_factors", Vec::new())
}

/// Lets a factor leave at `end`, in epoch seconds, as part of a larger write.
pub(crate) fn leaves(user: &User, factor: &str, end: u64) -> Write {
    let values = vec![(":factor", word_set([factor])), (":leaving", word_set([leaving(factor, end).as_str()]))];
    change(user, "DELETE #second_factors :factor ADD #leaving_factors :leaving", values)
}

/// Keeps a factor that was to leave at `end`, as part of a larger write.
pub(crate) fn stays(user: &User, factor: &str, end: u64) -> Write {
    let values = vec![(":factor", word_set([factor])), (":leaving", word_set([leaving(factor, end).as_str()]))];
    change(user, "ADD #second_factors :factor DELETE #leaving_factors :leaving", values)
}

/// A change of the sets. Refused if what ends earlier sign-ins has happened since `user` was read.
fn change(user: &User, expression: &'static str, mut values: Vec<(&'static str, AttributeValue)>) -> Write {
    values.push((":epoch", number(user.epoch)));
    let condition = at_this_epoch(user.epoch);
    Write::Update(Update { expression, condition, values, ..Update::nothing(profile_key(&user.id)) })
}

fn leaving(factor: &str, end: u64) -> String {
    format!("{factor}{SEPARATOR}{end}")
}
