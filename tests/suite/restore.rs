//! A lost table: the stack continues with one that was restored from a backup.

use local::iam::{Access, Refused};
use local::template::Deployment;
use local::{Options, Stack};
use serde_json::{Value, json};

use support::service::options;
use support::{PASSWORD, Service};

/// Calls DynamoDB as the operator, who may do everything there.
async fn call(stack: &Stack, operation: &str, body: Value) -> Value {
    stack.dynamodb(operation, &body).await.expect("an answer")
}

/// Copies a service's table to a new one, as DynamoDB does with a backup.
async fn restored(from: &Service, name: &str) {
    let stack = &from.stack;
    let table = &stack.template().tables[0];
    let mut create = table.create.clone();
    create["TableName"] = json!(name);
    call(stack, "CreateTable", create).await;
    let items = call(stack, "Scan", json!({"TableName": table.name})).await;
    for item in items["Items"].as_array().expect("items") {
        call(stack, "PutItem", json!({"TableName": name, "Item": item})).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stack_continues_with_a_restored_table_and_no_longer_uses_its_own() {
    let stack_name = options().stack_name;
    let before = Service::with_options(Options { stack_name: stack_name.clone(), ..options() }).await;
    before.token_of("alice").await;
    let name = format!("{}-restored", before.stack.table_name());
    restored(&before, &name).await;
    let at = Deployment::local("");
    let arn = |table: &str| at.arn("dynamodb", &format!("table/{table}"));
    let after = Service::with_options(Options {
        stack_name,
        parameters: vec![
            ("RestoredTable".to_owned(), arn(&name)),
            ("RestoredStream".to_owned(), format!("{}/stream/2026-11-28T00:00:00.000", arn(&name))),
        ],
        ..options().over(&before.stack)
    });
    let after = after.await;
    let own = after.stack.table_name();
    let count = async || call(&after.stack, "Scan", json!({"TableName": own})).await["Count"].clone();
    let there = count().await;
    assert_eq!(after.stack.template().outputs["TableName"], name);
    assert_eq!(after.sign_in("alice", PASSWORD).await.status, 200, "who was there before");
    let token = after.token_of("bob").await;
    assert_eq!(after.get_as("/me", &token).await.status, 200);
    assert_eq!(after.get_as("/protected", &token).await.status, 200);
    assert_eq!(count().await, there, "nothing is written beside it");

    let policies = after.stack.template().policies(&at);
    let read = |table: &str| {
        let access = Access::new("dynamodb", "GetItem", arn(table));
        policies.decide("LoginFunction", &access.with("dynamodb:LeadingKeys", ["USER#1".to_owned()]))
    };
    assert!(read(&name).is_ok());
    assert_eq!(read(own), Err(Refused::ByDefault));
}
