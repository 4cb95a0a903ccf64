//! The template's keys in another KMS: made there as CloudFormation would, once, and found again by an alias.

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};

use crate::Error;
use crate::iam::Upstream;
use crate::template::{Deployment, Key};

/// The ARNs of the keys that another KMS does not know by their own, by logical id.
pub(crate) async fn adopt(
    kms: &Upstream,
    keys: &[Key],
    deployment: &Deployment,
) -> Result<BTreeMap<String, String>, Error> {
    let mut adopted = BTreeMap::new();
    for key in keys {
        if arn(kms, &key.arn).await?.is_some() {
            continue;
        }
        let alias = format!("alias/{}", deployment.name(&key.id));
        let arn = match arn(kms, &alias).await? {
            Some(arn) => arn,
            None => create(kms, &alias).await?,
        };
        adopted.insert(key.id.clone(), arn);
    }
    Ok(adopted)
}

/// The ARN of a key that is named by its id, ARN or alias, if there is one.
async fn arn(kms: &Upstream, name: &str) -> Result<Option<String>, Error> {
    match kms.call("DescribeKey", &json!({"KeyId": name})).await? {
        Ok(described) => Ok(text(&described["KeyMetadata"]["Arn"])),
        Err(error) if error.kind == "NotFoundException" => Ok(None),
        Err(error) => Err(error.doing("DescribeKey", name)),
    }
}

async fn create(kms: &Upstream, alias: &str) -> Result<String, Error> {
    let created = kms.call("CreateKey", &json!({"Description": alias})).await?;
    let created = created.map_err(|error| error.doing("CreateKey", alias))?;
    let arn = text(&created["KeyMetadata"]["Arn"]);
    let arn = arn.ok_or_else(|| Error::new(format!("CreateKey of {alias}: the answer names no key")))?;
    let named = kms.call("CreateAlias", &json!({"AliasName": alias, "TargetKeyId": arn})).await?;
    named.map_err(|error| error.doing("CreateAlias", alias))?;
    Ok(arn)
}

fn text(value: &Json) -> Option<String> {
    value.as_str().map(str::to_owned)
}
