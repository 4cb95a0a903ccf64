//! What was revoked lately, as this process knows it.

use std::sync::Arc;

use jwt::RevocationList;
use oauth::{Error, Time};
use store::{Revocations, Revoked};
use tokio::sync::Mutex;

/// A view of the revocations that is never older than a given number of seconds.
pub struct RevocationView {
    revocations: Revocations,
    seconds: u64,
    view: Mutex<Option<(Arc<RevocationList>, Time)>>,
}

impl RevocationView {
    /// A view that is read again when it is `seconds` old; 0 reads each time.
    pub fn new(revocations: Revocations, seconds: u64) -> Self {
        Self { revocations, seconds, view: Mutex::default() }
    }

    /// What was revoked lately.
    pub async fn list(&self, now: Time) -> Result<Arc<RevocationList>, Error> {
        let mut view = self.view.lock().await;
        if let Some((list, seen)) = view.as_ref()
            && now < seen.plus(self.seconds)
        {
            return Ok(list.clone());
        }
        let mut list = RevocationList::default();
        for revoked in self.revocations.list(now).await? {
            match revoked {
                Revoked::Session { sid } => list.session(&sid),
                Revoked::Token { jti } => list.token(&jti),
                Revoked::Registration { client_id, until } => list.registration(&client_id, until),
            }
        }
        let list = Arc::new(list);
        *view = Some((list.clone(), now));
        Ok(list)
    }
}
