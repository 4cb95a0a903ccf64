//! A REST API: events, answers and errors of payload format 1.0, its authorizers, and responses that its owner words.

use reqwest::Response;
use serde_json::{Value, json};

use crate::support::Fixture;

fn function() -> Value {
    let properties = json!({"CodeUri": "echo", "Runtime": "provided.al2023", "Handler": "bootstrap", "Timeout": 2});
    json!({"Type": "AWS::Serverless::Function", "Properties": properties})
}

fn event(method: &str, path: &str, authorizer: &str) -> Value {
    let auth = json!({"Authorizer": authorizer});
    json!({"Type": "Api", "Properties": {"RestApiId": {"Ref": "Api"}, "Method": method, "Path": path, "Auth": auth}})
}

/// An API with every kind of authorizer and, if `worded`, gateway responses.
fn template(worded: bool) -> Value {
    let asked = json!({"Fn::GetAtt": ["AskedFunction", "Arn"]});
    let request = |context: Value| {
        let identity = json!({"Headers": ["Authorization"], "Context": context, "ReauthorizeEvery": 60});
        json!({"FunctionArn": asked, "FunctionPayloadType": "REQUEST", "Identity": identity})
    };
    let mut echo = function();
    echo["Properties"]["Events"] = json!({
        "Open": event("any", "/open/{id}", "NONE"),
        "Greedy": event("get", "/files/{path+}", "NONE"),
        "A": event("get", "/split/a", "Split"),
        "B": event("get", "/split/b", "Split"),
        "TokenA": event("get", "/token/a", "Token"),
        "TokenB": event("get", "/token/b", "Token"),
    });
    let mut api = json!({"Type": "AWS::Serverless::Api", "Properties": {
        "StageName": "prod",
        "Variables": {"colour": "blue"},
        "Auth": {"Authorizers": {
            "Split": request(json!(["httpMethod", "resourcePath"])),
            "Token": {"FunctionArn": asked},
        }},
    }});
    if worded {
        api["Properties"]["GatewayResponses"] = responses();
    }
    let stage = json!({"Type": "AWS::ApiGateway::Stage", "Properties": {
        "RestApiId": {"Ref": "Api"}, "DeploymentId": {"Ref": "Api.Deployment"}, "StageName": "beta",
    }});
    let resources = json!({"Api": api, "Beta": stage, "EchoFunction": echo, "AskedFunction": function()});
    json!({"Transform": "AWS::Serverless-2016-10-31", "Resources": resources})
}

fn responses() -> Value {
    json!({
        "UNAUTHORIZED": {
            "StatusCode": 401,
            "ResponseParameters": {"Headers": {
                "WWW-Authenticate": "'Bearer error=\"invalid_token\"'",
                "x-path": "method.request.path.id",
                "x-agent": "method.request.header.User-Agent",
            }},
            "ResponseTemplates": {
                "application/json": "{\"type\":\"$context.error.responseType\",\"at\":\"${context.stage}/$stageVariables.colour\",\"price\":\"$5\"}",
                "text/plain": "no: $context.error.message.",
            },
        },
        "ACCESS_DENIED": {
            "ResponseParameters": {"Headers": {"x-error": "context.authorizer.error"}},
            "ResponseTemplates": {"application/json": "{\"error\":\"$context.authorizer.error\",\"says\":$context.error.messageString}"},
        },
        "DEFAULT_4XX": {"StatusCode": "418", "ResponseTemplates": {"application/json": "{\"default\":\"$context.error.responseType\"}"}},
    })
}

async fn rest(worded: bool) -> Fixture {
    Fixture::of_template(&template(worded)).await
}

fn allow(resource: &str) -> Value {
    json!({"Effect": "Allow", "Action": "execute-api:Invoke", "Resource": resource})
}

/// An Authorization header that makes the authorizer answer with a policy.
fn policy(statements: &Value, context: &Value) -> String {
    let answer = json!({"principalId": "p", "policyDocument": {"Statement": statements}, "context": context});
    json!({"return": answer}).to_string()
}

async fn get(fixture: &Fixture, path: &str, authorization: &str) -> Response {
    fixture.request("GET", path).header("authorization", authorization).send().await.expect("an answer")
}

/// The status and the body of an answer that the gateway gives by itself.
async fn own(response: Response) -> (u16, String) {
    assert!(response.headers().contains_key("x-amzn-requestid") && response.headers().contains_key("x-amz-apigw-id"));
    (response.status().as_u16(), response.text().await.expect("a body"))
}

