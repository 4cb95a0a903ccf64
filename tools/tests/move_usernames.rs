//! The command that moves the usernames of an earlier release, as docs/operations.md describes it.

#![expect(clippy::expect_used, reason = "a test fails when the command does")]

use std::process::Command;

use serde_json::json;
use support::{PASSWORD, Service};

#[tokio::test(flavor = "multi_thread")]
async fn the_command_moves_the_names_of_an_earlier_release_and_people_sign_in_before_and_after() {
    let service = Service::start().await;
    let put = json!({"action": "put_user", "username": "Mallory1", "password": PASSWORD});
    let id = service.operator(put).await.expect("a person")["id"].clone();
    let table = service.stack.table_name().to_owned();
    let key = |form: &str| json!({"pk": {"S": format!("NAME#{form}")}, "sk": {"S": "CLAIM"}});
    let mut former = key("mallory1");
    former["user"] = json!({"S": id});
    let dynamodb =
        async |operation: &str, body| service.stack.dynamodb(operation, &body).await.expect("the engine answers");
    dynamodb("DeleteItem", json!({"TableName": table, "Key": key("rnalloryl")})).await;
    dynamodb("PutItem", json!({"TableName": table, "Item": former})).await;
    assert_eq!(service.sign_in("mallory1", PASSWORD).await.status, 200);

    assert!(run(&service).contains("1 usernames moved"));
    let moved = dynamodb("GetItem", json!({"TableName": table, "Key": key("rnalloryl")})).await;
    assert_eq!(moved["Item"]["user"]["S"], id);
    assert_eq!(service.sign_in("MALLORY1", PASSWORD).await.status, 200);
    assert!(run(&service).contains("0 usernames moved"));
}

/// What the command prints.
fn run(service: &Service) -> String {
    let operator = service.stack.operator();
    let output = Command::new(env!("CARGO_BIN_EXE_move_usernames"))
        .env("TABLE_NAME", service.stack.table_name())
        .env("AWS_REGION", "us-east-1")
        .env("AWS_ENDPOINT_URL_DYNAMODB", service.stack.dynamodb_endpoint())
        .env("AWS_ACCESS_KEY_ID", &operator.access_key_id)
        .env("AWS_SECRET_ACCESS_KEY", &operator.secret_access_key)
        .output()
        .expect("the command runs");
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).expect("text")
}
