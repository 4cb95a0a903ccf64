//! What the issuer revoked while tokens of it still live (`GET {ISSUER}/revocations`): fetched by the first request that
//! finds its copy stale, once for all who wait.
//!
//! - A copy is fresh for `REVOCATION_SECONDS`; with 0 it never is.
//! - While the issuer cannot be reached, or sends something else than a list, the last copy serves on, up to
//!   [`MAX_UNSEEN`] seconds after it was fetched. It is tried again every [`PAUSE`](crate::PAUSE) seconds, so that one
//!   request in that time waits, for [`WANTED`]'s second at most, and the others do not.
//! - After that, and in a process that never had a list, a good token is a failure of the invocation: neither allowed,
//!   for it may be revoked, nor denied, for it may not be. Without any list every such request tries.
//!
//! So a revocation counts after `REVOCATION_SECONDS`, unless the issuer is down or somebody keeps us from it: then after
//! no more than [`MAX_UNSEEN`], because nothing is allowed any longer. That is far less than the day for which keys
//! serve on: an old key harms nobody, but whoever stole a token and can make the list unreachable must not be able to
//! use the token to its end. A process that begins while the issuer is down has no keys either.

use std::sync::Arc;
use std::time::Duration;

use fetch::{Source, Wanted};
use jwt::RevocationList;
use oauth::Time;

use crate::published::{Published, Unreachable, Unreadable};

/// Most seconds that a list serves while no other can be had: five minutes.
pub const MAX_UNSEEN: u64 = 300;

/// As much as a Lambda can answer with: about 200,000 ended sessions in the hour for which they are listed.
const WANTED: Wanted =
    Wanted { path: "/revocations", accept: "application/json", most_bytes: 6 << 20, timeout: Duration::from_secs(1) };

/// The revocations of one issuer.
#[derive(Debug)]
pub(crate) struct Revocations {
    list: Published<RevocationList>,
    seconds: u64,
}

impl Revocations {
    /// No list yet; one is fresh for `seconds`.
    pub(crate) fn new(source: Source, seconds: u64) -> Self {
        Self { list: Published::new(source, WANTED, read, MAX_UNSEEN), seconds }
    }

    /// The list to look a token up in.
    pub(crate) async fn current(&self, now: Time) -> Result<Arc<RevocationList>, Unreachable> {
        self.list.current(now, |_| self.seconds).await
    }
}

fn read(json: &[u8]) -> Result<RevocationList, Unreadable> {
    RevocationList::from_json(json).ok_or_else(|| "not a list of revocations".into())
}
