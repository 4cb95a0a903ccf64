//! IAM: template.yaml grants the functions exactly what they need.
//!
//! Every test of this suite runs with IAM enforced, so a missing permission breaks the tests of its feature. These
//! tests show the reverse: no permission is unnecessary. One run of every flow is recorded, and removing any single
//! permission from the template must refuse an action of that run.

mod flows;
mod mutations;

use local::iam::{Access, Grant, Policies, Refused};
use local::template::{Deployment, Template};
use local::{Options, Stack};
use serde_json::json;
use yaml_serde::Value;

use crate::refresh::{refresh, sign_up};
use support::service::options;
use support::{PASSWORD, Service};

const TEMPLATE: &str = include_str!("../../template.yaml");
fn policies(text: &str) -> Policies {
    let deployment = Deployment::local("http://127.0.0.1:3000");
    let on = [("MailFrom", support::outbox::FROM), ("Events", "on")];
    let on = on.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let template = Template::parse_with(text, &on, &deployment).unwrap_or_else(|error| panic!("{error}\n{text}"));
    template.policies(&deployment)
}

#[tokio::test(flavor = "multi_thread")]
async fn every_permission_is_used_and_needed() {
    let uses = flows::recorded().await;
    let policies_as_they_are = policies(TEMPLATE);
    let needed: Vec<Grant> = uses
        .iter()
        .flat_map(|(function, access)| policies_as_they_are.decide(function, access).expect("it was done"))
        .collect();
    let grants = policies_as_they_are.grants();
    assert!(grants.len() > 40, "the grants were found");
    let unused: Vec<_> = grants.iter().filter(|grant| !needed.contains(grant)).map(ToString::to_string).collect();
    assert!(unused.is_empty(), "granted, but no flow in permissions/flows.rs needs it:\n{}", unused.join("\n"));
    assert_walls_fit(&needed);
    let mutations = mutations::all();
    assert!(mutations.len() > 40, "the statements were found");
    for (without, template) in mutations {
        let mutated = policies(&template);
        let refused = uses.iter().any(|(function, access)| mutated.decide(function, access).is_err());
        assert!(refused, "granted twice: without {without} everything still works");
    }
}

/// The permissions boundary of all functions and the key policy allow exactly what the functions need.
fn assert_walls_fit(needed: &[Grant]) {
    let template = Template::parse(TEMPLATE, &Deployment::local("")).expect("the template");
    let is_needed = |action: &String| needed.iter().any(|grant| grant.action == *action);
    for (id, function) in &template.functions {
        let boundary = function.role.boundary.as_ref().unwrap_or_else(|| panic!("{id} has no boundary"));
        let ours =
            |action: &&String| ["dynamodb:", "events:", "kms:"].iter().any(|service| action.starts_with(service));
        let idle: Vec<_> = boundary
            .iter()
            .flat_map(|statement| &statement.actions)
            .filter(ours)
            .filter(|action| !is_needed(action))
            .collect();
        assert!(idle.is_empty(), "the boundary lets through what no function needs: {idle:?}");
    }
    let [key] = template.keys.as_slice() else { panic!("one key") };
    let uses: Vec<_> =
        key.policy.iter().map(|said| &said.statement).filter(|statement| !statement.conditions.is_empty()).collect();
    assert_eq!(uses.len(), 1, "one statement speaks of the key's use, the other of looking after it");
    for action in &uses[0].actions {
        let is_it = |grant: &Grant| grant.holder == key.id && grant.sid == uses[0].sid && grant.action == *action;
        assert!(needed.iter().any(is_it), "{action} in the policy of {}", key.id);
    }
}

#[test]
fn no_function_can_access_what_it_does_not_need() {
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
    assert_eq!(
        may("GetItem", Some("FACTOR#1")),
        ["AccountFunction", "LoginFunction", "OperatorFunction", "RegisterFunction"],
        "who checks passwords"
    );
    assert_eq!(may("PutItem", Some("USER#1")), ["OperatorFunction", "RegisterFunction"], "who creates people");
    for nothing in ["AuthorizerFunction", "ProtectedFunction"] {
        assert!(functions[nothing].role.statements.is_empty(), "{nothing} needs nothing");
    }
}

