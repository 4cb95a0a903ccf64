//! The issuer's list of recent revocations (`GET {ISSUER}/revocations`): the first request that finds the copy stale
//! fetches it, once for all concurrent requests.
//!
//! - A copy is fresh for `REVOCATION_SECONDS`, or never if that is 0.
//! - While the issuer is unreachable or sends something other than a list, the last copy remains in use, up to
//!   [`MAX_UNSEEN`] seconds after it was fetched. Fetching is retried every [`PAUSE`](crate::PAUSE) seconds, so in that
//!   time one request waits, and the others do not. It waits for the timeout of [`WANTED`], or for
//!   [`LAST_WAIT`](crate::LAST_WAIT) when the copy can be used for less than [`URGENT`](crate::URGENT) seconds. A list
//!   that takes longer than the first but not longer than the second still arrives in time.
//! - After that, and in a process that never had a list, a valid token fails the invocation. Allowing it would ignore a
//!   possible revocation; denying it would refuse a token that may be valid. Without any list, every such request tries
//!   again.
//!
//! A revocation therefore takes effect within `REVOCATION_SECONDS`, or within [`MAX_UNSEEN`] if the issuer is down or
//! an attacker blocks the connection, because nothing is allowed after that. Keys stay in use for a day, which is much
//! longer: an old key does no harm, but a thief who can make the list unreachable must not be able to use a stolen
//! token until it expires. A process that starts while the issuer is down has no keys either.

use std::sync::Arc;
use std::time::Duration;

use fetch::{Source, Wanted};
use jwt::RevocationList;
use oauth::Time;

use crate::published::{Published, Unreachable, Unreadable};

/// How long a list remains in use while no newer one is available, in seconds: five minutes.
pub const MAX_UNSEEN: u64 = 300;

/// The size limit is that of a Lambda response: about 200,000 ended sessions in the hour for which they are listed.
const WANTED: Wanted<'static> =
    Wanted { path: "/revocations", accept: "application/json", most_bytes: 6 << 20, timeout: Duration::from_secs(1) };

/// The revocations of one issuer.
#[derive(Debug)]
pub(crate) struct Revocations {
    list: Published<RevocationList>,
    seconds: u64,
}

impl Revocations {
    /// A cache without a list. A list is fresh for `seconds`.
    pub(crate) fn new(source: Source, seconds: u64) -> Self {
        Self { list: Published::new(source, WANTED, read, MAX_UNSEEN), seconds }
    }

    /// The list for looking up a token.
    pub(crate) async fn current(&self, now: Time) -> Result<Arc<RevocationList>, Unreachable> {
        self.list.current(now, |_| self.seconds).await
    }
}

fn read(json: &[u8]) -> Result<RevocationList, Unreadable> {
    RevocationList::from_json(json).ok_or_else(|| "not a list of revocations".into())
}
