//! Whole partitions: the last of their items, and their removal.

use aws_sdk_dynamodb::types::AttributeValue;
use oauth::{Error, Time};
use serde::de::DeserializeOwned;

use super::{Item, Key, Table, Update, Write, fault, is_expired, number, read};

/// Items removed in one transaction: DynamoDB allows 100 writes.
pub(crate) const REMOVED_AT_ONCE: usize = 100;

impl Table {
    /// The last items of a partition, at most `most`, last first, without those that have expired. `before` leaves out
    /// the items from this sort key on.
    pub(crate) async fn query_last<T: DeserializeOwned>(
        &self,
        pk: &str,
        most: usize,
        before: Option<&str>,
        now: Time,
    ) -> Result<Vec<T>, Error> {
        let mut request = self.partition(pk).scan_index_forward(false).limit(i32::try_from(most).unwrap_or(i32::MAX));
        if let Some(before) = before.filter(|before| !before.is_empty()) {
            request = request.key_condition_expression("#pk = :pk AND #sk < :before");
            request = request.expression_attribute_names("#sk", "sk");
            request = request.expression_attribute_values(":before", AttributeValue::S(before.to_owned()));
        }
        let page = request.send().await.map_err(|error| fault("query", error))?;
        page.items.unwrap_or_default().into_iter().filter(|item| !is_expired(item, now)).map(read).collect()
    }

    /// Removes every item of a partition, also those that have expired. If it stops halfway, the next call removes the
    /// rest.
    pub(crate) async fn remove_partition(&self, pk: &str) -> Result<(), Error> {
        loop {
            let items = self.query_some_items(pk, REMOVED_AT_ONCE, Time::from_seconds(0)).await?;
            let is_last = items.len() < REMOVED_AT_ONCE;
            let sort_keys = items.into_iter().filter_map(|mut item| item.remove("sk")?.as_s().ok().cloned());
            let removals: Vec<_> = sort_keys.map(|sk| Write::Delete(Update::nothing(Key::new(pk, sk)))).collect();
            if !removals.is_empty() {
                self.transact(removals).await?;
            }
            if is_last {
                return Ok(());
            }
        }
    }

    /// Lets every item of a partition end at `end`, in epoch seconds, that would end later.
    pub(crate) async fn end_partition(&self, pk: &str, end: u64, now: Time) -> Result<(), Error> {
        let lasts = |item: &Item| !is_expired(item, Time::from_seconds(end));
        let items = self.query_items(pk, now).await?.into_iter().filter(lasts);
        let sort_keys = items.filter_map(|mut item| item.remove("sk")?.as_s().ok().cloned());
        let keys: Vec<Key> = sort_keys.map(|sk| Key::new(pk, sk)).collect();
        for some in keys.chunks(REMOVED_AT_ONCE) {
            let ending = |key: &Key| {
                Write::Update(Update {
                    expression: "SET #expires_at = :end",
                    condition: "attribute_exists(pk)",
                    values: vec![(":end", number(end))],
                    ..Update::nothing(key.clone())
                })
            };
            self.transact(some.iter().map(ending).collect()).await?;
        }
        Ok(())
    }
}
