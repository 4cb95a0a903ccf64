//! Whether mails reach a person: the address that they have proven may be marked.

use oauth::{Error, Time};
use store::{Bounce, Bounces, User};
use web::pages::Unreachable;

/// Why mails do not reach the person's proven address, if they do not.
pub async fn unreachable(bounces: &Bounces, user: &User, now: Time) -> Result<Option<Unreachable>, Error> {
    let Some(email) = user.email(now) else { return Ok(None) };
    let marked = bounces.of(&email.address, now).await?;
    Ok(marked.map(|marked| match marked.reason {
        Bounce::Bounced => Unreachable::Bounced,
        Bounce::Complained => Unreachable::Complained,
    }))
}
