//! IAM: what template.yaml grants the functions is what they need, no more and no less.
//!
//! Every test of this suite runs behind the guard that refuses what a role does not grant, so a missing grant breaks the
//! tests of its feature. Here the reverse is shown: nothing is granted that nothing needs. One run of every flow is
//! recorded; taking any single grant out of the template must refuse something that was done in it.

use local::iam::{Access, Grant, Policies};
use local::template::{Deployment, Template};
use local::{Options, Stack};
use serde_json::json;
use yaml_serde::Value;

use super::account::change_password;
use super::refresh::{Tokens, form, refresh, sign_in, sign_up};
use crate::support::service::options;
use crate::support::{Answer, PASSWORD, Service};

const TEMPLATE: &str = include_str!("../../../template.yaml");
/// Nothing is remembered, so everything is looked up.
const FRESH: [(&str, &str); 2] = [("RevocationSeconds", "0"), ("AuthorizerCacheSeconds", "0")];

/// What takes the place of the only action or key of a statement: no function does or has it.
const NOBODYS: &str = "dynamodb:Scan";

/// Who did what: one example of every use of a grant.
type Uses = Vec<(String, Access)>;

/// Every flow of the service once. A function that is granted more needs a flow here that uses it.
async fn recorded() -> Uses {
    let (keys, people, clients) = tokio::join!(keys(), people(), clients());
    [keys, people, clients].concat()
}

/// Keys from their first day to their end: made by whoever needs one first, published, rotated, withdrawn.
async fn keys() -> Uses {
    let service = Service::with_parameters(&FRESH).await;
    let keys = service.get("/.well-known/jwks.json").await.json();
    let rotate = async |event| service.stack.invoke("RotateFunction", event).await.expect("the function answers");
    rotate(json!({"action": "rotate"})).await;
    rotate(json!({"action": "withdraw", "kid": keys["keys"][0]["kid"]})).await;
    assert_eq!(service.get("/revocations").await.status, 200);
    service.stack.uses()
}

/// A person from registration to the end of their sessions. The first key is made by the sign-in.
async fn people() -> Uses {
    let service = &Service::with_parameters(&FRESH).await;
    let first = sign_up(service, "alice").await;
    assert_eq!(service.sign_in("alice", "not the right one at all").await.status, 401);
    let second = Tokens::of(&refresh(service, &first.refresh).await);
    let other = sign_in(service, "alice").await;
    let narrow =
        format!("grant_type=refresh_token&client_id=first-party&scope=account&refresh_token={}", other.refresh);
    let other = Tokens::of(&form(service, "/token", &narrow).await);
    let third = sign_in(service, "alice").await;
    for path in ["/me", "/me/sessions", "/protected"] {
        assert_eq!(service.get_as(path, &second.access).await.status, 200, "{path}");
    }
    assert_eq!(end_session(service, &second.access, &third.sid()).await.status, 204);
    for token in [&other.access, &other.refresh] {
        assert_eq!(form(service, "/revoke", &format!("client_id=first-party&token={token}")).await.status, 200);
    }
    assert_eq!(change_password(service, &second.access, PASSWORD, "a foghorn on the south pier").await.status, 204);
    service.stack.uses()
}

/// A client that is vouched for and one that is not, from registration to removal. The first key is made for the former.
async fn clients() -> Uses {
    let service = &Service::with_parameters(&[FRESH[0], FRESH[1], ("ClientRegistration", "open")]).await;
    let issued = service.operator(json!({"action": "initial_access_token"})).await.expect("a token");
    let machine = json!({"grant_types": ["client_credentials"], "scope": "openid"});
    let machine = service.register_client(&machine, issued["initial_access_token"].as_str()).await.json();
    let request = service.request("POST", "/token").header("content-type", "application/x-www-form-urlencoded");
    let request = request.basic_auth(machine["client_id"].as_str().expect("an id"), machine["client_secret"].as_str());
    assert_eq!(service.send(request.body("grant_type=client_credentials")).await.status, 200);
    let app = json!({"redirect_uris": ["https://notes.example/callback"]});
    let app = service.register_client(&app, None).await.json();
    let path = format!("/clients/{}", app["client_id"].as_str().expect("an id"));
    let request = service.request("DELETE", &path);
    let request = request.bearer_auth(app["registration_access_token"].as_str().expect("a token"));
    assert_eq!(service.send(request).await.status, 204);
    service.stack.uses()
}

