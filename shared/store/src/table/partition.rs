//! Whole partitions: the last of their items, and their removal.

use aws_sdk_dynamodb::types::AttributeValue;
use oauth::{Error, Time};
use serde::de::DeserializeOwned;

use super::{Key, Table, Update, Write, fault, is_expired, read};

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
}
