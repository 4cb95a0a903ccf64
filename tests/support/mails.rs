//! The mails of a service, as their readers get them.

use std::time::Duration;

use aws_lc_rs::aead::{AES_256_GCM, Aad, Nonce, RandomizedNonceKey};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::service::Service;

/// How many bytes of a sealed mail are its nonce.
const NONCE: usize = 12;

impl Service {
    /// What the mails to `address` say, or all mails if it is empty, oldest first. They are in the inbox, or in the table as long
    /// as none was sent.
    pub async fn mails(&self, address: &str) -> Vec<String> {
        let inbox = self.request("GET", "/_local/mail").header("accept", "application/json").send().await;
        let inbox = inbox.expect("an answer");
        let mut mails = received(&inbox.json::<Vec<Value>>().await.unwrap_or_default());
        if mails.is_empty() {
            mails = self.stored().await;
        }
        mails.retain(|(to, _)| address.is_empty() || to == address);
        mails.into_iter().map(|(_, text)| text).collect()
    }

    /// What the mail to `address` with this number says, counted from 1, as soon as it has arrived.
    pub async fn mail(&self, address: &str, number: usize) -> String {
        for _ in 0..400 {
            if let Some(text) = self.mails(address).await.into_iter().nth(number - 1) {
                return text;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("mail {number} to {address} has not arrived: {:?}", self.mails("").await)
    }

    /// The mails in the table: their address and their content.
    async fn stored(&self) -> Vec<(String, String)> {
        let scan = json!({
            "TableName": self.stack.table_name(), "FilterExpression": "begins_with(pk, :mail)",
            "ExpressionAttributeValues": {":mail": {"S": "MAIL#"}},
        });
        let mut items = self.stack.dynamodb("Scan", &scan).await.expect("an answer")["Items"].take();
        let items = items.as_array_mut().expect("items");
        items.sort_by_key(|item| item["pk"]["S"].to_string());
        let mut mails = Vec::new();
        for item in items.iter().filter(|item| item.get("secret").is_some()) {
            let mail = self.opened(item).await;
            mails.push((mail["to"].as_str().expect("an address").to_owned(), format!("{mail:#}").replace('"', " ")));
        }
        mails
    }

    async fn opened(&self, item: &Value) -> Value {
        let pk = item["pk"]["S"].as_str().expect("a key");
        let request = json!({"CiphertextBlob": item["data_key"]["B"], "EncryptionContext": {"gatewright:secret": pk}});
        let answer = self.stack.kms_upstream().send("TrentService.Decrypt", request.to_string().into()).await;
        let answer: Value = serde_json::from_slice(answer.expect("an answer").body()).expect("JSON");
        let key = STANDARD.decode(answer["Plaintext"].as_str().expect("a key")).expect("base64");
        let mut sealed = STANDARD.decode(item["secret"]["B"].as_str().expect("a mail")).expect("base64");
        let nonce = Nonce::try_assume_unique_for_key(&sealed[..NONCE]).expect("a nonce");
        let key = RandomizedNonceKey::new(&AES_256_GCM, &key).expect("a key");
        let text = key.open_in_place(nonce, Aad::from(pk.as_bytes()), &mut sealed[NONCE..]).expect("a mail");
        serde_json::from_slice(text).expect("JSON")
    }
}

/// The mails in the inbox, oldest first.
fn received(inbox: &[Value]) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    inbox.iter().rev().map(|mail| (text(&mail["to"][0]), text(&mail["text"]))).collect()
}
