//! A stack of echoing functions with a route for everything that is to be shown.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

use local::{Options, Stack};
use reqwest::{Client, RequestBuilder, Response};
use serde_json::{Value, json};
use tempfile::TempDir;

/// The function `echo`. `cargo test` builds it along, a run of single test files does not, so it is built here.
static ECHO: LazyLock<PathBuf> = LazyLock::new(|| {
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["build", "--quiet", "-p", "local", "--example", "echo"]);
    if !cfg!(debug_assertions) {
        cargo.arg("--release");
    }
    assert!(cargo.status().expect("cargo runs").success());
    Path::new(env!("CARGO_BIN_EXE_local")).with_file_name("examples").join("echo")
});

/// A running fixture and a client for it.
pub(crate) struct Fixture {
    pub(crate) stack: Stack,
    _folder: TempDir,
    client: Client,
}

impl Fixture {
    pub(crate) async fn start() -> Self {
        Self::with(Options::default()).await
    }

    pub(crate) async fn with(options: Options) -> Self {
        Self::of(folder(), options).await
    }

    /// A stack of another template over the same executable.
    pub(crate) async fn of_template(template: &Value) -> Self {
        let folder = folder();
        std::fs::write(folder.path().join("template.yaml"), template.to_string()).expect("a file");
        Self::of(folder, Options::default()).await
    }

    async fn of(folder: TempDir, options: Options) -> Self {
        let template = folder.path().join("template.yaml");
        let stack = Stack::start(Options { template, ..options }).await.expect("the fixture starts");
        let client = Client::builder().redirect(reqwest::redirect::Policy::none()).build().expect("a client");
        Self { stack, _folder: folder, client }
    }

    pub(crate) fn request(&self, method: &str, path: &str) -> RequestBuilder {
        let method = method.parse().expect("a method");
        self.client.request(method, format!("{}{path}", self.stack.url()))
    }

    /// Status and answer of a call that a function makes with the credentials of its role.
    pub(crate) async fn aws(&self, function: &str, service: &str, operation: &str, body: Value) -> (u64, Value) {
        let call = json!({"service": service, "operation": operation, "body": body});
        self.aws_call(function, call).await
    }

    /// The same for a call that is described in full, see `echo`.
    pub(crate) async fn aws_call(&self, function: &str, call: Value) -> (u64, Value) {
        let answer = self.stack.invoke(function, json!({"script": {"aws": call}})).await.expect("the function answers");
        (answer["status"].as_u64().expect("a status"), answer["body"].clone())
    }

    /// What the function behind a path saw.
    pub(crate) async fn seen(&self, request: RequestBuilder) -> Value {
        let response = request.send().await.expect("an answer");
        assert_eq!(response.status(), 200);
        response.json().await.expect("what the function saw")
    }

    /// The answer to a GET whose function, or authorizer, does as the script says.
    pub(crate) async fn scripted(&self, path: &str, script: &Value) -> Response {
        self.request("GET", path).header("x-script", script.to_string()).send().await.expect("an answer")
    }
}

/// A folder with a template and its one executable.
pub(crate) fn folder() -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::create_dir(folder.path().join("echo")).expect("a folder");
    std::os::unix::fs::symlink(&*ECHO, folder.path().join("echo/bootstrap")).expect("a link");
    std::fs::write(folder.path().join("template.yaml"), template().to_string()).expect("a file");
    folder
}

/// Every function by name, with its variables and its timeout in seconds.
const FUNCTIONS: [(&str, &str, u64); 5] = [
    ("EchoFunction", "", 2),
    ("SlowFunction", "", 5),
    ("AskedFunction", "", 2),
    ("ExitsFunction", "exit", 2),
    ("FailsFunction", "error", 2),
];

