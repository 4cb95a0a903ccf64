//! An event as it leaves: what people and operators see of it, where it comes from, and what EventBridge wants to know.

use oauth::{Error, SecurityEvent};
use serde::Serialize;
use serde_json::{Value, json};
use store::audit::Recorded;

/// What rules recognise our events by.
const SOURCE: &str = "gatewright";

/// The `detail` of an event. docs/events.md describes it.
#[derive(Serialize)]
struct Detail<'a> {
    issuer: &'a str,
    id: &'a str,
    /// Epoch seconds.
    at: u64,
    #[serde(flatten)]
    event: &'a SecurityEvent,
}

/// The entry of `PutEvents` for a stored event of the service `issuer`.
pub(crate) fn entry(recorded: &Recorded, issuer: &str) -> Result<Value, Error> {
    let detail = Detail { issuer, id: &recorded.id, at: recorded.at.seconds(), event: &recorded.event };
    let failed = |error| Error::fault("writing an event failed").because(error);
    Ok(json!({
        "Source": SOURCE,
        "DetailType": recorded.event.action.to_string(),
        "Detail": serde_json::to_string(&detail).map_err(failed)?,
        "Time": recorded.at.seconds(),
    }))
}

#[cfg(test)]
mod tests {
    use oauth::Time;

    use super::*;

    /// The details of the examples in docs/events.md, those of whole events included.
    fn examples() -> Vec<Value> {
        let page = include_str!("../../../docs/events.md");
        let blocks = page.split("```json\n").skip(1).filter_map(|rest| rest.split("```").next());
        let blocks =
            blocks.map(|block| serde_json::from_str::<Value>(block).unwrap_or_else(|error| panic!("{error}: {block}")));
        let details = |block: Value| match block {
            Value::Array(details) => details,
            whole => Some(whole["detail"].clone()).filter(|detail| detail.get("id").is_some()).into_iter().collect(),
        };
        blocks.flat_map(details).collect()
    }

    #[test]
    fn events_leave_as_the_page_shows_them() {
        let examples = examples();
        assert!(examples.len() > 15, "the examples were found");
        for example in examples {
            let event: SecurityEvent = serde_json::from_value(example.clone()).unwrap();
            let (id, at) = (example["id"].as_str().unwrap().to_owned(), example["at"].as_u64().unwrap());
            let recorded = Recorded { id, at: Time::from_seconds(at), event, until: 0 };
            let entry = entry(&recorded, "https://id.example.com").unwrap();
            let detail: Value = serde_json::from_str(entry["Detail"].as_str().unwrap()).unwrap();
            assert_eq!(detail, example, "docs/events.md");
            assert_eq!((&entry["Source"], &entry["DetailType"]), (&json!("gatewright"), &example["action"]));
            assert_eq!(entry["Time"], at, "seconds, as EventBridge takes them");
        }
    }
}
