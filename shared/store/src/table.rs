//! The few operations on the table, and the rules that apply to all items.
//!
//! Reads are strongly consistent and treat an expired item as absent (TTL deletion is lazy). Expressions use
//! placeholders only. A lost race is a return value; every fault is [`Error::unavailable`].

mod outcome;
mod partition;

use std::error::Error as StdError;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::BuildError;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::builders::PutBuilder;
use aws_sdk_dynamodb::types::{
    self, AttributeValue, ConditionCheck, Delete, Put, ReturnValue, ReturnValuesOnConditionCheckFailure,
    TransactWriteItem,
};
use oauth::{Error, Time};
use serde::de::DeserializeOwned;
use uuid::Uuid;

use crate::aws::Aws;
use crate::expression::{given, names_in, values};
pub(crate) use crate::item::{Item, Key, is_expired, item, list, number, read, word_set};
use crate::random;
use outcome::{Outcome, outcome, pause};
pub(crate) use partition::REMOVED_AT_ONCE;

/// How often a write is tried when it conflicts with other transactions. The pauses add up to less than a second.
const TRIES: u32 = 6;

/// The DynamoDB table.
#[derive(Clone, Debug)]
pub struct Table {
    client: Client,
    name: String,
}

/// One conditional update of one item. In both expressions, a placeholder `#name` stands for the attribute `name`,
/// unless `names` says otherwise. `values` contains the values of placeholders.
pub(crate) struct Update {
    pub(crate) key: Key,
    pub(crate) expression: &'static str,
    pub(crate) condition: &'static str,
    pub(crate) names: Vec<(&'static str, String)>,
    pub(crate) values: Vec<(&'static str, AttributeValue)>,
}

impl Update {
    /// An update without effect and condition, for writes that need only the key.
    pub(crate) fn nothing(key: Key) -> Self {
        Self { key, expression: "", condition: "", names: Vec::new(), values: Vec::new() }
    }
}

/// An update whose expressions are composed when they are needed. Placeholders are those of [`Update`].
pub(crate) struct Composed {
    pub(crate) key: Key,
    pub(crate) expression: String,
    pub(crate) condition: String,
    pub(crate) values: Item,
}

/// One part of a transaction.
pub(crate) enum Write {
    /// Writes an item if none exists at its key.
    PutNew(Item),
    /// Writes an item if none exists at its key, or only one that has expired at this instant.
    PutFree(Item, Time),
    /// Writes an item unconditionally.
    Put(Item),
    /// Replaces an item whose `field` has the value `expected`.
    Replace { item: Item, field: &'static str, expected: AttributeValue },
    /// Updates an item if its condition holds.
    Update(Update),
    /// Removes an item if its condition, if any, holds. The expression is not used.
    Delete(Update),
    /// Writes nothing, but makes the transaction depend on the condition. The expression is not used.
    Check(Update),
}

impl Write {
    /// Whether it depends on an item that cannot exist.
    fn is_impossible(&self) -> bool {
        match self {
            Self::Update(update) | Self::Delete(update) | Self::Check(update) => !update.key.is_possible(),
            Self::PutNew(_) | Self::PutFree(..) | Self::Put(_) | Self::Replace { .. } => false,
        }
    }
}

/// The result of a transaction.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Written {
    /// Everything was written.
    Done,
    /// Conditions were not met, and nothing was written. Contains their places among the writes.
    Refused(Vec<usize>),
}

/// The result of an update.
#[derive(Debug)]
pub(crate) enum Updated {
    /// It was written. Contains the new item.
    Done(Item),
    /// The condition was not met. Contains the existing item, if any.
    Refused(Option<Item>),
}

impl Table {
    /// The table with this name. Opens no connection.
    pub fn new(aws: &Aws, name: &str) -> Self {
        Self { client: aws.dynamodb(), name: name.to_owned() }
    }

    /// The item at `key` as a `T`, unless it is absent or has expired.
    pub(crate) async fn get<T: DeserializeOwned>(&self, key: Key, now: Time) -> Result<Option<T>, Error> {
        self.item(key, now).await?.map(read).transpose()
    }

    /// The item at `key`, unless it is absent or has expired.
    pub(crate) async fn item(&self, key: Key, now: Time) -> Result<Option<Item>, Error> {
        if !key.is_possible() {
            return Ok(None);
        }
        let request = self.client.get_item().table_name(&self.name).consistent_read(true);
        let answer = request.set_key(Some(key.attributes())).send().await.map_err(|error| fault("get", error))?;
        Ok(answer.item.filter(|item| !is_expired(item, now)))
    }

    /// All items of a partition that have not expired, ordered by sort key.
    pub(crate) async fn query<T: DeserializeOwned>(&self, pk: &str, now: Time) -> Result<Vec<T>, Error> {
        self.query_items(pk, now).await?.into_iter().map(read).collect()
    }

    /// The same, without parsing the items.
    pub(crate) async fn query_items(&self, pk: &str, now: Time) -> Result<Vec<Item>, Error> {
        let mut items = Vec::new();
        let mut from = None;
        loop {
            let request = self.partition(pk).set_exclusive_start_key(from);
            let page = request.send().await.map_err(|error| fault("query", error))?;
            items.extend(page.items.unwrap_or_default().into_iter().filter(|item| !is_expired(item, now)));
            from = page.last_evaluated_key;
            if from.is_none() {
                return Ok(items);
            }
        }
    }

    /// The first items of a partition, at most `most`, without those that have expired.
    pub(crate) async fn query_some<T: DeserializeOwned>(
        &self,
        pk: &str,
        most: usize,
        now: Time,
    ) -> Result<Vec<T>, Error> {
        self.query_some_items(pk, most, now).await?.into_iter().map(read).collect()
    }

    /// The same, without parsing the items.
    pub(crate) async fn query_some_items(&self, pk: &str, most: usize, now: Time) -> Result<Vec<Item>, Error> {
        let mut items = Vec::new();
        let mut from = None;
        loop {
            let left = i32::try_from(most.saturating_sub(items.len())).unwrap_or(i32::MAX);
            let request = self.partition(pk).limit(left).set_exclusive_start_key(from);
            let page = request.send().await.map_err(|error| fault("query", error))?;
            items.extend(page.items.unwrap_or_default());
            from = page.last_evaluated_key;
            if from.is_none() || items.len() >= most {
                return Ok(items.into_iter().filter(|item| !is_expired(item, now)).collect());
            }
        }
    }

    /// The item of a partition with the smallest sort key, unless there is none or it has expired.
    pub(crate) async fn first(&self, pk: &str, now: Time) -> Result<Option<Item>, Error> {
        let page = self.partition(pk).limit(1).send().await.map_err(|error| fault("query", error))?;
        Ok(page.items.unwrap_or_default().into_iter().next().filter(|item| !is_expired(item, now)))
    }

    /// The items of one page of the table whose partition key begins with `prefix`, and where the next page begins. A
    /// page is at most `limit` items of any kind. Reads all of the table, so no request may cause it.
    pub(crate) async fn scan(
        &self,
        prefix: &str,
        limit: u16,
        from: Option<Item>,
    ) -> Result<(Vec<Item>, Option<Item>), Error> {
        let request = self.client.scan().table_name(&self.name).consistent_read(true).limit(limit.into());
        let request = request.filter_expression("begins_with(#pk, :prefix)").expression_attribute_names("#pk", "pk");
        let request = request.expression_attribute_values(":prefix", AttributeValue::S(prefix.to_owned()));
        let page = request.set_exclusive_start_key(from).send().await.map_err(|error| fault("scan", error))?;
        Ok((page.items.unwrap_or_default(), page.last_evaluated_key))
    }

    /// A query of a partition.
    fn partition(&self, pk: &str) -> QueryFluentBuilder {
        let request = self.client.query().table_name(&self.name).consistent_read(true);
        let request = request.key_condition_expression("#pk = :pk").expression_attribute_names("#pk", "pk");
        request.expression_attribute_values(":pk", AttributeValue::S(pk.to_owned()))
    }

    /// Writes an item at a key that contains a new secret. If an item exists there, an earlier attempt whose reply was
    /// lost has written it; a delayed attempt must not undo later changes of it, so it changes nothing. Single use is
    /// guaranteed only for items that stay after use: a removed item could be written again.
    pub(crate) async fn put(&self, item: Item) -> Result<(), Error> {
        let request = self.client.put_item().table_name(&self.name).set_item(Some(item));
        let Err(error) = request.condition_expression("attribute_not_exists(pk)").send().await else { return Ok(()) };
        match error.as_service_error() {
            Some(PutItemError::ConditionalCheckFailedException(_)) => Ok(()),
            _ => Err(fault("put", error)),
        }
    }

    /// Writes an item, whatever is there.
    pub(crate) async fn overwrite(&self, item: Item) -> Result<(), Error> {
        let request = self.client.put_item().table_name(&self.name).set_item(Some(item));
        request.send().await.map(drop).map_err(|error| fault("put", error))
    }

    /// Writes all of `writes`, or nothing if one of their conditions is not met.
    ///
    /// Every attempt has the same idempotency token, so that after a lost reply a retry does not conflict with its own
    /// success.
    pub(crate) async fn transact(&self, writes: Vec<Write>) -> Result<Written, Error> {
        if writes.iter().any(Write::is_impossible) {
            return Ok(Written::Refused(Vec::new()));
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
                Outcome::Refused(places) => return Ok(Written::Refused(places)),
                Outcome::Contended if tries < TRIES => pause(tries).await?,
                Outcome::Contended | Outcome::Fault => return Err(fault("transact", error)),
            }
            tries += 1;
        }
    }

    /// Updates an item if `condition` holds. If it fails, the caller finds out from the item whether an earlier attempt
    /// of the same request wrote it: each request writes its own nonce.
    pub(crate) async fn update(&self, update: Update) -> Result<Updated, Error> {
        let Update { key, expression, condition, names, values: given } = update;
        self.update_item(key, (expression, condition), &names, values(given)).await
    }

    /// The same with composed expressions.
    pub(crate) async fn update_composed(&self, update: Composed) -> Result<Updated, Error> {
        let Composed { key, expression, condition, values } = update;
        self.update_item(key, (&expression, &condition), &[], Some(values)).await
    }

    async fn update_item(
        &self,
        key: Key,
        (expression, condition): (&str, &str),
        names: &[(&'static str, String)],
        values: Option<Item>,
    ) -> Result<Updated, Error> {
        if !key.is_possible() {
            return Ok(Updated::Refused(None));
        }
        let request = self
            .client
            .update_item()
            .table_name(&self.name)
            .set_key(Some(key.attributes()))
            .update_expression(expression)
            .set_condition_expression(given(condition))
            .set_expression_attribute_names(names_in(expression, condition, names))
            .set_expression_attribute_values(values)
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
            Write::PutFree(item, now) => part.put(built(
                self.put_part(item)
                    .condition_expression("attribute_not_exists(pk) OR #expires_at <= :now")
                    .expression_attribute_names("#expires_at", "expires_at")
                    .expression_attribute_values(":now", number(now.seconds()))
                    .build(),
            )?),
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
    part.map_err(|error| Error::fault("a write is incomplete").because(error))
}

fn fault(verb: &'static str, error: impl StdError + Send + Sync + 'static) -> Error {
    Error::unavailable(verb, error)
}
