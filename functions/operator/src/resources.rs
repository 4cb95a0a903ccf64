//! Orders about API resources (RFC 8707).

use oauth::resource::Resource;
use oauth::{Code, Error, Time};
use serde_json::{Value, json};
use store::Declared;

use crate::app::App;

pub(crate) async fn show(app: &App, resource: &str, now: Time) -> Result<Value, Error> {
    let declared = app.resources.find(resource, now).await?;
    report(&declared.ok_or_else(unknown)?)
}

pub(crate) async fn list(app: &App, now: Time) -> Result<Value, Error> {
    let declared = app.resources.list(now).await?;
    Ok(json!({ "resources": declared.iter().map(report).collect::<Result<Vec<_>, _>>()? }))
}

pub(crate) async fn put(app: &App, resource: &Resource, now: Time) -> Result<Value, Error> {
    resource.check().map_err(Error::fields)?;
    let outcome = match app.resources.declare(resource, now).await? {
        Declared::Created => "created",
        Declared::Updated => "updated",
        Declared::Unchanged => "unchanged",
    };
    let mut report = report(resource)?;
    report["outcome"] = json!(outcome);
    Ok(report)
}

pub(crate) async fn delete(app: &App, resource: &str, now: Time) -> Result<Value, Error> {
    if app.resources.remove(resource, now).await? {
        Ok(json!({ "resource": resource, "outcome": "deleted" }))
    } else {
        Err(unknown())
    }
}

fn report(resource: &Resource) -> Result<Value, Error> {
    serde_json::to_value(resource).map_err(|error| Error::fault("serialising the report failed").because(error))
}

fn unknown() -> Error {
    Error::new(Code::NotFound, "no resource with this identifier is declared")
}
