//! Who may do what: the roles of the functions, the policies of the keys, and IAM's way from them to a yes or a no.

use std::collections::BTreeMap;
use std::fmt;

use super::policy::{Access, Effect, KeyPolicy, Principal, Statement, names};

/// Every policy of a template.
#[derive(Debug)]
pub struct Policies {
    roles: BTreeMap<String, Role>,
    keys: Vec<KeyPolicy>,
    account: String,
}

/// The role that a function runs under.
#[derive(Debug, Clone)]
pub struct Role {
    /// Its ARN.
    pub arn: String,
    /// Its tags.
    pub tags: BTreeMap<String, String>,
    /// What it may do.
    pub statements: Vec<Statement>,
    /// What it may do at most, where that is limited.
    pub boundary: Option<Vec<Statement>>,
}

/// Why something may not be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refused {
    /// No statement of the function's `Policies` allows it.
    ByDefault,
    /// A statement, by its `Sid`, denies it.
    ByStatement(String),
    /// The boundary of its role leaves it out.
    ByBoundary,
    /// The key's policy allows it neither to the function nor to the account.
    ByKeyPolicy,
}

/// The smallest thing that a template grants: one action and, where a condition lists values, one of these.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Grant {
    /// Logical id of the function, or of the key whose policy grants.
    pub holder: String,
    /// `Sid` of the statement.
    pub sid: String,
    /// The action, as the statement spells it.
    pub action: String,
    /// One of the listed values, for example `USER#*`; empty where none are listed.
    pub value: String,
}

impl Policies {
    /// Roles by the logical id of their function, and keys, of one account.
    pub fn new(roles: BTreeMap<String, Role>, keys: Vec<KeyPolicy>, account: String) -> Self {
        Self { roles, keys, account }
    }

    /// Whether a function, by its logical id, may do something: by which grants, or why not.
    pub fn decide(&self, function: &str, access: &Access) -> Result<Vec<Grant>, Refused> {
        let role = self.roles.get(function).ok_or(Refused::ByDefault)?;
        let access = &self.asked_by(role, access);
        let mut grants = decision(function, role.statements.iter(), access)?;
        if access.action.starts_with("kms:") {
            self.ask_key(role, access, &mut grants)?;
        }
        if grants.is_empty() {
            return Err(Refused::ByDefault);
        }
        match &role.boundary {
            Some(boundary) if decision(function, boundary.iter(), access)?.is_empty() => Err(Refused::ByBoundary),
            _ => Ok(grants),
        }
    }

    /// Asks a key's policy, which must allow its use to the role, or leave it to the account; adds what it grants.
    fn ask_key(&self, role: &Role, access: &Access, grants: &mut Vec<Grant>) -> Result<(), Refused> {
        let key = self.keys.iter().find(|key| key.arn == access.resource).ok_or(Refused::ByKeyPolicy)?;
        let to = |speaks: &dyn Fn(&Principal) -> bool| {
            let said = key.statements.iter().filter(|said| said.principals.iter().any(speaks));
            decision(&key.id, said.map(|said| &said.statement), access)
        };
        let own = Principal::Role(role.arn.clone());
        let directly = to(&|principal| *principal == Principal::Anybody || *principal == own)?;
        let through_the_account = to(&|principal| *principal == Principal::Account(self.account.clone()))?;
        if directly.is_empty() && through_the_account.is_empty() {
            return Err(Refused::ByKeyPolicy);
        }
        if !grants.is_empty() {
            grants.extend(through_the_account);
        }
        grants.extend(directly);
        Ok(())
    }

    /// Everything that is granted to functions.
    pub fn grants(&self) -> Vec<Grant> {
        let all = |(id, role): (&String, &Role)| {
            let allowing = role.statements.iter().filter(|statement| statement.effect == Effect::Allow);
            allowing.flat_map(|statement| grants(id, statement, |_| true, |_, _| true)).collect::<Vec<_>>()
        };
        self.roles.iter().flat_map(all).collect()
    }

    /// The same access with what IAM knows of its caller.
    fn asked_by(&self, role: &Role, access: &Access) -> Access {
        let account = || [self.account.clone()];
        let known = access
            .clone()
            .with("aws:PrincipalArn", [role.arn.clone()])
            .with("aws:PrincipalAccount", account())
            .with("kms:CallerAccount", account());
        role.tags
            .iter()
            .fold(known, |known, (name, value)| known.with(&format!("aws:PrincipalTag/{name}"), [value.clone()]))
    }
}

