//! The mail about an address that somebody gave: a secret that proves it for its reader; or, if the address has an owner, word
//! for the owner, who needs none. Both take the same calls, so that nobody learns which it was.

use oauth::{Error, Mail, Message};
use store::{Email, Letter, OneTime, Outbox, Users};
use web::pages::{Account, Forgot, Mailed};
use web::{Request, Site};

/// Seals the mail to `email`. `to_reader` is what it says with the code and the link of `secret`.
pub async fn letter<'a>(
    (site, users, outbox): (&Site, &Users, &Outbox),
    request: &Request,
    (email, secret): (&'a Email, &'a OneTime),
    to_reader: impl FnOnce(String, String) -> Message,
) -> Result<Letter<'a>, Error> {
    let now = request.now();
    let message = if users.id_of_email(&email.canonical, now).await?.is_some() {
        Message::AccountExists { sign_in: site.address(Account::PATH), reset: site.address(Forgot::PATH) }
    } else {
        let link = site.address(&format!("{}?token={}", Mailed::VERIFY, secret.link()));
        to_reader(secret.code().to_string(), link)
    };
    let mail = Mail { to: email.address.clone(), language: site.language(request), message };
    Ok(Letter { email, secret, mail: outbox.seal(&mail, now).await? })
}
