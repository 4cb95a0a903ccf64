//! EventBridge: its operation `PutEvents`, which takes up to ten entries and answers for each of them.

use aws::{Api, Call, Names};
use oauth::{Config, Error, Time};
use serde_json::{Value, json};

const NAMES: Names = Names { signed: "events", host: "events", endpoint: "AWS_ENDPOINT_URL_EVENTBRIDGE" };
const OPERATION: &str = "EventBridge PutEvents";
const HEADERS: [(&str, &str); 2] =
    [("content-type", "application/x-amz-json-1.1"), ("x-amz-target", "AWSEvents.PutEvents")];
/// The most entries of one call.
const ENTRIES: usize = 10;
/// Refusals of this entry that no repetition changes.
const FINAL: [&str; 2] = ["InvalidArgument", "MalformedDetail"];

/// A bus of EventBridge.
pub(crate) struct Bus {
    api: Api,
    name: String,
}

/// What became of an entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Put {
    /// It was taken.
    Taken,
    /// It will never be taken, for this reason.
    Refused(String),
    /// It has to be tried again, for this reason.
    Failed(String),
}

impl Bus {
    /// Reads the variables that Lambda sets, `EVENT_BUS`, and for another endpoint `AWS_ENDPOINT_URL_EVENTBRIDGE`. Opens no
    /// connection.
    pub(crate) fn read(config: &Config) -> Result<Self, Error> {
        Ok(Self { api: Api::read(NAMES, config)?, name: config.required("EVENT_BUS")?.to_owned() })
    }

    /// Sends entries, and says what became of each of them, in their order.
    pub(crate) async fn put(&self, mut entries: Vec<Value>, now: Time) -> Vec<Put> {
        for entry in &mut entries {
            entry["EventBusName"] = self.name.as_str().into();
        }
        let mut all = Vec::new();
        for some in entries.chunks(ENTRIES) {
            match self.call(some, now).await {
                Ok(answer) => all.extend((0..some.len()).map(|index| judged(&answer["Entries"][index]))),
                Err(error) => {
                    tracing::error!(code = error.code().word(), ?error, "events were not sent yet");
                    all.extend(some.iter().map(|_| Put::Failed(error.detail().to_owned())));
                }
            }
        }
        all
    }

    async fn call(&self, entries: &[Value], now: Time) -> Result<Value, Error> {
        let body = json!({"Entries": entries});
        let call = Call { operation: OPERATION, path: "/", headers: &HEADERS, body: &body };
        self.api.call(&call, now).await?.map_err(|refusal| Error::unavailable(OPERATION, refusal))
    }
}

/// What the answer for an entry means. One that is missing is no success.
fn judged(answer: &Value) -> Put {
    if answer["EventId"].is_string() {
        return Put::Taken;
    }
    let code = answer["ErrorCode"].as_str().unwrap_or("no answer");
    let said = format!("{code}: {}", answer["ErrorMessage"].as_str().unwrap_or_default());
    if FINAL.contains(&code) { Put::Refused(said) } else { Put::Failed(said) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_is_taken_or_fails_by_itself_and_only_what_is_wrong_with_it_is_final() {
        assert_eq!(judged(&json!({"EventId": "7"})), Put::Taken);
        for code in
            ["InternalFailure", "ThrottlingException", "AccessDeniedException", "NotAuthorizedForSourceException"]
        {
            assert!(matches!(judged(&json!({"ErrorCode": code})), Put::Failed(_)), "{code}");
        }
        let refused = json!({"ErrorCode": "MalformedDetail", "ErrorMessage": "no"});
        assert_eq!(judged(&refused), Put::Refused("MalformedDetail: no".to_owned()));
        assert!(matches!(judged(&Value::Null), Put::Failed(_)));
    }
}
