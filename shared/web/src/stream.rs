//! Batches of a table's stream (DynamoDB Streams, keys only), as Lambda hands them to a function, and the answer to them.
//!
//! A function names the records that have to be tried again (`ReportBatchItemFailures`). Lambda repeats the first of them
//! and all that follow it, so a function must recognise what it has done already, or be safe to repeat.

use serde_json::{Value, json};

/// A record of a new item: its key, and the place in the stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NewItem<'a> {
    /// The partition key.
    pub pk: &'a str,
    /// The sort key.
    pub sk: &'a str,
    /// The sequence number, which no other record of the stream has.
    pub number: &'a str,
}

/// Whether an event is a batch of a table's stream.
pub fn is_batch(event: &Value) -> bool {
    event["Records"][0]["eventSource"] == "aws:dynamodb"
}

/// The new items of a batch, in its order. Other changes are left out, which the stream's filter does before.
pub fn new_items(event: &Value) -> impl Iterator<Item = NewItem<'_>> {
    let records = event["Records"].as_array().map(Vec::as_slice).unwrap_or_default();
    records.iter().filter_map(new_item)
}

/// The answer to a batch: these have to be tried again.
pub fn to_retry<'a>(items: impl Iterator<Item = NewItem<'a>>) -> Value {
    let failures: Vec<_> = items.map(|item| json!({"itemIdentifier": item.number})).collect();
    json!({"batchItemFailures": failures})
}

fn new_item(record: &Value) -> Option<NewItem<'_>> {
    let change = &record["dynamodb"];
    let key = |name: &str| change["Keys"][name]["S"].as_str();
    let item = NewItem { pk: key("pk")?, sk: key("sk")?, number: change["SequenceNumber"].as_str()? };
    (record["eventName"] == "INSERT").then_some(item)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_new_items_are_taken_from_a_batch_and_named_by_their_place_in_the_stream() {
        let record = |name: &str, number: u8| {
            let keys = json!({"pk": {"S": "MAIL#7"}, "sk": {"S": "MAIL"}});
            let change = json!({"Keys": keys, "SequenceNumber": number.to_string()});
            json!({"eventSource": "aws:dynamodb", "eventName": name, "dynamodb": change})
        };
        let records = [record("MODIFY", 1), record("INSERT", 2), record("REMOVE", 3), json!({"eventName": "INSERT"})];
        let event = json!({"Records": records});
        let items: Vec<_> = new_items(&event).collect();
        assert_eq!(items, [NewItem { pk: "MAIL#7", sk: "MAIL", number: "2" }]);
        assert_eq!(to_retry(items.into_iter()), json!({"batchItemFailures": [{"itemIdentifier": "2"}]}));
        assert!(is_batch(&event) && !is_batch(&json!({"Records": [{"EventSource": "aws:sns"}]})));
        assert!(!is_batch(&json!({})) && new_items(&json!({})).next().is_none());
    }
}
