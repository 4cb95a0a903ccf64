//! The language of policies: statements, their conditions, and what IAM is asked about. Templates are read into it.

mod access;
mod condition;
mod statement;

pub use access::Access;
pub use condition::Condition;
pub(crate) use statement::names;
pub use statement::{Effect, KeyPolicy, KeyStatement, Principal, Statement};

/// The actions that calls are understood as. A policy that names others cannot be evaluated.
const ACTIONS: [&str; 23] = [
    "dynamodb:GetItem",
    "dynamodb:PutItem",
    "dynamodb:UpdateItem",
    "dynamodb:DeleteItem",
    "dynamodb:ConditionCheckItem",
    "dynamodb:Query",
    "dynamodb:Scan",
    "dynamodb:BatchGetItem",
    "dynamodb:BatchWriteItem",
    "dynamodb:DescribeTable",
    "dynamodb:DescribeTimeToLive",
    "dynamodb:DescribeStream",
    "dynamodb:GetRecords",
    "dynamodb:GetShardIterator",
    "dynamodb:ListStreams",
    "events:PutEvents",
    "kms:Decrypt",
    "kms:DescribeKey",
    "kms:Encrypt",
    "kms:GenerateDataKey",
    "kms:GenerateDataKeyWithoutPlaintext",
    "ses:SendEmail",
    "sqs:SendMessage",
];

/// Whether an action of a policy, wildcards included, names anything that callers here can be asked about.
pub(crate) fn is_evaluated(pattern: &str) -> bool {
    ACTIONS.iter().any(|action| names(pattern, action))
}
