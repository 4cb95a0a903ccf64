//! Batches of the table's stream. Each record names a new mail; those that have to be tried again are reported, and the
//! stream sends them again, with all that follow them. Mails that were sent meanwhile are recognised.

use serde_json::{Value, json};
use store::Outbox;

/// The ids of the mails of a batch, each with the record that names it. The filter of the stream passes new mails only; a
/// wider one does no harm.
pub(crate) fn mails(event: &Value) -> impl Iterator<Item = (&str, &Value)> {
    let records = event["Records"].as_array().map(Vec::as_slice).unwrap_or_default();
    records.iter().filter_map(|record| Some((mail(record)?, record)))
}

/// The answer to a batch: which of its records have to be tried again.
pub(crate) fn report<'a>(failed: impl Iterator<Item = &'a Value>) -> Value {
    let failures: Vec<_> =
        failed.map(|record| json!({"itemIdentifier": record["dynamodb"]["SequenceNumber"]})).collect();
    json!({"batchItemFailures": failures})
}

fn mail(record: &Value) -> Option<&str> {
    let pk = record["dynamodb"]["Keys"]["pk"]["S"].as_str()?;
    Outbox::id(pk).filter(|_| record["eventName"] == "INSERT")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_new_mails_are_taken_from_the_stream() {
        let record = |name: &str, pk: &str| json!({"eventName": name, "dynamodb": {"Keys": {"pk": {"S": pk}}}});
        assert_eq!(mail(&record("INSERT", "MAIL#7")), Some("7"));
        for other in [record("MODIFY", "MAIL#7"), record("REMOVE", "MAIL#7"), record("INSERT", "USER#7"), json!({})] {
            assert_eq!(mail(&other), None, "{other}");
        }
    }
}
