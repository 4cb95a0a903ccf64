//! Secrets must not appear in logs, in responses or in the table.

use serde_json::json;

use support::{PASSWORD, Service};

#[tokio::test(flavor = "multi_thread")]
async fn no_log_line_contains_a_password_or_a_token() {
    let service = Service::start().await;
    let token = service.token_of("alice").await;
    service.sign_in("alice", "wrong-but-still-secret").await;
    service.post("/register", json!({"username": "alice", "password": "another-secret-of-hers"})).await;
    service.get_as("/protected", &token).await;
    service.get_as("/protected", &format!("{token}x")).await;
    let logs = service.stop().await;
    assert!(logs.contains("refused"), "refusals are logged: {logs}");
    for secret in [PASSWORD, "wrong-but-still-secret", "another-secret-of-hers", &token, "argon2"] {
        assert!(!logs.contains(secret), "{secret} in {logs}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_in_the_table_can_be_used_as_a_credential() {
    let service = Service::start().await;
    let token = service.token_of("alice").await;
    let scan = json!({"TableName": service.stack.table_name()});
    let dump = service.stack.dynamodb("Scan", &scan).await.expect("an answer").to_string();
    assert!(dump.contains("FACTOR#") && dump.contains("$argon2id$"), "{dump}");
    for secret in [PASSWORD, token.as_str(), "PRIVATE KEY"] {
        assert!(!dump.contains(secret), "{secret}");
    }
    // A PKCS#8 RSA key in base64 begins like this.
    assert!(!dump.contains("MIIEv"), "a private key in the clear");
}