#[tokio::test]
async fn an_event_describes_the_request() {
    let fixture = rest(false).await;
    let request = fixture.request("POST", "/prod/open/a%20b?x=1&x=%26").header("x-name", "one").header("x-name", "two");
    let event = &fixture.seen(request.header("user-agent", "me").body("hé")).await["event"];
    assert_eq!((&event["resource"], &event["path"]), (&json!("/open/{id}"), &json!("/open/a%20b")));
    assert_eq!((&event["httpMethod"], &event["pathParameters"]), (&json!("POST"), &json!({"id": "a b"})));
    assert_eq!(
        (&event["headers"]["X-Name"], &event["multiValueHeaders"]["X-Name"]),
        (&json!("two"), &json!(["one", "two"]))
    );
    assert_eq!(event["queryStringParameters"], json!({"x": "&"}));
    assert_eq!(event["multiValueQueryStringParameters"], json!({"x": ["1", "&"]}));
    assert_eq!((&event["body"], &event["isBase64Encoded"]), (&json!("hé"), &json!(false)));
    assert_eq!(event["stageVariables"], json!({"colour": "blue"}));
    assert!(event.get("version").is_none() && event.get("rawPath").is_none() && event.get("cookies").is_none());
    let context = &event["requestContext"];
    assert_eq!((&context["path"], &context["stage"]), (&json!("/prod/open/a%20b"), &json!("prod")));
    assert_eq!((&context["resourcePath"], &context["httpMethod"]), (&json!("/open/{id}"), &json!("POST")));
    assert_eq!(
        (&context["identity"]["sourceIp"], &context["identity"]["userAgent"]),
        (&json!("127.0.0.1"), &json!("me"))
    );
    assert!(context.get("authorizer").is_none());
}

#[tokio::test]
async fn what_is_empty_is_null() {
    let fixture = rest(false).await;
    let event = &fixture.seen(fixture.request("GET", "/beta/files/a/b")).await["event"];
    for name in ["queryStringParameters", "multiValueQueryStringParameters", "stageVariables", "body"] {
        assert_eq!(event.get(name), Some(&Value::Null), "{name}");
    }
    assert_eq!(event["pathParameters"], json!({"path": "a/b"}));
    assert_eq!(event["requestContext"]["stage"], "beta");
}

