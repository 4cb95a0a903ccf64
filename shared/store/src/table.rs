//! The few verbs over the one table, and the rules that every item obeys.
//!
//! Reads are strongly consistent and treat an expired item as absent (TTL deletion is lazy). Expressions use
//! placeholders only. A lost race is a value; every fault is [`Error::unavailable`].

use std::collections::HashMap;
use std::error::Error as StdError;
use std::time::Duration;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::{
    AttributeValue, CancellationReason, Put, ReturnValuesOnConditionCheckFailure, TransactWriteItem,
};
use oauth::{Error, Time};
use serde::Serialize;
use serde::de::DeserializeOwned;
use uuid::Uuid;

use crate::aws::Aws;
use crate::random;

/// The version that every item carries, so that a later format can be told from this one.
const FORMAT: u8 = 1;
/// Tries of a transaction that others keep getting in the way of. The waits between them add up to under a second.
const TRANSACTION_TRIES: u32 = 6;

/// An item as DynamoDB holds it.
pub(crate) type Item = HashMap<String, AttributeValue>;

/// The table that everything is in.
#[derive(Clone, Debug)]
pub struct Table {
    client: Client,
    name: String,
}

/// Where an item is. Every kind of item has its own partition-key prefix, which IAM statements name.
#[derive(Clone, Debug)]
pub(crate) struct Key {
    pub(crate) pk: String,
    pub(crate) sk: String,
}

impl Key {
    pub(crate) fn new(pk: impl Into<String>, sk: impl Into<String>) -> Self {
        Self { pk: pk.into(), sk: sk.into() }
    }
}

/// One conditional update of one item. `names` and `values` fill the placeholders of the two expressions.
pub(crate) struct Update {
    pub(crate) key: Key,
    pub(crate) expression: &'static str,
    pub(crate) condition: &'static str,
    pub(crate) names: Vec<(&'static str, String)>,
    pub(crate) values: Vec<(&'static str, AttributeValue)>,
}

/// What became of a conditional write.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Written {
    /// It is in the table.
    Done,
    /// A condition was not met; nothing was written.
    Refused,
}

impl Table {
    /// The table called `name`. Opens no connection yet.
    pub fn new(aws: &Aws, name: &str) -> Self {
        Self { client: Client::new(&aws.0), name: name.to_owned() }
    }

    /// The item at `key`, unless there is none or it has expired.
    pub(crate) async fn get<T: DeserializeOwned>(&self, key: Key, now: Time) -> Result<Option<T>, Error> {
        let request = self.client.get_item().table_name(&self.name).consistent_read(true);
        let request = request.key("pk", AttributeValue::S(key.pk)).key("sk", AttributeValue::S(key.sk));
        let answer = request.send().await.map_err(|error| fault("get", error))?;
        answer.item.filter(|item| !is_expired(item, now)).map(read).transpose()
    }

    /// Writes all of `puts` where none of their keys is taken, or nothing.
    ///
    /// The SDK's retries carry the same idempotency token, so that a lost reply never shows its own success as a
    /// conflict. Conflicts with other transactions are tried again.
    pub(crate) async fn put_all_new(&self, puts: Vec<Item>) -> Result<Written, Error> {
        let writes: Vec<_> = puts.into_iter().map(|item| self.put_new(item)).collect::<Result<_, _>>()?;
        let token = Uuid::from_bytes(random::bytes()?).to_string();
        let mut tries = 1;
        loop {
            let request = self.client.transact_write_items().client_request_token(&token);
            let Err(error) = request.set_transact_items(Some(writes.clone())).send().await else {
                return Ok(Written::Done);
            };
            match outcome(&error) {
                Outcome::Refused => return Ok(Written::Refused),
                Outcome::Contended if tries < TRANSACTION_TRIES => pause(tries).await?,
                Outcome::Contended | Outcome::Fault => return Err(fault("transact", error)),
            }
            tries += 1;
        }
    }

