//! Changes to a registration that nobody else's change gets lost in.

use oauth::{Code, Error, Time};
use store::Registered;

use crate::app::App;

/// Tries of a change that others keep getting in the way of.
const TRIES: usize = 5;

/// What is to become of a registration.
pub(crate) enum Change {
    /// This, its next version.
    Into(Box<Registered>),
    /// Nothing: it goes.
    Removal,
}

/// Makes the change that `plan` makes of the registration as it is, checks included, and tries again where another
/// change came between. `absent` is the refusal where there is no such client. Returns what there was last.
pub(crate) async fn change(
    app: &App,
    client_id: &str,
    absent: Code,
    now: Time,
    plan: impl Fn(&Registered) -> Result<Change, Error>,
) -> Result<Registered, Error> {
    for _ in 0..TRIES {
        let current = app.clients.find(client_id, now).await?;
        let current = current.ok_or_else(|| Error::new(absent, "no client with this client_id is registered"))?;
        match plan(&current)? {
            Change::Into(next) if app.clients.replace(&next).await? => return Ok(*next),
            Change::Removal if app.clients.remove(&current, now).await? => return Ok(current),
            Change::Into(_) | Change::Removal => {}
        }
    }
    Err(Error::passing("others kept changing the client"))
}
