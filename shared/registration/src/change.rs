//! Changes to a registration that nobody else's change gets lost in.

use oauth::{Code, Error, Time, Trust};
use store::{Clients, Registered};

/// Tries of a change that others keep getting in the way of.
const TRIES: usize = 5;
/// How long, in seconds, a registration lasts that nobody answers for: 90 days from its last change.
const UNVERIFIED_SECONDS: u64 = 90 * 86_400;

/// What is to become of a registration.
pub enum Change {
    /// This, its next version.
    Into(Box<Registered>),
    /// Nothing: it goes.
    Removal,
}

/// When the registration of a client ends that is made or changed now, in epoch seconds.
pub fn end(trust: Trust, now: Time) -> Option<u64> {
    (trust == Trust::Unverified).then(|| now.plus(UNVERIFIED_SECONDS).seconds())
}

/// Makes the change that `plan` makes of the registration as it is, checks included, and tries again where another
/// change came between. `absent` is the refusal where there is no such client. Returns what there was last.
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
    Err(Error::passing("others kept changing the client"))
}