/// Every route: key, function, authorizer.
const ROUTES: [(&str, &str, &str); 17] = [
    ("ANY /echo", "EchoFunction", ""),
    ("GET /echo/{id}", "EchoFunction", ""),
    ("GET /echo/exact", "EchoFunction", ""),
    ("ANY /files/{path+}", "EchoFunction", ""),
    ("PUT /only-put", "EchoFunction", ""),
    ("ANY /impatient", "SlowFunction", ""),
    ("ANY /slow", "SlowFunction", ""),
    ("ANY /exits", "ExitsFunction", ""),
    ("ANY /fails", "FailsFunction", ""),
    ("GET /split/a", "EchoFunction", "Split"),
    ("GET /split/b", "EchoFunction", "Split"),
    ("GET /shared/a", "EchoFunction", "Shared"),
    ("GET /shared/b", "EchoFunction", "Shared"),
    ("GET /policy/a", "EchoFunction", "Policy"),
    ("GET /policy/b", "EchoFunction", "Policy"),
    ("GET /always", "EchoFunction", "Always"),
    ("GET /query", "EchoFunction", "Query"),
];

fn template() -> Value {
    let mut resources = json!({
        "Api": {"Type": "AWS::ApiGatewayV2::Api", "Properties": {"Name": "fixture", "ProtocolType": "HTTP"}},
        "Stage": {
            "Type": "AWS::ApiGatewayV2::Stage",
            "Properties": {"ApiId": {"Ref": "Api"}, "StageName": "$default", "AutoDeploy": true},
        },
        "Table": {
            "Type": "AWS::DynamoDB::Table",
            "Properties": {
                "BillingMode": "PAY_PER_REQUEST",
                "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}],
                "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
                "TimeToLiveSpecification": {"AttributeName": "expires_at", "Enabled": true},
            },
        },
        "Seal": {"Type": "AWS::KMS::Key", "Properties": {"KeyPolicy": key_policy(&json!("kms:*"))}},
        "OtherSeal": {"Type": "AWS::KMS::Key", "Properties": {"KeyPolicy": key_policy(&json!(["kms:Describe*", "kms:Enc*"]))}},
    });
    let admin = json!({"FunctionName": {"Ref": "EchoFunction"}, "FunctionVersion": "$LATEST", "Name": "admin"});
    resources["EchoAdmin"] = json!({"Type": "AWS::Lambda::Alias", "Properties": admin});
    for (name, fail, timeout) in FUNCTIONS {
        resources[name] = function(fail, timeout);
        if name == "EchoFunction" {
            resources[name]["Properties"]["Policies"] = policies();
        }
        resources[format!("{name}Permission")] = permission(name);
        let timeout = if name == "SlowFunction" { 1000 } else { 30_000 };
        resources[format!("{name}Integration")] = integration(name, timeout);
    }
    for (index, (key, function, authorizer)) in ROUTES.iter().enumerate() {
        resources[format!("Route{index}")] = route(key, function, authorizer);
    }
    resources["Route6"]["Properties"]["Target"] = json!("integrations/PatientIntegration");
    resources["PatientIntegration"] = integration("SlowFunction", 30_000);
    let header = "$request.header.Authorization";
    resources["Split"] = authorizer(&[header, "$context.routeKey"], 60, true);
    resources["Shared"] = authorizer(&[header], 60, true);
    resources["Policy"] = authorizer(&[header], 60, false);
    resources["Always"] = authorizer(&[header], 0, true);
    resources["Query"] = authorizer(&["$request.querystring.key", "$context.identity.sourceIp"], 1, true);
    json!({"Transform": "AWS::Serverless-2016-10-31", "Resources": resources})
}

/// A key policy that lets the account hand on some actions.
fn key_policy(actions: &Value) -> Value {
    let account = json!({"Fn::Sub": "arn:${AWS::Partition}:iam::${AWS::AccountId}:root"});
    let statement = json!({"Effect": "Allow", "Principal": {"AWS": account}, "Action": actions, "Resource": "*"});
    json!({"Version": "2012-10-17", "Statement": [statement]})
}

