//! The mails of a service, as their readers get them.

use std::time::Duration;

use serde_json::Value;

use super::service::Service;

impl Service {
    /// What the mails to `address` in the inbox say, or all mails if it is empty, oldest first.
    pub async fn mails(&self, address: &str) -> Vec<String> {
        let inbox = self.request("GET", "/_local/mail").header("accept", "application/json").send().await;
        let inbox = inbox.expect("an answer").json::<Vec<Value>>().await.expect("a list");
        let mut mails = received(&inbox);
        mails.retain(|(to, _)| address.is_empty() || to == address);
        mails.into_iter().map(|(_, text)| text).collect()
    }

    /// What the mail to `address` with this number says, counted from 1, as soon as it has arrived.
    pub async fn mail(&self, address: &str, number: usize) -> String {
        self.mail_with(address, "", number).await
    }

    /// Of the mails to `address` that contain `words`, the one with this number, as soon as it has arrived. Mails that are
    /// written shortly after one another are sent together and arrive in any order.
    pub async fn mail_with(&self, address: &str, words: &str, number: usize) -> String {
        for _ in 0..400 {
            let mails = self.mails(address).await.into_iter();
            if let Some(text) = mails.filter(|text| text.contains(words)).nth(number - 1) {
                return text;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("mail {number} to {address} with '{words}' has not arrived: {:?}", self.mails("").await)
    }
}

/// The mails in the inbox, oldest first.
fn received(inbox: &[Value]) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    inbox.iter().rev().map(|mail| (text(&mail["to"][0]), text(&mail["text"]))).collect()
}