#[test]
fn functions_can_write_traces_only_where_tracing_is_active() {
    for (tracing, expected) in [("Disabled", false), ("Active", true)] {
        let parameters = [("Tracing".to_owned(), tracing.to_owned())];
        let template = Template::parse_with(TEMPLATE, &parameters, &Deployment::local("")).expect("the template");
        for (id, function) in &template.functions {
            let boundary = function.role.boundary.iter().flatten();
            let traces = boundary.flat_map(|statement| &statement.actions).any(|action| action.starts_with("xray:"));
            assert_eq!(traces, expected, "{id}");
        }
    }
    let template: Value = yaml_serde::from_str(TEMPLATE).expect("YAML");
    let Value::Tagged(tracing) = &template["Globals"]["Function"]["Tracing"] else { panic!("an intrinsic") };
    assert_eq!(
        (tracing.tag.to_string().as_str(), tracing.value.as_str()),
        ("!Ref", Some("Tracing")),
        "or SAM attaches its policy"
    );
    assert_eq!(template["Parameters"]["Tracing"]["Default"], "Disabled");
}

#[test]
fn only_roles_of_this_stack_can_use_the_key() {
    let key = Template::parse(TEMPLATE, &Deployment::local("")).expect("the template").keys[0].arn.clone();
    let opening = Access::new("kms", "Decrypt", key);
    let secret = opening.clone().with("kms:EncryptionContext:gatewright:secret", ["KEYSECRET/1".to_owned()]);
    let opens = |template: &str, access: &Access| policies(template).decide("LoginFunction", access).map(drop);
    assert_eq!(opens(TEMPLATE, &secret), Ok(()));
    assert_eq!(opens(TEMPLATE, &opening), Err(Refused::ByKeyPolicy), "what does not say what it is");
    let mail = opening.with("kms:EncryptionContext:gatewright:secret", ["MAIL#1".to_owned()]);
    assert_eq!(opens(TEMPLATE, &mail), Err(Refused::ByDefault), "the mailer alone opens mails");
    assert!(policies(TEMPLATE).decide("MailerFunction", &mail).is_ok());
    assert_eq!(policies(TEMPLATE).decide("MailerFunction", &secret).map(drop), Err(Refused::ByDefault));
    for (own, other, why) in [
        ("RolePath: !Sub '/${AWS::StackName}/'", "RolePath: /other/", "a role elsewhere with the tag"),
        ("RolePath: !Sub '/${AWS::StackName}/'", "RolePath: /", "a role of nowhere with the tag"),
        ("Tags: {gatewright: !Ref AWS::StackName}", "Tags: {gatewright: other}", "a role with another tag"),
        ("Tags: {gatewright: !Ref AWS::StackName}", "Tags: {}", "a role without the tag"),
    ] {
        let template = TEMPLATE.replace(own, other);
        assert_ne!(template, TEMPLATE, "{own} is there");
        assert_eq!(opens(&template, &secret), Err(Refused::ByKeyPolicy), "{why}");
    }
}

/// A stack in which the statement with this `Sid` of one function is changed.
async fn without(function: &str, sid: &str) -> Service {
    let mut template: Value = yaml_serde::from_str(TEMPLATE).expect("YAML");
    let statements = mutations::statements(&mut template, function);
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
async fn a_missing_permission_is_a_server_error_and_never_a_client_error() {
    let credentials = json!({"username": "alice", "password": PASSWORD});
    let service = without("RegisterFunction", "CreatePeopleAndSignThemIn").await;
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

    let service = without("TokenFunction", "RedeemAndCountCodesAndRotateRefreshTokens").await;
    let tokens = sign_up(&service, "alice").await;
    assert_eq!(refresh(&service, &tokens.refresh).await.status, 503);
    assert_told(&service.stack, &["TokenFunction", "dynamodb:UpdateItem", "SESSION#"]);
}

fn assert_told(stack: &Stack, words: &[&str]) {
    let refusals = stack.refusals();
    let told = refusals.iter().any(|refusal| words.iter().all(|word| refusal.contains(word)));
    assert!(told, "{words:?} in {refusals:?}");
}
