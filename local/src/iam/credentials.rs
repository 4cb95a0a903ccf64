//! What callers sign with: the credentials of an operator, and those that a role gives.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::wire::ids;

/// What a caller signs with.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Credentials {
    /// `AWS_ACCESS_KEY_ID`.
    pub access_key_id: String,
    /// `AWS_SECRET_ACCESS_KEY`.
    pub secret_access_key: String,
    /// `AWS_SESSION_TOKEN`, which those of a role have.
    pub session_token: Option<String>,
}

impl Credentials {
    /// Credentials without a session.
    pub fn new(access_key_id: impl Into<String>, secret_access_key: impl Into<String>) -> Self {
        let (access_key_id, secret_access_key) = (access_key_id.into(), secret_access_key.into());
        Self { access_key_id, secret_access_key, session_token: None }
    }

    /// New ones for an operator.
    pub(crate) fn of_an_operator() -> Self {
        Self::new(format!("AKIA{}", id()), secret())
    }

    /// New ones as a role gives them.
    pub(super) fn of_a_role() -> Self {
        let session_token = Some(ids::uuid().simple().to_string());
        Self { session_token, ..Self::new(format!("ASIA{}", id()), secret()) }
    }

    /// What a process finds in its environment, as SDKs read it.
    pub fn variables(&self) -> Vec<(String, String)> {
        let named = |name: &str, value: &String| (name.to_owned(), value.clone());
        let token = self.session_token.iter().map(|token| named("AWS_SESSION_TOKEN", token));
        let key = named("AWS_ACCESS_KEY_ID", &self.access_key_id);
        [key, named("AWS_SECRET_ACCESS_KEY", &self.secret_access_key)].into_iter().chain(token).collect()
    }

    /// A profile of a credentials file, as the AWS command line and SDKs read it.
    pub(crate) fn profile(&self, name: &str, region: &str) -> String {
        let line = |(name, value): (String, String)| format!("{} = {value}\n", name.to_ascii_lowercase());
        format!("[{name}]\nregion = {region}\n{}", self.variables().into_iter().map(line).collect::<String>())
    }
}

/// Shows no secret, wherever it is printed.
impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials").field("access_key_id", &self.access_key_id).finish_non_exhaustive()
    }
}

fn id() -> String {
    ids::uuid().simple().to_string()[..16].to_uppercase()
}

fn secret() -> String {
    format!("{}{}", ids::uuid().simple(), ids::uuid().simple())
}
