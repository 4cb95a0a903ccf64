//! The operations of DynamoDB and of its streams, by the name that `X-Amz-Target` gives them: JSON in, JSON out.

use dynoxide::{Database, DynoxideError};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// What the names of operations follow.
const VERSIONS: [&str; 2] = ["DynamoDB_20120810.", "DynamoDBStreams_20120810."];

/// An answer in JSON.
type Answer = Result<String, DynoxideError>;

/// Has an operation done; `None` for one that is not run here.
pub(super) fn perform(database: &Database, target: &str, body: &[u8]) -> Option<Answer> {
    let answer = match VERSIONS.iter().find_map(|version| target.strip_prefix(version))? {
        "CreateTable" => of(body, |request| database.create_table(request)),
        "DeleteTable" => of(body, |request| database.delete_table(request)),
        "DescribeTable" => of(body, |request| database.describe_table(request)),
        "ListTables" => of(body, |request| database.list_tables(request)),
        "UpdateTable" => of(body, |request| database.update_table(request)),
        "UpdateTimeToLive" => of(body, |request| database.update_time_to_live(request)),
        "DescribeTimeToLive" => of(body, |request| database.describe_time_to_live(request)),
        "PutItem" => of(body, |request| database.put_item(request)),
        "GetItem" => of(body, |request| database.get_item(request)),
        "UpdateItem" => of(body, |request| database.update_item(request)),
        "DeleteItem" => of(body, |request| database.delete_item(request)),
        "Query" => of(body, |request| database.query(request)),
        "Scan" => of(body, |request| database.scan(request)),
        "BatchGetItem" => of(body, |request| database.batch_get_item(request)),
        "BatchWriteItem" => of(body, |request| database.batch_write_item(request)),
        "TransactGetItems" => of(body, |request| database.transact_get_items(request)),
        "TransactWriteItems" => of(body, |request| database.transact_write_items(request)),
        "ListStreams" => of(body, |request| database.list_streams(request)),
        "DescribeStream" => of(body, |request| database.describe_stream(request)),
        "GetShardIterator" => of(body, |request| database.get_shard_iterator(request)),
        "GetRecords" => of(body, |request| database.get_records(request)),
        _ => return None,
    };
    Some(answer)
}

fn of<Q: DeserializeOwned, A: Serialize>(body: &[u8], act: impl FnOnce(Q) -> Result<A, DynoxideError>) -> Answer {
    let request = serde_json::from_slice(body).map_err(|error| unreadable(&error.to_string()));
    let answer = act(request?)?;
    serde_json::to_string(&answer).map_err(|error| DynoxideError::InternalServerError(error.to_string()))
}

/// The refusal of a request that cannot be read. Where the engine words it, the kind of refusal stands before its words.
fn unreadable(message: &str) -> DynoxideError {
    let plain = message.split(" at line ").next().unwrap_or_default();
    let marked = |marks: &[&str]| marks.iter().find_map(|mark| plain.strip_prefix(mark)).map(str::to_owned);
    if let Some(worded) = marked(&["VALIDATION:", "VALIDATION_REQUEST:", "VALIDATION_AS_READ:"]) {
        return DynoxideError::ValidationException(worded);
    }
    if let Some(worded) = marked(&["SERIALIZATION:", "SERIALIZATION_AS_READ:"]) {
        return DynoxideError::SerializationException(worded);
    }
    let is_validation = ["missing field", "unknown variant", "invalid type: null", "AttributeValue"];
    if is_validation.iter().any(|part| plain.contains(part)) {
        return DynoxideError::ValidationException(plain.to_owned());
    }
    DynoxideError::SerializationException(plain.to_owned())
}

#[cfg(test)]
mod tests {
    use serde_json::{Value as Json, json};

    use super::*;

    fn refused(operation: &str, body: &Json) -> String {
        let database = Database::memory().expect("a database");
        let target = format!("DynamoDB_20120810.{operation}");
        let answer = perform(&database, &target, body.to_string().as_bytes()).expect("it is run");
        let answer: Json = serde_json::from_str(&answer.expect_err("it is refused").to_json()).expect("JSON");
        answer["__type"].as_str().unwrap_or_default().rsplit('#').next().unwrap_or_default().to_owned()
    }

    #[test]
    fn what_cannot_be_done_is_refused_in_the_words_of_dynamodb() {
        let put = |value: Json| json!({"TableName": "table", "Item": {"pk": value}});
        for (operation, body, expected) in [
            ("PutItem", put(json!({"S": "a"})), "ResourceNotFoundException"),
            ("PutItem", put(json!({"NULL": false})), "ValidationException"),
            ("PutItem", put(json!({})), "ValidationException"),
            ("PutItem", json!({"TableName": 7}), "SerializationException"),
            ("DescribeTable", json!({}), "ValidationException"),
        ] {
            assert_eq!(refused(operation, &body), expected, "{operation} {body}");
        }
        assert!(perform(&Database::memory().expect("a database"), "DynamoDB_20120810.Select", b"{}").is_none());
    }
}
