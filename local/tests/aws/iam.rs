//! The guard before DynamoDB and KMS: a function may do what its role grants, and is refused in AWS's words otherwise.

use serde_json::{Value, json};

use crate::support::Fixture;

fn key(pk: &str) -> Value {
    json!({"TableName": "local-Table", "Key": {"pk": {"S": pk}}})
}

fn item(pk: &str) -> Value {
    json!({"TableName": "local-Table", "Item": {"pk": {"S": pk}}})
}

/// A query of one partition, with placeholders, in an expression of this form.
fn query(expression: &str, pk: &str) -> Value {
    json!({
        "TableName": "local-Table",
        "KeyConditionExpression": expression,
        "ExpressionAttributeNames": {"#key": "pk"},
        "ExpressionAttributeValues": {":partition": {"S": pk}},
    })
}

/// The kind of the exception that a call ended in; empty if it succeeded.
fn exception((status, body): (u64, Value)) -> String {
    let kind = body["__type"].as_str().unwrap_or_default().rsplit('#').next().unwrap_or_default().to_owned();
    assert_eq!(status == 200, kind.is_empty(), "{status} {body}");
    kind
}

async fn dynamodb(fixture: &Fixture, operation: &str, body: Value) -> String {
    exception(fixture.aws("EchoFunction", "dynamodb", operation, body).await)
}

#[tokio::test]
async fn a_function_reaches_the_partitions_that_its_role_names_and_no_others() {
    let fixture = Fixture::start().await;
    for (operation, body) in [
        ("PutItem", item as fn(&str) -> Value),
        ("GetItem", key),
        ("UpdateItem", key),
        ("Query", |pk| query("#key = :partition", pk)),
        ("DeleteItem", key),
    ] {
        assert_eq!(dynamodb(&fixture, operation, body("OWN#1")).await, "", "{operation}");
        for foreign in ["OTHER#1", "OWN", "own#1", "", "OWN#locked"] {
            assert_eq!(
                dynamodb(&fixture, operation, body(foreign)).await,
                "AccessDeniedException",
                "{operation} {foreign}"
            );
        }
    }
}

