//! The few verbs over the one table, and the rules that every item obeys.
//!
//! Reads are strongly consistent and treat an expired item as absent (TTL deletion is lazy). Expressions use
//! placeholders only. A lost race is a value; every fault is [`Error::unavailable`].

use std::collections::HashMap;
use std::error::Error as StdError;
use std::time::Duration;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::{BuildError, SdkError};
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::builders::PutBuilder;
use aws_sdk_dynamodb::types::{
    self, AttributeValue, CancellationReason, ConditionCheck, Delete, Put, ReturnValue,
    ReturnValuesOnConditionCheckFailure, TransactWriteItem,
};
use oauth::{Error, Time};
use serde::de::DeserializeOwned;
use uuid::Uuid;

use crate::aws::Aws;
use crate::item::is_expired;
pub(crate) use crate::item::{Item, Key, item, list, number, read};
use crate::random;

/// Tries of a write that transactions of others keep getting in the way of. The waits between them add up to under a second.
const TRIES: u32 = 6;

/// The table that everything is in.
#[derive(Clone, Debug)]
pub struct Table {
    client: Client,
    name: String,
}

/// One conditional update of one item. A placeholder `#name` of the two expressions stands for the attribute `name`,
/// unless `names` says otherwise; `values` fills the placeholders of values.
pub(crate) struct Update {
    pub(crate) key: Key,
    pub(crate) expression: &'static str,
    pub(crate) condition: &'static str,
    pub(crate) names: Vec<(&'static str, String)>,
    pub(crate) values: Vec<(&'static str, AttributeValue)>,
}

impl Update {
    /// Of no effect and no condition, for a write that only needs the key.
    pub(crate) fn nothing(key: Key) -> Self {
        Self { key, expression: "", condition: "", names: Vec::new(), values: Vec::new() }
    }
}

/// A condition, if there is one.
fn given(condition: &str) -> Option<String> {
    (!condition.is_empty()).then(|| condition.to_owned())
}

/// The attribute names that two expressions use.
fn names_in(expression: &str, condition: &str, given: &[(&'static str, String)]) -> Option<HashMap<String, String>> {
    let mut names: HashMap<String, String> =
        given.iter().map(|(placeholder, name)| ((*placeholder).to_owned(), name.clone())).collect();
    for part in [expression, condition].iter().flat_map(|text| text.split('#').skip(1)) {
        let end = part.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(part.len());
        names.entry(format!("#{}", &part[..end])).or_insert_with(|| part[..end].to_owned());
    }
    (!names.is_empty()).then_some(names)
}

/// One part of a transaction.
pub(crate) enum Write {
    /// Writes an item where none is yet.
    PutNew(Item),
    /// Writes an item whatever was there.
    Put(Item),
    /// Writes an item in place of one whose `field` is as `expected`.
    Replace { item: Item, field: &'static str, expected: AttributeValue },
    /// Updates an item where its condition holds.
    Update(Update),
    /// Removes an item where its condition, if any, holds. The expression is not used.
    Delete(Update),
    /// Writes nothing; the transaction depends on the condition. The expression is not used.
    Check(Update),
}

impl Write {
    /// Whether it depends on an item that there cannot be.
    fn is_impossible(&self) -> bool {
        match self {
            Self::Update(update) | Self::Delete(update) | Self::Check(update) => !update.key.is_possible(),
            Self::PutNew(_) | Self::Put(_) | Self::Replace { .. } => false,
        }
    }
}

/// What became of a transaction.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Written {
    /// All of it is in the table.
    Done,
    /// A condition was not met; nothing was written.
    Refused,
}

/// What became of an update.
#[derive(Debug)]
pub(crate) enum Updated {
    /// It is in the table: the item as it is now.
    Done(Item),
    /// The condition was not met: the item as it was, if there is one.
    Refused(Option<Item>),
}

impl Table {
    /// The table called `name`. Opens no connection yet.
    pub fn new(aws: &Aws, name: &str) -> Self {
        Self { client: aws.dynamodb(), name: name.to_owned() }
    }

    /// The item at `key` as a `T`, unless there is none or it has expired.
    pub(crate) async fn get<T: DeserializeOwned>(&self, key: Key, now: Time) -> Result<Option<T>, Error> {
        self.item(key, now).await?.map(read).transpose()
    }

    /// The item at `key` as it is, unless there is none or it has expired.
    pub(crate) async fn item(&self, key: Key, now: Time) -> Result<Option<Item>, Error> {
        if !key.is_possible() {
            return Ok(None);
        }
        let request = self.client.get_item().table_name(&self.name).consistent_read(true);
        let answer = request.set_key(Some(key.attributes())).send().await.map_err(|error| fault("get", error))?;
        Ok(answer.item.filter(|item| !is_expired(item, now)))
    }

    /// All items of a partition that have not expired, in the order of their sort keys.
    pub(crate) async fn query<T: DeserializeOwned>(&self, pk: &str, now: Time) -> Result<Vec<T>, Error> {
        self.query_items(pk, now).await?.into_iter().map(read).collect()
    }

    /// The same, each item as it is.
    pub(crate) async fn query_items(&self, pk: &str, now: Time) -> Result<Vec<Item>, Error> {
        let mut items = Vec::new();
        let mut from = None;
        loop {
            let request =
                self.client.query().table_name(&self.name).consistent_read(true).set_exclusive_start_key(from);
            let request = request.key_condition_expression("#pk = :pk").expression_attribute_names("#pk", "pk");
            let request = request.expression_attribute_values(":pk", AttributeValue::S(pk.to_owned()));
            let page = request.send().await.map_err(|error| fault("query", error))?;
            items.extend(page.items.unwrap_or_default().into_iter().filter(|item| !is_expired(item, now)));
            from = page.last_evaluated_key;
            if from.is_none() {
                return Ok(items);
            }
        }
    }

    /// Writes an item at a key that holds a new secret. Nothing can be there but this very item, written by an earlier try
    /// whose reply got lost; a try that arrives late finds it and does not undo what has become of it since. Single
    /// use holds for items that stay when they are used up: one that is removed could come back.
    pub(crate) async fn put(&self, item: Item) -> Result<(), Error> {
        let request = self.client.put_item().table_name(&self.name).set_item(Some(item));
        let Err(error) = request.condition_expression("attribute_not_exists(pk)").send().await else { return Ok(()) };
        match error.as_service_error() {
            Some(PutItemError::ConditionalCheckFailedException(_)) => Ok(()),
            _ => Err(fault("put", error)),
        }
    }

    /// Writes all of `writes`, or nothing when one of their conditions is not met.
    ///
    /// Every try carries the same idempotency token, so that a lost reply never shows its own success as a conflict.
    pub(crate) async fn transact(&self, writes: Vec<Write>) -> Result<Written, Error> {
        if writes.iter().any(Write::is_impossible) {
            return Ok(Written::Refused);
        }
        let writes: Vec<_> = writes.into_iter().map(|write| self.part(write)).collect::<Result<_, _>>()?;
        let token = Uuid::from_bytes(random::bytes()?).to_string();
        let mut tries = 1;
        loop {
            let request = self.client.transact_write_items().client_request_token(&token);
            let Err(error) = request.set_transact_items(Some(writes.clone())).send().await else {
                return Ok(Written::Done);
            };
            match outcome(&error) {
                Outcome::Refused => return Ok(Written::Refused),
                Outcome::Contended if tries < TRIES => pause(tries).await?,
                Outcome::Contended | Outcome::Fault => return Err(fault("transact", error)),
            }
            tries += 1;
        }
    }

    /// Updates an item where `condition` holds. The caller tells from a refusal's item whether it was this very request
    /// that wrote it before a reply got lost: it puts a nonce into what it writes.
    pub(crate) async fn update(&self, update: Update) -> Result<Updated, Error> {
        if !update.key.is_possible() {
            return Ok(Updated::Refused(None));
        }
        let request = self
            .client
            .update_item()
            .table_name(&self.name)
            .set_key(Some(update.key.attributes()))
            .update_expression(update.expression)
            .set_condition_expression(given(update.condition))
            .set_expression_attribute_names(names_in(update.expression, update.condition, &update.names))
            .set_expression_attribute_values(values(update.values))
            .return_values(ReturnValue::AllNew)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        let mut tries = 1;
        loop {
            let error = match request.clone().send().await {
                Ok(answer) => return Ok(Updated::Done(answer.attributes.unwrap_or_default())),
                Err(error) => error,
            };
            match error.as_service_error() {
                Some(UpdateItemError::ConditionalCheckFailedException(failed)) => {
                    return Ok(Updated::Refused(failed.item().cloned()));
                }
                Some(UpdateItemError::TransactionConflictException(_)) if tries < TRIES => pause(tries).await?,
                _ => return Err(fault("update", error)),
            }
            tries += 1;
        }
    }

    fn part(&self, write: Write) -> Result<TransactWriteItem, Error> {
        let part = TransactWriteItem::builder();
        Ok(match write {
            Write::PutNew(item) => {
                part.put(built(self.put_part(item).condition_expression("attribute_not_exists(pk)").build())?)
            }
            Write::Put(item) => part.put(built(self.put_part(item).build())?),
            Write::Replace { item, field, expected } => part.put(built(
                self.put_part(item)
                    .condition_expression("#field = :expected")
                    .expression_attribute_names("#field", field)
                    .expression_attribute_values(":expected", expected)
                    .build(),
            )?),
            Write::Update(update) => part.update(built(
                types::Update::builder()
                    .table_name(&self.name)
                    .set_key(Some(update.key.attributes()))
                    .update_expression(update.expression)
                    .set_condition_expression(given(update.condition))
                    .set_expression_attribute_names(names_in(update.expression, update.condition, &update.names))
                    .set_expression_attribute_values(values(update.values))
                    .build(),
            )?),
            Write::Delete(update) => part.delete(built(
                Delete::builder()
                    .table_name(&self.name)
                    .set_key(Some(update.key.attributes()))
                    .set_condition_expression(given(update.condition))
                    .set_expression_attribute_names(names_in("", update.condition, &update.names))
                    .set_expression_attribute_values(values(update.values))
                    .build(),
            )?),
            Write::Check(update) => part.condition_check(built(
                ConditionCheck::builder()
                    .table_name(&self.name)
                    .set_key(Some(update.key.attributes()))
                    .condition_expression(update.condition)
                    .set_expression_attribute_names(names_in("", update.condition, &update.names))
                    .set_expression_attribute_values(values(update.values))
                    .build(),
            )?),
        }
        .build())
    }

    fn put_part(&self, item: Item) -> PutBuilder {
        Put::builder().table_name(&self.name).set_item(Some(item))
    }
}

fn built<T>(part: Result<T, BuildError>) -> Result<T, Error> {
    part.map_err(|error| Error::fault("an incomplete write").because(error))
}

fn values(values: Vec<(&'static str, AttributeValue)>) -> Option<Item> {
    (!values.is_empty())
        .then(|| values.into_iter().map(|(placeholder, value)| (placeholder.to_owned(), value)).collect())
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_placeholder_stands_for_the_attribute_of_its_name_unless_told_otherwise() {
        let given = [("#end", "expires_at".to_owned())];
        let names = names_in("SET #a = :a, #b_c = #b_c + :one", "#stage.#at = :x AND #end > :now", &given).unwrap();
        let expected = [("#a", "a"), ("#b_c", "b_c"), ("#stage", "stage"), ("#at", "at"), ("#end", "expires_at")];
        assert_eq!(names, expected.map(|(placeholder, name)| (placeholder.to_owned(), name.to_owned())).into());
        assert_eq!(names_in("", "attribute_exists(pk)", &[]), None);
    }
}
