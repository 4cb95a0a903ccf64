//! A process's cached view of the recent revocations.

use std::sync::Arc;
use std::time::Duration;

use fetch::{Bounds, Cache, Reading};
use jwt::RevocationList;
use oauth::{Error, Time};
use store::{Revocations, Revoked};

/// A view of the revocations that is at most a given number of seconds old.
pub struct RevocationView {
    revocations: Revocations,
    fresh: Duration,
    view: Cache<(), Arc<RevocationList>, Error>,
}

impl RevocationView {
    /// A view that is refreshed when it is `seconds` old; 0 refreshes it for every call.
    pub fn new(revocations: Revocations, seconds: u64) -> Self {
        Self { revocations, fresh: Duration::from_secs(seconds), view: Cache::new(Bounds::of(1)) }
    }

    /// The recent revocations.
    pub async fn list(&self, now: Time) -> Result<Arc<RevocationList>, Error> {
        let read = async || Ok(Reading::fresh_for(self.fresh, Arc::new(self.read(now).await?)));
        self.view.value(&(), now.since_epoch(), read).await
    }

    async fn read(&self, now: Time) -> Result<RevocationList, Error> {
        let mut list = RevocationList::default();
        for revoked in self.revocations.list(now).await? {
            match revoked {
                Revoked::Session { sid } => list.session(&sid),
                Revoked::Token { jti } => list.token(&jti),
                Revoked::Registration { client_id, until } => list.registration(&client_id, until),
                Revoked::Person { user, before, stays, until } => list.person(&user, before, stays.as_deref(), until),
            }
        }
        Ok(list)
    }
}
