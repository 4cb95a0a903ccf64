//! DynamoDB: which actions a call is to IAM, on which table, with which partition keys (`dynamodb:LeadingKeys`).
//!
//! A transaction is the action of each of its parts, there is no action for the whole. A call that reads or writes no
//! particular partition, such as a scan, has no leading keys.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use super::key_condition;
use crate::iam::Access;
use crate::template::{Deployment, Table};

/// The tables, as far as IAM looks into calls of them.
#[derive(Debug)]
pub(super) struct Tables {
    /// The name of the partition key, by the table's name.
    partition_keys: BTreeMap<String, String>,
    deployment: Deployment,
}

impl Tables {
    /// The tables of a template.
    pub(super) fn new(tables: &[Table], deployment: &Deployment) -> Self {
        let key = |table: &Table| {
            let keys = table.create["KeySchema"].as_array()?;
            let hash = keys.iter().find(|key| key["KeyType"] == "HASH")?;
            Some((table.name.clone(), hash["AttributeName"].as_str()?.to_owned()))
        };
        Self { partition_keys: tables.iter().filter_map(key).collect(), deployment: deployment.clone() }
    }

    /// What a call is to IAM; `None` for one that is not understood.
    pub(super) fn accesses(&self, operation: &str, body: &Json) -> Option<Vec<Access>> {
        match operation {
            "GetItem" | "UpdateItem" | "DeleteItem" => Some(vec![self.on_item(operation, body, &body["Key"])]),
            "PutItem" => Some(vec![self.on_item(operation, body, &body["Item"])]),
            "Query" => Some(vec![self.query(body)]),
            "Scan" | "DescribeTable" | "DescribeTimeToLive" => Some(vec![self.access(operation, body, [])]),
            "TransactWriteItems" | "TransactGetItems" => {
                let parts = body["TransactItems"].as_array()?;
                parts.iter().map(|part| self.part(operation, part)).collect()
            }
            "BatchGetItem" => self.batch(operation, body, |request| Some(request["Keys"].as_array()?.iter().collect())),
            "BatchWriteItem" => {
                self.batch(operation, body, |requests| requests.as_array()?.iter().map(written).collect())
            }
            _ => None,
        }
    }

    /// A part of a transaction, `{"Put": {…}}` and its like.
    fn part(&self, operation: &str, part: &Json) -> Option<Access> {
        let (kind, part) = part.as_object().filter(|kinds| kinds.len() == 1)?.iter().next()?;
        let (action, key) = match (operation, kind.as_str()) {
            ("TransactGetItems", "Get") => ("GetItem", "Key"),
            ("TransactWriteItems", "Put") => ("PutItem", "Item"),
            ("TransactWriteItems", "Update") => ("UpdateItem", "Key"),
            ("TransactWriteItems", "Delete") => ("DeleteItem", "Key"),
            ("TransactWriteItems", "ConditionCheck") => ("ConditionCheckItem", "Key"),
            _ => return None,
        };
        Some(self.on_item(action, part, &part[key]).with("dynamodb:EnclosingOperation", [operation.to_owned()]))
    }

    fn batch<'a>(
        &self,
        operation: &str,
        body: &'a Json,
        items: impl Fn(&'a Json) -> Option<Vec<&'a Json>>,
    ) -> Option<Vec<Access>> {
        let tables = body["RequestItems"].as_object()?;
        let access = |(table, requests): (&String, &'a Json)| {
            let keys: Vec<_> = items(requests)?.into_iter().filter_map(|item| self.partition(table, item)).collect();
            Some(Access::new("dynamodb", operation, self.arn(table)).with("dynamodb:LeadingKeys", keys))
        };
        tables.iter().map(access).collect()
    }

    fn on_item(&self, action: &str, call: &Json, item: &Json) -> Access {
        self.access(action, call, self.partition(table(call), item))
    }

    /// An index has keys of its own, and no table here has an index.
    fn query(&self, body: &Json) -> Access {
        if let Some(index) = body["IndexName"].as_str() {
            return Access::new("dynamodb", "Query", format!("{}/index/{index}", self.arn(table(body))));
        }
        let value = self.partition_key(table(body)).and_then(|key| key_condition::partition(body, key)).and_then(text);
        self.access("Query", body, value)
    }

    fn access(&self, action: &str, call: &Json, keys: impl IntoIterator<Item = String>) -> Access {
        Access::new("dynamodb", action, self.arn(table(call))).with("dynamodb:LeadingKeys", keys)
    }

    /// The partition key of an item or a key.
    fn partition(&self, table: &str, item: &Json) -> Option<String> {
        text(&item[self.partition_key(table)?])
    }

    /// A table that the template does not declare is taken for one that was restored from its only table, keys and all.
    fn partition_key(&self, table: &str) -> Option<&str> {
        let only = || self.partition_keys.values().next().filter(|_| self.partition_keys.len() == 1);
        self.partition_keys.get(name(table)).or_else(only).map(String::as_str)
    }

    fn arn(&self, table: &str) -> String {
        self.deployment.arn("dynamodb", &format!("table/{}", name(table)))
    }
}

/// The item or the key of a part of a batch of writes.
fn written(request: &Json) -> Option<&Json> {
    let (kind, request) = request.as_object()?.iter().next()?;
    match kind.as_str() {
        "PutRequest" => request.get("Item"),
        "DeleteRequest" => request.get("Key"),
        _ => None,
    }
}

fn table(call: &Json) -> &str {
    call["TableName"].as_str().unwrap_or_default()
}

/// The name of a table that is called by its name or its ARN.
fn name(table: &str) -> &str {
    table.rsplit('/').next().unwrap_or(table)
}

/// An attribute value of a type that keys can have, as IAM compares it.
fn text(value: &Json) -> Option<String> {
    ["S", "N", "B"].iter().find_map(|kind| value[kind].as_str()).map(str::to_owned)
}
