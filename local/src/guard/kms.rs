//! KMS: which action a call is to IAM, on which key, in which encryption context.

use serde_json::Value as Json;

use crate::iam::Access;
use crate::iam::policy::is_evaluated;
use crate::kms::key_of;
use crate::template::{Deployment, Key};

/// The keys, as far as IAM looks into calls of them.
#[derive(Debug)]
pub(super) struct Keys {
    arns: Vec<String>,
    deployment: Deployment,
}

impl Keys {
    /// The keys of a template.
    pub(super) fn new(keys: &[Key], deployment: &Deployment) -> Self {
        Self { arns: keys.iter().map(|key| key.arn.clone()).collect(), deployment: deployment.clone() }
    }

    /// What a call is to IAM; `None` for one that is not understood.
    pub(super) fn accesses(&self, operation: &str, body: &Json) -> Option<Vec<Access>> {
        if !is_evaluated(&format!("kms:{operation}")) {
            return None;
        }
        let access = Access::new("kms", operation, self.key(body));
        let Some(context) = body["EncryptionContext"].as_object() else { return Some(vec![access]) };
        let access = access.with("kms:EncryptionContextKeys", context.keys().cloned());
        let value = |access: Access, (name, value): (&String, &Json)| {
            access.with(&format!("kms:EncryptionContext:{name}"), value.as_str().map(str::to_owned))
        };
        Some(vec![context.iter().fold(access, value)])
    }

    /// The ARN of the key that a call names, or that sealed what it wants opened.
    fn key(&self, body: &Json) -> String {
        match body["KeyId"].as_str() {
            Some(arn) if arn.starts_with("arn:") => arn.to_owned(),
            Some(id) => self.deployment.arn("kms", &format!("key/{id}")),
            None => {
                body["CiphertextBlob"].as_str().and_then(|blob| key_of(blob, &self.arns)).unwrap_or_else(|| "*".into())
            }
        }
    }
}
