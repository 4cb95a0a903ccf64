//! Bounces and complaints, which SES reports through a topic of SNS. Only hard bounces mark an address: a full mailbox or a
//! slow server passes.

use serde_json::Value;
use store::Bounce;

/// The addresses that the notifications of an event name, and why mails do not reach them.
pub(crate) fn unreachable(event: &Value) -> Vec<(String, Bounce)> {
    let records = event["Records"].as_array().map(Vec::as_slice).unwrap_or_default();
    let messages = records.iter().filter_map(|record| record["Sns"]["Message"].as_str());
    let notifications = messages.filter_map(|text| serde_json::from_str::<Value>(text).ok());
    let named = |notification: Value| {
        let addresses = addresses(&notification).into_iter();
        addresses.map(|(address, reason)| (address.to_owned(), reason)).collect::<Vec<_>>()
    };
    notifications.flat_map(named).collect()
}

/// The addresses of a notification, and why mails do not reach them.
fn addresses(notification: &Value) -> Vec<(&str, Bounce)> {
    let (list, reason) = match notification["eventType"].as_str().or(notification["notificationType"].as_str()) {
        Some("Bounce") if notification["bounce"]["bounceType"] == "Permanent" => {
            (&notification["bounce"]["bouncedRecipients"], Bounce::Bounced)
        }
        Some("Complaint") => (&notification["complaint"]["complainedRecipients"], Bounce::Complained),
        _ => return Vec::new(),
    };
    let recipients = list.as_array().map(Vec::as_slice).unwrap_or_default();
    recipients.iter().filter_map(|recipient| Some((recipient["emailAddress"].as_str()?, reason))).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn hard_bounces_and_complaints_mark_addresses_and_nothing_else_does() {
        let bounce = |kind: &str| json!({"eventType": "Bounce", "bounce": {"bounceType": kind, "bouncedRecipients": [{"emailAddress": "a@x.example"}]}});
        assert_eq!(addresses(&bounce("Permanent")), [("a@x.example", Bounce::Bounced)]);
        assert!(addresses(&bounce("Transient")).is_empty() && addresses(&bounce("Undetermined")).is_empty());
        let complaint = json!({"notificationType": "Complaint", "complaint": {"complainedRecipients": [{"emailAddress": "b@x.example"}]}});
        assert_eq!(addresses(&complaint), [("b@x.example", Bounce::Complained)]);
        assert!(addresses(&json!({"eventType": "Delivery"})).is_empty() && addresses(&json!({})).is_empty());
    }
}