#[tokio::test]
async fn what_no_method_takes_misses_an_authentication_token() {
    let fixture = rest(false).await;
    for (method, path) in
        [("GET", "/prod/nowhere"), ("POST", "/prod/split/a"), ("GET", "/prod"), ("TRACE", "/prod/open/1")]
    {
        let response = fixture.request(method, path).send().await.expect("an answer");
        assert_eq!(
            own(response).await,
            (403, r#"{"message":"Missing Authentication Token"}"#.to_owned()),
            "{method} {path}"
        );
    }
    for path in ["/", "/open/1", "/production/open/1", "//prod/open/1"] {
        let response = fixture.request("GET", path).send().await.expect("an answer");
        assert_eq!(
            (response.status().as_u16(), response.text().await.expect("a body")),
            (403, r#"{"message":"Forbidden"}"#.to_owned()),
            "{path}"
        );
    }
}

#[tokio::test]
async fn a_function_that_fails_is_a_502_and_so_is_an_answer_that_is_none() {
    let fixture = rest(false).await;
    let broken = (502, r#"{"message": "Internal server error"}"#.to_owned());
    for script in [json!({"fail": "x"}), json!({"exit": 1}), json!({"return": "ok"}), json!({"return": {"body": "x"}})]
    {
        assert_eq!(own(fixture.scripted("/prod/open/1", &script).await).await, broken, "{script}");
    }
    let script = json!({"return": {"statusCode": 401, "headers": {"WWW-Authenticate": "Basic"}, "body": "x"}});
    let response = fixture.scripted("/prod/open/1", &script).await;
    assert_eq!(response.headers()["x-amzn-remapped-www-authenticate"], "Basic");
    assert!(!response.headers().contains_key("www-authenticate"));
}

#[tokio::test]
async fn an_authorizer_is_told_the_request_or_the_token_alone() {
    let fixture = rest(false).await;
    let request = fixture.request("GET", "/prod/split/a?x=1").header("authorization", "t").body("secret");
    let context = &fixture.seen(request).await["event"]["requestContext"]["authorizer"];
    assert_eq!((&context["principalId"], &context["calls"]), (&json!("somebody"), &json!("1")), "everything is text");
    let asked: Value = serde_json::from_str(context["seen"].as_str().expect("text")).expect("JSON");
    assert_eq!((&asked["type"], &asked["resource"]), (&json!("REQUEST"), &json!("/split/a")));
    assert_eq!(asked["methodArn"], "arn:aws:execute-api:us-east-1:123456789012:api/prod/GET/split/a");
    assert_eq!(
        (&asked["headers"]["Authorization"], &asked["stageVariables"]),
        (&json!("t"), &json!({"colour": "blue"}))
    );
    assert!(asked.get("body").is_none() && asked.get("version").is_none());
    let seen = fixture.seen(fixture.request("GET", "/beta/token/a").header("authorization", "t")).await;
    let asked: Value =
        serde_json::from_str(seen["event"]["requestContext"]["authorizer"]["seen"].as_str().expect("text"))
            .expect("JSON");
    let arn = "arn:aws:execute-api:us-east-1:123456789012:api/beta/GET/token/a";
    assert_eq!(asked, json!({"type": "TOKEN", "authorizationToken": "t", "methodArn": arn}));
}

#[tokio::test]
async fn a_refusal_is_a_401_a_403_or_a_500() {
    let fixture = rest(false).await;
    let without = fixture.request("GET", "/prod/token/a").send().await.expect("an answer");
    assert_eq!(own(without).await, (401, r#"{"message":"Unauthorized"}"#.to_owned()));
    assert_eq!(fixture.stack.instances("AskedFunction"), 0, "nobody was asked");
    let deny = json!([{"Effect": "Deny", "Action": "execute-api:Invoke", "Resource": "*"}]);
    let nested = policy(&json!([allow("*")]), &json!({"a": {"b": 1}}));
    for path in ["/prod/token/a", "/prod/split/a"] {
        for (header, status, body) in [
            (json!({"fail": "Unauthorized"}).to_string(), 401, r#"{"message":"Unauthorized"}"#),
            (
                policy(&deny, &json!({})),
                403,
                r#"{"Message":"User is not authorized to access this resource with an explicit deny"}"#,
            ),
            (policy(&json!([]), &json!({})), 403, r#"{"Message":"User is not authorized to access this resource"}"#),
            (json!({"fail": "unauthorized"}).to_string(), 500, r#"{"message":null}"#),
            (json!({"return": {"isAuthorized": true}}).to_string(), 500, r#"{"message":null}"#),
            (nested.clone(), 500, r#"{"message":null}"#),
        ] {
            assert_eq!(own(get(&fixture, path, &header).await).await, (status, body.to_owned()), "{path} {header}");
        }
    }
}

#[tokio::test]
async fn a_remembered_policy_decides_anew_for_each_route_and_each_stage_has_its_own() {
    let fixture = rest(false).await;
    let only_a = policy(&json!([allow("arn:aws:execute-api:*:*:*/*/GET/token/a")]), &json!({}));
    for (path, status) in
        [("/prod/token/a", 200), ("/prod/token/b", 403), ("/beta/token/b", 403), ("/beta/token/a", 200)]
    {
        assert_eq!(get(&fixture, path, &only_a).await.status(), status, "{path}");
    }
    let calls = async |path: &str| {
        let seen: Value = get(&fixture, path, "t").await.json().await.expect("JSON");
        seen["event"]["requestContext"]["authorizer"]["calls"].as_str().expect("a count").to_owned()
    };
    assert_eq!(calls("/prod/token/a").await, "3", "one policy for each stage, and this");
    assert_eq!(calls("/prod/token/b").await, "3", "the token alone is the key");
    assert_eq!(calls("/beta/token/b").await, "4");
    assert_eq!(calls("/prod/split/a").await, "5");
    assert_eq!(calls("/prod/split/b").await, "6", "the resource is part of the key");
    assert_eq!(calls("/prod/split/a/").await, "5", "however the path is spelled");
}

#[tokio::test]
async fn its_owner_words_what_the_gateway_answers() {
    let fixture = rest(true).await;
    let response = fixture.request("GET", "/prod/split/a").header("user-agent", "me").send().await.expect("an answer");
    assert_eq!(response.headers()["www-authenticate"], r#"Bearer error="invalid_token""#);
    assert_eq!(response.headers()["x-agent"], "me");
    assert!(!response.headers().contains_key("x-path"), "no value, no header");
    assert_eq!(own(response).await, (401, r#"{"type":"UNAUTHORIZED","at":"prod/blue","price":"$5"}"#.to_owned()));
    let plain = fixture.request("GET", "/beta/split/a").header("accept", "text/plain").send().await.expect("an answer");
    assert_eq!(plain.headers()["content-type"], "text/plain");
    assert_eq!(own(plain).await, (401, "no: Unauthorized.".to_owned()));
    let denied = policy(&json!([]), &json!({"error": "insufficient_scope"}));
    let response = get(&fixture, "/prod/token/a", &denied).await;
    assert_eq!(response.headers()["x-error"], "insufficient_scope");
    let body = r#"{"error":"insufficient_scope","says":"User is not authorized to access this resource"}"#;
    assert_eq!(own(response).await, (418, body.to_owned()), "the status of the default is that of all");
    let missing = fixture.request("GET", "/prod/nowhere").send().await.expect("an answer");
    assert_eq!(own(missing).await, (418, r#"{"default":"MISSING_AUTHENTICATION_TOKEN"}"#.to_owned()));
}
