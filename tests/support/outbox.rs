//! Mails as the functions write them: sealed, one item each. And what came of them: the inbox of the stand-in for SES.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use aws_lc_rs::aead::{AES_256_GCM, Aad, RandomizedNonceKey};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use local::Stack;
use serde_json::{Value, json};

use crate::Service;

/// The sender of mails in tests.
pub const FROM: &str = "no-reply@id.example";

/// How long a mail may take.
const PATIENCE: Duration = Duration::from_secs(40);

/// A mail about a new address.
pub fn verification(to: &str) -> Value {
    let message = json!({"kind": "verify_address", "code": "ABCD-1234", "link": "https://id.example/verify?token=t"});
    json!({"to": to, "language": "de", "message": message})
}

/// A mail of every kind in a language. The address names kind and language.
pub fn every_kind(language: &str) -> Vec<Value> {
    let code = "4F7K-Q2M9";
    let link = |path: &str| format!("https://id.example/{path}?token=R6Xr1dQ0b7mZ1k3v9sYp2wTqLx8nHc5uAe4oGj0iKfM");
    let at = 1_796_086_080_000_u64;
    let messages = [
        json!({"kind": "verify_address", "code": code, "link": link("email/verify")}),
        json!({"kind": "account_exists", "sign_in": "https://id.example/account", "reset": "https://id.example/password/forgot"}),
        json!({"kind": "reset_password", "code": code, "link": link("password/reset")}),
        json!({"kind": "password_changed", "account": "https://id.example/account"}),
        json!({"kind": "prove_address", "code": code, "link": link("email/verify")}),
        json!({
            "kind": "address_changing", "new_address_masked": "a…@a-host-name-as-long-as-a-phone-is-wide-and-longer.example",
            "effective_at": at, "cancel": link("email/keep"),
        }),
        json!({
            "kind": "address_changed", "new_address_masked": "a…@new.example", "account": "https://id.example/account",
        }),
        json!({"kind": "account_deleted"}),
        json!({
            "kind": "account_leaving", "effective_at": at, "account": "https://id.example/account",
            "reset": "https://id.example/password/forgot",
        }),
        json!({"kind": "account_kept", "account": "https://id.example/account"}),
        json!({"kind": "factor_added", "account": "https://id.example/account"}),
        json!({"kind": "factor_removed", "account": "https://id.example/account"}),
        json!({"kind": "factor_leaving", "effective_at": at, "keep": "https://id.example/account"}),
        json!({"kind": "recovery_codes_replaced", "account": "https://id.example/account"}),
    ];
    let mail = |message: Value| {
        let kind = message["kind"].as_str().expect("a kind").replace('_', "-");
        json!({"to": format!("{kind}.{language}@people.example"), "language": language, "message": message})
    };
    messages.into_iter().map(mail).collect()
}

/// Writes a mail as a function does, and returns its id.
pub async fn post(stack: &Stack, id: &str, mail: &Value) {
    let pk = format!("MAIL#{id}");
    let request = json!({
        "KeyId": stack.template().keys[0].arn, "KeySpec": "AES_256", "EncryptionContext": {"gatewright:secret": pk},
    });
    let kms = stack.kms_upstream();
    let answer = kms.send("TrentService.GenerateDataKey", request.to_string().into()).await.expect("an answer");
    let answer: Value = serde_json::from_slice(answer.body()).expect("JSON");
    let key = BASE64_STANDARD.decode(answer["Plaintext"].as_str().expect("a key")).expect("base64");
    let mut sealed = mail.to_string().into_bytes();
    let key = RandomizedNonceKey::new(&AES_256_GCM, &key).expect("a key");
    let nonce = key.seal_in_place_append_tag(Aad::from(pk.as_bytes()), &mut sealed).expect("sealing");
    let secret = BASE64_STANDARD.encode([nonce.as_ref().as_slice(), &sealed].concat());
    let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("a clock").as_secs();
    let item = json!({
        "pk": {"S": pk}, "sk": {"S": "MAIL"}, "v": {"N": "1"}, "data_key": {"B": answer["CiphertextBlob"]},
        "secret": {"B": secret}, "created_at": {"N": (now * 1000).to_string()},
        "expires_at": {"N": (now + 3600).to_string()},
    });
    let table = stack.table_name();
    stack.dynamodb("PutItem", &json!({"TableName": table, "Item": item})).await.expect("an answer");
}

/// What the inbox has, newest first.
pub async fn inbox(service: &Service) -> Vec<Value> {
    let request = service.request("GET", "/_local/mail").header("accept", "application/json");
    serde_json::from_value(service.send(request).await.json()).expect("a list")
}

/// Waits until the inbox has this many mails, and returns them.
pub async fn mails(service: &Service, count: usize) -> Vec<Value> {
    let arrive = async {
        loop {
            let mails = inbox(service).await;
            if mails.len() >= count {
                return mails;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    };
    tokio::time::timeout(PATIENCE, arrive).await.unwrap_or_else(|_| panic!("{count} mails did not come"))
}

/// The stored item of a mail.
pub async fn item(stack: &Stack, id: &str) -> Value {
    let key = json!({"pk": {"S": format!("MAIL#{id}")}, "sk": {"S": "MAIL"}});
    let request = json!({"TableName": stack.table_name(), "Key": key});
    stack.dynamodb("GetItem", &request).await.expect("an answer")["Item"].take()
}