/// What a policy grants of an access; nothing if it is silent.
fn decision<'a>(
    holder: &str,
    policy: impl Iterator<Item = &'a Statement>,
    access: &Access,
) -> Result<Vec<Grant>, Refused> {
    let mut granted = Vec::new();
    for statement in policy.filter(|statement| statement.covers(access)) {
        if statement.effect == Effect::Deny {
            return Err(Refused::ByStatement(statement.sid.clone()));
        }
        let fits = |key: &str, value: &str| {
            let condition = statement.conditions.iter().find(|condition| condition.key == key);
            condition.is_some_and(|condition| condition.fitting(access).any(|fitting| fitting == value))
        };
        granted.extend(grants(holder, statement, |action| names(action, &access.action), fits));
    }
    Ok(granted)
}

/// The grants of a statement that are `wanted` by their action and by key and value.
fn grants(
    holder: &str,
    statement: &Statement,
    wanted_action: impl Fn(&str) -> bool,
    wanted_value: impl Fn(&str, &str) -> bool,
) -> Vec<Grant> {
    let listing = || statement.conditions.iter().filter(|condition| condition.lists());
    let grant = |action: &str, value: &str| Grant {
        holder: holder.to_owned(),
        sid: statement.sid.clone(),
        action: action.to_owned(),
        value: value.to_owned(),
    };
    let mut found = Vec::new();
    for action in statement.actions.iter().filter(|action| wanted_action(action)) {
        if listing().next().is_none() {
            found.push(grant(action, ""));
        }
        for condition in listing() {
            let values = condition.values.iter().filter(|value| wanted_value(&condition.key, value));
            found.extend(values.map(|value| grant(action, value)));
        }
    }
    found
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ByDefault => f.write_str("no statement of its Policies allows it"),
            Self::ByStatement(sid) => write!(f, "the statement {sid:?} denies it"),
            Self::ByBoundary => f.write_str("its PermissionsBoundary leaves it out"),
            Self::ByKeyPolicy => f.write_str("no statement of the key's policy allows it"),
        }
    }
}

