//! What IAM is asked about: one action on one resource, in a context.

use std::collections::BTreeMap;
use std::fmt;

/// The values of condition keys, by the key's name in lower case (IAM ignores their case).
pub(super) type Context = BTreeMap<String, Vec<String>>;

/// One thing that a caller wants to do. A request may be several: a transaction is one for each of its parts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Access {
    /// For example `dynamodb:GetItem`.
    pub action: String,
    /// An ARN; `*` for what concerns no resource.
    pub resource: String,
    context: Context,
}

impl Access {
    /// An action on a resource, in no context: `new("dynamodb", "GetItem", arn)`.
    pub fn new(service: &str, operation: &str, resource: impl Into<String>) -> Self {
        let action = format!("{service}:{operation}");
        Self { action, resource: resource.into(), context: Context::new() }
    }

    /// The same with the values of a condition key; without values the key is absent.
    #[must_use]
    pub fn with(mut self, key: &str, values: impl IntoIterator<Item = String>) -> Self {
        let values: Vec<String> = values.into_iter().collect();
        if !values.is_empty() {
            self.context.insert(key.to_ascii_lowercase(), values);
        }
        self
    }

    /// The values of a condition key; none if it is absent.
    pub fn values(&self, key: &str) -> &[String] {
        self.context.get(&key.to_ascii_lowercase()).map_or(&[], Vec::as_slice)
    }
}

impl fmt::Display for Access {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} on {}", self.action, self.resource)?;
        for (key, values) in &self.context {
            write!(f, ", {key} {}", values.join(" "))?;
        }
        Ok(())
    }
}
