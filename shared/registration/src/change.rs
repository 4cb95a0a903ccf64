//! Changes of a registration that never overwrite concurrent changes.

use oauth::{Code, DAY, Error, Time, Trust};
use store::{Clients, Registered};

/// How often a change is tried again when others change the registration at the same time.
const TRIES: usize = 5;
/// How long an unverified registration lasts, in seconds: 90 days after its last change.
const UNVERIFIED_SECONDS: u64 = 90 * DAY;

/// The planned change of a registration.
pub enum Change {
    /// Replace it with this next version.
    Into(Box<Registered>),
    /// Remove it.
    Removal,
}

/// When the registration of a client ends after a change at `now`, in epoch seconds.
pub fn end(trust: Trust, now: Time) -> Option<u64> {
    (trust == Trust::Unverified).then(|| now.plus(UNVERIFIED_SECONDS).seconds())
}

/// Reads the registration, lets `plan` check it and decide the change, and writes the result. If another change came
/// first, it starts again. `absent` is the error for an unknown client. Returns the last registration.
pub async fn change(
    clients: &Clients,
    client_id: &str,
    absent: Code,
    now: Time,
    plan: impl Fn(&Registered) -> Result<Change, Error>,
) -> Result<Registered, Error> {
    for _ in 0..TRIES {
        let current = clients.find(client_id, now).await?;
        let current = current.ok_or_else(|| Error::new(absent, "no client with this client_id is registered"))?;
        match plan(&current)? {
            Change::Into(next) if clients.replace(&next).await? => return Ok(*next),
            Change::Removal if clients.remove(&current, now).await? => return Ok(current),
            Change::Into(_) | Change::Removal => {}
        }
    }
    Err(Error::passing("concurrent changes of the client"))
}
