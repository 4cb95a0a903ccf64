//! Who calls: every function has credentials of its own, as its role gives it in the cloud, new at every start.

use std::collections::BTreeMap;

use hyper::http::request::Parts;

use super::credentials::Credentials;
use super::operator::Operator;
use super::signature::{Claim, Rejection};

/// The credentials of the functions.
#[derive(Debug)]
pub(crate) struct Identities {
    by_function: BTreeMap<String, Credentials>,
}

impl Identities {
    /// New credentials for each function.
    pub(crate) fn new<'a>(functions: impl Iterator<Item = &'a String>) -> Self {
        Self { by_function: functions.map(|function| (function.clone(), Credentials::of_a_role())).collect() }
    }

    /// The credentials of a function.
    pub(crate) fn of(&self, function: &str) -> Option<&Credentials> {
        self.by_function.get(function)
    }

    /// The function that signed a request to the service of `operator`.
    pub(crate) fn caller(&self, parts: &Parts, body: &[u8], operator: &Operator) -> Result<&str, Rejection> {
        let claim = Claim::read(parts)?;
        let of_the_claim =
            |(_, credentials): &(&String, &Credentials)| credentials.access_key_id == claim.access_key_id;
        let (function, credentials) = self.by_function.iter().find(of_the_claim).ok_or(Rejection::Unknown)?;
        let token = parts.headers.get("x-amz-security-token").and_then(|token| token.to_str().ok());
        if token != credentials.session_token.as_deref() {
            return Err(Rejection::Unknown);
        }
        claim.verify(parts, body, &operator.signer(credentials))?;
        Ok(function)
    }
}
