//! Items: their keys, their fields and their expiry.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use oauth::{Error, Time};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// The format version in every item, which distinguishes it from later formats.
const FORMAT: u8 = 1;
/// Longest partition key and sort key, in bytes. Both must not be empty.
const MAX_KEY: (usize, usize) = (2048, 1024);

/// An item in the form of DynamoDB.
pub(crate) type Item = HashMap<String, AttributeValue>;

/// The key of an item. Every kind of item has its own partition-key prefix, which IAM statements name.
#[derive(Clone, Debug)]
pub(crate) struct Key {
    pub(crate) pk: String,
    pub(crate) sk: String,
}

impl Key {
    /// The item `sk` of the partition `pk`.
    pub(crate) fn new(pk: impl Into<String>, sk: impl Into<String>) -> Self {
        Self { pk: pk.into(), sk: sk.into() }
    }

    /// Whether DynamoDB accepts the key. Ids from requests become keys, and not all texts are possible.
    pub(crate) fn is_possible(&self) -> bool {
        let fits = |text: &str, most| !text.is_empty() && text.len() <= most;
        fits(&self.pk, MAX_KEY.0) && fits(&self.sk, MAX_KEY.1)
    }

    /// The key in the form of DynamoDB.
    pub(crate) fn attributes(self) -> Item {
        [("pk".to_owned(), AttributeValue::S(self.pk)), ("sk".to_owned(), AttributeValue::S(self.sk))].into()
    }
}

/// An item at `key` with the fields of `body`.
pub(crate) fn item(key: Key, body: &impl Serialize) -> Result<Item, Error> {
    let mut item: Item =
        serde_dynamo::to_item(body).map_err(|error| Error::fault("serialising an item failed").because(error))?;
    item.insert("pk".to_owned(), AttributeValue::S(key.pk));
    item.insert("sk".to_owned(), AttributeValue::S(key.sk));
    item.insert("v".to_owned(), AttributeValue::N(FORMAT.to_string()));
    Ok(item)
}

/// A number in the form of DynamoDB.
pub(crate) fn number(value: u64) -> AttributeValue {
    AttributeValue::N(value.to_string())
}

/// A list of words in the form of DynamoDB.
pub(crate) fn list(words: &[String]) -> AttributeValue {
    AttributeValue::L(words.iter().cloned().map(AttributeValue::S).collect())
}

/// A set of words in the form of DynamoDB, which must not be empty.
pub(crate) fn word_set<'a>(words: impl IntoIterator<Item = &'a str>) -> AttributeValue {
    AttributeValue::Ss(words.into_iter().map(str::to_owned).collect())
}

/// The fields of an item as a `T`.
pub(crate) fn read<T: DeserializeOwned>(item: Item) -> Result<T, Error> {
    serde_dynamo::from_item(item).map_err(|error| Error::fault("a stored item is malformed").because(error))
}

/// Whether the item has expired. DynamoDB removes it later.
pub(crate) fn is_expired(item: &Item, now: Time) -> bool {
    let expires_at = item.get("expires_at").and_then(|value| value.as_n().ok());
    expires_at.is_some_and(|seconds| seconds.parse().is_ok_and(|end: u64| end <= now.seconds()))
}
