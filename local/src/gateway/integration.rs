//! The call of the function behind a route, the same for both kinds of API.

use bytes::Bytes;
use serde_json::Value as Json;
use tokio::time::timeout;

use super::record::Record;
use super::router::Found;
use crate::runtime::{Functions, PAYLOAD};

/// Why a function gave no answer that could be passed on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NoAnswer {
    /// The event would be larger than Lambda takes.
    TooLarge,
    /// It took longer than the route waits.
    Late,
    /// It failed.
    Failed,
}

/// What the function behind a route returns for an event.
pub(super) async fn call(
    functions: &Functions,
    found: &Found<'_>,
    event: &Json,
    record: &mut Record,
) -> Result<Bytes, NoAnswer> {
    let event = event.to_string();
    if event.len() > PAYLOAD {
        return Err(NoAnswer::TooLarge);
    }
    record.function = Some(found.route.function.clone());
    let invocation = functions.invoke_published(&found.route.function, Bytes::from(event));
    let invocation = timeout(found.route.timeout, invocation).await.map_err(|_| NoAnswer::Late)?;
    record.start = Some(invocation.start);
    invocation.result.map_err(|_| NoAnswer::Failed)
}