async fn end_session(service: &Service, token: &str, sid: &str) -> Answer {
    let request = service.request("DELETE", &format!("/me/sessions/{sid}"));
    service.send(request.header("authorization", format!("Bearer {token}"))).await
}

fn policies(text: &str) -> Policies {
    let deployment = Deployment::local("http://127.0.0.1:3000");
    let template = Template::parse(text, &deployment).unwrap_or_else(|error| panic!("{error}\n{text}"));
    Policies::new(&template, &deployment)
}

#[tokio::test(flavor = "multi_thread")]
async fn every_grant_is_used_and_without_it_something_would_be_refused() {
    let uses = recorded().await;
    let policies_as_they_are = policies(TEMPLATE);
    let needed: Vec<Grant> = uses
        .iter()
        .flat_map(|(function, access)| policies_as_they_are.decide(function, access).expect("it was done"))
        .collect();
    let grants = policies_as_they_are.grants();
    assert!(grants.len() > 40, "the grants were found");
    let unused: Vec<_> = grants.iter().filter(|grant| !needed.contains(grant)).map(ToString::to_string).collect();
    assert!(unused.is_empty(), "granted, but nothing in recorded() needs it:\n{}", unused.join("\n"));
    let mutations = mutations();
    assert!(mutations.len() > 40, "the statements were found");
    for (without, template) in mutations {
        let mutated = policies(&template);
        let refused = uses.iter().any(|(function, access)| mutated.decide(function, access).is_err());
        assert!(refused, "granted twice: without {without} everything still works");
    }
}

#[test]
fn no_function_reaches_what_is_not_its_business() {
    let policies = policies(TEMPLATE);
    let table = Deployment::local("").arn("dynamodb", "table/local-Table");
    let functions = Template::parse(TEMPLATE, &Deployment::local("")).expect("the template").functions;
    let may = |action: &str, pk: Option<&str>| {
        let access = Access::new("dynamodb", action, &table).with("dynamodb:LeadingKeys", pk.map(str::to_owned));
        functions.keys().filter(|id| policies.decide(id, &access).is_ok()).map(String::as_str).collect::<Vec<_>>()
    };
    for action in ["Scan", "Query", "GetItem", "PutItem", "UpdateItem", "DeleteItem", "BatchGetItem", "BatchWriteItem"]
    {
        assert!(may(action, None).is_empty(), "{action} of no partition: {:?}", may(action, None));
        assert!(may(action, Some("NEW#1")).is_empty(), "{action} of a partition that nobody named");
    }
    assert_eq!(may("GetItem", Some("KEYSECRET")), ["LoginFunction", "TokenFunction"], "who signs");
    assert_eq!(may("GetItem", Some("FACTOR#1")), ["AccountFunction", "LoginFunction"], "who checks passwords");
    assert_eq!(may("PutItem", Some("USER#1")), ["RegisterFunction"], "who creates people");
    assert_eq!(may("PutItem", Some("CLIENT#1")), ["ClientsFunction"], "who registers clients");
    for nothing in ["AuthorizerFunction", "ProtectedFunction"] {
        assert!(functions[nothing].statements.is_empty(), "{nothing} needs nothing");
    }
}