    /// Updates an item where `condition` holds. When it does not, the item as it stands is handed to `recognise`,
    /// which says whether it was this very request that wrote it before a reply got lost.
    pub(crate) async fn update(&self, update: Update, recognise: impl Fn(&Item) -> bool) -> Result<Written, Error> {
        let mut request = self
            .client
            .update_item()
            .table_name(&self.name)
            .key("pk", AttributeValue::S(update.key.pk))
            .key("sk", AttributeValue::S(update.key.sk))
            .update_expression(update.expression)
            .condition_expression(update.condition)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        for (placeholder, name) in update.names {
            request = request.expression_attribute_names(placeholder, name);
        }
        for (placeholder, value) in update.values {
            request = request.expression_attribute_values(placeholder, value);
        }
        let Err(error) = request.send().await else { return Ok(Written::Done) };
        match error.as_service_error() {
            Some(UpdateItemError::ConditionalCheckFailedException(failed)) => {
                Ok(if failed.item().is_some_and(recognise) { Written::Done } else { Written::Refused })
            }
            _ => Err(fault("update", error)),
        }
    }

    fn put_new(&self, item: Item) -> Result<TransactWriteItem, Error> {
        let put = Put::builder().table_name(&self.name).set_item(Some(item));
        let put = put.condition_expression("attribute_not_exists(pk)").build();
        let put = put.map_err(|error| Error::fault("an item without attributes").because(error))?;
        Ok(TransactWriteItem::builder().put(put).build())
    }
}

/// An item of `body`'s fields at `key`.
pub(crate) fn item(key: Key, body: &impl Serialize) -> Result<Item, Error> {
    let mut item: Item = serde_dynamo::to_item(body).map_err(|error| Error::fault("item to store").because(error))?;
    item.insert("pk".to_owned(), AttributeValue::S(key.pk));
    item.insert("sk".to_owned(), AttributeValue::S(key.sk));
    item.insert("v".to_owned(), AttributeValue::N(FORMAT.to_string()));
    Ok(item)
}

/// A number as DynamoDB takes it.
pub(crate) fn number(value: u64) -> AttributeValue {
    AttributeValue::N(value.to_string())
}

fn read<T: DeserializeOwned>(item: Item) -> Result<T, Error> {
    serde_dynamo::from_item(item).map_err(|error| Error::fault("stored item cannot be read").because(error))
}

fn is_expired(item: &Item, now: Time) -> bool {
    let expires_at = item.get("expires_at").and_then(|value| value.as_n().ok());
    expires_at.is_some_and(|seconds| seconds.parse().is_ok_and(|end: u64| end <= now.seconds()))
}

enum Outcome {
    Refused,
    Contended,
    Fault,
}

fn outcome<R>(error: &SdkError<TransactWriteItemsError, R>) -> Outcome {
    match error.as_service_error() {
        Some(TransactWriteItemsError::TransactionCanceledException(canceled)) => {
            reasons(canceled.cancellation_reasons())
        }
        Some(TransactWriteItemsError::TransactionInProgressException(_)) => Outcome::Contended,
        _ => Outcome::Fault,
    }
}

/// A condition that failed is final, whatever else happened; a conflict or a throttle is worth another try.
fn reasons(reasons: &[CancellationReason]) -> Outcome {
    let any = |wanted: &[&str]| reasons.iter().filter_map(CancellationReason::code).any(|code| wanted.contains(&code));
    if any(&["ConditionalCheckFailed"]) {
        Outcome::Refused
    } else if any(&["TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"]) {
        Outcome::Contended
    } else {
        Outcome::Fault
    }
}

/// Waits between 0 and 2^tries × 10 ms, chosen at random so that rivals part.
async fn pause(tries: u32) -> Result<(), Error> {
    let [random] = random::bytes::<1>()?;
    let ceiling = 10 << tries.min(5);
    tokio::time::sleep(Duration::from_millis(ceiling * u64::from(random) / 255)).await;
    Ok(())
}

fn fault(verb: &'static str, error: impl StdError + Send + Sync + 'static) -> Error {
    Error::unavailable(verb, error)
}