impl fmt::Display for Grant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { holder, sid, action, value } = self;
        write!(f, "{holder} {sid}: {action} {value}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::template::{Deployment, Template};

    /// Whether the function `F` may decrypt under the key `K`, given the key's policy and what the role adds.
    fn may_decrypt(key: &str, role: &str) -> Result<(), Refused> {
        let text = format!(
            "Resources:\n  F:\n    Type: AWS::Serverless::Function\n    Properties: {{CodeUri: f, Runtime: provided.al2023, \
             Handler: bootstrap, Tags: {{team: blue}}, Policies: {{Statement: [{role}]}}}}\n  K: {{Type: AWS::KMS::Key, \
             Properties: {{KeyPolicy: {{Statement: [{key}]}}}}}}\n"
        );
        let deployment = Deployment::local("http://127.0.0.1:3000");
        let template = Template::parse(&text, &deployment).expect("well-formed");
        let access =
            Access::new("kms", "Decrypt", &template.keys[0].arn).with("kms:EncryptionContext:for", ["blue".into()]);
        template.policies(&deployment).decide("F", &access).map(drop)
    }

    const ROLE: &str = "{Effect: Allow, Action: 'kms:Decrypt', Resource: '*'}";
    const ACCOUNT: &str =
        "{Effect: Allow, Principal: {AWS: 'arn:aws:iam::123456789012:root'}, Action: 'kms:*', Resource: '*'}";

    #[test]
    fn the_account_hands_on_what_the_keys_policy_leaves_to_it() {
        assert_eq!(may_decrypt(ACCOUNT, ROLE), Ok(()));
        assert_eq!(may_decrypt(ACCOUNT, ""), Err(Refused::ByDefault));
        assert_eq!(may_decrypt("", ROLE), Err(Refused::ByKeyPolicy));
        let describing = ACCOUNT.replace("kms:*", "kms:Describe*");
        assert_eq!(may_decrypt(&describing, ROLE), Err(Refused::ByKeyPolicy));
        let other = ACCOUNT.replace("123456789012", "210987654321");
        assert_eq!(may_decrypt(&other, ROLE), Err(Refused::ByKeyPolicy));
        assert_eq!(
            may_decrypt(&ACCOUNT.replace("AWS: 'arn:aws:iam::123456789012:root'", "Service: logs.amazonaws.com"), ROLE),
            Err(Refused::ByKeyPolicy)
        );
    }

    #[test]
    fn a_key_may_allow_a_role_by_itself_and_a_denial_wins_wherever_it_stands() {
        let direct = ACCOUNT.replace("root", "role/local-FRole");
        assert_eq!(may_decrypt(&direct, ""), Ok(()));
        assert_eq!(may_decrypt(&direct.replace("FRole", "GRole"), ROLE), Err(Refused::ByKeyPolicy));
        let denial = direct.replace("Effect: Allow", "Sid: No, Effect: Deny");
        assert_eq!(may_decrypt(&format!("{ACCOUNT}, {denial}"), ROLE), Err(Refused::ByStatement("No".into())));
        let denial = ROLE.replace("Effect: Allow", "Sid: Never, Effect: Deny");
        assert_eq!(may_decrypt(&direct, &denial), Err(Refused::ByStatement("Never".into())));
    }

    #[test]
    fn conditions_of_a_key_see_the_callers_tags_and_the_encryption_context() {
        let limited = |condition: &str| {
            ACCOUNT.replace("Resource", &format!("Condition: {{StringEquals: {{{condition}}}}}, Resource"))
        };
        for (condition, allowed) in [
            ("'aws:PrincipalTag/team': blue", true),
            ("'aws:PrincipalTag/team': red", false),
            ("'aws:PrincipalTag/none': blue", false),
            ("'kms:EncryptionContext:for': blue", true),
            ("'kms:EncryptionContext:for': red", false),
            ("'kms:CallerAccount': '123456789012'", true),
            (
                "'aws:PrincipalArn': 'arn:aws:iam::123456789012:role/local-FRole', 'kms:EncryptionContext:for': blue",
                true,
            ),
            (
                "'aws:PrincipalArn': 'arn:aws:iam::123456789012:role/local-GRole', 'kms:EncryptionContext:for': blue",
                false,
            ),
        ] {
            assert_eq!(may_decrypt(&limited(condition), ROLE).is_ok(), allowed, "{condition}");
        }
    }

    #[test]
    fn a_boundary_takes_from_what_is_granted_and_gives_nothing() {
        let text = |bound: &str| {
            format!(
                "Resources:\n  F:\n    Type: AWS::Serverless::Function\n    Properties: {{CodeUri: f, Runtime: provided.al2023, \
                 Handler: bootstrap, PermissionsBoundary: !Ref B, Policies: {{Statement: [{{Effect: Allow, Action: \
                 'dynamodb:GetItem', Resource: '*'}}]}}}}\n  B: {{Type: AWS::IAM::ManagedPolicy, Properties: \
                 {{PolicyDocument: {{Statement: [{{Effect: Allow, Action: [{bound}], Resource: '*'}}]}}}}}}\n"
            )
        };
        let deployment = Deployment::local("http://127.0.0.1:3000");
        let decide = |bound: &str, operation: &str| {
            let template = Template::parse(&text(bound), &deployment).expect("well-formed");
            let access = Access::new("dynamodb", operation, "t");
            template.policies(&deployment).decide("F", &access).map(drop)
        };
        assert_eq!(decide("'dynamodb:GetItem', 'dynamodb:Scan', 'logs:PutLogEvents'", "GetItem"), Ok(()));
        assert_eq!(decide("'dynamodb:GetItem', 'dynamodb:Scan'", "Scan"), Err(Refused::ByDefault));
        assert_eq!(decide("'dynamodb:Scan'", "GetItem"), Err(Refused::ByBoundary));
    }

    #[test]
    fn a_grant_is_one_action_with_one_value() {
        let role = "{Sid: S, Effect: Allow, Action: ['dynamodb:GetItem', 'dynamodb:Query'], Resource: '*', Condition: \
                    {'ForAllValues:StringLike': {'dynamodb:LeadingKeys': ['A#*', 'B']}, 'Null': {'dynamodb:LeadingKeys': 'false'}}}";
        let text = format!(
            "Resources:\n  F:\n    Type: AWS::Serverless::Function\n    Properties: {{CodeUri: f, Runtime: provided.al2023, \
             Handler: bootstrap, Policies: {{Statement: [{role}]}}}}\n"
        );
        let deployment = Deployment::local("http://127.0.0.1:3000");
        let policies = Template::parse(&text, &deployment).expect("well-formed").policies(&deployment);
        let shown: Vec<_> = policies.grants().iter().map(ToString::to_string).collect();
        let all = ["dynamodb:GetItem A#*", "dynamodb:GetItem B", "dynamodb:Query A#*", "dynamodb:Query B"];
        assert_eq!(shown, all.map(|grant| format!("F S: {grant}")));
        let read = Access::new("dynamodb", "Query", "t").with("dynamodb:LeadingKeys", ["A#1".into()]);
        let needed: Vec<_> = policies.decide("F", &read).expect("granted").iter().map(ToString::to_string).collect();
        assert_eq!(needed, ["F S: dynamodb:Query A#*"]);
        assert_eq!(policies.decide("G", &read), Err(Refused::ByDefault));
    }
}
