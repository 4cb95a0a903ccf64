//! Who calls: every function has credentials of its own, as its role gives it in the cloud, new at every start.

use std::collections::BTreeMap;

use aws_credential_types::Credentials;
use hyper::http::request::Parts;

use crate::ids;
use crate::signature::{Claim, Rejection, Scope};

/// The credentials of the functions.
#[derive(Debug)]
pub(crate) struct Identities {
    by_function: BTreeMap<String, Credentials>,
}

impl Identities {
    /// New credentials for each function.
    pub(crate) fn new<'a>(functions: impl Iterator<Item = &'a String>) -> Self {
        let credentials = || {
            let (id, token) = (ids::uuid().simple().to_string().to_uppercase(), ids::uuid().simple().to_string());
            let secret = format!("{}{}", ids::uuid().simple(), ids::uuid().simple());
            let builder = Credentials::builder().access_key_id(format!("ASIA{}", &id[..16])).secret_access_key(secret);
            builder.session_token(token).provider_name("local").build()
        };
        Self { by_function: functions.map(|function| (function.clone(), credentials())).collect() }
    }

    /// What a function finds in its environment.
    pub(crate) fn variables(&self, function: &str) -> Vec<(String, String)> {
        let Some(credentials) = self.by_function.get(function) else { return Vec::new() };
        let variables = [
            ("AWS_ACCESS_KEY_ID", credentials.access_key_id()),
            ("AWS_SECRET_ACCESS_KEY", credentials.secret_access_key()),
            ("AWS_SESSION_TOKEN", credentials.session_token().unwrap_or_default()),
        ];
        variables.map(|(name, value)| (name.to_owned(), value.to_owned())).into()
    }

    /// The function that signed a request.
    pub(super) fn caller(&self, parts: &Parts, body: &[u8], scope: Scope<'_>) -> Result<&str, Rejection> {
        let claim = Claim::read(parts)?;
        let of_the_claim =
            |(_, credentials): &(&String, &Credentials)| credentials.access_key_id() == claim.access_key_id;
        let (function, credentials) = self.by_function.iter().find(of_the_claim).ok_or(Rejection::Unknown)?;
        let token = parts.headers.get("x-amz-security-token").and_then(|token| token.to_str().ok());
        if token != credentials.session_token() {
            return Err(Rejection::Unknown);
        }
        claim.verify((parts, body), credentials, scope)?;
        Ok(function)
    }
}
