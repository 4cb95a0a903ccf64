//! Policies as a template writes them, read strictly: what cannot be evaluated here is an error that names it.

use serde_json::{Map, Value as Json, json};

use super::deployment::Deployment;
use super::problem::Problem;
use crate::iam::{Condition, Effect, KeyStatement, Principal, Statement, is_evaluated};

const VERSION: &str = "2012-10-17";

type Members = Map<String, Json>;

/// `Policies` of a function: a list of policies, or one.
pub(super) fn of_role(policies: &Json) -> Result<Vec<Statement>, Problem> {
    let mut statements = Vec::new();
    for (index, policy) in many(policies).iter().enumerate() {
        statements.extend(document(policy, role_statement).map_err(|problem| problem.at(index.to_string()))?);
    }
    Ok(statements)
}

/// `KeyPolicy` of a key. Without one, the account decides.
pub(super) fn of_key(policy: &Json, deployment: &Deployment) -> Result<Vec<KeyStatement>, Problem> {
    let account =
        json!({"Effect": "Allow", "Principal": {"AWS": deployment.account}, "Action": "kms:*", "Resource": "*"});
    let default = json!({"Statement": account});
    let policy = if policy.is_null() { &default } else { policy };
    document(policy, |members| key_statement(members, deployment))
}

/// The statements of a policy document.
fn document<T>(policy: &Json, read: impl Fn(&Members) -> Result<T, Problem>) -> Result<Vec<T>, Problem> {
    let Json::Object(members) = policy else {
        let text = format!("{policy} is not evaluated locally: write its statements out");
        return Err(Problem::new(text));
    };
    for (name, value) in members {
        match name.as_str() {
            "Id" | "Statement" => {}
            "Version" if value == VERSION => {}
            "Version" => return Err(Problem::new(format!("must be {VERSION}")).at(name)),
            _ => return Err(Problem::new("is not evaluated locally").at(name)),
        }
    }
    let statements = many(members.get("Statement").unwrap_or(&Json::Null)).iter().enumerate();
    let read = |(index, statement): (usize, &Json)| {
        let name = statement["Sid"].as_str().map_or_else(|| index.to_string(), str::to_owned);
        let members = statement.as_object().ok_or_else(|| Problem::new("must be a mapping"));
        members.and_then(&read).map_err(|problem| problem.at(name).at("Statement"))
    };
    statements.map(read).collect()
}

fn role_statement(members: &Members) -> Result<Statement, Problem> {
    let statement = statement(members, &[])?;
    for action in &statement.actions {
        if !is_evaluated(action) {
            return Err(Problem::new(format!("{action} is no action that is evaluated locally")).at("Action"));
        }
    }
    Ok(statement)
}

fn key_statement(members: &Members, deployment: &Deployment) -> Result<KeyStatement, Problem> {
    let statement = statement(members, &["Principal"])?;
    if let Some(action) = statement.actions.iter().find(|action| !action.starts_with("kms:")) {
        return Err(Problem::new(format!("{action} is no action of KMS")).at("Action"));
    }
    let principals = principals(members.get("Principal").unwrap_or(&Json::Null), deployment);
    let principals = principals.map_err(|problem| problem.at("Principal"))?;
    let of_an_account = |principal: &Principal| matches!(principal, Principal::Account(_));
    if statement.effect == Effect::Deny && principals.iter().any(of_an_account) {
        return Err(Problem::new("a Deny for an account is not evaluated locally").at("Principal"));
    }
    Ok(KeyStatement { principals, statement })
}

/// What statements of roles and keys have in common; `more` are members that the caller reads.
fn statement(members: &Members, more: &[&str]) -> Result<Statement, Problem> {
    let known = ["Sid", "Effect", "Action", "Resource", "Condition"];
    if let Some(name) = members.keys().find(|name| !known.contains(&name.as_str()) && !more.contains(&name.as_str())) {
        return Err(Problem::new("is not evaluated locally").at(name));
    }
    let texts_of = |name: &str| match texts(members.get(name).unwrap_or(&Json::Null)) {
        Some(texts) if !texts.is_empty() => Ok(texts),
        _ => Err(Problem::new("must be a text or a list of texts").at(name)),
    };
    let effect = match members.get("Effect").and_then(Json::as_str) {
        Some("Allow") => Effect::Allow,
        Some("Deny") => Effect::Deny,
        _ => return Err(Problem::new("must be Allow or Deny").at("Effect")),
    };
    let sid = members.get("Sid").and_then(Json::as_str).unwrap_or_default().to_owned();
    let conditions = conditions(members.get("Condition").unwrap_or(&Json::Null));
    let conditions = conditions.map_err(|problem| problem.at("Condition"))?;
    Ok(Statement { sid, effect, actions: texts_of("Action")?, resources: texts_of("Resource")?, conditions })
}

fn conditions(operators: &Json) -> Result<Vec<Condition>, Problem> {
    let mut conditions = Vec::new();
    for (operator, keys) in mapping(operators)? {
        for (key, values) in mapping(keys).map_err(|problem| problem.at(operator))? {
            let values = texts(values).ok_or_else(|| Problem::new("must be texts").at(key).at(operator))?;
            conditions.push(Condition::new(operator, key, values).map_err(Problem::new)?);
        }
    }
    Ok(conditions)
}

fn principals(principal: &Json, deployment: &Deployment) -> Result<Vec<Principal>, Problem> {
    if principal == "*" {
        return Ok(vec![Principal::Anybody]);
    }
    let mut principals = Vec::new();
    for (kind, names) in mapping(principal)? {
        for name in texts(names).ok_or_else(|| Problem::new("must be texts").at(kind))? {
            principals.push(named(kind, name, deployment).map_err(|problem| problem.at(kind))?);
        }
    }
    if principals.is_empty() { Err(Problem::new("is missing")) } else { Ok(principals) }
}

fn named(kind: &str, name: String, deployment: &Deployment) -> Result<Principal, Problem> {
    let iam = format!("arn:{}:iam::", deployment.partition);
    let of_iam = name.strip_prefix(&iam).and_then(|rest| rest.split_once(':'));
    match (kind, of_iam) {
        ("Service", _) => Ok(Principal::Service(name)),
        ("AWS", Some((account, "root"))) => Ok(Principal::Account(account.to_owned())),
        ("AWS", Some((_, resource))) if resource.starts_with("role/") => Ok(Principal::Role(name)),
        ("AWS", None) if name == "*" => Ok(Principal::Anybody),
        ("AWS", None) if name == deployment.account => Ok(Principal::Account(name)),
        _ => Err(Problem::new(format!("{name} is not evaluated locally"))),
    }
}

fn mapping(value: &Json) -> Result<impl Iterator<Item = (&String, &Json)>, Problem> {
    match value {
        Json::Object(members) => Ok(Some(members).into_iter().flatten()),
        Json::Null => Ok(None.into_iter().flatten()),
        _ => Err(Problem::new("must be a mapping")),
    }
}

/// What may be written as a list or as its only item.
fn many(value: &Json) -> &[Json] {
    match value {
        Json::Array(items) => items,
        Json::Null => &[],
        one => std::slice::from_ref(one),
    }
}

fn texts(value: &Json) -> Option<Vec<String>> {
    let text = |value: &Json| match value {
        Json::String(text) => Some(text.clone()),
        Json::Bool(_) | Json::Number(_) => Some(value.to_string()),
        _ => None,
    };
    many(value).iter().map(text).collect()
}
