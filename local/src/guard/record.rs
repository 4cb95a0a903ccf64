//! What the functions did, as far as IAM saw it: one example of every use of a grant, and every refusal.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::iam::{Access, Grant};

/// How many refusals are kept.
const REFUSALS: usize = 1000;

/// The record of a stack. It grows with the template, not with the number of requests.
#[derive(Debug, Default)]
pub(super) struct Record {
    /// The first access of each function that needed the same grants.
    uses: Mutex<BTreeMap<(String, Vec<Grant>), Access>>,
    refusals: Mutex<Vec<String>>,
}

impl Record {
    /// Notes that a function did something by these grants.
    pub(super) fn used(&self, function: &str, grants: Vec<Grant>, access: Access) {
        locked(&self.uses).entry((function.to_owned(), grants)).or_insert(access);
    }

    /// Notes a refusal.
    pub(super) fn refused(&self, refusal: String) {
        let mut refusals = locked(&self.refusals);
        if refusals.len() < REFUSALS {
            refusals.push(refusal);
        }
    }

    /// Functions, by logical id, and what they did.
    pub(super) fn uses(&self) -> Vec<(String, Access)> {
        locked(&self.uses).iter().map(|((function, _), access)| (function.clone(), access.clone())).collect()
    }

    /// Every refusal, oldest first.
    pub(super) fn refusals(&self) -> Vec<String> {
        locked(&self.refusals).clone()
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