/// A stack whose template lacks what this removes from the one statement of a function that has this `Sid`.
async fn without(function: &str, sid: &str) -> Service {
    let mut template: Value = yaml_serde::from_str(TEMPLATE).expect("YAML");
    let statements = statements(&mut template, function);
    let count = statements.len();
    statements.retain(|statement| statement["Sid"] != sid);
    assert_eq!(statements.len(), count - 1, "{function} has {sid}");
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
    let text = yaml_serde::to_string(&template).expect("YAML");
    let text = text.replace("CodeUri: functions/", &format!("CodeUri: {root}/functions/"));
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("template.yaml");
    std::fs::write(&file, text).expect("a file");
    Service::with_options(Options { template: file, ..options() }).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_grant_is_a_fault_of_ours_and_never_the_callers() {
    let credentials = json!({"username": "alice", "password": PASSWORD});
    let service = without("RegisterFunction", "CreatePeople").await;
    let answer = service.post("/register", credentials.clone()).await;
    assert_eq!((answer.status, answer.code().as_str()), (503, "temporarily_unavailable"), "{answer:?}");
    assert_told(&service.stack, &["RegisterFunction", "dynamodb:PutItem"]);

    let service = without("LoginFunction", "OpenAndSealSigningKeys").await;
    assert_eq!(service.post("/register", credentials).await.status, 201);
    for password in [PASSWORD, "not the right one at all"] {
        let answer = service.sign_in("alice", password).await;
        let expected =
            if password == PASSWORD { (503, "temporarily_unavailable") } else { (401, "invalid_credentials") };
        assert_eq!((answer.status, answer.code().as_str()), expected, "{answer:?}");
    }
    assert_told(&service.stack, &["LoginFunction", "kms:GenerateDataKey"]);

    let service = without("TokenFunction", "RotateRefreshTokens").await;
    let tokens = sign_up(&service, "alice").await;
    assert_eq!(refresh(&service, &tokens.refresh).await.status, 503);
    assert_told(&service.stack, &["TokenFunction", "dynamodb:UpdateItem", "SESSION#"]);
}

fn assert_told(stack: &Stack, words: &[&str]) {
    let refusals = stack.refusals();
    let told = refusals.iter().any(|refusal| words.iter().all(|word| refusal.contains(word)));
    assert!(told, "{words:?} in {refusals:?}");
}

/// Every template that lacks exactly one thing that template.yaml grants: what it lacks, and its text.
fn mutations() -> Vec<(String, String)> {
    let template: Value = yaml_serde::from_str(TEMPLATE).expect("YAML");
    let mut mutations = Vec::new();
    for (id, _) in template["Resources"].as_mapping().expect("resources") {
        let function = id.as_str().expect("a name");
        for index in 0..statements(&mut template.clone(), function).len() {
            for lost in 0.. {
                let mut mutated = template.clone();
                let Some(what) = lose(&mut statements(&mut mutated, function)[index], lost) else { break };
                let text = yaml_serde::to_string(&mutated).expect("YAML");
                mutations.push((format!("{what} of {function}"), text));
            }
        }
    }
    mutations
}

/// The statements of a function of which there may be several, or none.
fn statements<'a>(template: &'a mut Value, function: &str) -> &'a mut Vec<Value> {
    let policies = &mut template["Resources"][function]["Properties"]["Policies"];
    if !policies.is_sequence() {
        *policies = yaml_serde::from_str("[{Statement: []}]").expect("YAML");
    }
    let policies = policies.as_sequence_mut().expect("a list");
    assert_eq!(policies.len(), 1, "{function} has one policy");
    policies[0]["Statement"].as_sequence_mut().expect("a list")
}

/// Takes the `lost`th action or leading key out of a statement; `None` when it has no more.
fn lose(statement: &mut Value, lost: usize) -> Option<String> {
    let sid = statement["Sid"].as_str().expect("a Sid").to_owned();
    let mut lists: Vec<&mut Value> = Vec::new();
    let statement = statement.as_mapping_mut().expect("a statement");
    for (name, value) in statement.iter_mut() {
        match name.as_str() {
            Some("Action") => lists.push(value),
            Some("Condition") => {
                let operators = value.as_mapping_mut().expect("operators").iter_mut();
                let keys = operators.flat_map(|(_, keys)| keys.as_mapping_mut().expect("keys").iter_mut());
                lists.extend(keys.map(|(_, values)| values).filter(|values| values.is_sequence()));
            }
            _ => {}
        }
    }
    let mut before = 0;
    for list in lists {
        let items = list.as_sequence().map_or(1, Vec::len);
        if lost < before + items {
            let what = match list.as_sequence_mut() {
                Some(values) if values.len() > 1 => values.remove(lost - before),
                _ => std::mem::replace(list, Value::String(NOBODYS.to_owned())),
            };
            return Some(format!("{} in {sid}", yaml_serde::to_string(&what).expect("YAML").trim()));
        }
        before += items;
    }
    None
}