/// What the echoing function may do: items of its own, but a locked one, and both keys as far as their policies go.
fn policies() -> Value {
    let table = json!({"Fn::GetAtt": "Table.Arn"});
    let own = json!({"ForAllValues:StringLike": {"dynamodb:LeadingKeys": ["OWN#*"]}, "Null": {"dynamodb:LeadingKeys": "false"}});
    let items = json!([
        "GetItem",
        "PutItem",
        "UpdateItem",
        "DeleteItem",
        "ConditionCheckItem",
        "Query",
        "Scan",
        "BatchGetItem"
    ]);
    let items: Vec<_> = items
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|item| Some(format!("dynamodb:{}", item.as_str()?)))
        .collect();
    let locked = json!({"ForAnyValue:StringEquals": {"dynamodb:LeadingKeys": "OWN#locked"}});
    let keys = json!([{"Fn::GetAtt": "Seal.Arn"}, {"Fn::GetAtt": "OtherSeal.Arn"}]);
    json!([
        {"Statement": [
            {"Sid": "Own", "Effect": "Allow", "Action": items, "Resource": table, "Condition": own},
            {"Sid": "Locked", "Effect": "Deny", "Action": "dynamodb:*", "Resource": "*", "Condition": locked},
        ]},
        {"Statement": {"Effect": "Allow", "Action": ["kms:Decrypt", "kms:GenerateDataKey"], "Resource": keys}},
    ])
}

pub(crate) fn function(fail: &str, timeout: u64) -> Value {
    let variables = json!({
        "FAIL_INIT": fail,
        "TABLE_NAME": {"Ref": "Table"},
        "KEY": {"Fn::GetAtt": ["Seal", "Arn"]},
        "URL": {"Fn::GetAtt": "Api.ApiEndpoint"},
        "AWS_REGION": "nowhere-1",
    });
    let properties = json!({
        "CodeUri": "echo",
        "Runtime": "provided.al2023",
        "Handler": "bootstrap",
        "Timeout": timeout,
        "Environment": {"Variables": variables},
    });
    json!({"Type": "AWS::Serverless::Function", "Properties": properties})
}

fn permission(function: &str) -> Value {
    let source = "arn:${AWS::Partition}:execute-api:${AWS::Region}:${AWS::AccountId}:${Api}/*";
    let properties = json!({
        "Action": "lambda:InvokeFunction",
        "FunctionName": {"Ref": function},
        "Principal": "apigateway.amazonaws.com",
        "SourceArn": {"Fn::Sub": source},
    });
    json!({"Type": "AWS::Lambda::Permission", "Properties": properties})
}

fn integration(function: &str, timeout: u64) -> Value {
    let properties = json!({
        "ApiId": {"Ref": "Api"},
        "IntegrationType": "AWS_PROXY",
        "IntegrationUri": {"Fn::GetAtt": format!("{function}.Arn")},
        "PayloadFormatVersion": "2.0",
        "TimeoutInMillis": timeout,
    });
    json!({"Type": "AWS::ApiGatewayV2::Integration", "Properties": properties})
}

fn route(key: &str, function: &str, authorizer: &str) -> Value {
    let target = json!({"Fn::Join": ["/", ["integrations", {"Ref": format!("{function}Integration")}]]});
    let mut properties = json!({"ApiId": {"Ref": "Api"}, "RouteKey": key, "Target": target});
    if !authorizer.is_empty() {
        properties["AuthorizationType"] = "CUSTOM".into();
        properties["AuthorizerId"] = json!({"Ref": authorizer});
    }
    json!({"Type": "AWS::ApiGatewayV2::Route", "Properties": properties})
}

fn authorizer(identity: &[&str], ttl: u64, simple: bool) -> Value {
    let uri = "arn:${AWS::Partition}:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/${AskedFunction.Arn}/invocations";
    let properties = json!({
        "ApiId": {"Ref": "Api"},
        "AuthorizerType": "REQUEST",
        "AuthorizerPayloadFormatVersion": "2.0",
        "EnableSimpleResponses": simple,
        "AuthorizerUri": {"Fn::Sub": uri},
        "AuthorizerResultTtlInSeconds": ttl,
        "IdentitySource": identity,
    });
    json!({"Type": "AWS::ApiGatewayV2::Authorizer", "Properties": properties})
}
