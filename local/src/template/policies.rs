//! Policies as a template writes them, read strictly: what cannot be evaluated here is an error that names it.

use serde_json::{Map, Value as Json, json};

use super::deployment::Deployment;
use super::problem::Problem;
use crate::iam::policy::is_evaluated;
use crate::iam::{Condition, Effect, KeyStatement, Principal, Statement};

const VERSION: &str = "2012-10-17";

/// What Lambda does in a function's name: writes its logs and traces.
const BY_LAMBDA: [&str; 4] =
    ["logs:CreateLogStream", "logs:PutLogEvents", "xray:PutTelemetryRecords", "xray:PutTraceSegments"];

type Members = Map<String, Json>;

/// `Policies` of a function: a list of policies, or one.
pub(super) fn of_role(policies: &Json) -> Result<Vec<Statement>, Problem> {
    let mut statements = Vec::new();
    for (index, policy) in many(policies).iter().enumerate() {
        statements.extend(document(policy, role_statement).map_err(|problem| problem.at(index.to_string()))?);
    }
    Ok(statements)
}

/// The policy that bounds functions. What it lets Lambda itself do in their name is not asked for here.
pub(super) fn of_boundary(policy: &Json) -> Result<Vec<Statement>, Problem> {
    document(policy, |members| {
        let statement = statement(members, &[])?;
        let unknown = |action: &&String| !is_evaluated(action) && !BY_LAMBDA.contains(&action.as_str());
        match statement.actions.iter().find(unknown) {
            Some(action) => Err(Problem::new(format!("{action} is no action that is evaluated locally")).at("Action")),
            None => Ok(statement),
        }
    })
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

#[cfg(test)]
mod tests {
    use super::super::tests::{function, local, refusal};

    /// A function with this one policy statement, and a key with this one.
    fn with_statements(role: &str, key: &str) -> String {
        let function =
            function("F", "").replace("CodeUri: f", &format!("CodeUri: f\n      Policies: [{{Statement: [{role}]}}]"));
        format!("{function}  K: {{Type: AWS::KMS::Key, Properties: {{KeyPolicy: {{Statement: [{key}]}}}}}}\n")
    }

    const ROLE: &str = "{Sid: S, Effect: Allow, Action: 'dynamodb:GetItem', Resource: '*'}";
    const KEY: &str = "{Sid: K, Effect: Allow, Principal: {AWS: '123456789012'}, Action: 'kms:*', Resource: '*'}";

    #[test]
    fn policies_are_read_as_they_are_written() {
        let conditions = "Condition: {'Null': {'dynamodb:LeadingKeys': false}, 'ForAllValues:StringLike': {'dynamodb:LeadingKeys': 'A#*'}}";
        let role = ROLE.replace("Resource", &format!("{conditions}, Resource"));
        let template = local(&with_statements(&role, KEY), &[]).expect("well-formed");
        let [statement] = template.functions["F"].role.statements.as_slice() else { panic!("one statement") };
        assert_eq!(
            (statement.sid.as_str(), statement.actions.as_slice()),
            ("S", ["dynamodb:GetItem".to_owned()].as_slice())
        );
        assert_eq!(statement.conditions.len(), 2);
        assert_eq!(template.keys[0].policy.len(), 1);
        let template = local(&function("F", ""), &[]).expect("well-formed");
        assert!(template.functions["F"].role.statements.is_empty());
    }

    #[test]
    fn a_policy_that_cannot_be_evaluated_is_an_error_that_names_it() {
        for (written, instead, named) in [
            ("'dynamodb:GetItem'", "'dynamodb:GetItems'", "dynamodb:GetItems"),
            ("'dynamodb:GetItem'", "'s3:GetObject'", "s3:GetObject"),
            ("'dynamodb:GetItem'", "[]", "Action"),
            ("Action: 'dynamodb:GetItem'", "NotAction: 'dynamodb:Scan'", "NotAction"),
            ("Resource", "NotResource", "NotResource"),
            ("Effect: Allow", "Effect: allow", "Effect"),
            ("Effect: Allow", "Effect: Allow, Principal: '*'", "Principal"),
            ("Effect: Allow", "Effect: Allow, Condition: {IpAddress: {'aws:SourceIp': x}}", "aws:SourceIp"),
            ("Effect: Allow", "Effect: Allow, Condition: {StringLike: {'dynamodb:LeadingKeys': x}}", "StringLike"),
            ("Effect: Allow", "Effect: Allow, Condition: {ArnLike: {'aws:PrincipalArn': x}}", "ArnLike"),
        ] {
            let refused = refusal(&with_statements(&ROLE.replace(written, instead), KEY));
            assert!(refused.contains("Resources.F.Policies.0.Statement.S"), "{refused}");
            assert!(refused.contains(named), "{refused} should name {named}");
        }
        for (written, instead, named) in [
            ("Principal: {AWS: '123456789012'}, ", "", "Principal"),
            ("AWS: '123456789012'", "AWS: 'arn:aws:iam::123456789012:user/alice'", "user/alice"),
            ("AWS: '123456789012'", "Federated: x", "Federated"),
            ("Principal", "NotPrincipal", "NotPrincipal"),
            ("Effect: Allow", "Effect: Deny", "Deny"),
            ("kms:*", "dynamodb:GetItem", "dynamodb:GetItem"),
        ] {
            let refused = refusal(&with_statements(ROLE, &KEY.replace(written, instead)));
            assert!(refused.contains("Resources.K.KeyPolicy.Statement.K") && refused.contains(named), "{refused}");
        }
        let managed = function("F", "").replace("CodeUri: f", "CodeUri: f\n      Policies: [AmazonDynamoDBFullAccess]");
        assert!(refusal(&managed).contains("AmazonDynamoDBFullAccess"));
        let template = function("F", "")
            .replace("CodeUri: f", "CodeUri: f\n      Policies: [{DynamoDBCrudPolicy: {TableName: t}}]");
        assert!(refusal(&template).contains("DynamoDBCrudPolicy"));
        let role = function("F", "").replace("CodeUri: f", "CodeUri: f\n      Role: some-role");
        assert!(refusal(&role).contains("Role"));
    }

    #[test]
    fn a_boundary_is_a_policy_of_the_template() {
        let bounded = |by: &str, action: &str| {
            let function =
                function("F", "").replace("CodeUri: f", &format!("CodeUri: f\n      PermissionsBoundary: {by}"));
            let statement = format!("{{Effect: Allow, Action: '{action}', Resource: '*'}}");
            format!(
                "{function}  B: {{Type: AWS::IAM::ManagedPolicy, Properties: {{PolicyDocument: {{Statement: {statement}}}}}}}\n"
            )
        };
        let template = local(&bounded("!Ref B", "dynamodb:*"), &[]).expect("well-formed");
        assert_eq!(template.functions["F"].role.boundary.as_ref().map(Vec::len), Some(1));
        assert!(refusal(&bounded("arn:aws:iam::aws:policy/Other", "dynamodb:*")).contains("policy/Other"));
        assert!(refusal(&bounded("!Ref B", "s3:GetObject")).contains("Resources.B.PolicyDocument.Statement.0.Action"));
    }
}
