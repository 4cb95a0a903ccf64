//! The template's tables: made as CloudFormation makes them, unless they are there.

use std::time::Duration;

use serde_json::{Value as Json, json};
use tokio::time::sleep;

use crate::Error;
use crate::iam::{Exception, Upstream};
use crate::template::Table;

/// Creates a table, unless it is there, and turns its time to live on.
pub(crate) async fn create_table(dynamodb: &Upstream, table: &Table) -> Result<(), Error> {
    let name = json!({"TableName": table.name});
    match dynamodb.call("CreateTable", &table.create).await? {
        Ok(_) => {}
        Err(error) if error.kind == "ResourceInUseException" => {}
        Err(error) if error.is_fault() => return Err(broken(error, &table.name)),
        Err(error) => return Err(error.doing("CreateTable", &table.name)),
    }
    let description = wait_until_active(dynamodb, &name).await?;
    check_key(&table.create, &description)?;
    switch_stream_on(dynamodb, table, &description).await?;
    let Some(attribute) = &table.time_to_live else { return Ok(()) };
    let described = dynamodb.call("DescribeTimeToLive", &name).await?.unwrap_or_default();
    if described["TimeToLiveDescription"]["TimeToLiveStatus"].as_str().is_some_and(|status| status.starts_with("ENABL"))
    {
        return Ok(());
    }
    let specification = json!({"AttributeName": attribute, "Enabled": true});
    let request = json!({"TableName": table.name, "TimeToLiveSpecification": specification});
    match dynamodb.call("UpdateTimeToLive", &request).await? {
        Ok(_) => Ok(()),
        Err(error) if error.kind == "UnknownOperationException" => Ok(()), // an engine without it expires nothing
        Err(error) => Err(error.doing("UpdateTimeToLive", &table.name)),
    }
}

/// Gives a table its stream that was made before the template asked for one.
async fn switch_stream_on(dynamodb: &Upstream, table: &Table, description: &Json) -> Result<(), Error> {
    let wanted = &table.create["StreamSpecification"];
    if wanted.is_null() || description["Table"]["LatestStreamArn"].is_string() {
        return Ok(());
    }
    let request = json!({"TableName": table.name, "StreamSpecification": wanted});
    let updated = dynamodb.call("UpdateTable", &request).await?;
    updated.map(drop).map_err(|error| error.doing("UpdateTable", &table.name))
}

/// An engine that fails at its first call has a database that is broken inside.
fn broken(error: Exception, table: &str) -> Error {
    let error = error.doing("CreateTable", table);
    Error::new(format!("{error}: restore the database from a copy, or remove the data folder to start anew"))
}

/// A table of the same name but with other keys would fail in ways that are hard to understand.
fn check_key(wanted: &Json, description: &Json) -> Result<(), Error> {
    if wanted["KeySchema"] == description["Table"]["KeySchema"] {
        return Ok(());
    }
    Err(Error::new(format!(
        "the table {} exists with another key, {}: remove the data folder or name another with --data",
        wanted["TableName"], description["Table"]["KeySchema"]
    )))
}

async fn wait_until_active(dynamodb: &Upstream, name: &Json) -> Result<Json, Error> {
    for _ in 0..100 {
        let described = dynamodb.call("DescribeTable", name).await?;
        match described {
            Ok(description) if description["Table"]["TableStatus"] == "ACTIVE" => return Ok(description),
            Ok(_) => sleep(Duration::from_millis(100)).await,
            Err(error) => return Err(error.doing("DescribeTable", &name["TableName"].to_string())),
        }
    }
    Err(Error::new(format!("the table {} does not become active", name["TableName"])))
}