#[tokio::test]
async fn a_refusal_names_function_action_and_key_and_the_statement_that_denies() {
    let fixture = Fixture::start().await;
    let (_, refused) = fixture.aws("EchoFunction", "dynamodb", "GetItem", key("OTHER#1")).await;
    let message = refused["Message"].as_str().expect("a message");
    assert!(message.contains("EchoFunction is not authorized to perform: dynamodb:GetItem"), "{message}");
    let [refusal] = fixture.stack.refusals().try_into().expect("one refusal");
    for part in ["EchoFunction", "dynamodb:GetItem", "table/local-Table", "OTHER#1", "no statement of its Policies"] {
        assert!(refusal.contains(part), "{part} in {refusal}");
    }
    dynamodb(&fixture, "GetItem", key("OWN#locked")).await;
    let refusals = fixture.stack.refusals();
    assert!(refusals[1].contains("OWN#locked") && refusals[1].contains(r#""Locked""#), "{refusals:?}");
}

#[tokio::test]
async fn what_names_no_partition_is_refused_where_the_role_limits_partitions() {
    let fixture = Fixture::start().await;
    let table = json!({"TableName": "local-Table"});
    let index = json!({"IndexName": "i"});
    let mut on_an_index = query("#key = :partition", "OWN#1");
    on_an_index.as_object_mut().expect("a body").extend(index.as_object().expect("an index").clone());
    for (operation, body) in [
        ("Scan", table.clone()),
        ("Query", table.clone()),
        ("Query", query("sk = :partition", "OWN#1")),
        ("Query", on_an_index),
        ("GetItem", table.clone()),
        ("DescribeTable", table),
    ] {
        assert_eq!(dynamodb(&fixture, operation, body).await, "AccessDeniedException", "{operation}");
    }
    for (operation, body) in [("ListTables", json!({})), ("ExecuteStatement", json!({"Statement": "SELECT * FROM x"}))]
    {
        assert_eq!(dynamodb(&fixture, operation, body).await, "AccessDeniedException", "{operation}");
    }
    let other = json!({"TableName": "local-Other", "Key": {"pk": {"S": "OWN#1"}}});
    assert_eq!(dynamodb(&fixture, "GetItem", other).await, "AccessDeniedException", "another table");
}

#[tokio::test]
async fn a_transaction_is_what_its_parts_are() {
    let fixture = Fixture::start().await;
    let on = |kind: &str, mut part: Value| {
        if kind == "ConditionCheck" {
            part["ConditionExpression"] = json!("attribute_not_exists(pk)");
        }
        json!({kind: part})
    };
    let write =
        async |parts: Vec<Value>| dynamodb(&fixture, "TransactWriteItems", json!({"TransactItems": parts})).await;
    for (kind, body) in [("Put", item as fn(&str) -> Value), ("Delete", key), ("ConditionCheck", key)] {
        assert_eq!(write(vec![on("Put", item("OWN#1")), on(kind, body("OWN#2"))]).await, "", "{kind}");
        let foreign = vec![on("Put", item("OWN#3")), on(kind, body("OTHER#1"))];
        assert_eq!(write(foreign).await, "AccessDeniedException", "{kind}");
    }
    let (_, found) = fixture.aws("EchoFunction", "dynamodb", "GetItem", key("OWN#3")).await;
    assert!(found.get("Item").is_none(), "nothing of a refused transaction is done: {found}");
    let read = async |pk: &str| {
        dynamodb(&fixture, "TransactGetItems", json!({"TransactItems": [{"Get": key("OWN#1")}, {"Get": key(pk)}]}))
            .await
    };
    assert_eq!((read("OWN#2").await.as_str(), read("OTHER#1").await.as_str()), ("", "AccessDeniedException"));
    assert_eq!(write(vec![json!({"Unheard": key("OWN#1")})]).await, "AccessDeniedException");
    let uses = fixture.stack.uses();
    assert!(
        uses.iter().any(|(_, access)| access.values("dynamodb:EnclosingOperation") == ["TransactWriteItems"]),
        "{uses:?}"
    );
}

#[tokio::test]
async fn all_keys_of_a_batch_count() {
    let fixture = Fixture::start().await;
    let read = async |keys: &[&str]| {
        let keys: Vec<_> = keys.iter().map(|pk| key(pk)["Key"].clone()).collect();
        dynamodb(&fixture, "BatchGetItem", json!({"RequestItems": {"local-Table": {"Keys": keys}}})).await
    };
    assert_eq!(read(&["OWN#1", "OWN#2"]).await, "");
    assert_eq!(read(&["OWN#1", "OTHER#1"]).await, "AccessDeniedException");
    let write = json!({"RequestItems": {"local-Table": [{"PutRequest": {"Item": {"pk": {"S": "OWN#1"}}}}]}});
    assert_eq!(dynamodb(&fixture, "BatchWriteItem", write).await, "AccessDeniedException", "PutItem does not grant it");
}

#[tokio::test]
async fn a_key_is_used_as_far_as_the_role_and_the_keys_own_policy_say() {
    let fixture = Fixture::start().await;
    let [other, seal] = fixture.stack.template().keys.as_slice() else { panic!("two keys") };
    assert_eq!((other.id.as_str(), seal.id.as_str()), ("OtherSeal", "Seal"));
    let [other, seal] = [&other.arn, &seal.arn];
    let kms = async |operation: &str, body: Value| fixture.aws("EchoFunction", "kms", operation, body).await;
    let generate = |key: &str| json!({"KeyId": key, "KeySpec": "AES_256"});
    let (status, made) = kms("GenerateDataKey", generate(seal)).await;
    assert_eq!(status, 200, "{made}");
    for named in [json!({"KeyId": seal}), json!({"KeyId": seal.rsplit('/').next()}), json!({})] {
        let mut open = named;
        open["CiphertextBlob"] = made["CiphertextBlob"].clone();
        assert_eq!(kms("Decrypt", open.clone()).await.1["Plaintext"], made["Plaintext"], "{open}");
    }
    let refused = async |operation: &str, body: Value| exception(kms(operation, body).await);
    assert_eq!(refused("GenerateDataKey", generate(other)).await, "AccessDeniedException", "by the key's policy");
    assert!(fixture.stack.refusals()[0].contains("key's policy"), "{:?}", fixture.stack.refusals());
    assert_eq!(refused("DescribeKey", json!({"KeyId": other})).await, "AccessDeniedException", "by the role");
    assert_eq!(refused("GenerateDataKey", generate("alias/none")).await, "AccessDeniedException");
    assert_eq!(refused("ListKeys", json!({})).await, "AccessDeniedException");
}

#[tokio::test]
async fn a_function_without_policies_may_do_nothing() {
    let fixture = Fixture::start().await;
    let answer = fixture.aws("AskedFunction", "dynamodb", "GetItem", key("OWN#1")).await;
    assert_eq!(exception(answer), "AccessDeniedException");
}

#[tokio::test]
async fn a_caller_is_known_by_its_signature() {
    let fixture = Fixture::start().await;
    for service in ["dynamodb", "kms"] {
        let forged = json!({"service": service, "operation": "GetItem", "secret": "guessed", "body": key("OWN#1")});
        assert_eq!(exception(fixture.aws_call("EchoFunction", forged).await), "InvalidSignatureException");
    }
    let seen = fixture.seen(fixture.request("GET", "/echo")).await;
    let guard = seen["variables"]["AWS_ENDPOINT_URL_DYNAMODB"].as_str().expect("an address").to_owned();
    let signed = |id: &str| {
        format!(
            "AWS4-HMAC-SHA256 Credential={id}/20261124/us-east-1/dynamodb/aws4_request, SignedHeaders=host, Signature=0"
        )
    };
    let own = seen["variables"]["AWS_ACCESS_KEY_ID"].as_str().expect("an id");
    for (authorization, kind) in [
        (String::new(), "IncompleteSignatureException"),
        ("Bearer x".to_owned(), "IncompleteSignatureException"),
        (signed("local"), "UnrecognizedClientException"),
        (signed(own), "UnrecognizedClientException"), // without its session token
    ] {
        let request = reqwest::Client::new().post(&guard).header("authorization", authorization.clone());
        let request = request.header("x-amz-target", "DynamoDB_20120810.GetItem").body(key("OWN#1").to_string());
        let answer = request.send().await.expect("an answer");
        let (status, body) = (answer.status().as_u16(), answer.json().await.expect("json"));
        assert_eq!(exception((status.into(), body)), kind, "{authorization}");
    }
    let unsigned = reqwest::Client::new().post(&guard).body("{}").send().await.expect("an answer");
    let (status, body) = (unsigned.status().as_u16(), unsigned.json().await.expect("json"));
    assert_eq!(exception((status.into(), body)), "MissingAuthenticationTokenException");
}
