//! The template's table, in the embedded engine and in another one.

use local::{Data, Options, Stack};
use serde_json::{Value, json};

use crate::support::Fixture;

/// One call over the wire, of the operator.
async fn call(stack: &Stack, operation: &str, body: Value) -> Value {
    stack.dynamodb(operation, &body).await.unwrap_or_else(|error| panic!("{error}"))
}

#[tokio::test]
async fn the_table_is_as_the_template_says() {
    let fixture = Fixture::start().await;
    let (stack, name) = (&fixture.stack, json!({"TableName": fixture.stack.table_name()}));
    let described = call(stack, "DescribeTable", name.clone()).await;
    assert_eq!(described["Table"]["KeySchema"], json!([{"AttributeName": "pk", "KeyType": "HASH"}]));
    let described = call(stack, "DescribeTimeToLive", name).await;
    assert_eq!(described["TimeToLiveDescription"]["AttributeName"], "expires_at");
}

#[tokio::test]
async fn data_in_a_folder_outlives_the_stack_and_data_in_memory_does_not() {
    let data = tempfile::tempdir().expect("a folder");
    for (place, survives) in [(Data::Folder(data.path().join("data")), true), (Data::Memory, false)] {
        let options = Options { data: place, ..Options::default() };
        let item = json!({"pk": {"S": "a"}});
        let fixture = Fixture::with(options.clone()).await;
        let put = json!({"TableName": "local-Table", "Item": item});
        call(&fixture.stack, "PutItem", put).await;
        fixture.stack.stop().await;
        let fixture = Fixture::with(options).await;
        let get = json!({"TableName": "local-Table", "Key": item});
        let found = call(&fixture.stack, "GetItem", get).await;
        assert_eq!(found.get("Item").is_some(), survives);
    }
}

#[tokio::test]
async fn another_engine_takes_the_place_of_the_embedded_one() {
    let first = Fixture::start().await;
    let endpoint = first.stack.dynamodb_endpoint().to_owned();
    let operator = Some(first.stack.operator().clone());
    let options = Options { dynamodb_endpoint: Some(endpoint.clone()), operator, ..Options::default() };
    let second = Fixture::with(options).await;
    assert_eq!(second.stack.dynamodb_endpoint(), endpoint);
    let item = json!({"pk": {"S": "OWN#a"}});
    call(&first.stack, "PutItem", json!({"TableName": "local-Table", "Item": item})).await;
    let (status, found) =
        second.aws("EchoFunction", "dynamodb", "GetItem", json!({"TableName": "local-Table", "Key": item})).await;
    assert_eq!((status, &found["Item"]), (200, &item), "functions are sent there too");
}

#[tokio::test]
async fn an_engine_that_cannot_be_reached_is_named() {
    let folder = crate::support::folder();
    let template = folder.path().join("template.yaml");
    for endpoint in ["http://127.0.0.1:1", "https://127.0.0.1:1", "nonsense"] {
        let options =
            Options { template: template.clone(), dynamodb_endpoint: Some(endpoint.into()), ..Options::default() };
        let error = Stack::start(options).await.expect_err("there is nothing").to_string();
        assert!(error.contains(endpoint), "{error}");
    }
}

/// The rules of AWS's page "DynamoDB read and write operations": docs/cost.md counts with these figures.
#[tokio::test]
async fn the_embedded_engine_says_what_calls_consume_as_aws_documents_it() {
    let fixture = Fixture::start().await;
    let table = fixture.stack.table_name();
    let put = |pk: &str, bytes: usize| {
        let item = json!({"pk": {"S": pk}, "x": {"S": "y".repeat(bytes - 4)}});
        json!({"TableName": table, "Item": item})
    };
    let key = |pk: &str, more: Value| {
        let mut request = json!({"TableName": table, "Key": {"pk": {"S": pk}}});
        request.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
        request
    };
    let (strong, checked) = (json!({"ConsistentRead": true}), json!({"ConditionExpression": "attribute_exists(pk)"}));
    let transaction = json!([{"Put": put("c", 1025)}, {"ConditionCheck": key("a", checked)}]);
    for (operation, mut request, units) in [
        ("PutItem", put("a", 1024), 1.0),
        ("PutItem", put("a", 1025), 2.0),
        ("PutItem", put("a", 10), 2.0), // the larger of before and after
        ("GetItem", key("b", strong.clone()), 1.0),
        ("GetItem", key("b", json!({})), 0.5),
        ("PutItem", put("b", 4096), 4.0),
        ("GetItem", key("b", strong.clone()), 1.0),
        ("PutItem", put("b", 4097), 5.0),
        ("GetItem", key("b", strong), 2.0),
        ("GetItem", key("b", json!({})), 1.0),
        ("DeleteItem", key("b", json!({})), 5.0),
        ("TransactWriteItems", json!({"TransactItems": transaction}), 2.0 * 2.0 + 2.0),
    ] {
        request["ReturnConsumedCapacity"] = json!("TOTAL");
        let answer = call(&fixture.stack, operation, request.clone()).await;
        let consumed = &answer["ConsumedCapacity"];
        let consumed = consumed.as_array().map_or(consumed, |tables| &tables[0]);
        assert_eq!(consumed["CapacityUnits"], json!(units), "{operation} {request}");
    }
}
