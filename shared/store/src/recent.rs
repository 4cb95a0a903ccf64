//! Limits on what is rare, such as mails to one address: an item keeps the instants of the last ten events. Another one is
//! allowed if the tenth last is long enough ago. So no period as long as the window has more than ten, wherever it begins,
//! and a thousand parallel callers count like a thousand in a row. What is refused is not counted.
//!
//! An expression of DynamoDB reads the item as it was before the write. That is why one conditional write can shift all
//! instants by one place.

use oauth::Time;

use crate::table::{Key, Update, number};

const HOUR: u64 = 3600;
const DAY: u64 = 24 * HOUR;

const COUNT: &str = "SET #last1 = :now, #last2 = if_not_exists(#last1, :zero), #last3 = if_not_exists(#last2, :zero), \
                     #last4 = if_not_exists(#last3, :zero), #last5 = if_not_exists(#last4, :zero), \
                     #last6 = if_not_exists(#last5, :zero), #last7 = if_not_exists(#last6, :zero), \
                     #last8 = if_not_exists(#last7, :zero), #last9 = if_not_exists(#last8, :zero), \
                     #last10 = if_not_exists(#last9, :zero), #expires_at = :end";
const TAKE_BACK: &str = "SET #last1 = #last2, #last2 = #last3, #last3 = #last4, #last4 = #last5, #last5 = #last6, \
                         #last6 = #last7, #last7 = #last8, #last8 = #last9, #last9 = #last10, #last10 = :zero";

/// Counts an event. Refused if there were three in the last hour, or ten in the last day.
pub(crate) fn three_an_hour(key: Key, now: Time) -> Update {
    let rule = "(attribute_not_exists(#last3) OR #last3 <= :hour_ago) \
                AND (attribute_not_exists(#last10) OR #last10 <= :day_ago)";
    let mut count = count(key, DAY, rule, now);
    count.values.extend([ago(":hour_ago", HOUR, now), ago(":day_ago", DAY, now)]);
    count
}

/// Counts an event. Refused if there were ten in the last hour.
pub(crate) fn ten_an_hour(key: Key, now: Time) -> Update {
    let mut count = count(key, HOUR, "attribute_not_exists(#last10) OR #last10 <= :hour_ago", now);
    count.values.push(ago(":hour_ago", HOUR, now));
    count
}

/// Takes the last event back.
pub(crate) fn take_back(key: Key) -> Update {
    Update {
        expression: TAKE_BACK,
        condition: "attribute_exists(#last10)",
        values: vec![(":zero", number(0))],
        ..Update::nothing(key)
    }
}

fn count(key: Key, window: u64, condition: &'static str, now: Time) -> Update {
    let end = number(now.plus(window + 1).seconds());
    let values = vec![(":now", number(now.millis())), (":zero", number(0)), (":end", end)];
    Update { expression: COUNT, condition, values, ..Update::nothing(key) }
}

fn ago(name: &'static str, seconds: u64, now: Time) -> (&'static str, aws_sdk_dynamodb::types::AttributeValue) {
    (name, number(now.millis().saturating_sub(seconds * 1000)))
}
